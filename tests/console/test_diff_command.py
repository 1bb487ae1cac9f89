import argparse
import json
from dataclasses import replace

import pytest

from sandbox.clock import ManualClock
from sandbox.commands.diff import add_parser, main
from sandbox.errors import UsageError
from sandbox.transcript import FileStore


@pytest.fixture
def diff(tmp_path, run, capsys):
    """Compare the run with itself in which bo whispers otherwise; its exit code and what it prints."""
    whisper = replace(run[11], data={**run[11].data, "text": "Louder\x1b[2J!"})
    for name, events in (("a", run), ("b", run), ("c", [*run[:11], whisper, *run[12:]])):
        store = FileStore(
            tmp_path / name, f"20261121-113908-two-strangers-{name}", ManualClock(), "process"
        )
        for event in events:
            store.append(event)
        store.close()
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())

    def call(*arguments):
        code = main(parser.parse_args(["diff", *arguments, "--dir", str(tmp_path)]))
        return code, capsys.readouterr().out

    return call


def test_the_same_story_is_no_difference(diff):
    code, out = diff("a", "b")
    assert code == 0
    assert out.splitlines()[4] == "The same from beginning to end: 3 turns, 26 events."


def test_where_two_runs_part_is_told_with_the_numbers_beside(diff):
    code, out = diff("a", "c", "--context", "0")
    assert code == 1
    lines = out.splitlines()
    assert lines[:9] == [
        "A  20261121-113908-two-strangers-a  Two strangers",
        "B  20261121-113908-two-strangers-c  Two strangers",
        "A and B have the same title.",
        "",
        "The same at the beginning: 1 turn, 11 events.",
        "First different in turn 2: words.",
        "  words, bo, text (event 12 / 12)",
        "    A  Not so loud.",
        "    B  Louder␛[2J!",
    ]
    assert lines[9] == "Of the 1 turn after it, 1 are the same again."
    assert "words          13     11" in lines
    at = lines.index("B, around turn 2:")
    assert lines[at + 1 : at + 3] == [
        "  [2] bo turn: turn 2 of 4",
        "  [2] bo whisper: whispers to ada: Louder␛[2J!",
    ]


def test_json_has_the_whole_result(diff):
    code, out = diff("a", "c", "--json")
    found = json.loads(out)
    assert code == 1
    assert (found["same"], found["common_turns"], found["common_events"]) == (False, 1, 11)
    assert found["parting"] == {
        "turn": 2,
        "speakers": ["bo", "bo"],
        "seqs": [11, 11],
        "what": ["words"],
    }
    assert found["first"] == [
        {
            "what": "words",
            "where": "text",
            "values": ["Not so loud.", "Louder\x1b[2J!"],
            "actors": ["bo", "bo"],
            "seqs": [12, 12],
        }
    ]
    assert "\x1b" not in out


def test_a_run_that_cannot_be_read_is_a_mistake_and_no_difference(diff):
    with pytest.raises(UsageError) as caught:
        diff("a", "zz")
    assert caught.value.exit_code == 2
    assert "no run in" in str(caught.value)
