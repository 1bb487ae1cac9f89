"""``backrooms doctor``: what this machine offers for boxes, tried and checked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.tier_choice import TIERS

if TYPE_CHECKING:
    from sandbox.isolation.examine import Diagnosis, TierReport

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Look at what this machine offers for boxes: a box of every tier is made, looked at from inside and
from outside, timed, and removed. What is missing is named, and how to get it; so is what a tier does
not stop here. Ends with 0 if some sealed tier works and none has a hole, else with 1.
"""
_EPILOG: Final = """\
backrooms doctor                  every tier, a few seconds
backrooms doctor --hard           also fork bombs, full disks, much memory
backrooms doctor --tier gvisor    one tier
backrooms doctor --json           for scripts
"""


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

    from sandbox.isolation.examine import diagnose

    def tell(line: str) -> None:
        if sys.stderr.isatty():
            print(line, file=sys.stderr)

    found = asyncio.run(diagnose(tell, only=args.tier, hard=args.hard))
    if args.json:
        print(json.dumps({"healthy": found.healthy, **asdict(found)}, indent=2))
    else:
        _print(found)
    return 0 if found.healthy else 1


def _print(found: Diagnosis) -> None:
    from sandbox.console import neutralise

    def say(line: str) -> None:
        print(neutralise(line, newlines=False))

    width = max(len(fact.name) for fact in found.machine)
    for fact in found.machine:
        say(f"{fact.name.ljust(width)}  {fact.value}")
    for report in found.tiers:
        say("")
        for line in _lines(report):
            say(line)
    say("")
    good = [
        report.tier for report in found.tiers if report.state == "sound" and report.tier != "none"
    ]
    if good:
        say(f"Sealed boxes work here in: {', '.join(good)}.")
    else:
        say("No sealed box works here: agents can only talk (tier 'none'). See the remedies above.")


def _lines(report: TierReport) -> list[str]:
    words = {
        "sound": "works",
        "unsound": "HAS A HOLE: boxes of this tier are refused",
        "absent": "is not here",
        "broken": "does not work",
    }
    head = f"{report.tier}: {words[report.state]}"
    if report.version:
        head += f", {report.version}"
    if report.seconds is not None:
        head += f", {report.seconds:.2f} s from start to a checked box"
    lines = [head]
    if report.why:
        lines.append(f"    {report.why}")
    if report.remedy:
        lines.append(f"    {report.remedy}")
    passed = [check.name for check in report.checks if check.passed]
    if passed:
        lines.append(f"    checked: {', '.join(passed)}")
    lines += [
        f"    FAILED: {check.name}: {check.detail}" for check in report.checks if not check.passed
    ]
    lines += [f"    not stopped: {what}" for what in report.uncovered]
    return lines
