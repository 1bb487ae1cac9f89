"""Looks at what this machine offers for boxes, by making one of every tier and looking at it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox.errors import BoxError, BoxUnsound, TierUnavailable
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import Box, BoxSpec, Tier
from sandbox.isolation.hardship import HARDSHIPS
from sandbox.isolation.machine import Fact, machine
from sandbox.isolation.tiers import available, make_box
from sandbox.isolation.uncovered import uncovered

__all__ = ["Check", "Diagnosis", "State", "TierReport", "diagnose"]

State: TypeAlias = Literal["sound", "unsound", "absent", "broken"]

CHECKS: Final = (
    "user and groups",
    "no capabilities",
    "no new rights",
    "seccomp filter",
    "namespaces of its own",
    "mounts",
    "devices",
    "sockets",
    "environment",
    "no network",
    "probes that must fail",
)
"""What every start of a sealed box looks at; a box that fails one of them never begins."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried, and what came of it."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TierReport:
    """One tier on this machine. ``seconds`` is from the start of a box to its first word, checked."""

    tier: Tier
    state: State
    why: str = ""
    remedy: str = ""
    version: str = ""
    seconds: float | None = None
    checks: Sequence[Check] = ()
    uncovered: Sequence[str] = ()
    """What this tier does not stop here, in plain words."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found: facts of the machine, and every tier, weakest first."""

    machine: Sequence[Fact] = ()
    tiers: Sequence[TierReport] = field(default_factory=tuple)

    @property
    def healthy(self) -> bool:
        """Whether some sealed tier works, and none that is here has a hole."""
        states = [report.state for report in self.tiers if report.tier != "none"]
        return "sound" in states and not {"unsound", "broken"} & set(states)


async def diagnose(
    progress: Callable[[str], None], *, only: Tier | None = None, hard: bool = False
) -> Diagnosis:
    """Look at the machine and at a box of every tier; what is made is removed again.

    Args:
        progress: takes a line for each tier that is looked at.
        only: look at this tier alone.
        hard: also try what costs: many processes, much memory, a full disk, names on a network.
    """
    facts = await asyncio.to_thread(machine)
    reports = []
    for tier, missing in await available():
        if only is not None and tier != only:
            continue
        if missing is not None:
            reports.append(TierReport(tier, "absent", missing.why, missing.remedy))
            continue
        progress(f"Looking at tier '{tier}'.")
        reports.append(await _report(tier, progress, hard=hard))
    return Diagnosis(facts, reports)


async def _report(tier: Tier, progress: Callable[[str], None], *, hard: bool) -> TierReport:
    with _runtime() as folder:
        spec = BoxSpec(RunId(f"doctor-{os.getpid()}"), AgentId("doctor"), folder / "doctor")
        box = make_box(tier, spec, progress=progress)
        try:
            return await _examined(tier, box, hard=hard)
        except BoxUnsound as error:
            found = [Check(name, passed=False, detail=what) for name, what in _named(error.found)]
            return TierReport(tier, "unsound", why=str(error), checks=found)
        except TierUnavailable as error:
            return TierReport(tier, "absent", error.why, error.remedy)
        except BoxError as error:
            return TierReport(tier, "broken", why=str(error))
        finally:
            await box.stop()


async def _examined(tier: Tier, box: Box, *, hard: bool) -> TierReport:
    began = time.perf_counter()
    facts = await box.start()
    seconds = time.perf_counter() - began
    checks = [] if tier == "none" else [Check(name, passed=True) for name in CHECKS]
    if hard and tier != "none":
        checks += [await hardship(box) for hardship in HARDSHIPS]
    state: State = "sound" if all(check.passed for check in checks) else "unsound"
    version = facts.facts.get("engine") or facts.facts.get("bwrap") or ""
    return TierReport(
        tier,
        state,
        version=str(version),
        seconds=round(seconds, 3),
        checks=checks,
        uncovered=uncovered(tier, facts),
    )


def _named(found: Sequence[str]) -> list[tuple[str, str]]:
    """Part what was found into the check's name and the rest."""
    parts = [one.partition(": ") for one in found]
    return [(name, what) for name, _, what in parts]


@contextmanager
def _runtime() -> Iterator[Path]:
    """A folder that every box's user can pass, with a short path: a socket's has little room."""
    place = "/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108 - a fresh folder of our own
    with tempfile.TemporaryDirectory(prefix="br-", dir=place) as name:
        folder = Path(name)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (folder / "doctor").mkdir()
        yield folder
