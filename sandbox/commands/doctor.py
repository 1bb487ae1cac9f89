"""``backrooms doctor``: what this machine offers for boxes, tried and checked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.tier_choice import TIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.isolation.examine import Calls, Diagnosis, TierReport

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Look at what this machine offers for boxes: a box of every tier is made, looked at from inside and
from outside, timed, and removed. What is missing is named, and how to get it; so is what a tier does
not stop here. Ends with 0 if some sealed tier works and none has a hole, else with 1; with --tier, 0 if
that one works.
"""
_EPILOG: Final = """\
backrooms doctor                  every tier, a few seconds
backrooms doctor --hard           also fork bombs, full disks, much memory
backrooms doctor --tier gvisor    one tier
backrooms doctor --json           for scripts; docs/doctor.md describes it
"""

FORMAT: Final = 1
"""Of the JSON; ``docs/doctor.md`` describes it. Members may be added within a format."""
WORDS: Final = {
    "sound": "works",
    "unsound": "HAS A HOLE",
    "absent": "is not here",
    "broken": "does not work",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="what this machine offers for boxes",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tier", choices=TIERS, help="look at one tier alone")
    parser.add_argument("--hard", action="store_true", help="also try what costs time and memory")
    parser.add_argument(
        "--json", action="store_true", help="the whole diagnosis as one JSON object"
    )


def main(args: argparse.Namespace) -> int:
    """Print the diagnosis; 0 if some sealed tier works and none has a hole."""
    import asyncio
    import json
    import sys
    from dataclasses import asdict

    from sandbox.console import neutralise
    from sandbox.isolation.examine import diagnose

    def tell(line: str) -> None:
        if sys.stderr.isatty():
            print(neutralise(line, newlines=False), file=sys.stderr)

    found = asyncio.run(diagnose(tell, only=args.tier, hard=args.hard))
    if args.json:
        print(json.dumps({"format": FORMAT, "healthy": found.healthy, **asdict(found)}, indent=2))
    else:
        for line in _lines(found):
            print(neutralise(line, newlines=False))
    return 0 if found.healthy else 1


def _lines(found: Diagnosis) -> Iterator[str]:
    width = max(len(fact.name) for fact in found.machine)
    for fact in found.machine:
        yield f"{fact.name.ljust(width)}  {fact.value}"
    for report in found.tiers:
        yield ""
        yield from _tier(report)
    yield ""
    works = [report.tier for report in found.tiers if report.state == "sound"]
    if found.sealed:
        yield f"Sealed boxes work here in: {', '.join(found.sealed)}."
    elif len(found.tiers) > 1:
        yield "No sealed box works here: agents can only talk (tier 'none'). See the remedies above."
    elif works:
        yield "Tier 'none' seals nothing: agents can only talk."
    else:
        yield f"Tier '{found.tiers[0].tier}' does not work here."


def _tier(report: TierReport) -> Iterator[str]:
    head = f"{report.tier}: {WORDS[report.state]}"
    if report.version:
        head += f", {report.version}"
    if report.seconds is not None:
        head += f", {report.seconds:.2f} s from start to a checked box"
    yield head
    if report.why:
        yield f"    {report.why}"
    if report.remedy:
        yield f"    {report.remedy}"
    passed = [check.name for check in report.checks if check.passed]
    if passed:
        yield f"    passed: {', '.join(passed)}"
    for check in report.checks:
        if not check.passed:
            yield f"    FAILED: {check.name}: {check.detail}"
    if report.calls is not None and report.tier != "none":
        yield f"    calls: {_supervised(report.calls)}"
    for what in report.uncovered:
        yield f"    not stopped: {what}"


def _supervised(calls: Calls) -> str:
    if calls.supervised:
        return "supervised: what is denied in a box is seen from outside"
    return f"not supervised: {calls.why}; what is denied in a box is not seen from outside"
