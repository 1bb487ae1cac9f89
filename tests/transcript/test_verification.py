import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript import NO_HASH, Event, FileStore, Problem, encode, read, verify

CHANGED = "its hash does not fit: this line, or what stood before it, was changed"


def damaged(record, data):
    path = record / "events.jsonl"
    path.write_bytes(data)
    return verify(record)


def test_a_whole_record_is_sound(record):
    report = verify(record)
    assert report.ok
    assert report.ended
    assert (report.lines, report.readable, report.sound, report.torn) == (7, 7, 7, 0)
    assert (report.problems, report.notes) == ((), ())
    assert report.last_hash == [*read(record)][-1].hash


def test_every_single_byte_matters_and_its_line_is_named(record):
    whole = (record / "events.jsonl").read_bytes()
    for at in range(len(whole)):
        report = damaged(record, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert not report.ok, at
        assert report.problems[0].line == report.sound + 1 == whole[:at].count(b"\n") + 1, at


def test_any_other_byte_in_any_place_is_found(record):
    whole = (record / "events.jsonl").read_bytes()

    @settings(max_examples=200, deadline=None)
    @given(at=st.integers(0, len(whole) - 1), byte=st.integers(0, 255))
    def with_another_byte(at, byte):
        report = damaged(record, whole[:at] + bytes([byte]) + whole[at + 1 :])
        assert report.ok == (whole[at] == byte)

    with_another_byte()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_flipped_bit_of_a_longer_record_is_found_and_its_line_named(long_record, data):
    path, whole = long_record
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    report = verify(path)
    assert not report.ok
    assert report.problems[0].line == report.sound + 1 == whole[:at].count(b"\n") + 1


@pytest.fixture(scope="module")
def long_record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    store = FileStore(folder, "r", ManualClock(), "process")
    for seq in range(1, 201):
        text = "\u00e9\x1b" * (seq * 37 % 900)
        store.append(Event(seq, "say" if seq > 1 else "run.started", "ada", {"text": text}))
    store.close()
    return store.path, store.path.read_bytes()


def test_what_can_be_read_is_told_in_stretches(record):
    lines = (record / "events.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = lines[5] = b"?\n"
    report = damaged(record, b"".join(lines))
    assert report.spans == ((1, 2), (4, 5), (7, 7))


def test_a_run_that_goes_on_after_its_end_is_whole(record):
    store = FileStore(record, record.name, ManualClock())
    store.append(Event(8, "run.resumed", "engine"))
    store.append(Event(9, "turn.lost", "engine", {"turn": 3}))
    store.close()
    report = verify(record)
    assert (report.ok, report.ended) == (True, False)


def test_the_share_that_was_checked_is_told(tmp_path):
    store = FileStore(tmp_path, "r", ManualClock(), "process")
    for seq in range(1, 8193):
        store.append(Event(seq, "say" if seq > 1 else "run.started", "ada"))
    store.close()
    shares = []
    assert verify(tmp_path, shares.append).ok
    assert (len(shares), round(shares[0], 1), shares[1]) == (2, 0.5, 1.0)


def test_any_beginning_of_a_record_opens_and_is_no_damage(record):
    whole = (record / "events.jsonl").read_bytes()
    events = [*read(record)]
    for end in range(len(whole) + 1):
        report = damaged(record, whole[:end])
        lines = whole[:end].count(b"\n")
        torn = end - (whole[:end].rfind(b"\n") + 1)
        assert (report.ok, report.lines, report.readable, report.torn) == (
            lines > 0,
            lines,
            lines,
            torn,
        )
        assert report.ended == (end == len(whole))

        reading = read(record)
        assert [*reading] == events[:lines]
        assert reading.torn == torn


def test_a_run_that_was_killed_is_noted(record):
    lines = (record / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert damaged(record, b"".join(lines[:-1]) + b'{"seq":').notes == (
        (
            "the last line is torn after 7 bytes: it was being written when the engine was killed, "
            "and nothing that was promised to be kept is missing"
        ),
        "there is no run.ended: the run was killed or still plays",
    )


def test_a_line_that_was_taken_out_is_found(record):
    lines = (record / "events.jsonl").read_bytes().splitlines(keepends=True)
    report = damaged(record, b"".join(lines[:2] + lines[3:]))
    assert report.problems == (Problem(3, f"seq 4 where 3 was due; {CHANGED}"),)


def test_two_lines_that_changed_places_are_found(record):
    lines = (record / "events.jsonl").read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    assert [problem.line for problem in damaged(record, b"".join(lines)).problems] == [3, 4, 5]


def test_damage_to_one_line_is_not_laid_at_the_next(record):
    lines = (record / "events.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"anybody", b"nobody!")
    report = damaged(record, b"".join(lines))
    assert report.problems == (Problem(3, CHANGED),)
    assert (report.readable, report.sound) == (7, 2)


def test_a_later_version_s_kind_is_noted_and_no_damage(record):
    store = FileStore(record, record.name, ManualClock())
    store.append(Event(8, "dream.began", "ada"))  # type: ignore[arg-type]
    store.close()
    report = verify(record)
    assert report.ok
    assert report.notes[0] == "line 8: kind 'dream.began' is not known to this version"


def test_a_record_that_does_not_begin_with_its_start_is_damaged(record):
    line, _ = encode(Event(1, "say", "ada", run="r", ts="t"), NO_HASH)
    assert damaged(record, line).problems == (
        Problem(1, "the first event is 'say', not 'run.started'"),
    )


def test_many_problems_are_counted_and_the_first_hundred_named(record):
    report = damaged(record, b"?\n" * 250)
    assert (report.lines, report.readable, report.damaged, len(report.problems)) == (
        250,
        0,
        250,
        100,
    )


def test_what_follows_a_line_that_cannot_be_read_is_not_read_and_the_place_is_named(record):
    path = record / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"\0\0\n", *lines[3:]]))
    reading = read(record)
    with pytest.raises(Damaged) as caught:
        list(reading)
    assert str(caught.value).startswith(f"{path}:3: no JSON: ")
    assert str(caught.value).endswith(
        "The 2 events before it can be read; `backrooms verify` says what else can."
    )


def test_a_record_that_is_not_there_is_said(tmp_path):
    for opened in (read, verify):
        with pytest.raises(TranscriptError) as caught:
            opened(tmp_path)
        assert (
            str(caught.value) == f"cannot read {tmp_path}/events.jsonl: No such file or directory"
        )
