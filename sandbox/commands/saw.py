"""``backrooms show RUN --saw AGENT``: exactly what an agent's model was sent, proved from the record."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.models.provider import Provider

__all__ = ["main"]

_SHOWN: Final = 20
"""Turns that are named to somebody who asked for another."""


def main(args: argparse.Namespace, folder: Path) -> int:
    """Print each request of ``args.saw`` (of turn ``args.turn``); 1 if one is not what was sent."""
    import json

    from sandbox.console.neutral import neutralise
    from sandbox.engine.saw import saw
    from sandbox.errors import Damaged
    from sandbox.transcript.reader import read

    _must_be_in(folder, args.saw)
    providers = _providers(folder)
    try:
        seen = saw(read(folder), args.saw, providers, args.turn)
    except (AttributeError, KeyError, TypeError) as error:
        # A record from elsewhere may be an event a line, and still not what an engine writes in them.
        raise Damaged(
            f"the events in {folder} are not what Backrooms writes: {type(error).__name__} at {error}"
        ) from error
    if not seen:
        where = "" if args.turn is None else f" in turn {args.turn}{_turns_of(folder, args.saw)}"
        print(f"{args.saw} was not asked{where}.")
        return 0
    out = sys.stdout
    good = True
    for one in seen:
        good &= one.digest_matches and one.sent_matches is not False
        if args.json:
            row = {
                "turn": one.turn,
                "think": one.think,
                "digest_matches": one.digest_matches,
                "sent_matches": one.sent_matches,
                "sent": one.body.decode("utf-8", "replace"),
            }
            out.write(json.dumps(row, ensure_ascii=True) + "\n")
            continue
        model = neutralise(one.request.model or "scripted", newlines=False)
        out.write(f"turn {one.turn}, think {one.think}, {args.saw} ({model})\n")
        out.write(_block("system", one.request.system, neutralise))
        for turn in one.request.turns:
            out.write(_block(turn.role, turn.text, neutralise))
            for call in turn.calls:
                tool = neutralise(call.tool, newlines=False)
                out.write(_block(f"  call {tool}", json.dumps(call.args), neutralise))
        if one.sent_matches is not None:
            out.write(_block("as sent", one.body.decode("utf-8", "replace"), neutralise))
        out.write(f"{_proof(one.digest_matches, one.sent_matches)}\n\n")
    return 0 if good else 1


def _turns_of(folder: Path, agent: str) -> str:
    """In which turns the agent was asked, as the end of a sentence; the first ones if they are many."""
    from sandbox.transcript.record import Record

    with Record(folder) as record:
        asked = record.of(kind="think.done", actor=agent)
        told = dict.fromkeys(event.data.get("turn") for event in asked)
    turns = [str(turn) for turn in told if isinstance(turn, int)]
    if not turns:
        return ", nor in any other"
    more = f" and {len(turns) - _SHOWN:,} more" * (len(turns) > _SHOWN)
    return f", but in turn{'s' * (len(turns) > 1)} {', '.join(turns[:_SHOWN])}{more}"


def _providers(folder: Path) -> dict[str, Provider]:
    """Whoever was asked in the run; a run that was resumed may have had others before."""
    from sandbox.engine.perception import CASTS
    from sandbox.engine.started import scenario_of
    from sandbox.models.registry import make_providers
    from sandbox.transcript.reader import read

    providers: dict[str, Provider] = {}
    with read(folder) as events:
        for event in events:
            if event.kind in CASTS:
                scenario = scenario_of(event.data)
                given = make_providers(scenario, keys=lambda provider: None, root=folder.parent)
                providers |= given
    return providers


def _must_be_in(folder: Path, agent: str) -> None:
    from sandbox.errors import Damaged, UsageError
    from sandbox.transcript.reader import read

    with read(folder) as reading:
        started = next(reading, None)
    if started is None:
        raise Damaged(f"{reading.path} is empty: there is no event in it")
    if isinstance(imported := started.data.get("imported"), dict):
        raise UsageError(
            f"the run was imported from {imported.get('format')!s:.60}: what its models were sent stands in no "
            "record. Without --saw, show tells what they said."
        )
    agents = started.data.get("agents")
    if started.kind == "run.started" and isinstance(agents, dict) and agent not in agents:
        names = ", ".join(agents)
        raise UsageError(f"there is no agent {agent!r:.60} in this run; its agents are {names}")


def _block(head: str, text: str, neutralise: object) -> str:
    assert callable(neutralise)
    lines = str(neutralise(text)).splitlines() or [""]
    return "".join(f"{head if i == 0 else '':>12} | {line}\n" for i, line in enumerate(lines))


def _proof(digest: bool, sent: bool | None) -> str:  # noqa: FBT001  # two facts, both named here
    if not digest or sent is False:
        return "NOT what was sent then: the record, the scenario or the renderer has changed."
    if sent is None:
        return "The digest agrees with the one recorded then."
    return "The digest and the bytes sent agree with those recorded then."
