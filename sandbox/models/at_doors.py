"""What models behind a door answered in an earlier run: each one's answers again, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import ModelUnavailable
from sandbox.models.playback import answer, failure
from sandbox.models.provider import Part, Request
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read

__all__ = ["AtDoors"]


class AtDoors:
    """The answers in a record's ``door.answered``, by ``provider/model``.

    Raises:
        TranscriptError: the record cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._answers: dict[str, deque[Event]] = {}
        with read(folder) as events:
            for event in events:
                if event.kind == "door.answered" and "text" in event.data:
                    model = str(event.data.get("model"))
                    self._answers.setdefault(model, deque()).append(event)

    def play(self, provider: str, request: Request) -> Iterator[Part]:
        """The next answer of the model that is asked. Raises the failure that was recorded, or ModelUnavailable."""
        model = f"{provider}/{request.model}" if request.model else provider
        waiting = self._answers.get(model)
        if not waiting:
            raise ModelUnavailable(f"the record holds no more answers of {model!r:.80} at a door")
        event = waiting.popleft()
        if "error" in event.data:
            raise failure(event, passes=False)
        yield from answer(event, request, sent=True)
