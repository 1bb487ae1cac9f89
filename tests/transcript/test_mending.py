"""Repair deletes nothing and invents nothing."""

import base64
import json
import resource

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.errors import TranscriptError
from sandbox.transcript import Cut, Event, FileStore, Mended, Problem, read, repair, verify
from sandbox.transcript.cut import cut_torn_tail


def put_back(folder):
    """The record with everything that was cut out of it where it stood, the last repair first."""
    data = (folder / "events.jsonl").read_bytes()
    for aside in sorted(folder.glob("events.jsonl.torn-*"), reverse=True):
        for line in aside.read_text().splitlines():
            piece = json.loads(line)
            cut = piece["text"].encode() if "text" in piece else base64.b64decode(piece["base64"])
            data = data[: piece["offset"]] + cut + data[piece["offset"] :]
    return data


def test_a_whole_record_needs_no_repair(record):
    before = sorted(path.name for path in record.iterdir())
    assert repair(record) == Mended(record / "events.jsonl", 7, (), None)
    assert sorted(path.name for path in record.iterdir()) == before


def test_a_torn_tail_is_laid_aside(record):
    path = record / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq":8\xff')
    done = repair(record)

    assert done == Mended(path, 7, (Cut(8, 9, torn=True),), record / "events.jsonl.torn-1")
    assert path.read_bytes() == whole
    assert json.loads(done.aside.read_text()) == {
        "line": 8,
        "offset": len(whole),
        "torn": True,
        "base64": base64.b64encode(b'{"seq":8\xff').decode(),
    }
    assert verify(record).ok


def test_a_damaged_middle_stays_damaged_and_what_is_behind_it_can_be_read(record):
    path = record / "events.jsonl"
    path.chmod(0o640)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"\0\0\n", *lines[3:], b"torn"]))
    done = repair(record)

    assert done.cuts == (Cut(3, 3, torn=False), Cut(8, 4, torn=True))
    assert path.read_bytes() == b"".join([*lines[:2], *lines[3:]])
    assert path.stat().st_mode & 0o777 == 0o640
    assert [event.seq for event in read(record)] == [1, 2, 4, 5, 6, 7]
    report = verify(record)
    assert report.problems == (
        Problem(
            3,
            "seq 4 where 3 was due; its hash does not fit: this line, or what stood before it, was"
            " changed",
        ),
        Problem(3, "could not be read and was cut out: it lies in events.jsonl.torn-1"),
    )
    assert (report.sound, report.spans) == (2, ((1, 2), (4, 7)))
    assert repair(record) == Mended(path, 6, (), None)


def test_a_last_line_that_was_cut_out_is_not_forgotten(record):
    path = record / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:6], lines[6].replace(b"{", b"[", 1)]))
    repair(record)
    report = verify(record)
    assert (report.ok, report.sound, report.readable) == (False, 6, 6)
    assert report.problems == (
        Problem(7, "could not be read and was cut out: it lies in events.jsonl.torn-1"),
    )


@pytest.mark.parametrize("cut", [repair, cut_torn_tail])
def test_an_event_whose_newline_was_changed_is_not_forgotten(record, cut):
    path = record / "events.jsonl"
    path.write_bytes(path.read_bytes()[:-1] + b"\v")
    assert not verify(record).ok
    cut(record)
    report = verify(record)
    assert (report.ok, report.sound, report.readable, report.torn) == (False, 6, 6, 0)


def test_a_run_goes_on_behind_a_repaired_end(record):
    path = record / "events.jsonl"
    path.write_bytes(path.read_bytes() + b"\0" * 100)
    repair(record)
    store = FileStore(record, record.name, ManualClock())
    store.append(Event(8, "run.resumed", "engine"))
    store.close()
    assert verify(record).ok


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_was_damaged_can_be_put_back_byte_for_byte(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("run")
    store = FileStore(folder, "r", ManualClock(), "process")
    for seq in range(1, 13):
        store.append(Event(seq, "say" if seq > 1 else "run.started", "ada", {"text": "x" * seq}))
    store.close()
    path = folder / "events.jsonl"
    for _ in range(2):
        damaged = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 6))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(damaged + data.draw(st.binary(max_size=8)))
        before = put_back(folder)
        repair(folder)
        assert put_back(folder) == before
        list(read(folder))
        assert repair(folder).cuts == ()


def test_a_record_that_is_being_written_is_left_alone(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock())
    with pytest.raises(TranscriptError) as caught:
        repair(tmp_path / "r")
    assert str(caught.value) == (
        f"{store.path} is being written by an engine. Stop that run, or wait for its end."
    )
    store.close()


def test_what_was_torn_before_an_engine_goes_on_is_laid_aside_too(record):
    path = record / "events.jsonl"
    whole = path.read_bytes()
    for number in (1, 2):
        path.write_bytes(whole + b'{"se')
        assert cut_torn_tail(record) == b'{"se'
        aside = json.loads((record / f"events.jsonl.torn-{number}").read_text())
        assert aside == {"line": 8, "offset": len(whole), "torn": True, "text": '{"se'}
    assert verify(record).ok


def test_a_record_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TranscriptError) as caught:
        repair(tmp_path)
    assert str(caught.value) == f"cannot repair {tmp_path}/events.jsonl: No such file or directory"


def test_what_cannot_be_laid_aside_leaves_nothing_behind(record):
    path = record / "events.jsonl"
    torn = path.read_bytes() + b"torn"
    path.write_bytes(torn)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(TranscriptError, match=r"^cannot repair .*: File too large$"):
            repair(record)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == torn
    assert [p.name for p in record.iterdir()] == ["events.jsonl"]
