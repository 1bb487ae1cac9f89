"""``backrooms fork``: a run from any event of another one, with something changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.commands.live import add_form, play_live
from sandbox.commands.resume import add_boxes, plan_of
from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.engine.fork import Point

__all__ = ["add_parser", "main"]

_ABOUT = """\
Make a run that shares another one's record up to an event and goes on from there: with another model, another
limit, another word of the scenario, or the same once more with another seed. The run itself stays as it is, and
may still be playing. Whatever was open at that event is lost, as if its engine had been killed there.
"""

_EPILOG = """\
backrooms fork last --at turn:12                                  what else could have come of it
backrooms fork last --at 240 --set agents.bo.model=local/qwen     bo with another model from event 241 on
backrooms fork last --at turn:12 --set limits.turns=40 --times 5  five times, each with another seed
backrooms tree last                                               the family
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "fork",
        help="go on from any event of a run, with something changed",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument(
        "--at", required=True, metavar="N|turn:K|end",
        help="the last event that both runs have: its number, the end of a turn, or the last of all",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="values",
        help="a value of the scenario, such as agents.bo.persona=...; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--times", type=int, default=1, metavar="N",
        help="make N forks, one after another, each with a seed of its own",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the fork goes (default: beside the run)"
    )
    parser.add_argument(
        "--no-play", action="store_true", help="only make it; `backrooms resume` plays it"
    )
    add_boxes(parser)
    add_form(parser)


def main(args: argparse.Namespace) -> int:
    """Make the forks and play them; the first exit code that is not 0 ends it."""
    from sandbox.engine.fork import fork_point
    from sandbox.errors import UsageError
    from sandbox.transcript import find_run

    if not 1 <= args.times <= 1000:
        raise UsageError(f"--times takes a number from 1 to 1000, not {args.times}.")
    folder = find_run(args.dir, args.run)
    point = fork_point(folder, args.at)
    values = _values(point, args.values)
    if args.times > 1 and "seed" in values:
        raise UsageError("--times gives each fork a seed of its own: leave out --set seed=...")
    for number in range(1, args.times + 1):
        own = values if args.times == 1 else {**values, "seed": point.scenario.seed + number}
        code = _make(point, own, args)
        if code:
            return code
    return 0


def _make(point: Point, values: dict[str, Any], args: argparse.Namespace) -> int:
    """Make one fork, and play it."""
    import os

    from sandbox.clock import SystemClock, stamp
    from sandbox.engine.fork import fork
    from sandbox.engine.resume import changed, refuse_spent, resumption
    from sandbox.ids import run_id

    scenario = changed(point.scenario, values)
    if not args.no_play:
        refuse_spent(point.run, "fork", point.state, point.said, scenario, asked=True)
    run = run_id(stamp=stamp(SystemClock().now()), title=scenario.title, nonce=os.urandom(3))
    folder = fork(point, values, args.out or point.folder.parent, run)
    print(f"{folder} is {point.run} up to event {point.seq}.", file=sys.stderr)
    if args.no_play:
        return 0
    return play_live(plan_of(resumption(folder, {}), args), plain=args.plain, json=args.json)


def _values(point: Point, pairs: Sequence[str]) -> dict[str, Any]:
    """Read ``PATH=VALUE`` of the command line."""
    from sandbox.errors import UsageError
    from sandbox.scenario.values import read_value, with_values

    scenario, values = point.scenario, dict[str, Any]()
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(
                f"--set takes PATH=VALUE, not {pair!r:.80}. For example: --set limits.turns=40"
            )
        values[path] = read_value(scenario, path, text)
        with_values(scenario, values)
    return values
