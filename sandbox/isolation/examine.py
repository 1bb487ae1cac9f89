"""Looks at what this machine offers for boxes, by making one of every tier and looking at it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox.errors import BoxError, BoxUnsound, GuestBuildError, TierUnavailable
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import Box, BoxFacts, BoxSpec, Tier
from sandbox.isolation.hardship import HARDSHIPS
from sandbox.isolation.machine import Fact, machine
from sandbox.isolation.supervisor import why_not
from sandbox.isolation.tiers import available, make_box, prepare
from sandbox.isolation.uncovered import uncovered

__all__ = ["Calls", "Check", "Diagnosis", "State", "TierReport", "diagnose"]

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

_REMEDIES: Final[Mapping[str, str]] = {
    "docker": "Try 'docker run --rm IMAGE true'; what it says is Docker's to mend.",
    "podman": "Try 'podman run --rm IMAGE true'; what it says is Podman's to mend.",
    "gvisor": (
        "Try 'docker run --rm --runtime runsc IMAGE true'. The runtime's program must be where"
        " /etc/docker/daemon.json says ('docker info' shows it)."
    ),
}
"""Where the parts are there and no box comes of them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried, and what came of it."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Calls:
    """Whether the kernel asks the house about calls that may lead out of a box; ``why`` not, in a sentence."""

    supervised: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class TierReport:
    """One tier on this machine.

    ``state`` is ``sound``: a box was made and passed every check; ``unsound``: one has a hole; ``absent``: a
    part of the tier is missing here; ``broken``: the parts are here, and no box could be made of them.
    ``seconds`` is from the start of a box to its first word, checked, once what all boxes share is made.
    """

    tier: Tier
    state: State
    why: str = ""
    remedy: str = ""
    version: str = ""
    seconds: float | None = None
    checks: Sequence[Check] = ()
    uncovered: Sequence[str] = ()
    """What this tier does not stop here, in plain words."""
    calls: Calls | None = None
    """None where no box was made."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found: facts of the machine, and the tiers that were looked at, weakest first."""

    machine: Sequence[Fact] = ()
    tiers: Sequence[TierReport] = ()

    @property
    def sealed(self) -> Sequence[Tier]:
        """The tiers that seal boxes and do it here."""
        return [one.tier for one in self.tiers if one.state == "sound" and one.tier != "none"]

    @property
    def healthy(self) -> bool:
        """Whether no tier has a hole, and some sealed one works; or the only one that was looked at does."""
        if any(report.state == "unsound" for report in self.tiers):
            return False
        return bool(self.sealed) or [one.state for one in self.tiers] == ["sound"]


async def diagnose(
    progress: Callable[[str], None], *, only: Tier | None = None, hard: bool = False
) -> Diagnosis:
    """Look at the machine and at a box of every tier; what is made is removed again, but for images.

    Args:
        progress: takes a line for each step that may take a while.
        only: look at this tier alone.
        hard: also try what costs: many processes, much memory, a full disk, names on a network.
    """
    progress("Looking for what each tier needs.")
    facts = await asyncio.to_thread(machine)
    reports = []
    for tier, missing in await available():
        if only is not None and tier != only:
            continue
        if missing is not None:
            reports.append(TierReport(tier, "absent", missing.why, missing.remedy))
            continue
        progress(f"Making a box of tier '{tier}'.")
        reports.append(await _report(tier, progress, hard=hard))
    return Diagnosis(facts, reports)


async def _report(tier: Tier, progress: Callable[[str], None], *, hard: bool) -> TierReport:
    try:
        await prepare(tier, progress)
        with _runtime() as folder:
            spec = BoxSpec(RunId(f"doctor-{os.getpid()}"), AgentId("doctor"), folder / "doctor")
            box = make_box(tier, spec, progress=progress)
            try:
                return await _examined(tier, box, hard=hard)
            finally:
                await box.stop()
    except BoxUnsound as error:
        found = [Check(name, passed=False, detail=what) for name, what in _named(error.found)]
        return TierReport(tier, "unsound", why=str(error), checks=found)
    except TierUnavailable as error:
        return TierReport(tier, "absent", error.why, error.remedy)
    except GuestBuildError as error:  # which says itself what to do
        return TierReport(tier, "broken", str(error))
    except BoxError as error:
        return TierReport(tier, "broken", str(error), _REMEDIES.get(tier, ""))


async def _examined(tier: Tier, box: Box, *, hard: bool) -> TierReport:
    began = time.perf_counter()
    facts = await box.start()
    seconds = time.perf_counter() - began
    checks = [] if tier == "none" else [Check(name, passed=True) for name in CHECKS]
    if hard and tier != "none":
        checks += [await hardship(box) for hardship in HARDSHIPS]
    failed = [check.name for check in checks if not check.passed]
    return TierReport(
        tier,
        "unsound" if failed else "sound",
        why=f"its limits did not stop {', '.join(failed)}" if failed else "",
        version=_version(facts),
        seconds=round(seconds, 3),
        checks=checks,
        uncovered=uncovered(tier, facts),
        calls=_calls(tier, facts),
    )


def _calls(tier: Tier, facts: BoxFacts) -> Calls:
    """By what this very box did: its filter asked about a call of the check's, or it has none that asks."""
    told = facts.facts.get("calls", {})
    if told.get("supervised") is True:
        return Calls(supervised=True)
    return Calls(supervised=False, why=str(told.get("why") or why_not(tier)))


def _version(facts: BoxFacts) -> str:
    """What made the box, and what runs it, each by its own word."""
    known = facts.facts
    if "bwrap" in known:
        return f"bubblewrap {known['bwrap']}"
    return ", ".join(str(known[name]) for name in ("engine", "runtime_version") if known.get(name))


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
