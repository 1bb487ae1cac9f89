"""Inspect: what was said and what was done in a sample."""

import json

import pytest

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import inspect_inputs, inspect_log
from tests.formats.inspect_logs import (
    HEAD,
    TIMES,
    answer,
    assistant,
    call,
    log,
    model,
    ran,
    sample,
    system,
    tool,
    user,
)


def read(*samples, **more):
    source = Source("logs/x.json", log(*samples, **more))
    assert inspect_log.looks(source) > 0.9
    return inspect_log.read(source)


def told(run):
    return [(e.kind, e.who, e.text or e.tool) for e in run.entries]


STOP = {"stop_reason": "stop"}


def test_actions_are_the_events_and_words_the_models():
    start, ask = system("Be."), user("Go.", source="input")
    first = assistant("Look.", "a1", call("c1", cmd="ls"))
    came, last = answer("a.py", "t1", "c1"), assistant([{"type": "text", "text": "Done."}], "a2")
    (run,) = read(
        sample(
            [start, ask, first, came, last],
            [
                ran(0, "setup"),
                model(1, [start, ask], first),
                {"event": "span_begin", "id": "sp", "type": "tool", "name": "bash"},
                tool(3, "c1", "a.py", {"cmd": "ls"}),
                ran(3, "bash -c ls", "a.py", 1, span_id="sp"),
                {"event": "span_end", "id": "sp"},
                model(5, [start, ask, first, came], last),
                {"event": "score", "timestamp": TIMES[7]},
            ],
        )
    )
    m = "maker/m"
    event, box = {"call": "c1", "evidence": "event"}, {"call": "x3", "author": "box"}
    bash = {"tool": "bash", "more": event}
    sandbox = {"at": TIMES[3], "tool": "sandbox.exec"}
    assert run.entries[2:] == [
        Entry("operator", "user", "Go.", (m,), at=TIMES[1], more={"source": "input"}),
        Entry("say", m, "Look.", at=TIMES[2], more=STOP),
        Entry("action", m, "", at=TIMES[3], args={"cmd": "ls"}, **bash),
        Entry("action", m, "bash -c ls", args={"cmd": "bash -c ls"}, more=box, **sandbox),
        Entry("result", m, "a.py", more={**box, "exit": 1, "ok": False}, **sandbox),
        Entry("result", m, "a.py", at=TIMES[4], **bash),
        Entry("say", m, "Done.", at=TIMES[6], more=STOP),
    ]
    assert told(run)[:2] == [("action", "sandbox", "setup"), ("result", "sandbox", "sandbox.exec")]
    assert run.parties == [Party(m, m, "Be."), Party("sandbox"), Party("user")]
    assert (run.title, run.started, run.ended) == ("ctf: 1, epoch 1", TIMES[0], TIMES[7])
    assert (run.end_reason, run.oddities) == ("success", [])


def test_the_oldest_logs_nest_events_in_tools_and_keep_texts_in_a_transcript():
    ask, said = {"role": "user", "content": "tc://k"}, {"role": "assistant", "content": "tc://l"}
    plain = [{"role": "user", "content": "Go."}, {"role": "assistant", "content": "Long."}]
    events = [
        model(0, [ask], said),
        tool(2, "c", "r", events=[ran(2, "ls")]),
        model(4, [ask, said, ask], said),
    ]
    held = sample(plain, transcript={"events": events, "content": {"k": "Go.", "l": "Long."}})
    del held["events"], held["attachments"]
    (run,) = read(held)
    assert told(run) == [
        ("operator", "user", "Go."),
        ("say", "maker/m", "Long."),
        ("action", "maker/m", "bash"),
        ("action", "maker/m", "ls"),
        ("result", "maker/m", "sandbox.exec"),
        ("result", "maker/m", "r"),
        ("operator", "user", "Go."),
        ("say", "maker/m", "Long."),
    ]  # fmt: skip


def test_inputs_in_a_pool_are_told_once_each_and_repeats_as_often_as_they_stand():
    more, again = user("More.", "u2"), assistant("ok", "a1")
    pool = [system("Be."), user("Go."), more, again]
    events = [
        model(0, [], again, input_refs=[[0, 2]]),
        model(2, [], again, input_refs=[[0, 2], [3, 4], [2, 3]]),
        model(4, [], again, input_refs=[[0, 2], [3, 4], [2, 4], [2, 3]]),
    ]
    (run,) = read(sample(events=events, events_data={"messages": pool}))
    assert [text for _, _, text in told(run)] == ["Go.", "ok", "More.", "ok", "More.", "ok"]


def test_inputs_that_cannot_be_compared_in_time_are_listed(monkeypatch):
    monkeypatch.setattr(inspect_inputs, "_MOST_STEPS", 3)
    said = [assistant(f"{n}", f"a{n}") for n in range(3)]
    events = [model(n, [user("x", f"{n}"), user("y", "y")], one) for n, one in enumerate(said)]
    (run,) = read(sample(events=events))
    assert [text for _, _, text in told(run)] == ["x", "y", "0", "x", "1", "2"]
    assert run.oddities == [Oddity("inputs that jump about too much to be compared: left out")]


