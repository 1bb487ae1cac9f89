"""Files of other systems made runs of ours, each in a folder of its own; never a half one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

import orjson

from sandbox.errors import NoTranscript, TranscriptError, Unreadable
from sandbox.ids import run_id
from sandbox.transcript.artifacts import ARTIFACTS, Artifacts
from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, decode, encode
from sandbox.transcript.event import Event
from sandbox.transcript.formats.convert import events
from sandbox.transcript.formats.detect import formats_of, read_any
from sandbox.transcript.formats.foreign import Foreign, Oddity, Source
from sandbox.transcript.formats.gather import Found, Gathered, source_of
from sandbox.transcript.formats.importers import importer
from sandbox.transcript.formats.members import is_zip
from sandbox.transcript.formats.text import as_utf8, no_transcript
from sandbox.transcript.formats.times import stamp
from sandbox.transcript.regular import open_regular

__all__ = ["Failed", "Imported", "Importing", "Outcome", "Skipped"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A run that was made of a file, or had been before (``again``)."""

    file: str
    format: str
    run: str
    title: str
    turns: int
    events: int
    oddities: Sequence[Oddity]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file with no run in it, which is no fault."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be imported."""

    file: str
    why: str


Outcome: TypeAlias = Imported | Skipped | Failed

Key: TypeAlias = tuple[str, str, int]
"""What a run is made of: the file's SHA-256, its format, and which of the runs in it this is."""

_GUESS: Final = 0.5
"""Below this it was a guess that a file of a folder is of a format: if it is not, it is no fault."""
_LARGE: Final = 8 << 20
"""Bytes: what becomes of smaller files is there before anybody wonders."""
_OFTEN: Final = 5_000
"""Events of a large file after which it is said how far its writing has come."""
_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_FLUSH: Final = 1 << 20


class Importing:
    """Imports files into a folder of runs.

    Args:
        out: the folder; made when the first run is.
        only: the format of every file, None to ask the importers.
        dry: read only, write nothing.
        all_branches: see ``Source``.
        doing: told what is being done with a large file.
    """

    def __init__(
        self,
        out: Path,
        *,
        only: str | None = None,
        dry: bool = False,
        all_branches: bool = False,
        doing: Callable[[str], None] | None = None,
    ) -> None:
        self._out = out
        self._only = only
        self._dry = dry
        self._all_branches = all_branches
        self._doing = doing
        self._known = dict(_already(out))
        self._kept: tuple[str, Path] | None = None

    def files(self, gathered: Gathered) -> Iterator[Outcome]:
        """Import one file after the other; a bad one never stops the others."""
        for found in gathered.files:
            try:
                yield from self._file(found, gathered)
            except NoTranscript as error:
                yield (Failed if found.named else Skipped)(found.name, str(error))
            except TranscriptError as error:
                yield Failed(found.name, str(error))
            except OSError as error:
                yield Failed(
                    found.name, f"{found.name}: {error.strerror}: {error.filename or self._out}"
                )

    def _file(self, found: Found, gathered: Gathered) -> Iterator[Outcome]:
        source = source_of(found, gathered, all_branches=self._all_branches)
        if not source.data.strip():
            why = f"{found.name}: {'blank' if source.data else 'empty'}: nothing was said in it."
            raise NoTranscript(why)
        if source.data.startswith(_POINTER):
            raise no_transcript(
                source,
                "a pointer of Git LFS, which stands in the place of a file that was not fetched",
                "`git lfs pull` fetches it",
            )
        self._say(source, f"reading {len(source.data) >> 20:,} MB")
        readable = as_utf8(source)
        if self._only is not None:
            name, runs = self._only, importer(self._only).read(readable)
        else:
            formats = formats_of(readable)
            if not formats and is_zip(source):
                raise NoTranscript(
                    f"{found.name}: a zip that is no log of Inspect's and no archive of agentchattr's. "
                    "Unpack it and import the folder."
                )
            if not formats and not found.named:
                yield Skipped(found.name, f"{found.name}: no format is known that looks like this")
                return
            try:
                name, runs = read_any(readable, formats)
            except Unreadable:
                if found.named or formats[0][0] >= _GUESS:
                    raise
                yield Skipped(found.name, f"{found.name}: no format is known that looks like this")
                return
        digest = sha256(source.data).hexdigest()
        for part, foreign in enumerate(runs, 1):
            if foreign.record is not None:
                yield self._keep(found, foreign.record, name)
            else:
                yield self._convert(found, source, digest, (part, len(runs)), foreign)

    def _convert(
        self,
        found: Found,
        source: Source,
        digest: str,
        part: tuple[int, int],
        foreign: Foreign,
    ) -> Imported:
        key: Key = (digest, foreign.format, part[0])
        oddities = [*foreign.oddities, *_own_oddities(foreign)]
        facts = {
            "source": found.path.name,
            "sha256": digest,
            "bytes": len(source.data),
            **({"part": part[0], "parts": part[1]} if part[1] > 1 else {}),
            "oddities": [{"what": o.what, "line": o.line} for o in oddities],
        }
        if part[1] > 1:
            self._say(source, f"run {part[0]:,} of {part[1]:,}")
        run = self._known.get(key) or self._made_meanwhile(foreign, key)
        result = Imported(found.name, foreign.format, run or "", foreign.title, 0, 0, oddities)
        made = events(foreign, facts)
        if run is not None or self._dry:
            written = _count(made)
            run = run or self._free(foreign, key)
        else:
            run = self._free(foreign, key)
            written = self._write(run, made, source, digest)
            self._known[key] = run
        return replace(result, run=run, turns=written[0], events=written[1], again=bool(result.run))

    def _made_meanwhile(self, foreign: Foreign, key: Key) -> str | None:
        """The run of a file that another import has made since this one began."""
        run = _id(foreign, key, 0)
        return run if _made_of(self._out / run) == key else None

    def _free(self, foreign: Foreign, key: Key) -> str:
        """An id that follows from the file alone; another one where two files share it."""
        ids = (_id(foreign, key, attempt) for attempt in count())
        return next(run for run in ids if not (self._out / run).exists())

    def _say(self, source: Source, what: str) -> None:
        if self._doing is not None and len(source.data) >= _LARGE:
            self._doing(f"{source.name.rpartition('/')[2]:.40}: {what} ...")

    def _write(
        self, run: str, made: Iterable[Event], source: Source, digest: str
    ) -> tuple[int, int]:
        with _Whole(self._out, run) as folder:
            turns = number = 0
            previous = NO_HASH
            with (folder / EVENTS_FILE).open("wb", buffering=_FLUSH) as file:
                for event in made:
                    line, previous = encode(event, previous, run=run)
                    file.write(line)
                    number = event.seq
                    turns += event.kind == "turn.offered"
                    if number % _OFTEN == 0:
                        self._say(source, f"{number:,} events written")
            self._keep_file(folder, source.data, digest)
        self._kept = digest, self._out / run / _artifact(digest)
        return turns, number

    def _keep_file(self, folder: Path, data: bytes, digest: str) -> None:
        """Keep the file itself; runs of one file share it on the disk, where that can be."""
        if self._kept is not None and self._kept[0] == digest:
            place = folder / _artifact(digest)
            place.parent.mkdir(mode=0o700, parents=True)
            with suppress(OSError):
                os.link(self._kept[1], place)
                return
        Artifacts(folder, durability="process").put(data)

    def _keep(self, found: Found, record: bytes, name: str) -> Imported:
        """Take a record of ours in as it is."""
        lines = record.splitlines(keepends=True)
        first = decode(lines[0])
        turns = sum(b'"kind":"turn.offered"' in line[:200] for line in lines)
        result = Imported(
            found.name, name, first.run, str(first.data.get("title", "")), turns, len(lines), ()
        )
        here = self._out / first.run / EVENTS_FILE
        if here.is_file():
            if here.read_bytes() == record:
                return replace(result, again=True)
            raise Unreadable(
                f"{found.name}: a run {first.run} with other events is in {self._out}. "
                "Import it into another folder with --out"
            )
        if not self._dry:
            with _Whole(self._out, first.run) as folder:
                (folder / EVENTS_FILE).write_bytes(record)
                scenario, artifacts = (found.path.parent / n for n in ("scenario.yaml", ARTIFACTS))
                if scenario.is_file() and not scenario.is_symlink():
                    shutil.copyfile(scenario, folder / "scenario.yaml")
                if artifacts.is_dir():
                    _copy(artifacts, Artifacts(folder, durability="process"))
        return result


