"""A run, or some turns of it, written for others beside the run's folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sandbox.errors import UsageError

__all__ = ["CHOICES", "export_beside"]

CHOICES: Final[Mapping[str, str]] = {
    "m": "md",
    "h": "html",
    "t": "txt",
    "j": "jsonl",
    "c": "cast",
    "v": "csv",
    "s": "svg",
    "i": "inspect",
}
"""The key of each format."""

_SUFFIXES: Final = {"inspect": "json"}


def export_beside(
    folder: Path,
    form: str,
    turns: str | None = None,
    progress: Callable[[int], None] = lambda events: None,
) -> Path:
    """Write a run in a format, next to its folder; an earlier export of the same turns is replaced.

    Args:
        folder: of the run.
        form: one of ``sandbox.transcript.formats.exporters.FORMATS``.
        turns: which ones, as ``7``, ``3..9``, ``3..`` or ``..9``; None or empty for all.
        progress: is told of each event that is read, by its number.

    Raises:
        UsageError: these are no turns, or there are none of them.
        TranscriptError: the record cannot be read.
        OSError: it cannot be written.
    """
    from sandbox.transcript.formats.exporters import Part, Source, export  # many formats, lazily
    from sandbox.transcript.formats.exporters.written import written

    part = Part.parse(turns) if turns else None
    source = Source(folder, part, None, progress)
    if part is not None and sum(1 for _, _ in zip(source, range(2), strict=False)) < 2:
        raise UsageError(f"there is nothing in turns {part} of the run.")
    which = f"-turns-{str(part).replace('..', '-')}" if part is not None else ""
    path = folder.with_name(f"{folder.name}{which}.{_SUFFIXES.get(form, form)}")
    with written(path) as out:
        export(source, form, out, suffix=path.suffix)
    return path
