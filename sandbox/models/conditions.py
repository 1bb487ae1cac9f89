"""When a scripted line is due: what an agent has heard, and the results of its last actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sandbox.models.provider import ChatTurn, Request

if TYPE_CHECKING:
    from sandbox.scenario.schema import When

__all__ = ["Facts", "since_last_answer"]

RESULT: Final = "(result: "
"""How a context tells the result of an action to a model without tool calls."""


class Facts:
    """What conditions are about; texts are put together only where one asks for them."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._heard: str | None = None
        self._result: str | None = None

    def hold(self, when: When | None) -> bool:
        """Whether every condition that is given holds."""
        if when is None:
            return True
        if when.turn is not None and self._request.turn < when.turn:
            return False
        if when.heard is None and when.result is None:
            return True
        if self._heard is None or self._result is None:
            self._heard, self._result = _told(self._request.turns)
        if when.heard is not None and when.heard.lower() not in self._heard.lower():
            return False
        return when.result is None or when.result in self._result


def since_last_answer(turns: Sequence[ChatTurn]) -> list[ChatTurn]:
    """The turns since the agent's own last answer."""
    new: list[ChatTurn] = []
    for turn in reversed(turns):
        if turn.role == "assistant":
            break
        new.append(turn)
    return new[::-1]


def _told(turns: Sequence[ChatTurn]) -> tuple[str, str]:
    """What was heard, and the results of actions, since the agent's own last answer."""
    new = since_last_answer(turns)
    heard = [turn.text for turn in new if turn.role == "user"]
    results = [turn.text for turn in new if turn.role == "tool"]
    results += [text for text in heard if text.startswith(RESULT)]
    return "\n".join(heard), "\n".join(results)
