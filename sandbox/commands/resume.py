"""``backrooms resume``: go on with a run that was killed, stopped, or ran out of something."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sandbox.commands.live import add_form, play_live
from sandbox.commands.tier_choice import TIERS
from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.engine.plan import Plan
    from sandbox.engine.resume import Resumption

__all__ = ["add_boxes", "add_parser", "main", "plan_of"]

_ABOUT = """\
Go on with a run in its own record: after a kill, a reboot, Ctrl+C, an error of the house, a spent budget; or
after its end, if it is given more turns. Contexts, rooms, rights, work folders, budgets and draws are as they
were; a turn that was open is lost, and nothing of it happens again.
"""

_EPILOG = """\
backrooms resume last                       after a crash or Ctrl+C
backrooms resume last --turns 40            40 turns in all, counted from the beginning
backrooms resume last --tokens 200000       a budget that was spent is raised to this
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "resume",
        help="go on with a run that was killed, stopped, or is given more",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--turns", type=int, metavar="N", help="turns of the whole run")
    parser.add_argument("--tokens", type=int, metavar="N", help="tokens of the whole run")
    parser.add_argument("--money", type=float, metavar="USD", help="money of the whole run")
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="seconds of play of the whole run"
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="AGENT=PROVIDER/MODEL",
        help="another model for an agent from now on; may be given several times",
    )
    add_boxes(parser)
    add_form(parser)


def add_boxes(parser: argparse.ArgumentParser) -> None:
    """Take ``--tier``, ``--bus`` and ``--durability``."""
    parser.add_argument("--tier", choices=TIERS, help="kind of box; default: as before")
    parser.add_argument(
        "--bus", metavar="URL", help="an MQTT broker, mqtt://host:port; default: one of our own"
    )
    parser.add_argument(
        "--durability",
        choices=("power", "process"),
        help="what an event survives once it is shown; default: as before",
    )


def main(args: argparse.Namespace) -> int:
    """Go on; 0 if the run came to an end of its own, 130 after Ctrl+C, 1 if the house failed."""
    from sandbox.commands.run import models_of
    from sandbox.engine.resume import resumption
    from sandbox.transcript import find_run

    limits = ("turns", "tokens", "money", "seconds")
    values: dict[str, Any] = {
        f"limits.{name}": given for name in limits if (given := getattr(args, name)) is not None
    }
    values |= {f"agents.{agent}.model": model for agent, model in models_of(args.model).items()}
    plan = plan_of(resumption(find_run(args.dir, args.run), values), args)
    return play_live(plan, plain=args.plain, json=args.json)


def plan_of(resume: Resumption, args: argparse.Namespace) -> Plan:
    """What is to be played, in boxes as before if nothing else is asked for."""
    from sandbox.engine.plan import Plan

    return Plan(
        resume.scenario,
        resume.folder.parent,
        args.tier or resume.tier,
        args.bus,
        args.durability or resume.durability,
        resume=resume,
    )
