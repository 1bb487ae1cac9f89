"""The scenarios that can be chosen: where they are found, and what is to be said of each file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.scenario import InvalidScenario, lint, load, shipped

if TYPE_CHECKING:
    from sandbox.scenario import Scenario

__all__ = ["FOLDER", "Entry", "found", "read"]

FOLDER: Final = Path("scenarios")
"""Where people keep their own, below the folder they work in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: not read yet, a scenario with its warnings, or broken with the reason."""

    path: Path
    scenario: Scenario | None = None
    warnings: tuple[str, ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """What the scenario is called on the command line."""
        return self.path.stem

    @property
    def where(self) -> str:
        """Where people find the file; what comes along lies too deep to be of interest."""
        return f"{self.name} (comes with Backrooms)" if self.path.is_absolute() else str(self.path)


def found(folder: Path = FOLDER) -> tuple[Entry, ...]:
    """List the reader's own scenarios, then those that ship under other names; nothing is read yet.

    The demonstration comes first of its kind: it is what a newcomer can run without anything.
    """
    own = sorted(folder.glob("*.yaml"), key=_place)
    names = {path.stem for path in own}
    others = (path for path in sorted(shipped(), key=_place) if path.stem not in names)
    return tuple(map(Entry, [*own, *others]))


def _place(path: Path) -> tuple[bool, str]:
    return path.stem != "demo", path.name


def read(entry: Entry) -> Entry:
    """Read one file and check it; an error becomes part of the entry."""
    try:
        scenario = load(entry.path)
    except InvalidScenario as error:
        return Entry(entry.path, error=str(error))
    return Entry(entry.path, scenario, tuple(map(str, lint(scenario))))