class _Whole:
    """A run's folder that is there when it is complete, and not at all otherwise."""

    def __init__(self, out: Path, run: str) -> None:
        self._final = out / run
        self._partial = out / f".{run}.{os.getpid()}.partial"

    def __enter__(self) -> Path:
        self._partial.mkdir(parents=True)
        return self._partial

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._partial.rename(self._final)
        else:
            shutil.rmtree(self._partial, ignore_errors=True)


def _id(foreign: Foreign, key: Key, attempt: int) -> str:
    nonce = sha256(f"{key[0]} {key[1]} {key[2]} {attempt}".encode()).digest()
    return run_id(stamp=stamp(foreign.started), title=foreign.title, nonce=nonce)


def _already(out: Path) -> Iterator[tuple[Key, str]]:
    """The runs of a folder that were imported, by what they were made of."""
    if not out.is_dir():
        return
    for entry in os.scandir(out):
        # A hidden one is being made, or its making was killed.
        if not entry.name.startswith(".") and (key := _made_of(Path(entry.path))) is not None:
            yield key, entry.name


def _made_of(run: Path) -> Key | None:
    """What a run was imported from; None of one that was not, is damaged, or is not there."""
    try:
        with os.fdopen(open_regular(run / EVENTS_FILE), "rb") as file:
            line = file.readline()
        imported = orjson.loads(line)["data"]["imported"] if b'"imported":' in line else None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return None
    match imported:
        case {"sha256": str(digest), "format": str(form), **more}:
            part = more.get("part", 1)
            return (digest, form, part) if isinstance(part, int) else None
    return None


def _own_oddities(foreign: Foreign) -> Iterator[Oddity]:
    """What this program has to change or suppose, whatever the format."""
    for entry in foreign.entries:
        if not entry.text.isascii() and any("\ud800" <= c <= "\udfff" for c in entry.text):
            yield Oddity("half a character (a lone surrogate) stands as U+FFFD", entry.line)


def _count(made: Iterable[Event]) -> tuple[int, int]:
    turns = number = 0
    for event in made:
        number = event.seq
        turns += event.kind == "turn.offered"
    return turns, number


def _artifact(digest: str) -> Path:
    return Path(ARTIFACTS, digest[:2], digest)


def _copy(artifacts: Path, to: Artifacts) -> None:
    """Take over what lies beside a record of ours; its name follows from its content again."""
    for path in sorted(artifacts.glob("??/*")):
        if path.is_file() and not path.is_symlink():
            to.put(path.read_bytes())
