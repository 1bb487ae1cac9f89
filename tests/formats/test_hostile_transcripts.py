"""Whatever a file holds, an importer reads it or says why not; and in a time that grows with its size."""

import json
import re
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Source
from sandbox.transcript.formats.importers import importer
from tests.formats.inspect_logs import (
    HEAD,
    archive,
    assistant,
    call,
    log,
    model,
    ran,
    sample,
    tool,
    user,
)

CHATTED = assistant("hi", "a1", call("c1", cmd="ls"))
EVENTS = [model(0, [user("Go.")], CHATTED), tool(2, "c1", "r", events=[ran(2, "ls")])]
LOG = sample([user("Go."), CHATTED], EVENTS, events_data={"messages": [user("x")]})
FILES = {
    "agentpipe": (
        (b'{"type":"message.created","timestamp":"2025-10-03T14:05:01Z","data":{"conversation_id":"c",'
        b'"agent_name":"Ada","content":"hi"}}\n'),
        (b"=== AgentPipe Chat Log ===\nStarted: 2025-10-03 23:59:58\n======\n\n"
        b"[23:59:58] Ada (agent): hi\n\n[00:00:01] ERROR - Bo: late\n"),
        (b'{"messages":[{"AgentID":"a","AgentName":"Ada","Content":"hi","Timestamp":1,"Role":"agent",'
        b'"Metrics":{"Model":"m"}}],"config":{"Agents":[{"Name":"Ada"}]},"metadata":{}}'),
    ),
    "agentchattr": (
        (b'{"sender":"a","text":"hi","type":"chat","timestamp":1.5,"attachments":[{"url":"x"}],'
        b'"channel":"general"}\n'),
        archive({"manifest.json": {"product": "agentchattr"}, "messages.jsonl": b'{"sender":"a","text":"hi"}'}),
    ),
    "chatarena": (
        (b'[{"agent_name":"a","content":"hi","turn":1,"timestamp":"1683000000000000000",'
        b'"visible_to":["b"],"msg_type":"text"}]'),
        (b"agent_name,content,turn,timestamp,visible_to,msg_type\r\n"
        b"a,\"h\ni\",1,1683000000000000000,\"['b']\",text\r\n"),
    ),
    "simonwicki": (
        b'{"id":"1","ts":"2026-01-11T00:00:00Z","kind":"output","room_id":"L","payload":{"output":"hi"}}\n',
    ),
    "cascade": (
        (b'{"participants":{"user":{"model":"m"}},"config":{"initial_history":[]},'
        b'"messages":[{"role":"user","content":"hi"}]}'),
        b'{"llm1":[{"role":"user","content":"hi","timestamp":"2025-01-01T00:00:00Z"}],"llm2":[]}',
    ),
    "scenario-labs": (
        (b"# X Log\n\n### Turn 1 (Depth 0) - 2025-07-11T03:17:56.303727\n- **From:** A\n- **To:** B\n"
        b"- **Message:** hi\n- **Response:** ho\n\n---\n\n"),
        (b"# Simulation Report: X\n\n**Model**: `m`\n\n**Provider**: `p`\n\n## System Prompt\n\n"
        b"```text\nBe.\n```\n\n## Evaluation\n\n### Example 1\n\n**User:**\thi\n\n**Assistant:**\tho\n\n---\n\n"),
        b'{"simulation_name":"x","provider":"p","responses":[{"user":"hi","assistant":"ho"}]}',
    ),
    "ai-village": (
        b"[Day 12, 17:01:35]\n> [#rest] Ada: hi\n> \n> so\n",
        b'[{"day":1,"title":"t","description":"d","category":"c","significance":"high","date":"2025-04-02"}]',
    ),
    "swe-agent": (
        (b'{"trajectory":[{"action":"ls","observation":"a","thought":"t","response":"r","state":"{}"}],'
        b'"history":[{"role":"system","content":"Be.","agent":"main"}],"info":{"exit_status":"x"}}'),
        (b'{"messages":[{"role":"assistant","content":"```bash\\nls\\n```","extra":{"timestamp":1.5}}],'
        b'"trajectory_format":"mini-swe-agent-1.1"}'),
    ),
    "inspect": (
        log(LOG),
        archive({"header.json": HEAD, "samples/1_epoch_1.json": LOG}),
        archive({"header.json": HEAD, "samples/1_epoch_1/sample.json": {"message_refs": [[0, 9]]},
                 "samples/1_epoch_1/messages/0.json": [user("Go.")]}),
    ),
    "attractor-states": (
        (b'{"model":"m","conversations":[{"seed_prompt":"s","turns":3,"full_conversation":'
        b'[{"speaker":"A","content":"x hi","content_clean":"hi"}]}],"generated_at":"2026"}'),
        b"--- A ---\nhi\n\n--- B ---\nho\n",
        "# T\n\n---\n\n### Turn 1 \u2014 @Ada posted\n\nhi\n\n---\n".encode(),
    ),
}  # fmt: skip
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+|\{|\[|\n')
PIECES = [
    b"null", b"true", b"-1", b"1e999", b"NaN", b'""', b'"x"', b"[]", b"{}", b"[[1]]", b'{"a":[1]}', b"[null]",
    b'["\\ud800"]', b"9" * 5000, b"[" * 3000, b"\n\n---\n\n", b"\r\n", b"\xff\xfe", b"\x00", b"> ",
]  # fmt: skip


@st.composite
def mutated(draw):
    name = draw(st.sampled_from(sorted(FILES)))
    data = draw(st.sampled_from(FILES[name]))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "put", "byte", "twice", "token", "token", "token"])):
            case "cut":
                data = data[:at]
            case "put":
                data = data[:at] + draw(st.sampled_from(PIECES)) + data[at:]
            case "byte":
                data = data[:at] + draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]
            case "twice":
                data = data[:at] + data[at // 2 :]
            case _:
                if tokens := list(TOKEN.finditer(data)):
                    one = draw(st.sampled_from(tokens))
                    data = data[: one.start()] + draw(st.sampled_from(PIECES)) + data[one.end() :]
    return name, data


@given(mutated())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(case):
    name, data = case
    source = Source("x.json", data)
    assert 0 <= importer(name).looks(source) <= 1
    try:
        runs = importer(name).read(source)
    except Unreadable as error:
        assert str(error).startswith("x.json:")  # noqa: PT017 - either outcome is right
        return
    assert runs
    for run in runs:
        names = {party.name for party in run.parties}
        assert {entry.who for entry in run.entries} <= names
        assert {name for entry in run.entries for name in entry.to} <= names
        assert all(
            isinstance(e.text, str) and e.line != 0 for e in [*run.entries, *run.seed_context]
        )


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_files_are_sound_and_an_empty_one_is_refused(name):
    for data in FILES[name]:
        assert importer(name).looks(Source("x.json", data)) >= 0.2
        assert importer(name).read(Source("x.json", data))
    with pytest.raises(Unreadable):
        importer(name).read(Source("x.json", b""))


def growing(n):
    pool = [user(f"{i}", f"u{i}") for i in range(n)]
    told = [model(0, [], assistant("x", f"a{i}"), input_refs=[[0, i]]) for i in range(n)]
    inspect = json.dumps({**HEAD, "samples": [sample(events=told, events_data={"messages": pool})]})
    return {
        "inspect": inspect.encode(),
        "scenario-labs": b"# X Log\n\n"
        + b"## Turn 1\n- **From:** A\n- **To:** B\n- **Message:** " * n,
        "ai-village": b"[Day 12, 17:01:35]\n> [#rest] Ada: hi\n" * n,
        "attractor-states": b"--- A ---\n" * n,
        "agentpipe": FILES["agentpipe"][1][:70] + b"[23:59:58] Ada (agent): hi\n\n" * n,
    }


@pytest.mark.parametrize("name", sorted(growing(1)))
def test_a_long_file_takes_no_squared_time(name):
    source = Source("x.json", growing(40_000)[name])
    began = process_time()
    importer(name).read(source)
    assert process_time() - began < 15  # seconds; it takes one, and minutes where time is squared
