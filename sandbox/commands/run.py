"""``backrooms run``: play a scenario, live in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.commands.tier_choice import TIERS

if TYPE_CHECKING:
    from sandbox.console.printer import Printer
    from sandbox.engine.plan import Plan, Played
    from sandbox.transcript.event import Event

__all__ = ["add_parser", "main"]

_ABOUT = """\
Play a scenario: its agents talk in sealed boxes, every turn is recorded, and you read along.

SCENARIO is a YAML file, or the name of a scenario that ships with Backrooms.
Ctrl+C ends the run in order; the record stays complete.
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
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, a line an event, for pipes")
    form.add_argument("--json", action="store_true", help="the record itself, a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Play the scenario; 0 if it came to an end of its own, 130 after Ctrl+C, 1 if the house failed."""
    from sandbox.commands.stand_ins import with_stand_ins
    from sandbox.console.printer import printer_for

    plan = _plan(args)
    printer = printer_for(sys.stdout, plain=args.plain, json=args.json)
    plan, printer = with_stand_ins(plan, printer)
    try:
        printer.opening(plan.scenario.title)
        played = asyncio.run(_play(plan, printer))
        if played is None:
            return 130
        printer.closing(played.folder, played.last_hash)
    finally:
        printer.close()
    return {"stopped": 130, "error": 1}.get(played.reason, 0)


def _plan(args: argparse.Namespace) -> Plan:
    from sandbox.engine.plan import Plan
    from sandbox.scenario import find, load, with_overrides

    scenario = load(find(args.scenario))
    models = _models(args.model)
    scenario = with_overrides(scenario, turns=args.turns, seed=args.seed, models=models)
    return Plan(scenario, args.out, args.tier, args.bus, args.durability)


def _models(pairs: Sequence[str]) -> dict[str, str]:
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


async def _play(plan: Plan, printer: Printer) -> Played | None:
    """Play; Ctrl+C ends a run in order, and what comes before a run at once (then None)."""
    from sandbox.engine.play import play

    stop = asyncio.Event()
    begun = False

    def observe(event: Event, line: bytes) -> None:
        nonlocal begun
        begun = True
        printer.show(event, line)

    playing = asyncio.create_task(
        play(plan, observe=observe, progress=printer.progress, stop=stop, hear=printer.hear),
        name="play",
    )

    def interrupt() -> None:
        if begun:
            stop.set()
        else:
            playing.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    clock = asyncio.create_task(_tick(printer), name="printer.tick")
    try:
        await asyncio.wait([playing])
        return None if playing.cancelled() else playing.result()
    finally:
        clock.cancel()


async def _tick(printer: Printer) -> None:
    """Keep the status line's clock going while a model thinks."""
    while True:
        await asyncio.sleep(1)
        printer.tick()
