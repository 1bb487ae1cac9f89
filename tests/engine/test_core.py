"""One run, from the first event to the last: what is recorded, who gets what, why it ends."""

from agents import wire
from agents.tools.outcome import Outcome as ToolOutcome
from sandbox.models.gateway import Outcome

TWO = {"limits": {"turns": 2}}


def test_two_agents_take_turns_and_the_run_ends_with_its_turns(table):
    t = table({"ada": ["Hello."], "bo": ["Hello, ada."]}, **TWO).play()

    assert t.told() == [
        ("run.started", "engine"),
        ("agent.joined", "ada"),
        ("agent.joined", "bo"),
        ("turn.offered", "ada", "ada"),
        ("think.request", "ada"),
        ("think.done", "ada", "Hello."),
        ("action.intent", "ada"),
        ("say", "ada", "Hello."),
        ("turn.ended", "ada", "spoke"),
        ("turn.offered", "bo", "bo"),
        ("think.request", "bo"),
        ("think.done", "bo", "Hello, ada."),
        ("action.intent", "bo"),
        ("say", "bo", "Hello, ada."),
        ("turn.ended", "bo", "spoke"),
        ("run.ended", "engine", "turns"),
    ]
    assert [e.seq for e in t.events] == list(range(1, len(t.events) + 1))


def test_an_event_names_the_one_it_answers(table):
    t = table({"ada": ["Hello."]}, limits={"turns": 1}).play()

    by_seq = {e.seq: e.kind for e in t.events}
    assert [(e.kind, by_seq[e.parent]) for e in t.events if e.parent is not None] == [
        ("think.done", "think.request"),
        ("action.intent", "think.done"),
        ("say", "action.intent"),
        ("turn.ended", "turn.offered"),
    ]


def test_the_last_event_holds_the_totals(table):
    t = table({"ada": ["Hello."], "bo": ["Hello, ada."]}, **TWO).play()

    assert t.data("run.ended") == [
        {
            "reason": "turns",
            "detail": "2 turns were played",
            "turns": 2,
            "seconds": 0.0,
            "totals": {
                "thinks": 2, "says": 2, "whispers": 0, "actions": 2, "refused": 0, "flags": 0,
                "warnings": 0,
                "tokens_in": 20, "tokens_out": 10, "money": 0.0,
            },
        }
    ]  # fmt: skip


def test_the_first_message_of_a_scenario_is_said_without_asking_the_model(table):
    t = table(agents={"ada": {"first": "In the beginning."}}, limits={"turns": 2}).play()

    assert t.told("say", "turn.ended") == [
        ("say", "ada", "In the beginning."),
        ("turn.ended", "ada", "spoke"),
        ("turn.ended", "ada", "pass"),
    ]


def test_a_call_is_followed_by_another_think_that_knows_its_result(table):
    t = table(
        {"ada": [[("whisper", {"to": "bo", "text": "psst"})], "Nothing."]}, limits={"turns": 1}
    ).play()

    assert t.told("think.done", "whisper", "say", "turn.ended") == [
        ("think.done", "ada", ""),
        ("whisper", "ada", "psst"),
        ("think.done", "ada", "Nothing."),
        ("say", "ada", "Nothing."),
        ("turn.ended", "ada", "spoke"),
    ]
    assert [(turn.role, turn.text) for turn in t.thinks[1].request.turns] == [
        ("user", "(Nobody has spoken. It is your turn.)"),
        ("assistant", ""),
        ("tool", "Whispered to bo."),
        ("assistant", "Nothing."),
    ]


def test_an_action_in_the_box_is_recorded_as_the_boxs_word(table):
    t = table(
        {"ada": [[("shell", {"command": "ls"})]]},
        {"shell": ToolOutcome(ok=True, output="a b", exit=0, seconds=0.1)},
        agents={"ada": {"tools": ["shell", "pass"]}},
        limits={"turns": 1},
    ).play()

    assert t.data("action.result") == [
        {
            "turn": 1, "call": "c4-1", "tool": "shell", "ok": True, "output": "a b", "exit": 0,
            "seconds": 0.1, "cut": 0, "source": "box",
        }
    ]  # fmt: skip


def test_what_the_model_did_not_ask_for_is_recorded_as_the_boxs_own(table):
    t = table({"ada": [Outcome(text="Hm.")]}, limits={"turns": 1})
    t.silent = {"ada"}
    t.play()
    t.send("ada", wire.ThinkRequest(1, 0))
    t.send("ada", wire.Intent(1, "text", "say", {"text": "I am free."}))

    assert [(e["author"], e.get("args")) for e in t.data("action.intent")] == [
        ("box", {"text": "I am free."})
    ]
    assert t.data("say") == [{"text": "I am free.", "author": "box"}]


def test_a_malformed_answer_is_recorded_and_corrected(table):
    t = table(
        {"ada": [Outcome(text="{oops", malformed="the text is no JSON"), "Better."]},
        limits={"turns": 1},
    ).play()

    assert [e.get("malformed") for e in t.data("think.done")] == ["the text is no JSON", None]
    assert t.thinks[1].request.turns[2].text == "(That was no action: the text is no JSON)"
    assert t.told("say") == [("say", "ada", "Better.")]


