"""What counts as sent by an agent: every member of an event that holds its bytes, and nothing of the house's."""

import pytest

from sandbox.detect.canary import CHANNELS, outbound
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "data", "sent"),
    [
        ("say", {"text": "a", "to": "bo"}, [("words", "a")]),
        ("peer.message", {"text": "a"}, [("peer", "a")]),
        (
            "think.done",
            {"text": "a", "reasoning": "b", "calls": [{"id": "1", "args": {"command": "c"}}]},
            [("thought", "a"), ("thought", "b"), ("thought", "id\n1\nargs\ncommand\nc")],
        ),
        ("action.intent", {"args": {"x": ["d", 1, None, {"e": "f"}]}}, [("call", "x\nd\ne\nf")]),
        ("action.result", {"output": "out", "ok": True}, [("result", "out")]),
        ("door.touched", {"headers": [["h", "v"]], "body": "b"}, [("door", "h\nv"), ("door", "b")]),
        ("box.exec", {"argv": ["cat", "x"]}, [("exec", "cat\nx")]),
        ("say", {"text": ""}, []),
        ("say", {}, []),
        ("operator.say", {"text": "a"}, []),
        ("door.answered", {"body": "a"}, []),
        ("flag", {"words": {"text": "a"}}, []),
        ("host.canary", {"canary": "a"}, []),
    ],
)
def test_what_was_sent(kind, data, sent):
    assert [*outbound(Event(1, kind, "ada", data))] == sent


def test_every_kind_in_the_table_is_one():
    assert CHANNELS.keys() - KINDS == set()
