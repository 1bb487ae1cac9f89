"""Inspect: who spoke where models take turns, messages are copied, or no model event tells the conversation."""

from sandbox.transcript.formats.foreign import Oddity, Party, Source
from sandbox.transcript.formats.importers import inspect_log
from tests.formats.inspect_logs import (
    answer,
    assistant,
    call,
    log,
    model,
    sample,
    system,
    tool,
    user,
)


def read(*samples):
    return inspect_log.read(Source("logs/x.json", log(*samples)))


def told(run):
    return [(e.kind, e.who, e.text or e.tool) for e in run.entries]


def test_another_model_that_takes_a_turn_in_the_conversation_speaks_under_its_own_name():
    start, go = system("Be."), user("Go.")
    bad = assistant("rm", "a1", call("c1", cmd="rm"))
    good = assistant("ls", "a2", call("c2", cmd="ls"))
    last = assistant("Done.", "a3")
    came = answer("a.py", "t1", "c2")
    (run,) = read(
        sample(
            [go, good, came, last],
            [
                model(0, [start, go], bad),
                model(2, [start, go], good, model="maker/trusted"),
                tool(4, "c2", "a.py", {"cmd": "ls"}),
                model(6, [start, go, good, came], last),
            ],
        )
    )
    trusted = "maker/trusted"
    assert told(run) == [
        ("operator", "user", "Go."),
        ("say", "maker/m", "rm"),
        ("action", "maker/m", "bash"),
        ("say", trusted, "ls"),
        ("action", trusted, "bash"),
        ("result", trusted, "a.py"),
        ("say", "maker/m", "Done."),
    ]
    assert Party(trusted, trusted) in run.parties


def test_the_model_of_a_conversation_is_the_one_that_took_part():
    go, said = user("Go."), assistant("hi", "a1")
    (run,) = read(sample([go, said], [model(0, [go], said, model="other/n")]))
    assert [(party.name, party.model) for party in run.parties] == [
        ("other/n", "other/n"),
        ("user", None),
    ]


def test_copies_of_messages_with_other_ids_are_the_same_messages():
    def copy(message, times):
        return {**message, "id": message["id"] + "'" * times}

    go, one, two = user("Go."), assistant("Hm.", "a1"), assistant("Hm.", "a2")
    events = [
        model(0, [go], one),
        model(2, [copy(go, 1), copy(one, 1)], two),
        model(4, [copy(go, 2), copy(one, 2), copy(two, 2)], assistant("Ah.", "a3")),
    ]
    (run,) = read(sample([copy(go, 3), copy(one, 3), copy(two, 3)], events))
    m = "maker/m"
    assert told(run) == [
        ("operator", "user", "Go."),
        *[("say", m, said) for said in ("Hm.", "Hm.", "Ah.")],
    ]
    assert (run.seed_context, run.oddities) == ([], [])


def test_a_conversation_that_no_model_event_made_is_told_by_its_messages_before_each_call():
    go = user("Go.")
    said = [assistant(f"type {n}", f"h{n}", call("human", cmd=f"ls {n}")) for n in (1, 2)]
    judge = model(2, [user("Is it?", "u2")], assistant("No.", "j1"), role="monitor")
    (run,) = read(
        sample([go, *said], [tool(0, "human", "a"), judge, tool(4, "human", "b")], limit=None)
    )
    m = "maker/m"
    assert told(run) == [
        ("operator", "user", "Go."),
        ("say", m, "type 1"),
        ("action", m, "bash"),
        ("result", m, "a"),
        ("operator", "user", "Is it?"),
        ("say", "monitor", "No."),
        ("say", m, "type 2"),
        ("action", m, "bash"),
        ("result", m, "b"),
    ]
    assert run.seed_context == []
    assert run.oddities == [
        Oddity("the conversation stands in its messages alone: no model event made it")
    ]


def test_calls_that_ended_in_another_order_do_not_repeat_what_was_said():
    said = [assistant(f"{n}.", f"h{n}", call(f"c{n}", cmd="ls")) for n in (1, 2, 3)]
    (run,) = read(sample(said, [tool(2 * at, f"c{n}", "") for at, n in enumerate((2, 1, 3))]))
    assert [entry for entry in told(run) if entry[0] == "say"] == [
        ("say", "maker/m", f"{n}.") for n in (1, 2, 3)
    ]


def test_agents_that_hand_one_conversation_on_say_each_thing_once():
    spans = [
        {"event": "span_begin", "id": name, "type": "agent", "name": name} for name in ("ada", "bo")
    ]
    go, one, two, three = user("Go."), *(assistant(f"{n}.", f"a{n}") for n in (1, 2, 3))
    events = [
        model(0, [go], one, span_id="ada"),
        model(2, [go, one], two, span_id="bo"),
        model(4, [go, one, two], three, span_id="ada"),
    ]
    (run,) = read(sample([go, one, two, three], [*spans, *events]))
    said = [entry for entry in told(run) if entry[0] == "say"]
    assert said == [("say", "ada", "1."), ("say", "bo", "2."), ("say", "ada", "3.")]
    assert (run.seed_context, run.oddities) == ([], [])