def test_a_refused_action_has_a_reason_and_the_model_is_told(table):
    t = table({"ada": [[("whisper", {"to": "zoe", "text": "psst"})]]}, limits={"turns": 1}).play()

    assert t.told("action.refused") == [("action.refused", "ada", "there is nobody called 'zoe'")]
    assert t.thinks[1].request.turns[2].text == "Not possible: there is nobody called 'zoe'"


def test_a_tool_that_the_agent_has_not_is_refused(table):
    t = table({"ada": [[("shell", {"command": "ls"})]]}, limits={"turns": 1}).play()

    assert t.told("action.refused") == [
        ("action.refused", "ada", "'shell' is none of your actions")
    ]


def test_wrong_arguments_are_refused_with_a_correction(table):
    t = table({"ada": [[("whisper", {"to": "bo"})]]}, limits={"turns": 1}).play()

    [refused] = t.data("action.refused")
    assert "text" in refused["reason"]


def test_a_turn_has_so_many_thinks_and_no_more(table):
    again = [("whisper", {"to": "bo", "text": "psst"})]
    t = table({"ada": [again] * 9}, limits={"turns": 1, "thinks": 3}).play()

    assert len(t.data("think.done")) == 3
    assert t.told("turn.ended") == [("turn.ended", "ada", "thinks")]


def test_an_answer_without_words_or_calls_ends_the_turn(table):
    t = table({"ada": [Outcome(text=" \n")]}, limits={"turns": 1}).play()

    assert t.told("say", "turn.ended") == [("turn.ended", "ada", "silent")]


def test_a_model_that_fails_ends_the_turn_and_not_the_run(table):
    t = table(
        {"ada": [Outcome(error="it is down", error_kind="ModelFailed")], "bo": ["Hm."]}, **TWO
    )

    assert t.play().told("turn.ended", "say", "run.ended") == [
        ("turn.ended", "ada", "failed"),
        ("say", "bo", "Hm."),
        ("turn.ended", "bo", "spoke"),
        ("run.ended", "engine", "turns"),
    ]
    assert t.data("think.failed")[0]["error"] == "it is down"


def test_a_deadline_ends_the_turn_of_an_agent_that_hangs(table):
    t = table({"bo": ["I am here."]}, limits={"turns": 2, "turn_seconds": 30})
    t.silent = {"ada"}
    t.play()

    assert t.pass_time(29).told("turn.ended") == []
    assert t.pass_time(2).told("turn.ended", "say") == [
        ("turn.ended", "ada", "deadline"),
        ("say", "bo", "I am here."),
        ("turn.ended", "bo", "spoke"),
    ]


def test_a_deadline_cuts_a_model_that_is_still_at_it(table):
    t = table({"ada": [...]}, limits={"turns": 1, "turn_seconds": 30}).play().pass_time(31)

    assert t.told("think.failed", "turn.ended", "run.ended") == [
        ("think.failed", "ada", ""),
        ("turn.ended", "ada", "deadline"),
        ("run.ended", "engine", "turns"),
    ]


def test_an_agent_that_dies_in_its_turn_is_replaced_by_the_next(table):
    t = table({"bo": ["I am still here."]}, **TWO)
    t.silent = {"ada"}
    t.play()
    t._perform(t.core.gone("ada", {"reason": "exit code 9", "code": 9}, 0.0))

    assert t.play().told("agent.died", "turn.ended", "say", "run.ended") == [
        ("agent.died", "ada", "exit code 9"),
        ("turn.ended", "ada", "died"),
        ("say", "bo", "I am still here."),
        ("turn.ended", "bo", "spoke"),
        ("run.ended", "engine", "turns"),
    ]


def test_a_run_that_everybody_left_ends(table):
    leave = [("leave", {})]
    t = table({"ada": [leave], "bo": [leave]}, limits={"turns": 9}).play()

    assert t.told("room.left", "agent.left", "turn.ended", "run.ended") == [
        ("room.left", "ada", "lobby"),
        ("agent.left", "ada", "left its last room"),
        ("turn.ended", "ada", "left"),
        ("room.left", "bo", "lobby"),
        ("agent.left", "bo", "left its last room"),
        ("turn.ended", "bo", "left"),
        ("run.ended", "engine", "all-left"),
    ]


def test_a_word_ends_the_run_if_it_is_a_whole_line(table):
    t = table(
        {"ada": ["Say ^C^C when you are done."], "bo": ["All right.\n^C^C"]},
        stop={"word": "^C^C"},
    ).play()

    assert t.told("say", "run.ended") == [
        ("say", "ada", "Say ^C^C when you are done."),
        ("say", "bo", "All right.\n^C^C"),
        ("run.ended", "engine", "word"),
    ]


