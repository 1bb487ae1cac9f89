"""``backrooms models ask``: one question to one model, its answer as it comes."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.models.provider import Provider, Request, Usage

__all__ = ["main"]

AGENT = "model"
"""What the one who is asked is called, where a model's prompt needs a name."""


def main(args: argparse.Namespace) -> int:
    """Ask ``args.model``; the answer goes to standard output, what it took to standard error."""
    from sandbox.errors import UsageError
    from sandbox.models.known import doubt, refuse_retired
    from sandbox.models.registry import split

    provider, _ = split(args.model)
    if provider in {"scripted", "recorded", "human"}:
        raise UsageError(
            f"{args.model} answers in a run alone. Ask a model, such as local/smollm2 or anthropic/NAME"
        )
    refuse_retired(args.model)
    if (why := doubt(args.model)) is not None:
        print(f"backrooms: {why}.", file=sys.stderr)
    text = sys.stdin.read() if args.text == "-" else args.text
    if not text.strip():
        raise UsageError("there is nothing to ask: give a text, or pipe one in and write -")
    asyncio.run(_ask(args, text))
    return 0


async def _ask(args: argparse.Namespace, text: str) -> None:
    from pydantic import ValidationError

    from sandbox.errors import UsageError
    from sandbox.models.provider import ChatTurn, Request
    from sandbox.models.registry import provider_for, split
    from sandbox.scenario.schema import Scenario

    spec = {"model": args.model, "max_tokens": args.max_tokens, "base_url": args.base_url}
    try:
        scenario = Scenario.model_validate({"title": "A question", "agents": {AGENT: spec}})
    except ValidationError as error:
        wrong = error.errors()[0]
        option = f"--{str(wrong['loc'][-1]).replace('_', '-')}"
        raise UsageError(f"{option} {wrong['input']!r:.200}: {wrong['msg']}") from None
    name, model = split(args.model)
    provider = provider_for(name, scenario)
    turn = ChatTurn("user", f"you: {text}" if name == "local" else text)
    request = Request(
        model=model,
        agent=AGENT,
        turn=1,
        think=1,
        system=args.system,
        turns=(turn,),
        max_tokens=args.max_tokens,
        names=("you",),
        options={"base_url": args.base_url} if args.base_url else {},
    )
    try:
        await provider.ready(model)
        await _show(provider, request, args.model)
    finally:
        await provider.close()


async def _show(provider: Provider, request: Request, name: str) -> None:
    from sandbox.clock import SystemClock
    from sandbox.console.neutral import neutralise
    from sandbox.models.provider import Done, TextDelta, Usage

    clock = SystemClock()
    began, first = clock.monotonic(), None
    usage, stop = Usage(0, 0), "end"
    try:
        async with aclosing(provider.stream(request)) as parts:  # type: ignore[type-var]  # all are generators
            async for part in parts:
                if isinstance(part, TextDelta):
                    first = first or clock.monotonic() - began
                    sys.stdout.write(neutralise(part.text))
                    sys.stdout.flush()
                elif isinstance(part, Usage):
                    usage = part
                elif isinstance(part, Done):
                    stop = part.stop
    finally:
        if first is not None:
            sys.stdout.write("\n")
            sys.stdout.flush()
    print(_bill(name, usage, stop, first, clock.monotonic() - began), file=sys.stderr)


def _bill(name: str, usage: Usage, stop: str, first: float | None, took: float) -> str:
    from sandbox.models.prices import cost

    money = cost(name, usage)
    said = [
        f"{usage.tokens_in} tokens in, {usage.tokens_out} out",
        "price unknown" if money is None else f"${money:.6f}",
        f"{took:.1f} s" if first is None else f"{took:.1f} s ({first:.1f} s to the first word)",
    ]
    if usage.cache_read:
        said.insert(1, f"{usage.cache_read} read from the cache")
    if stop != "end":
        said.append({"length": "cut off at --max-tokens"}.get(stop, f"stopped: {stop}"))
    return "; ".join(said)
