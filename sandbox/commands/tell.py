"""``backrooms tell``: step into a live run."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.commands.which_run import add_run
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from sandbox.bus.watcher import Answered
    from sandbox.engine.registry import LiveRun

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Step into a run that is being played: pause it, play it turn by turn, speak in a room, whisper to one agent,
mute one, change its limits, hold messages and edit them before anybody hears them, or end it. Every act is an
event of the record, with your login name; agents hear words, and notice nothing else.
"""

_EPILOG: Final = """\
examples:
  backrooms tell last pause                     no turn begins any more; the clocks stand still
  backrooms tell last step                      one turn, then paused again
  backrooms tell last go
  backrooms tell last say lobby "Who are you?"  everybody in the lobby hears a voice
  backrooms tell last whisper ada "Stay here."  ada alone hears it
  backrooms tell last mute bo                   bo gets no turns until `unmute bo`
  backrooms tell last thaw ada                  ada's box, frozen after a flag, runs on
  backrooms tell last limit turns=40 money=2.5  `seconds=none` lifts a limit
  backrooms tell last hold --agent ada --words "the door"
  backrooms tell last held                      what waits, and which filters there are
  backrooms tell last edit 3 "the window"       also: release 3, drop 3, unhold 1
  backrooms tell last stats ada                 what ada's box uses right now
  backrooms tell last stop

`backrooms tell RUN VERB --help` says more of each.
"""

_VERBS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("pause", "let no further turn begin; one that is being played is played to its end", ()),
    ("go", "go on after `pause` or `step`", ()),
    ("step", "play one turn, then pause", ()),
    ("stop", "end the run at once, in order", ()),
    ("say", "speak in a room, as a voice that its members hear", ("room", "text")),
    ("whisper", "speak to one agent alone, as a voice", ("agent", "text")),
    ("mute", "give an agent no turns; it hears everything", ("agent",)),
    ("unmute", "give it turns again", ("agent",)),
    ("thaw", "let a box run on that a flag has frozen; its agent gets turns again", ("agent",)),
    ("limit", "set limits of the whole run: turns, seconds, tokens, money (USD)", ("limits",)),
    ("hold", "hold messages back that match, before anybody hears them", ()),
    ("unhold", "take a filter away", ("id",)),
    ("held", "list the messages that wait, and the filters", ()),
    ("release", "deliver a message that waits, as it is", ("id",)),
    ("edit", "deliver it with other words; the record has both", ("id", "text")),
    ("drop", "let nobody hear it; the record has it", ("id",)),
    ("status", "say how the run stands", ()),
    ("stats", "say what an agent's box uses right now, and what it may", ("agent",)),
)

_JSON: Final = "each answer as a JSON object a line"

_ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "room": {"metavar": "ROOM"},
    "agent": {"metavar": "AGENT"},
    "text": {"metavar": "TEXT", "nargs": "+", "help": "several words are joined by spaces"},
    "id": {"metavar": "ID", "type": int, "help": "a number that `held` shows"},
    "limits": {"metavar": "KEY=VALUE", "nargs": "+", "help": "a number, or `none` for no limit"},
}

