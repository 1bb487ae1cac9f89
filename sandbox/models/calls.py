"""Tool calls that come in pieces, put together."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from sandbox.models.provider import ToolCall

__all__ = ["Calls"]


@dataclass(slots=True)
class _Call:
    id: str = ""
    tool: str = ""
    args: list[str] = field(default_factory=list)


class Calls:
    """Takes the pieces of calls in any order; the index tells which call a piece belongs to."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, index: int | None, *, id: str = "", tool: str = "", args: str = "") -> None:
        """Take in a piece. Some servers leave the index out; there a new id means a new call."""
        if index is None:
            last = max(self._calls, default=-1)
            index = last + 1 if id or last < 0 else last
        call = self._calls.setdefault(index, _Call())
        call.id = id or call.id
        call.tool = tool or call.tool
        call.args.append(args)

    def whole(self) -> list[ToolCall]:
        """Every call, in the order of their indices; arguments that are no JSON object stay text."""
        return [_whole(index, call) for index, call in sorted(self._calls.items())]


def _whole(index: int, call: _Call) -> ToolCall:
    text = "".join(call.args)
    try:
        args = orjson.loads(text or "{}")
    except ValueError:
        args = None
    return ToolCall(call.id or f"c{index}", call.tool, args if isinstance(args, dict) else text)
