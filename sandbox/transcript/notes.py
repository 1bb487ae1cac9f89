"""What people think of events: notes and verdicts, kept beside the record and never in it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from sandbox.clock import Clock, iso
from sandbox.errors import TranscriptError, UsageError
from sandbox.ids import NAME
from sandbox.transcript.record import Record
from sandbox.transcript.regular import open_regular

__all__ = [
    "NOTES_FILE",
    "VERDICTS",
    "Note",
    "Notebook",
    "Notes",
    "Verdict",
    "read_notes",
]

NOTES_FILE: Final = "notes.jsonl"
"""In the run's folder: a JSON object a line, appended only."""

Verdict: TypeAlias = Literal["real", "false", "unsure"]
"""Of a flag, most often: what it says did happen, did not, or cannot be told."""

VERDICTS: Final[tuple[str, ...]] = get_args(Verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What one person thinks of one event.

    ``at`` is ISO 8601 UTC. ``replaces`` names the note whose place it takes, ``deletes`` the one that
    it takes away; such a one says nothing itself.
    """

    id: str
    seq: int
    at: str
    author: str
    text: str = ""
    verdict: Verdict | None = None
    tags: tuple[str, ...] = ()
    replaces: str | None = None
    deletes: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a run that hold, by event and then by age.

    ``problems`` are lines of the file that are no note: file, line and why, a sentence each.
    """

    notes: tuple[Note, ...]
    problems: tuple[str, ...]

    def on(self, seq: int) -> Iterator[Note]:
        """The notes on one event."""
        return (note for note in self.notes if note.seq == seq)


def read_notes(folder: Path) -> Notes:
    """Read a run's notes; none where there is no file. No line of it can hide another, or the run."""
    path = folder / NOTES_FILE
    holding: dict[str, Note] = {}
    problems = []
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return Notes((), ())
    except OSError as error:
        return Notes((), (f"{path}: cannot be read: {error.strerror}.",))
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                note = _note(json.loads(line))
                holding.pop(note.replaces or note.deletes or "", None)
                if note.deletes is None:
                    holding[note.id] = note
        except (ValueError, RecursionError) as error:
            problems.append(f"{path}:{number}: is no note and was passed over: {error}.")
    ordered = sorted(holding.values(), key=lambda note: note.seq)
    return Notes(tuple(ordered), tuple(problems))


class Notebook:
    """Writes the notes of one person on one run."""

    def __init__(self, folder: Path, author: str, clock: Clock) -> None:
        self._folder = folder
        self._author = author
        self._clock = clock

    def add(
        self,
        seq: int,
        text: str = "",
        *,
        verdict: Verdict | None = None,
        tags: Sequence[str] = (),
        replaces: str | None = None,
    ) -> Note:
        """Write a note on an event, and return it.

        Raises:
            UsageError: there is no such event, no such note to replace, or nothing was said.
            TranscriptError: it cannot be written, or the record cannot be read.
        """
        with Record(self._folder) as record:
            if record.get(seq) is None:
                raise UsageError(f"there is no event {seq}: the run has {record.last:,}.")
        for tag in tags:
            if not NAME.fullmatch(tag):
                raise UsageError(
                    f"{tag!r:.60} is no tag: a small letter, then up to 31 more, digits or '-'."
                )
        if not (text.strip() or verdict or tags):
            raise UsageError("a note says something: give a text, a verdict or a tag.")
        if replaces is not None:
            self._held(replaces)
        return self._write(seq, text, verdict=verdict, tags=tuple(tags), replaces=replaces)

    def delete(self, note: str) -> Note:
        """Take a note away, by its id; its line stays in the file. Returns the note that is gone.

        Raises:
            UsageError: there is no such note.
            TranscriptError: it cannot be written.
        """
        gone = self._held(note)
        self._write(gone.seq, deletes=gone.id)
        return gone

    def _held(self, wanted: str) -> Note:
        notes = read_notes(self._folder).notes
        for note in notes:
            if note.id == wanted:
                return note
        known = ", ".join(note.id for note in notes[-5:]) or "none"
        raise UsageError(f"there is no note {wanted!r:.60} on this run; there are: {known}.")

    def _write(self, seq: int, text: str = "", **more: Any) -> Note:
        name, at = secrets.token_hex(4), iso(self._clock.now())
        note = Note(id=name, seq=seq, at=at, author=self._author, text=text, **more)
        _append(self._folder / NOTES_FILE, note)
        return note


def _append(path: Path, note: Note) -> None:
    said = {key: value for key, value in asdict(note).items() if value not in (None, "", ())}
    line = json.dumps(said).encode("ascii") + b"\n"
    try:
        # Through a link, a stranger's folder would have us write to a file of our own.
        fd = open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                line = b"\n" + line  # what was torn there stays a line of its own
            if os.write(fd, line) < len(line):
                os.ftruncate(fd, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise TranscriptError(f"cannot write {path}: {error.strerror}") from None


def _note(raw: object) -> Note:
    if not isinstance(raw, Mapping):
        raise ValueError("it is no JSON object")  # noqa: TRY004  # one error for all that is wrong
    verdict, tags = raw.get("verdict"), raw.get("tags", [])
    if verdict is not None and verdict not in VERDICTS:
        raise ValueError(f"its verdict is {verdict!r:.60}, not one of {', '.join(VERDICTS)}")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"its tags are {tags!r:.60}, not a list of words")
    seq = raw.get("seq")
    if type(seq) is not int or seq < 1:
        raise ValueError(f"its seq is {seq!r:.60}, not the number of an event")
    return Note(
        id=_text(raw, "id"),
        seq=seq,
        at=_text(raw, "at"),
        author=_text(raw, "author"),
        text=_text(raw, "text", ""),
        verdict=verdict,
        tags=tuple(tags),
        replaces=_text(raw, "replaces", "") or None,
        deletes=_text(raw, "deletes", "") or None,
    )


def _text(raw: Mapping[str, object], member: str, default: str | None = None) -> str:
    value = raw.get(member, default)
    if not isinstance(value, str):
        raise ValueError(f"its {member} is {value!r:.60}, not a text")  # noqa: TRY004  # as above
    return value
