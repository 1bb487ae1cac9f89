"""All flags that were read, as a list of rows: folded, muted, filtered, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.detect.folding import FlagRow
from sandbox.tui.flags.noticed import Noticed, arranged
from sandbox.tui.flags.shelf import RunFlags
from sandbox.tui.flags.wanted import Wanted

__all__ = ["Gathered", "Sums"]


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all runs that were read; ``detectors`` are those of the newest that names any."""

    runs: int
    flags: int
    judged: int
    turns: int
    detectors: int
    live: bool
    fault: str

    @property
    def new(self) -> int:
        """Flags that nobody has judged."""
        return self.flags - self.judged


class Gathered:
    """Takes what a shelf finds; each run's rows are laid out again only if it has changed."""

    def __init__(self) -> None:
        self.folded = True
        """Whether storms are one row each."""
        self._runs: dict[Path, RunFlags] = {}
        self._muted: dict[Path, frozenset[str]] = {}
        self._laid: dict[Path, tuple[bool, list[Noticed]]] = {}

    def take(self, run: RunFlags) -> int:
        """Take what is known of a run now; how many flags are new since the last time."""
        before = self._runs.get(run.folder)
        self._runs[run.folder] = run
        self._laid.pop(run.folder, None)
        return len(run.rows) - (0 if before is None else len(before.rows))

    def rows(self, folder: Path) -> tuple[FlagRow, ...]:
        """All flags of one run, unfolded."""
        run = self._runs.get(folder)
        return () if run is None else run.rows

    def mute(self, flag: Noticed) -> bool:
        """Mute the flags of one kind in one run, or show them again; whether they are muted now."""
        before = self._muted.get(flag.folder, frozenset())
        self._muted[flag.folder] = before ^ {flag.row.id}
        self._laid.pop(flag.folder, None)
        return flag.row.id in self._muted[flag.folder]

    def shown(self, wanted: Wanted) -> list[Noticed]:
        """The rows to be seen: the newest run first, the flags of each in their order."""
        runs = sorted(self._runs, key=lambda folder: folder.name, reverse=True)
        return [flag for folder in runs for flag in self._lay(folder) if wanted.takes(flag)]

    def _lay(self, folder: Path) -> list[Noticed]:
        laid = self._laid.get(folder)
        if laid is None or laid[0] != self.folded:
            run, muted = self._runs[folder], self._muted.get(folder, frozenset())
            rows = arranged(folder, run.rows, run.held, folded=self.folded, muted=muted)
            laid = self._laid[folder] = (self.folded, rows)
        return laid[1]

    @property
    def sums(self) -> Sums:
        """What there is in all."""
        runs = self._runs.values()
        newest = sorted(runs, key=lambda run: run.folder.name, reverse=True)
        broken = [run.fault for run in newest if run.fault]
        fault = f"{len(broken):,} runs not whole" if len(broken) > 1 else "".join(broken)
        return Sums(
            runs=len(self._runs),
            flags=sum(len(run.rows) for run in runs),
            judged=sum(sum(row.seq in run.held for row in run.rows) for run in runs),
            turns=sum(run.turns for run in runs),
            detectors=next((len(run.detectors) for run in newest if run.detectors), 0),
            live=any(run.live for run in runs),
            fault=fault,
        )
