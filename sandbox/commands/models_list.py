"""``backrooms models list``: who can be asked, what each still needs, what each takes and costs."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import TypedDict

from sandbox.commands.fitting import fit, terminal_width
from sandbox.models.makers import Maker, hosted, missing, reach, weights_state

__all__ = ["main"]


class Row(TypedDict):
    """A model: figures are null where they are unknown. ``bytes`` are those of local weights."""

    model: str
    family: str
    context: int | None
    max_output: int | None
    input: float | None
    output: float | None
    source: str | None
    on: str | None
    ends: str | None
    bytes: int | None
    licence: str | None
    state: str


def main(args: argparse.Namespace) -> int:
    """Print providers, then models."""
    makers = asyncio.run(_makers(probe=args.probe))
    rows = [*_rows({each["provider"]: each for each in makers})]
    if args.json:
        for each in (*makers, *rows):
            print(json.dumps(each))
        return 0
    if args.probe:
        _table(
            ("PROVIDER", "REACHABLE", "STATE"),
            [(m["provider"], m["reachable"] or "", m["state"]) for m in makers],
        )
    else:
        _table(("PROVIDER", "STATE"), [(m["provider"], m["state"]) for m in makers])
    print()
    models = [("MODEL", "CONTEXT", "OUTPUT", "$ IN", "$ OUT", "STATE")]
    models += [
        (
            row["model"],
            _tokens(row["context"]),
            _tokens(row["max_output"]),
            _dollars(row["input"], row["source"]),
            _dollars(row["output"], row["source"]),
            row["state"],
        )
        for row in rows
        if not row["state"].startswith("retired")
    ]
    shown = fit(models, terminal_width(), give=[("STATE", 10)], drop=("OUTPUT", "CONTEXT"))
    _table(shown[0], shown[1:])
    print(
        "\n$: USD per million tokens; ~ not the maker's own word; ? unknown. --json has the days,"
    )
    print("and models that are retired. Your own figures: see docs/models.md.")
    return 0


async def _makers(*, probe: bool) -> list[Maker]:
    from sandbox.models.keys import VARIABLES

    makers = [hosted(provider) for provider in VARIABLES]
    if probe:
        for maker in makers:
            if maker["key"] is not None or maker["provider"] == "openai":
                maker["reachable"] = await reach(maker["provider"])
    state = missing("local") or "ready: no key, no network"
    makers.append(Maker(provider="local", key=None, address=None, reachable=None, state=state))
    for name, about in (
        ("scripted", "ready: the lines of the scenario file"),
        ("recorded", "ready: the answers of a recorded run"),
        ("human", "ready: asks you"),
    ):
        makers.append(Maker(provider=name, key=None, address=None, reachable=None, state=about))
    return makers


def _rows(makers: dict[str, Maker]) -> Iterator[Row]:
    from sandbox.models.capabilities import capabilities
    from sandbox.models.catalog import catalog
    from sandbox.models.family import family_of
    from sandbox.models.known import known, known_models, today
    from sandbox.models.prices import price

    day = today()
    for name in known_models():
        provider, _, model = name.partition("/")
        found, able, paid = known(name), capabilities(name), price(name)
        weights = catalog().get(model) if provider == "local" else None
        if found.ends is not None and found.ends <= day:
            state = f"retired on {found.ends}: write {provider}/{found.successor}"
        elif weights is not None:
            state = weights_state(weights.name, makers["local"]["state"])
        else:
            state = "ready" if provider in makers and makers[provider]["key"] else "no key"
            if found.ends is not None:
                state += f"; ends on {found.ends}"
        yield Row(
            model=name,
            family=weights.family if weights is not None else family_of(model),
            context=able.context,
            max_output=able.max_output,
            input=paid.input if paid is not None else None,
            output=paid.output if paid is not None else None,
            source=paid.source if paid is not None else None,
            on=str(paid.on) if paid is not None and paid.on is not None else None,
            ends=str(found.ends) if found.ends is not None else None,
            bytes=weights.size if weights is not None else None,
            licence=weights.licence if weights is not None else None,
            state=state,
        )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _tokens(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _dollars(amount: float | None, source: str | None) -> str:
    if amount is None:
        return "?"
    return f"{'~' if source == 'stated' else ''}{amount:.2f}"
