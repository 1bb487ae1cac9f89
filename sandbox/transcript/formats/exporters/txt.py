"""Plain text: a prefix on every line, as ``backrooms show --plain`` prints it."""

from __future__ import annotations

from typing import BinaryIO

from sandbox.console.narrator import Narrator
from sandbox.transcript.formats.exporters.source import Source

__all__ = ["write"]


def write(source: Source, out: BinaryIO) -> None:
    """Write the run as lines; agents' text cannot drive a terminal that they are shown on."""
    narrator = Narrator()
    for _, event in source:
        out.writelines(f"{line.plain()}\n".encode() for line in narrator.narrate(event))
