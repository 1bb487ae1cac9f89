"""Answers of models behind a door, played back from a record."""

import pytest

from sandbox.clock import ManualClock
from sandbox.errors import ModelUnavailable, RateLimited
from sandbox.models.at_doors import AtDoors
from sandbox.models.provider import Done, Request, TextDelta, ToolCall, Usage
from sandbox.transcript import Event, FileStore

SAID = {"model": "mistral/m", "text": "Yes.", "calls": [{"id": "c", "tool": "t", "args": {}}]}
SAID |= {"stop": "end", "tokens_in": 3, "tokens_out": 1, "money": None}
FAILED = {
    "model": "mistral/m",
    "text": "",
    "calls": [],
    "error": "busy",
    "error_kind": "RateLimited",
}


def test_each_model_s_answers_in_their_order(tmp_path):
    store = FileStore(tmp_path / "run", "run", ManualClock(), "process")
    for seq, data in enumerate((SAID, {"door": "docker", "body": "{}"}, FAILED), 1):
        store.append(Event(seq, "door.answered", "ada", data))
    store.close()
    doors = AtDoors(tmp_path / "run")
    asked = Request("m", "door/mistral/m", 1, 1, "", ())
    assert list(doors.play("mistral", asked)) == [
        TextDelta("Yes."),
        ToolCall("c", "t", {}),
        Usage(3, 1),
        Done("end"),
    ]
    with pytest.raises(RateLimited, match="busy"):
        list(doors.play("mistral", asked))
    with pytest.raises(
        ModelUnavailable, match=r"^the record holds no more answers of 'mistral/m' at"
    ):
        list(doors.play("mistral", asked))