_HOLD_ABOUT: Final = """\
Hold messages back that match all that is given; nothing given holds every one. The next turn waits for a
decision on each of them. Undecided, a message is delivered as it is when its time has run out.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "tell",
        help="step into a live run: pause, speak, mute, hold messages, stop",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help=_JSON)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, about, arguments in _VERBS:
        long = _HOLD_ABOUT if verb == "hold" else f"{about[:1].upper()}{about[1:]}."
        own = verbs.add_parser(verb, help=about, description=long)
        own.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_JSON)
        own.add_argument("--dir", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        for name in arguments:
            own.add_argument(name, **_ARGUMENTS[name])
        if verb == "hold":
            _add_filter(own)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agent", metavar="AGENT", help="only what this agent says")
    parser.add_argument("--room", metavar="ROOM", help="only what is said in this room")
    kinds = ("say", "whisper", "peer.message")
    parser.add_argument("--kind", choices=kinds, help="only this kind of message")
    parser.add_argument(
        "--words", metavar="TEXT", help="only with these words in it, as they stand"
    )
    parser.add_argument(
        "--pattern", metavar="REGEX", help="only where this regular expression is found"
    )
    parser.add_argument(
        "--seconds", type=float, default=300.0, metavar="S",
        help="how long a message waits for you (default: 300)",
    )  # fmt: skip


def main(args: argparse.Namespace) -> int:
    """Tell the run; 0 if all of it was done, 1 if something was refused."""
    from sandbox.commands.seat import live_run, no_live_run

    acts = [dict(act) for act in _ACTS.get(args.verb, _plain)(args)]
    live = live_run(args)
    if live is None:
        raise UsageError(no_live_run(args))
    answers = asyncio.run(_tell(live, acts))
    for answer in answers:
        _print(args, answer)
    return 0 if all(answer.done for answer in answers) else 1


async def _tell(live: LiveRun, acts: list[dict[str, Any]]) -> list[Answered]:
    from sandbox.bus.watcher import Watcher
    from sandbox.commands.seat import author

    answers: list[Answered] = []
    async with Watcher.of(live.upstream, live.run, live.token, author()) as watcher:
        for act in acts:
            answers.append(await watcher.ask(act))
            if not answers[-1].done:
                break
    return answers


def _plain(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    act: dict[str, Any] = {"verb": args.verb}
    for name in next(arguments for verb, _, arguments in _VERBS if verb == args.verb):
        value = getattr(args, name)
        act[name] = " ".join(value) if name == "text" else value
    return [act]


def _limits(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    acts: list[Mapping[str, Any]] = []
    for pair in args.limits:
        what, equals, text = pair.partition("=")
        if not equals or what not in {"turns", "seconds", "tokens", "money"}:
            raise UsageError(
                f"limit takes turns=N, seconds=N, tokens=N or money=N, not {pair!r:.80}."
            )
        try:
            value = None if text == "none" else _number(text)
        except ValueError:
            raise UsageError(f"{what}={text!r:.60}: this is no number, and not 'none'.") from None
        acts.append({"verb": "limit", "what": what, "value": value})
    return acts


def _number(text: str) -> float:
    return int(text) if text.isdecimal() else float(text)


def _hold(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    names = ("agent", "room", "kind", "words", "pattern", "seconds")
    wanted = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    return [{"verb": "hold", **wanted}]


def _status(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    return [{"verb": "status"}]


_ACTS: Final[Mapping[str, Callable[[argparse.Namespace], list[Mapping[str, Any]]]]] = {
    "limit": _limits,
    "hold": _hold,
    "held": _status,
    "status": _status,
}


def _print(args: argparse.Namespace, answer: Answered) -> None:
    from sandbox.console import neutralise

    if args.json:
        told = {"done": answer.done, "text": answer.text, "data": dict(answer.data)}
        print(json.dumps(told))
    elif not answer.done:
        print(f"backrooms: refused: {neutralise(answer.text, newlines=False)}.", file=sys.stderr)
    elif args.verb in _SHOWS:
        for line in _SHOWS[args.verb](answer.data):
            print(neutralise(line, newlines=False))
    else:
        print(neutralise(answer.text, newlines=False))


def _held(data: Mapping[str, Any]) -> list[str]:
    lines = []
    for hold in data["holds"]:
        names = ("agent", "room", "kind", "words", "pattern")
        wanted = ", ".join(f"{name} {hold[name]!r}" for name in names if name in hold)
        lines.append(f"filter {hold['id']}: {wanted or 'every message'}, {hold['seconds']:g} s")
    for held in data["held"]:
        to = f" to {held['to']}" if held.get("to") else ""
        lines.append(f"{held['id']}: {held['agent']} ({held['kind']}{to}): {held['text']}")
    return lines or ["Nothing is held, and there is no filter."]


def _standing(data: Mapping[str, Any]) -> list[str]:
    playing = f"{data['speaker']} has the floor" if data["speaker"] else "nobody has the floor"
    limits = ", ".join(
        f"{name} {value:g}" for name, value in data["limits"].items() if value is not None
    )
    lines = [f"turn {data['turn']}; {playing}", f"limits: {limits}"]
    lines += ["paused"] if data["paused"] else []
    lines += [f"muted: {', '.join(data['muted'])}"] if data["muted"] else []
    lines += [f"frozen: {', '.join(data['frozen'])}"] if data.get("frozen") else []
    lines += [f"{len(data['held'])} messages are held"] if data["held"] else []
    return lines


def _usage(data: Mapping[str, Any]) -> list[str]:
    limits, mib = data["limits"], 1 << 20
    return [
        f"box of {data['agent']}, tier {data['tier']}, by its own word:",
        f"cpu        {data['cpu_seconds']:.2f} s so far; may use {limits['cpu']:g} cores",
        f"memory     {data['memory'] / mib:.1f} of {limits['memory'] / mib:.0f} MiB",
        f"processes  {data['pids']} of {limits['pids']}",
        f"disk       {data['disk'] / mib:.1f} of {limits['disk'] / mib:.0f} MiB",
    ]


_SHOWS: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "held": _held,
    "status": _standing,
    "stats": _usage,
}
"""What was asked for alone, in lines."""
