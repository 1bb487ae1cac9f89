"""``backrooms replay``: play a run again in the terminal, as fast as it was, or faster."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.transcript.replay import ReplayClock

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Play a run again at the speed it had. Silences longer than 3 s are cut, words whose time is not known come
one a second, and a run that is still written is followed to its end. The record itself is not changed.
In a terminal the app opens, paused where it is to begin, or playing at the --speed that is asked for, with keys for
everything (? shows them); --plain, a pipe, --until or --step play line by line instead.
"""

_EPILOG: Final = """\
keys, line by line in a terminal:
  space          pause, go on              + -        faster, slower: 0.25x to 64x, then max
  right, left    a turn on, a turn back    n p        a flag on, a flag back, and pause there
  . ,            an event on, back         g          go to a place: type it as after --at
  Home, End      the beginning, the end    q          quit

examples:
  backrooms replay last --turn 12          in the app, at the beginning of turn 12
  backrooms replay last --at seq:240 --agent bo   there, with what bo's model was sent
  backrooms replay last --speed 4          in the app, four times as fast
  backrooms replay last --turn 12 --step   begin paused at turn 12; the right arrow key goes on
  backrooms replay last --at flag:1        just behind the first flag, paused there
  backrooms replay last --at 12:03:05      at a time of day (UTC, as recorded); +1:30 counts from the start
  backrooms replay last --speed max --plain | less
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "replay",
        help="play a run again in the terminal",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        help="times as fast, or 'max' (default: 1)",
    )
    parser.add_argument("--turn", type=int, metavar="N", help="begin with turn N")
    parser.add_argument("--agent", metavar="NAME", help="in the app: inspect this agent there")
    parser.add_argument("--until", type=int, metavar="N", help="end with turn N")
    parser.add_argument(
        "--at", metavar="PLACE", help="begin at a turn, 12:03:05, +1:30, 50%%, seq:N or flag:N"
    )
    parser.add_argument(
        "--gap",
        type=_seconds,
        metavar="SECONDS",
        help="what a longer silence is cut to (default: 3)",
    )
    parser.add_argument("--step", action="store_true", help="begin paused, and go on by keys")
    parser.add_argument(
        "--plain", action="store_true", help="no colour, no keys, a prefix on every line"
    )


def _speed(text: str) -> float:
    if text == "max":
        return float("inf")
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed: use a number above 0, or 'max'")
    return speed


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: use seconds, 0 or more")
    return seconds


def main(args: argparse.Namespace) -> int:
    """Play the run again, in the app where there is a terminal; Ctrl+C ends it at any moment."""
    import os
    import sys

    from sandbox.clock import SystemClock
    from sandbox.console import printer_for
    from sandbox.console.keys import NoKeys, TerminalKeys
    from sandbox.console.replay_player import ReplayPlayer
    from sandbox.errors import UsageError
    from sandbox.transcript import find_run
    from sandbox.transcript.pacing import CAP
    from sandbox.transcript.replay import ReplayClock
    from sandbox.transcript.replay_record import RecordLog

    dumb = args.plain or os.environ.get("TERM") == "dumb"
    with_keys = not dumb and TerminalKeys.can(sys.stdin, sys.stdout)
    if args.step and not with_keys:
        raise UsageError("--step goes on by keys: use it in a terminal, without --plain.")
    if with_keys and not args.step and args.until is None:
        return _open(args)
    if args.agent is not None:
        raise UsageError("--agent is for the app: use it in a terminal, with --turn or --at alone.")
    with RecordLog(find_run(args.dir, args.run)) as log:
        clock = ReplayClock(log, speed=args.speed or 1.0, cap=CAP if args.gap is None else args.gap)
        _begin(clock, args)
        if not with_keys:
            clock.play()  # a flag to begin with is a place to look at: with keys, the clock is paused
        printer = printer_for(sys.stdout, plain=args.plain)
        with TerminalKeys(sys.stdin) if with_keys else nullcontext(NoKeys()) as keys:
            try:
                ReplayPlayer(
                    clock,
                    printer,
                    SystemClock(),
                    keys,
                    out=sys.stdout if with_keys else None,
                    until=args.until,
                    growing=log.refresh,
                ).play()
            finally:
                printer.close()
    return 1 if printer.failed else 0


def _open(args: argparse.Namespace) -> int:
    """Open the app at the place that is named."""
    from sandbox.transcript import find_run
    from sandbox.transcript.replay import ReplayClock
    from sandbox.transcript.replay_record import RecordLog
    from sandbox.tui.desk import Desk
    from sandbox.tui.places import Replayed
    from sandbox.tui.run import run_app

    folder = find_run(args.dir, args.run)
    with RecordLog(folder) as log:
        clock = ReplayClock(log)
        _begin(clock, args)
    begin = clock.position
    place = Replayed(folder, seq=begin, agent=args.agent, speed=args.speed, cap=args.gap)
    return run_app(place, Desk(root=folder.parent))


def _begin(clock: ReplayClock, args: argparse.Namespace) -> None:
    """Go to where it is to begin, and play unless it is to be gone through by keys."""
    from sandbox.errors import UsageError
    from sandbox.transcript.replay_place import go_to

    first, last = args.turn, args.until
    if not len(clock.log):
        raise UsageError("there is no event in the run yet: there is nothing to play.")
    if first is not None and args.at is not None:
        raise UsageError("--turn and --at both say where to begin: give one of them.")
    if not 0 <= (first or 0) <= clock.turns or (last is not None and not (first or 0) <= last):
        raise UsageError(f"the run has {clock.turns} turns: there is nothing to play in that part.")
    if not args.step:
        clock.play()
    if args.at is not None:
        go_to(clock, args.at)
    elif first is not None:
        clock.seek_turn(first)
