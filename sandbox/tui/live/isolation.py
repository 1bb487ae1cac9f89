"""What stands between the agents and the machine, in a few lines; what loosens it, marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.console.fields import listed, number, word
from sandbox.console.lines import Span

__all__ = ["isolation"]


def isolation(started: Mapping[str, Any]) -> list[tuple[Span, ...]]:
    """Say how sealed a run is, from the data of its ``run.started``; a line each."""
    return list(_lines(started))


def _lines(data: Mapping[str, Any]) -> Iterator[tuple[Span, ...]]:
    if "imported" in data:
        yield (Span("another system's", "note"),)
        return
    tier = word(data, "tier")
    if tier in {"", "none"}:
        yield (Span("no box", "refused"), Span(" tier none", "note"))
    else:
        yield (Span("box    ", "note"), Span(tier, "good"))
    image = _mapping(data, "image")
    if image:
        yield (Span("image  ", "note"), Span(word(image, "tag") or word(image, "kind")))
    asked = _mapping(_mapping(data, "scenario"), "isolation")
    if tier not in {"", "none"} and asked:
        amount = f"{number(asked, 'memory') / (1 << 20):,.0f} MiB {word(asked, 'cpu')} cpu"
        yield (Span("limits ", "note"), Span(amount))
    yield from _loose(data, asked)


def _loose(data: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[tuple[Span, ...]]:
    """What makes the boxes less than their tier promises, or tempts whoever is in them."""
    if asked.get("planted_hole_for_demonstration"):
        yield (Span("HOLE PLANTED", "refused"),)
    boxes = _mapping(data, "boxes")
    for agent in boxes:
        box = _mapping(boxes, agent)
        if box.get("failed"):
            yield (Span(f"no box for {word({'agent': agent}, 'agent')}", "refused"),)
        elif box.get("sound") is False:
            yield (Span(f"UNSOUND {word({'agent': agent}, 'agent')}", "refused"),)
    doors = listed(_mapping(data, "doors"), "open")
    if doors:
        yield (Span("doors  ", "note"), Span(", ".join(doors), "warning"))


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
