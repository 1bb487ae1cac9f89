"""One agent's history as a transcript that a model goes on writing: how a small model talks best.

Two 12-turn conversations of SmolLM2-135M and Qwen2.5-0.5B, held both ways, decided it: behind a chat
template the two greet each other for ever or repeat the last line; a transcript that is continued
wanders, but stays a dialogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sandbox.errors import ModelFailed
from sandbox.models.provider import ChatTurn, Request

__all__ = ["kept", "transcript"]

PER_TURN: Final = 16
"""Tokens that a chat template or a name adds to a turn, at most."""
LEAST_ROOM: Final = 1024
"""Bytes of history that must fit beside the system prompt."""


def kept(request: Request, room: int) -> Sequence[ChatTurn]:
    """The last turns whose text fits into ``room`` bytes beside the system prompt.

    A token is at least one byte, so what fits in bytes fits in tokens whatever it says. The start
    moves on by half the room at a time: between two moves the prompt only grows, and the model need
    not read it again. A turn longer than a quarter of the room loses its middle.

    Raises:
        ModelFailed: the system prompt leaves too little room.
    """
    system = len(request.system.encode("utf-8", "replace"))
    room -= system
    if room < LEAST_ROOM:
        raise ModelFailed(
            f"the system prompt of {request.agent!r} has {system:,} bytes; 'local' models take at "
            f"most {system + room - LEAST_ROOM:,} beside an answer of {request.max_tokens:,} tokens: "
            "shorten the premise or persona, or lower max_tokens"
        )
    turns = [_shortened(turn, room // 4) for turn in request.turns]
    costs = [len(turn.text.encode("utf-8", "replace")) + PER_TURN for turn in turns]
    excess = sum(costs) - room
    if excess <= 0:
        return turns
    step = room // 2
    to_drop = -(-excess // step) * step
    first = dropped = 0
    while dropped < to_drop:
        dropped += costs[first]
        first += 1
    return turns[first:]


def _shortened(turn: ChatTurn, longest: int) -> ChatTurn:
    data = turn.text.encode("utf-8", "replace")
    if len(data) <= longest:
        return turn
    half = (longest - 64) // 2
    left_out = len(data) - 2 * half
    head, tail = data[:half].decode("utf-8", "ignore"), data[-half:].decode("utf-8", "ignore")
    return replace(turn, text=f"{head}\n[{left_out:,} bytes left out]\n{tail}")


def transcript(request: Request, room: int) -> str:
    """The system prompt, what was heard and said, and the agent's name before its next line.

    What the agent said stands on one line under its name, as its next words will: they end at the
    end of the line.
    """
    lines = [request.system, ""] if request.system else []
    for turn in kept(request, room):
        if turn.role == "assistant":
            words = " ".join(turn.text.split())
            if words:
                lines.append(f"{request.agent}: {words}")
        else:
            lines.append(turn.text)
    lines.append(f"{request.agent}:")
    return "\n".join(lines)
