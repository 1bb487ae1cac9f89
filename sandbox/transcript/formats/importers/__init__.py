"""One module for each foreign format; each says how sure it is of a file, and reads it.

A module holds ``NAME``, ``ABOUT`` (one line), ``looks`` and ``read``, as ``Importer`` says. To add a
format: write the module, and put its name into ``IMPORTERS``; where two are equally sure of a file,
the one that stands first gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final, Protocol, cast

from sandbox.transcript.formats.foreign import Foreign, Source

__all__ = ["IMPORTERS", "Importer", "importer"]

IMPORTERS: Final[Mapping[str, str]] = {
    # name on the command line: module in this package
    "backrooms": "backrooms",
    "universal": "universal",
    "infinite": "infinite",
    "liminal": "liminal",
    "samhains": "samhains",
    "arc": "arc",
    "origami": "origami",
    "loom": "loom",
    "discord": "discord",
    "chapter2": "chapter2",
    "universal-template": "universal_template",
    "agentpipe": "agentpipe",
    "agentchattr": "agentchattr",
    "chatarena": "chatarena",
    "simonwicki": "simonwicki",
    "cascade": "cascade",
    "scenario-labs": "scenario_labs",
    "ai-village": "ai_village",
    "swe-agent": "swe_agent",
    "inspect": "inspect_log",
    "attractor-states": "attractor_states",
}


class Importer(Protocol):
    """What a module of this package offers."""

    NAME: str
    """The format's name on the command line."""
    ABOUT: str
    """Whose format it is, in one line."""

    def looks(self, source: Source) -> float:
        """How sure it is that the file is of its format, 0 to 1, from name and content; cheap.

        Above 0.9 something that only this format has was seen; below 0.2 nobody should try.
        """

    def read(self, source: Source) -> list[Foreign]:
        """Read the file's runs, at least one.

        Raises:
            Unreadable: the file is not of the format; made by ``sandbox.transcript.formats.text.unreadable``.
            NoTranscript: it is, but nothing was said in it: a template, settings. No fault of the file.
        """


def importer(name: str) -> Importer:
    """Return the importer of a format by its name; the name must be in ``IMPORTERS``."""
    return cast("Importer", import_module(f"{__name__}.{IMPORTERS[name]}"))
