"""AgentPipe: stream, saved state, JSON log, text log."""

import json

import pytest

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import agentpipe


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def event(kind, second, **data):
    return {"type": kind, "timestamp": f"2025-10-03T14:05:{second:02}.5Z", "data": data}


STARTED = event(
    "conversation.started",
    1,
    conversation_id="c1",
    mode="round-robin",
    initial_prompt="Talk.",
    participants=[
        {"agent_id": "a-0", "agent_type": "claude", "name": "Ada", "model": "m-1", "prompt": "Be."}
    ],
)
CONNECTED = event("bridge.connected", 0, system_info={"os": "linux"})


def created(second, text, turn):
    return event(
        "message.created", second, conversation_id="c1", agent_id="a-0", agent_name="Ada",
        content=text, turn_number=turn, output_tokens=3,
    )  # fmt: skip


def logged(second, text, role="agent", **more):
    return event(
        "log.entry", second, conversation_id="c1", level="message", agent_id="a-0",
        agent_name="Ada", content=text, role=role, **more,
    )  # fmt: skip


def test_a_stream_is_a_run_and_its_log_says_nothing_twice():
    done = event("conversation.completed", 9, conversation_id="c1", status="interrupted")
    data = lines(
        CONNECTED, STARTED, created(2, "yes", 1), logged(2, "yes"), created(3, "yes", 2),
        logged(3, "yes"), done,
    )  # fmt: skip
    source = Source("run.jsonl", data)
    assert agentpipe.looks(source) > 0.9
    (run,) = agentpipe.read(source)
    assert run.parties == [
        Party("Ada", "m-1", "Be.", more={"agent_id": "a-0", "agent_type": "claude"}),
        Party("operator", human=True),
    ]
    tokens = {"output_tokens": 3}
    assert run.entries == [
        Entry("operator", "operator", "Talk.", at="2025-10-03T14:05:01.5Z", line=2),
        Entry("say", "Ada", "yes", at="2025-10-03T14:05:02.5Z", turn=1, line=3, more=tokens),
        Entry("say", "Ada", "yes", at="2025-10-03T14:05:03.5Z", turn=2, line=5, more=tokens),
    ]
    assert (run.started, run.ended) == ("2025-10-03T14:05:01.5Z", "2025-10-03T14:05:09.5Z")
    assert (run.end_reason, run.oddities) == ("interrupted", [])


def test_where_there_is_only_the_log_it_is_what_was_said_and_repeats_stay():
    data = lines(CONNECTED, STARTED, logged(2, "yes"), logged(3, "yes"))
    (run,) = agentpipe.read(Source("run.jsonl", data))
    assert [e.text for e in run.entries if e.kind == "say"] == ["yes", "yes"]
    assert run.oddities == [Oddity("no conversation.completed: the run was cut off, or goes on")]


def test_a_stream_that_was_cut_in_a_line_keeps_what_is_whole():
    data = lines(CONNECTED, STARTED, created(2, "yes", 1)) + b'{"type":"message.cre'
    (run,) = agentpipe.read(Source("run.jsonl", data))
    assert [e.text for e in run.entries] == ["Talk.", "yes"]
    assert run.oddities[0] == Oddity("the last line was cut off and is left out", 4)


def test_a_stream_of_a_start_alone_is_no_run():
    with pytest.raises(Unreadable) as error:
        agentpipe.read(Source("run.jsonl", lines(CONNECTED)))
    assert str(error.value) == (
        "run.jsonl: the stream was cut off before a conversation began. Get the file whole"
    )


def message(name, text, role, **more):
    return {"AgentID": name.lower(), "AgentName": name, "AgentType": "x", "Content": text,
            "Timestamp": 1759500000, "Role": role, "Metrics": None, **more}  # fmt: skip


def test_a_saved_state_has_times_models_and_prompts():
    state = {
        "version": "1.0",
        "saved_at": "2025-10-03T15:00:00Z",
        "messages": [
            message("HOST", "Talk.", "system", AgentID="host"),
            message("Ada", "hello", "agent", Metrics={"Model": "m-1", "Cost": 0.5}),
            message("Ada", "joins", "system"),
            message("User", "hi", "user", AgentID="user"),
        ],
        "config": {"Agents": [{"ID": "ada", "Name": "Ada", "Prompt": "Be.", "Model": "m-1"}]},
        "metadata": {"started_at": "2025-10-03T14:00:00Z"},
    }
    (run,) = agentpipe.read(Source("a/conversation.json", json.dumps(state).encode()))
    assert [(e.kind, e.who, e.text, e.at) for e in run.entries] == [
        ("operator", "HOST", "Talk.", "2025-10-03T14:00:00+00:00"),
        ("say", "Ada", "hello", "2025-10-03T14:00:00+00:00"),
        ("note", "Ada", "joins", "2025-10-03T14:00:00+00:00"),
        ("operator", "User", "hi", "2025-10-03T14:00:00+00:00"),
    ]
    assert run.title == "conversation.json"
    assert [p.human for p in run.parties] == [False, False, True]
    assert run.started == "2025-10-03T14:00:00Z"


HEAD = (
    "=== AgentPipe Chat Log ===\nStarted: 2025-10-03 23:59:58\n"
    "=====================================\n\n"
)


def test_a_chat_log_passes_midnight_and_keeps_what_looks_like_heads_within_words():
    log = (
        HEAD + "[23:59:58] HOST (system): Talk.\n\n"
        "[23:59:59] Ada (agent): one\n[00:00:00] Bo (agent): not me\n\nlast\n\n\n"
        "[00:00:03] Ada (agent): \n\n"
        "[00:00:04] ERROR - Bo: time-out\n"
        "[00:00:05] Zed (x) (agent): \u2028 so\r\n\n"
        "\n=== Chat Ended ===\nEnded: 2025-10-04 00:00:06\n"
    )
    (run,) = agentpipe.read(Source("chat.log", log.encode()))
    assert [(e.kind, e.who, e.text, e.at, e.line) for e in run.entries] == [
        ("operator", "HOST", "Talk.", "2025-10-03T23:59:58", 5),
        ("say", "Ada", "one\n[00:00:00] Bo (agent): not me\n\nlast\n", "2025-10-03T23:59:59", 7),
        ("say", "Ada", "", "2025-10-04T00:00:03", 13),
        ("note", "Bo", "time-out", "2025-10-04T00:00:04", 15),
        ("say", "Zed (x)", "\u2028 so\r", "2025-10-04T00:00:05", 16),
    ]
    assert (run.started, run.ended) == ("2025-10-03T23:59:58", "2025-10-04T00:00:06")
    assert run.oddities == []


def test_a_json_chat_log_counts_lines_from_the_top_of_the_file():
    log = HEAD + json.dumps(message("Ada", "hello", "agent")) + "\n"
    (run,) = agentpipe.read(Source("chat.log", log.encode()))
    assert [(e.text, e.line) for e in run.entries] == [("hello", 5)]
    assert run.oddities == [Oddity("no end mark: the run was cut off, or goes on")]


def test_an_export_that_does_not_mark_its_turns_is_explained():
    export = b"# Talk\n\n*Exported: 2025-10-03 14:00:00*\n\n## Conversation\n\n### Ada\n\nhello\n"
    source = Source("talk.md", export)
    assert agentpipe.looks(source) > 0.9
    with pytest.raises(Unreadable) as error:
        agentpipe.read(source)
    assert str(error.value) == (
        "talk.md: no log of AgentPipe's; its Markdown and HTML exports do not mark where a message "
        "ends. Import the saved state (~/.agentpipe/states) or the log (~/.agentpipe/chats) of the run"
    )
