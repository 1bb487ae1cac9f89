"""Any part of a record: the same as reading it from its beginning."""

import bisect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock, iso
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript import NO_HASH, Event, FileStore, Record, encode, read

KINDS = ("turn.bid", "turn.offered", "say", "think.done", "flag")
ACTORS = ("ada", "bo", "watch")


def write(path, events):
    """The lines of events whose turns and times are theirs; seq, run and hash are set here."""
    digest, lines = NO_HASH, []
    for seq, (kind, actor, data, ts) in enumerate(events, 1):
        line, digest = encode(Event(seq, kind, actor, data, run="r", ts=ts), digest)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    return lines


@st.composite
def runs(draw):
    turn, now, events = 0, 1_700_000_000.0, []
    for _ in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(KINDS))
        # A turn that was bid for is offered under the same number.
        turn += kind == "turn.bid" or (
            kind == "turn.offered" and (not events or events[-1][0] != "turn.bid")
        )
        now += draw(st.sampled_from((0, 0.5, 70)))
        data = {
            "turn": turn,
            "text": draw(st.sampled_from(("", '","kind":"turn.bid",', "x" * 40_000))),
        }
        ts = draw(st.sampled_from((iso(now), iso(now), "")))
        events.append((kind, draw(st.sampled_from(ACTORS)), data, ts))
    return events


@settings(max_examples=150, deadline=None)
@given(runs(), st.data())
def test_every_way_in_finds_what_reading_from_the_beginning_finds(tmp_path_factory, events, data):
    path = tmp_path_factory.mktemp("record") / "events.jsonl"
    lines = write(path, events)
    path.write_bytes(path.read_bytes() + b"torn"[: data.draw(st.integers(0, 4))])
    wanted = [*read(path)]
    begins = {"turn.bid", "turn.offered"}
    turn_of, turn = [], 0
    for event in wanted:
        turn = event.data["turn"] if event.kind in begins else turn
        turn_of.append(turn)
    with Record(path) as record:
        assert (record.last, record.turns) == (len(wanted), turn)
        assert [record.get(seq) for seq in range(len(wanted) + 2)] == [None, *wanted, None]
        assert [record.turn_of(event.seq) for event in wanted] == turn_of
        for number in range(-1, turn + 3):
            first = next(
                (e.seq for e in wanted if e.kind in begins and e.data["turn"] == number), None
            )
            assert record.turn(number) == first
        timed = [e for e in wanted if e.ts]
        if wanted and (wanted[0].ts or wanted[-1].ts):
            times = [(e.ts, e.seq) for e in timed]
            for when in (0.0, 1_700_000_000.0, 1_700_000_070.5, 2e9):
                at = bisect.bisect_left(times, (iso(when), 0))
                assert record.time(when) == (times[at][1] if at < len(times) else None)
        first = data.draw(st.integers(0, len(wanted) + 1))
        last = data.draw(st.none() | st.integers(0, len(wanted) + 1))
        part = [e for e in wanted if first <= e.seq and (last is None or e.seq <= last)]
        assert [*record.events(first, last)] == part
        assert [*record.lines(first, last)] == [(e, lines[e.seq - 1]) for e in part]
        assert [*record.backwards(last, first)] == part[::-1]
        kind, actor = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(ACTORS))
        assert [*record.of(kind=kind, first=first, last=last)] == [
            e for e in part if e.kind == kind
        ]
        assert [*record.of(actor=actor)] == [e for e in wanted if e.actor == actor]
        assert [*record.of(kind=kind, actor=actor)] == [
            e for e in wanted if (e.kind, e.actor) == (kind, actor)
        ]


def test_any_beginning_of_a_record_opens_and_reads(record):
    path = record / "events.jsonl"
    whole, events = path.read_bytes(), [*read(record)]
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        lines = whole[:end].count(b"\n")
        with Record(record) as opened:
            assert [*opened.events()] == events[:lines]
            assert opened.last == lines
            assert opened.size + opened.torn == end


def test_a_record_is_seen_as_it_grows(tmp_path):
    store = FileStore(tmp_path, "r", ManualClock(), "process")
    with Record(tmp_path) as record:
        assert (record.last, record.turns, record.get(1), record.time(0), record.turn(1)) == (
            0, 0, None, None, None,
        )  # fmt: skip
        assert not record.refresh()
        store.append(Event(1, "run.started", "engine"))
        store.append(Event(2, "turn.offered", "ada", {"turn": 1}))
        store.write()
        assert record.last == 0
        assert record.refresh()
        assert not record.refresh()
        assert (record.last, record.turns, record.turn(1), record.held) == (2, 1, 2, True)
        store.close()
        assert not record.held


def test_a_line_that_cannot_be_read_hides_no_other(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = write(path, [("turn.offered", "ada", {"turn": n}, iso(n)) for n in range(1, 60)])
    lines[20:30] = [b"\0" * 90 + b"\n", b"?\n", *(line[:70] + b"\n" for line in lines[22:30])]
    path.write_bytes(b"".join(lines))
    with Record(path) as record:
        assert [record.turn(n) for n in (20, 31, 59)] == [20, 31, 59]
        assert record.get(31).seq == 31
        assert record.time(31) == 31
        assert record.get(21) is None
        assert [e.seq for e in record.events(31, 33)] == [31, 32, 33]
        at = len(b"".join(lines[:20]))
        with pytest.raises(Damaged) as caught:
            [*record.events()]
        assert str(caught.value).startswith(f"{path}, byte {at}: no JSON: ")
        assert str(caught.value).endswith(" `backrooms verify` says what can be read.")


def test_a_head_that_another_text_imitates_is_no_head(tmp_path):
    text = '{"seq":9,"ts":"","kind":"flag","run":"r","actor":"bo",'
    write(
        tmp_path / "events.jsonl", [("say", "ada", {"kind": "flag", "actor": "bo", "t": text}, "")]
    )
    with Record(tmp_path) as record:
        assert [*record.of(kind="flag")] == [*record.of(actor="bo")] == []
        assert record.last == 1


def test_a_record_without_times_has_no_moment(tmp_path):
    write(tmp_path / "events.jsonl", [("say", "ada", {}, "")] * 3)
    with Record(tmp_path) as record:
        assert record.time(0) is None


def test_a_record_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TranscriptError) as caught:
        Record(tmp_path)
    assert str(caught.value) == f"cannot read {tmp_path}/events.jsonl: No such file or directory"


def test_a_record_may_be_closed_twice(record):
    opened = Record(record)
    opened.close()
    opened.close()
    assert [*opened.events()] == []
