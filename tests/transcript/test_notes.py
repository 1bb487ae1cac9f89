"""Notes stand beside the record, never in it, and none of them can hide the run."""

import json
import resource

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock, iso
from sandbox.errors import TranscriptError, UsageError
from sandbox.transcript import Note, Notebook, Notes, read_notes

AT = iso(1_700_000_000.0)


@pytest.fixture
def book(record):
    return Notebook(record, "rm", ManualClock())


def test_a_note_is_read_as_it_was_written_and_the_record_is_not_touched(record, book):
    before = (record / "events.jsonl").read_bytes()
    late = book.add(6, verdict="false", tags=["poem", "socket"])
    early = book.add(3, "she means\nthe other room \u202e")
    again = book.add(6, "indeed")

    assert read_notes(record) == Notes((early, late, again), ())
    assert early == Note(
        id=early.id, seq=3, at=AT, author="rm", text="she means\nthe other room \u202e"
    )
    assert [*read_notes(record).on(6)] == [late, again]
    assert (record / "events.jsonl").read_bytes() == before
    lines = (record / "notes.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {
        "id": late.id,
        "seq": 6,
        "at": AT,
        "author": "rm",
        "verdict": "false",
        "tags": ["poem", "socket"],
    }


def test_a_note_can_be_replaced_and_taken_away_and_its_line_stays(record, book):
    first, other = book.add(3, "a"), book.add(3, "b")
    second = book.add(4, "better", replaces=first.id)
    assert read_notes(record).notes == (other, second)
    assert book.delete(other.id) == other
    assert read_notes(record) == Notes((second,), ())
    assert len((record / "notes.jsonl").read_text().splitlines()) == 4


def test_what_cannot_be_noted_is_refused(record, book):
    known = book.add(1, "x").id
    for call, message in (
        (lambda: book.add(8, "x"), "there is no event 8: the run has 7."),
        (lambda: book.add(0, "x"), "there is no event 0: the run has 7."),
        (lambda: book.add(1, " \n"), "a note says something: give a text, a verdict or a tag."),
        (
            lambda: book.add(1, tags=["No"]),
            "'No' is no tag: a small letter, then up to 31 more, digits or '-'.",
        ),
        (lambda: book.delete("n"), f"there is no note 'n' on this run; there are: {known}."),
        (
            lambda: book.add(1, "y", replaces="n"),
            f"there is no note 'n' on this run; there are: {known}.",
        ),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == message
    assert len(read_notes(record).notes) == 1


def test_a_line_that_is_no_note_is_named_and_hides_no_other(record, book):
    path = record / "notes.jsonl"
    first = book.add(1, "a")
    with path.open("ab") as file:
        file.write(b'\xff\n[]\n{"id":"a","seq":true}\n{"id":"a","seq":1,"verdict":"yes"}\n')
        file.write(b'{"id":"a","seq":1,"tags":[1]}\n{"id":7,"seq":1}\n\n{"id":"torn')
    second = book.add(2, "b")

    notes = read_notes(record)
    assert notes.notes == (first, second)
    assert [problem.partition(":")[2] for problem in notes.problems] == [
        (
            "2: is no note and was passed over: 'utf-8' codec can't decode byte 0xff in position 0:"
            " invalid start byte."
        ),
        "3: is no note and was passed over: it is no JSON object.",
        "4: is no note and was passed over: its seq is True, not the number of an event.",
        (
            "5: is no note and was passed over: its verdict is 'yes', not one of real, false,"
            " unsure."
        ),
        "6: is no note and was passed over: its tags are [1], not a list of words.",
        "7: is no note and was passed over: its id is 7, not a text.",
        (
            "9: is no note and was passed over: Unterminated string starting at: line 1 column 7"
            " (char 6)."
        ),
    ]
    assert {problem.partition(":")[0] for problem in notes.problems} == {str(path)}


def test_a_file_that_cannot_be_read_is_said(record):
    (record / "notes.jsonl").mkdir()
    path = record / "notes.jsonl"
    assert read_notes(record) == Notes((), (f"{path}: cannot be read: Is a directory.",))


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=60)
    | st.recursive(st.none(), st.lists, max_leaves=3).map(repr).map(str.encode)
)
def test_no_bytes_hide_the_notes_around_them(tmp_path_factory, garbage):
    folder = tmp_path_factory.mktemp("notes")
    good = b'{"id":"%d","seq":1,"at":"","author":""}'
    data = b"\n".join([good % 1, garbage, good % 2, b"[" * 100_000, good % 3])
    (folder / "notes.jsonl").write_bytes(data)
    assert [note.id for note in read_notes(folder).notes] == ["1", "2", "3"]


def test_a_note_that_does_not_fit_on_the_disk_is_none(record):
    book = Notebook(record, "rm", ManualClock())
    book.add(3, "short")
    size = (record / "notes.jsonl").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, limits[1]))
    try:
        with pytest.raises(TranscriptError, match=r"cannot write .*: No space left on device"):
            book.add(3, "longer than what fits")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (record / "notes.jsonl").stat().st_size == size
    assert [note.text for note in read_notes(record).notes] == ["short"]