def test_without_events_the_messages_tell_and_calls_are_marked():
    (run,) = read(
        sample(
            [
                system("Be."), user("Go."),
                assistant([{"type": "reasoning", "reasoning": "hm"},
                           {"type": "reasoning", "reasoning": "AbC=", "summary": "why", "redacted": True},
                           {"type": "image", "image": "data:x"}], "a1", call("c1", cmd="ls")),
                answer("no", "t1", "c1", error={"type": "timeout", "message": "late"}),
                answer("", "t2", "c9", tool_error="gone"),
                assistant("", "a2"),
            ]
        )
    )  # fmt: skip
    assert told(run) == [
        ("operator", "user", "Go."),
        ("thought", "maker/m", "hm"),
        ("thought", "maker/m", "why"),
        ("note", "maker/m", "data:x"),
        ("action", "maker/m", "bash"),
        ("result", "maker/m", "no"),
        ("result", "maker/m", "gone"),
        ("say", "maker/m", None),
    ]
    assert run.entries[4].more == {"call": "c1", "evidence": "message"}
    assert run.entries[5].more == {
        "call": "c1", "evidence": "message", "ok": False, "error": "timeout",
    }  # fmt: skip


def test_a_call_without_an_event_among_calls_with_one_is_no_evidence():
    first = assistant("x", "a1", call("c1"), call("c2"))
    (run,) = read(sample([first], [model(0, [], first), tool(2, "c1", "r")]))
    assert run.oddities == [
        Oddity("calls of tools stand in messages alone: nothing shows that they ran")
    ]


def test_calls_apart_from_the_conversation_have_parties_of_their_own():
    judge = [system("Judge.", "s2"), user("Is it?", "u2")]
    go, said = user("Go."), assistant("hi", "a1")
    grade = model(2, judge, assistant("Yes.", "a9"), role="grader")
    other = model(4, [user("Lure it.", "u3")], assistant("Go.", "a8"))
    (run,) = read(sample([go, said], [other, model(0, [go], said), grade]))
    assert [(e.kind, e.who, e.text) for e in run.entries if e.kind == "say"] == [
        ("say", "maker/m (apart)", "Go."),
        ("say", "maker/m", "hi"),
        ("say", "grader", "Yes."),
    ]
    assert Party("grader", "maker/m", "Judge.") in run.parties


def test_several_agents_have_their_names():
    spans = [
        {"event": "span_begin", "id": name, "type": "agent", "name": name} for name in ("ada", "bo")
    ]
    said = [assistant(name, name) for name in ("ada", "bo")]
    events = [model(n, [], one, span_id=one["id"]) for n, one in enumerate(said)]
    (run,) = read(sample(said, [*spans, *events]))
    assert told(run) == [("say", "ada", "ada"), ("say", "bo", "bo")]


def test_words_in_a_models_mouth_were_not_said_in_this_run():
    shot = [user("2+2?"), assistant("4", "f1"), user("3+3?", "u2")]
    said = assistant("6", "a1")
    (run,) = read(sample([*shot, said], [model(0, shot, said)]))
    assert told(run) == [
        ("operator", "user", "2+2?"), ("operator", "user", "3+3?"), ("say", "maker/m", "6"),
    ]  # fmt: skip
    assert run.seed_context == [Entry("say", "maker/m", "4")]


@pytest.mark.parametrize(
    ("held", "reason"),
    [({"error": {"message": "boom"}}, "error"), ({"limit": {"type": "token", "limit": 9}}, "limit: token")],
)  # fmt: skip
def test_an_error_or_a_limit_ended_a_sample(held, reason):
    (run,) = read(sample([user("Go.")], **held))
    assert run.end_reason == reason


def test_epochs_are_runs_and_a_log_of_a_start_alone_is_one_without_turns():
    first, second = read(sample(id="é", epoch=1), sample(id="é", epoch=2))
    assert [first.title, second.title] == ["ctf: é, epoch 1", "ctf: é, epoch 2"]
    (none,) = read(status="started")
    assert (none.entries, none.end_reason, none.started) == ((), "started", "2025-11-03T21:39:51Z")
    assert none.oddities == [Oddity("no sample was recorded: there is only the start of a run")]


def test_numbers_and_half_characters_that_strict_json_has_not():
    data = log(sample([user("x")])).replace(b'"x"', b'"\\ud83d"').replace(b'"out"', b"NaN")
    (run,) = inspect_log.read(Source("x.json", data))
    assert run.entries[0].text == "\ud83d"


def test_a_sample_of_an_unpacked_log_is_a_run_and_its_header_is_explained():
    alone = json.dumps(sample([user("Go.")], [model(0, [user("Go.")], assistant("hi"))])).encode()
    source = Source("samples/1_epoch_1.json", alone)
    assert inspect_log.looks(source) > 0.9
    (run,) = inspect_log.read(source)
    assert told(run) == [("operator", "user", "Go."), ("say", "maker/m", "hi")]
    with pytest.raises(NoTranscript) as error:
        inspect_log.read(Source("x/header.json", json.dumps(HEAD).encode()))
    assert str(error.value) == (
        "x/header.json: the header of an unpacked .eval: it holds the scores of the evaluation, no "
        "words. Import the .eval, or the files in samples/ beside it"
    )


def test_the_list_of_logs_beside_them_is_explained():
    listed = Source("logs/logs.json", json.dumps({"a.eval": HEAD, "b.json": HEAD}).encode())
    assert inspect_log.looks(listed) > 0.9
    with pytest.raises(NoTranscript, match="Import the logs beside it"):
        inspect_log.read(listed)


def test_json_of_another_kind_is_refused():
    with pytest.raises(Unreadable) as error:
        inspect_log.read(Source("x.json", b'{"a": 1}'))
    assert str(error.value) == (
        "x.json: neither a log nor a sample of Inspect's. Give the format with --format"
    )