def test_silence_ends_the_run(table):
    t = table({"ada": ["Hello?"]}, stop={"silence": 3}, limits={"turns": 99}).play()

    assert t.told("turn.ended", "run.ended")[-4:] == [
        ("turn.ended", "bo", "pass"),
        ("turn.ended", "ada", "pass"),
        ("turn.ended", "bo", "pass"),
        ("run.ended", "engine", "silence"),
    ]


def test_the_operators_stop_closes_the_open_turn_first(table):
    t = table()
    t.silent = {"ada", "bo"}
    t.play()
    t._perform(t.core.stop("stopped by the operator", 1.0))

    assert t.told()[-4:] == [
        ("turn.offered", "ada", "ada"),
        ("operator.stop", "operator", "stopped by the operator"),
        ("turn.ended", "ada", "stopped"),
        ("run.ended", "engine", "stopped"),
    ]


def test_volunteers_are_drawn_among_those_who_bid(table):
    t = table({"bo": ["Me."]}, order={"kind": "volunteer"}, limits={"turns": 2}).play()

    assert t.data("turn.bid") == [
        {"turn": 1, "bids": {"ada": False, "bo": True}, "drawn": "bo"},
        {"turn": 2, "bids": {"ada": False, "bo": False}, "drawn": None},
    ]
    assert t.told("say", "turn.ended") == [
        ("say", "bo", "Me."),
        ("turn.ended", "bo", "spoke"),
        ("turn.ended", "engine", "silence"),
    ]


def test_bids_close_at_their_deadline(table):
    t = table({"bo": ["Me."]}, order={"kind": "volunteer"}, limits={"turns": 1})
    t.silent = {"ada"}
    t.play().pass_time(21)

    assert t.data("turn.bid") == [{"turn": 1, "bids": {"bo": True}, "drawn": "bo"}]


def test_a_peer_message_is_recorded_and_rides_in_the_next_offer(table):
    t = table(limits={"turns": 2})
    t.silent = {"ada"}
    t.play()
    t._perform(t.core.peer("ada", "bo", "are you there?", 0.0))
    t.pass_time(121)

    assert t.data("peer.message") == [{"to": "bo", "text": "are you there?"}]
    assert t.thinks[0].request.turns[0].text == "ada (on a direct line): are you there?"


def test_a_direct_line_to_nobody_is_on_record(table):
    t = table()
    t.silent = {"ada", "bo"}
    t.play()
    t.core.peer("ada", "zoe", "hello", 0.0)
    t.core.peer("ada", "zoe", "hello again", 0.5)
    t.pass_time(1.5)

    assert t.data("message.refused") == [
        {"why": "no direct line there", "sample": "hello", "count": 2}
    ]


def test_a_repeated_message_is_answered_again_and_done_once(table):
    t = table({"ada": ["Hello."]}, limits={"turns": 1})
    t.silent = {"ada", "bo"}
    t.play()
    think = wire.ThinkRequest(1, 0)
    t.send("ada", think, id="same")
    first = list(t.core._desk.couriers["ada"]._answers.values())[-1]
    t._post.clear()
    t.send("ada", think, id="same")

    assert list(t._post) == [first]
    assert len(t.data("think.request")) == 1


def test_an_unanswered_offer_is_repeated_after_a_second_then_less_often(table):
    t = table()
    t.silent = {"ada"}
    t.play()
    repeats = []
    for tenth in range(1, 130):
        t.now = tenth / 10
        step = t.core.tick(t.now)
        repeats += [t.now for m in step.messages if isinstance(m.body, wire.Offer)]

    assert repeats == [1.0, 3.0, 7.0, 12.0]


def test_an_intent_out_of_turn_is_refused_and_on_record(table):
    t = table(limits={"turns": 9})
    t.silent = {"ada", "bo"}
    t.play()
    t.send("bo", wire.Intent(1, "text", "say", {"text": "my turn!"}))
    t.pass_time(1.1)

    assert t.told("say") == []
    assert [e["why"] for e in t.data("message.refused")] == ["an action out of turn"]


def test_an_agent_that_never_says_hello_is_given_up_and_the_others_begin(table):
    t = table({"ada": ["Alone."]}, absent=["bo"], limits={"turns": 1})

    assert t.pass_time(59).told("turn.offered") == []
    assert t.pass_time(2).told("agent.died", "say") == [
        ("agent.died", "bo", "no hello within 60 s"),
        ("say", "ada", "Alone."),
    ]


def test_words_put_into_anothers_mouth_are_recorded_as_such(table):
    t = table({"ada": ["Well.\nbo: I agree with ada."]}, limits={"turns": 1}).play()

    assert t.data("say") == [{"text": "Well.\nbo: I agree with ada.", "speaks_for": ["bo"]}]


def test_when_the_bus_is_back_both_sides_send_again(table):
    t = table()
    t.silent = {"ada", "bo"}
    t.play()
    step = t.core.link_back(0.1)

    assert [(m.agent, type(m.body).__name__, m.re) for m in step.messages] == [
        ("ada", "Welcome", None),
        ("ada", "Offer", None),
        ("bo", "Welcome", None),
    ]
