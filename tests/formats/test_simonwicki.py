"""SimonWicki/Claude-Backrooms: the events of a room."""

import json

import pytest

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Oddity, Party, Source
from sandbox.transcript.formats.importers import simonwicki

AT = "2026-01-11T00:00:00.000Z"


def events(*pairs):
    return "".join(
        json.dumps({"id": f"n{n}", "ts": AT, "kind": kind, "room_id": "L3", "payload": payload})
        + "\n"
        for n, (kind, payload) in enumerate(pairs)
    ).encode()


PLAYED = events(
    ("enter", {"op": "create", "by": "operator"}),
    ("enter", {"input": "describe the room", "adapter": "mock"}),
    ("output", {"output": "It hums.", "meta": {"ms": 3}}),
    ("violation", {"violations": ["creativity"], "sample": "It hums."}),
    ("fork", {"to": "L4", "delta": 0.05}),
    ("seal", {"op": "seal", "by": "operator"}),
)


def test_a_room_is_a_run_with_what_lies_beside_it():
    beside = {"room.yaml": b"room_id: L3\n", "state.json": b"{}", "other.json": b"{}"}
    source = Source("L3/events.ndjson", PLAYED, beside)
    assert simonwicki.looks(source) > 0.9
    (run,) = simonwicki.read(source)
    assert [(e.kind, e.who, e.text, e.line) for e in run.entries] == [
        ("note", "Claude-Backrooms", "enter", 1),
        ("operator", "operator", "describe the room", 2),
        ("say", "mock", "It hums.", 3),
        ("note", "Claude-Backrooms", "violation", 4),
        ("note", "Claude-Backrooms", "fork", 5),
        ("note", "Claude-Backrooms", "seal", 6),
    ]
    assert run.parties[2] == Party("mock", "mock")
    assert (run.title, run.ended, run.end_reason) == ("L3", AT, "sealed")
    assert run.more == {"room.yaml": "room_id: L3\n", "state.json": "{}"}


def test_an_unknown_kind_and_a_torn_line_are_listed():
    data = events(("enter", {"input": "x", "adapter": "m"}), ("dream", {})) + b'{"id"'
    (run,) = simonwicki.read(Source("events.ndjson", data))
    assert run.oddities == [
        Oddity("an event of the unknown kind 'dream' is left out", 2),
        Oddity("the last line was cut off and is left out", 3),
    ]


def test_an_empty_room_is_no_run():
    with pytest.raises(Unreadable) as error:
        simonwicki.read(Source("events.ndjson", b""))
    assert str(error.value) == (
        "events.ndjson: no event of a room. If the file was cut off, get it whole"
    )


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        (
            "state.json",
            b'{"room_id": "L3", "entropy": 0, "mutation_level": 0, "enters": 0}',
            "state",
        ),
        ("room.yaml", b"room_id: L3\nruleset: archival_only\n", "manifest"),
    ],
)
def test_state_and_manifest_are_explained(name, data, what):
    assert simonwicki.looks(Source(name, data)) > 0.8
    with pytest.raises(NoTranscript) as error:
        simonwicki.read(Source(name, data))
    assert str(error.value) == (
        f"{name}: the {what} of a room of Claude-Backrooms, no words. Import events.ndjson beside it"
    )
