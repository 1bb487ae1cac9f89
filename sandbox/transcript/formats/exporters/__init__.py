"""Our runs written for others: pages, tables, recordings, pictures, and the record itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.transcript.formats.exporters.part import Part
    from sandbox.transcript.formats.exporters.source import Source

__all__ = ["FORMATS", "Part", "Source", "export"]

FORMATS: Final[Mapping[str, str]] = {
    "html": "one page for a browser: searchable, filterable, with nothing to fetch",
    "md": "Markdown for GitHub and notebooks",
    "txt": "plain lines, as `backrooms show --plain` prints them",
    "jsonl": "the record itself; anew chained where it is redacted or a part",
    "csv": "a table of turns",
    "cast": "a recording for asciinema, with markers at turns and flags",
    "svg": "a picture of one screen",
    "inspect": "a log for Inspect AI's viewer, .json or .eval",
}
"""What a run can be exported to, and what that is."""

_HOMES = {"Part": "part", "Source": "source"}


def export(source: Source, form: str, out: BinaryIO, *, suffix: str = "") -> None:
    """Write a run in one of ``FORMATS``.

    Args:
        source: the run, or the part of it.
        form: a key of ``FORMATS``.
        out: where it goes; it is not sought in.
        suffix: of the file's name, where a format knows two: ``.eval`` is a packed ``inspect`` log.
    """
    # Lazy: of eight formats one is wanted, and some bring much.
    module = "inspect_eval" if form == "inspect" and suffix == ".eval" else form
    import_module(f"{__name__}.{module}").write(source, out)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
