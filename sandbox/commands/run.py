"""``backrooms run``: play a scenario, live in the terminal."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.commands.live import add_form, play_live
from sandbox.commands.tier_choice import TIERS

if TYPE_CHECKING:
    from sandbox.engine.plan import Plan
    from sandbox.isolation.witnesses.seam import Tool

__all__ = ["add_parser", "host_logs_of", "main", "models_of"]

_ABOUT = """\
Play a scenario: its agents talk in sealed boxes, every turn is recorded, and you read along.

SCENARIO is a YAML file, or the name of a scenario that ships with Backrooms.
Ctrl+C ends the run in order; the record stays complete.

The exit code is 0 for a run that came to an end of its own, whatever was flagged, 1 if the house failed,
2 for a scenario or an argument that is wrong, 3 if a detector failed and was off from then on, 130 after Ctrl+C.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "run",
        help="play a scenario",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="a file, or a name such as 'demo'")
    parser.add_argument("--turns", type=int, metavar="N", help="end after N turns")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of every draw")
    parser.add_argument(
        "--tier",
        choices=TIERS,
        help="kind of box; default: the best at hand that the scenario accepts",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="AGENT=PROVIDER/MODEL",
        help="another model for an agent; may be given several times",
    )
    parser.add_argument(
        "--bus", metavar="URL", help="an MQTT broker, mqtt://host:port; default: one of our own"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("transcripts"), metavar="DIR",
        help="where the transcript goes (default: transcripts)",
    )  # fmt: skip
    parser.add_argument(
        "--durability",
        choices=("power", "process"),
        default="power",
        help="what an event survives once it is shown: a power cut, or only a crash",
    )
    parser.add_argument("--tui", action="store_true", help="in the app, where you can step in")
    parser.add_argument(
        "--host-log",
        action="append",
        default=[],
        metavar="TOOL=FILE",
        help="a log of falco, tetragon or auditd: what it says of the boxes is evidence; may be given several times",
    )
    add_form(parser)


def main(args: argparse.Namespace) -> int:
    """Play the scenario; the exit code is that of ``play_live``."""
    if args.tui:
        from sandbox.commands.in_app import open_in_app
        from sandbox.tui.places import Played

        return open_in_app(args, Played(_plan(args)), args.out)
    return play_live(_plan(args), plain=args.plain, json=args.json)


def _plan(args: argparse.Namespace) -> Plan:
    from sandbox.engine.plan import Plan
    from sandbox.scenario import find, load, with_overrides

    scenario = load(find(args.scenario))
    models = models_of(args.model)
    scenario = with_overrides(scenario, turns=args.turns, seed=args.seed, models=models)
    logs = host_logs_of(args.host_log)
    return Plan(scenario, args.out, args.tier, args.bus, args.durability, host_logs=logs)


def host_logs_of(pairs: Sequence[str]) -> tuple[tuple[Tool, Path], ...]:
    """Read ``TOOL=FILE`` of the command line. Raises UsageError."""
    from sandbox.errors import UsageError
    from sandbox.isolation.witnesses.alerts import TOOLS

    logs = []
    for pair in pairs:
        name, _, file = pair.partition("=")
        tool = next((tool for tool in TOOLS if tool == name), None)
        if tool is None or not file:
            raise UsageError(
                f"--host-log takes TOOL=FILE, with one of {', '.join(sorted(TOOLS))}, not {pair!r}. "
                "For example: --host-log falco=/var/log/falco.json"
            )
        path = Path(file)
        if not path.is_file() or not os.access(path, os.R_OK):
            raise UsageError(
                f"--host-log: {file} is no file that you may read. Start the tool first, or run as its user"
            )
        logs.append((tool, path))
    return tuple(logs)


def models_of(pairs: Sequence[str]) -> dict[str, str]:
    """Read ``AGENT=PROVIDER/MODEL`` of the command line. Raises UsageError."""
    from sandbox.errors import UsageError

    models = {}
    for pair in pairs:
        agent, equals, model = pair.partition("=")
        if not agent or not equals or not model:
            raise UsageError(
                f"--model takes AGENT=PROVIDER/MODEL, not {pair!r}. For example: --model ada=local/smollm2"
            )
        models[agent] = model
    return models
