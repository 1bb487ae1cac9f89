"""An agent's history in the order that strict makers demand, with no word lost and none invented.

Anthropic and Mistral refuse what OpenAI's format allows: two turns of one side in a row, a history
that does not begin with the user, a call without its result right behind it, an empty text. Such
histories come about honestly: a model says nothing, a trimmed context begins in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sandbox.models.provider import ChatTurn, ToolCall

__all__ = ["Heard", "Spoke", "alternating"]

CUE: Final = "(It is your turn.)"
"""Stands where the user's side must have a turn and nothing was heard."""
NO_RESULT: Final = "(no result)"


@dataclass(slots=True)
class Heard:
    """A turn of the user's side: the results of the calls right before it, by call, then the words."""

    results: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Spoke:
    """A turn of the model."""

    words: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)


Side: TypeAlias = Heard | Spoke


def alternating(turns: Iterable[ChatTurn]) -> Sequence[Side]:
    """The turns as ``Heard`` and ``Spoke`` by turns, ``Heard`` first and last.

    Every call has its result in the ``Heard`` behind it. A result whose call is not right before it is
    told in words. No word list holds an empty text, and no turn is empty.
    """
    sides: list[Side] = []
    for turn in turns:
        if turn.role == "assistant":
            _speak(sides, turn)
        else:
            _hear(sides, turn)
    if not sides or isinstance(sides[-1], Spoke):
        _answer(sides, Heard())
    last = sides[-1]
    if isinstance(last, Heard) and not last.results and not last.words:
        last.words.append(CUE)
    return sides


def _speak(sides: list[Side], turn: ChatTurn) -> None:
    if not turn.text.strip() and not turn.calls:
        return
    if not sides:
        sides.append(Heard(words=[CUE]))
    last = sides[-1]
    if isinstance(last, Spoke) and last.calls:
        last = _answer(sides, Heard())
    if isinstance(last, Heard):
        last = Spoke()
        sides.append(last)
    if turn.text.strip():
        last.words.append(turn.text)
    last.calls += turn.calls


def _hear(sides: list[Side], turn: ChatTurn) -> None:
    result = turn.role == "tool"
    if not result and not turn.text.strip():
        return
    last = sides[-1] if sides else None
    if not isinstance(last, Heard):
        last = _answer(sides, Heard())
    if not result:
        last.words.append(turn.text)
    elif turn.call_id in last.results and not last.words:
        last.results[turn.call_id] = turn.text
    else:
        last.words.append(f"(result: {turn.text})")


def _answer(sides: list[Side], heard: Heard) -> Heard:
    """Put a ``Heard`` behind the last turn, with a place for the result of each of its calls."""
    if sides and isinstance(sides[-1], Spoke):
        heard.results = {call.id: NO_RESULT for call in sides[-1].calls}
    sides.append(heard)
    return heard
