"""Which format a file is of: every importer is asked, the surest ones read."""

from __future__ import annotations

from typing import Final

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Foreign, Source
from sandbox.transcript.formats.importers import IMPORTERS, importer
from sandbox.transcript.formats.own_export import own_export
from sandbox.transcript.formats.text import no_transcript

__all__ = ["formats_of", "read_any"]

_LEAST: Final = 0.2
"""Below this nobody should try; see ``Importer.looks``."""


def formats_of(source: Source) -> list[tuple[float, str]]:
    """Return how sure each format is of a file, the surest first, without those that are not.

    Raises:
        NoTranscript: it is a run of ours, written for readers.
    """
    if (what := own_export(source.data)) is not None:
        raise no_transcript(
            source,
            f"Backrooms' own export of a run ({what}), made to be read",
            "What can be imported is the run's events.jsonl, which `backrooms export RUN --format jsonl` writes too",
        )
    sure = [(importer(name).looks(source), name) for name in IMPORTERS]
    return sorted((s for s in sure if s[0] >= _LEAST), key=lambda s: -s[0])


def read_any(source: Source, formats: list[tuple[float, str]]) -> tuple[str, list[Foreign]]:
    """Read a file with the first of the formats that can; return its name and the runs.

    Raises:
        Unreadable: none can; what the surest said of it.
    """
    first: Unreadable | None = None
    for _, name in formats:
        try:
            return name, importer(name).read(source)
        except NoTranscript:
            raise
        except Unreadable as error:
            first = first or error
    if first is None:
        raise Unreadable(
            f"{source.name}: no format is known that looks like this. "
            "`backrooms import --list` names those that are; `backrooms import --format NAME` insists on one."
        )
    raise first
