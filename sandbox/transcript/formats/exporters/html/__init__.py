"""One page of a run, with its looks and its search in it, that fetches nothing and runs nothing of others."""

from __future__ import annotations

from typing import BinaryIO

from sandbox.transcript.formats.exporters.html.cover import cover
from sandbox.transcript.formats.exporters.html.entry import Entries
from sandbox.transcript.formats.exporters.html.page import bottom, top
from sandbox.transcript.formats.exporters.html.toolbar import toolbar
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import survey

__all__ = ["write"]


def write(source: Source, out: BinaryIO) -> None:
    """Write the page; its cover needs a pass of its own, and neither pass holds the run."""
    found = survey(source)
    entries = Entries(found)
    out.write((top(found) + cover(found, source) + toolbar(found)).encode())
    out.writelines(entries.add(placed).encode() for placed in source)
    out.write((entries.end() + bottom(found)).encode())
