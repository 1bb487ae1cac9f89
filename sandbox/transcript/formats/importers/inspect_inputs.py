"""What each model event of an Inspect log was given, and what of it is new.

Every event holds the whole conversation again, written out or as ranges of a pool. Telling each message once
is a matter of what the same voice was given before, and must not cost the square of the conversation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import mappings, sequence
from sandbox.transcript.formats.importers.inspect_content import Attachments

__all__ = ["Inputs"]

_MOST_STEPS: Final = 5_000_000
"""What the events of one sample may refer to in all where one does not go on from the one before."""


class _Pooled(Sequence[Mapping[str, Any]]):
    """Ranges of the pool as one sequence, without a copy of it."""

    def __init__(self, pool: Sequence[Mapping[str, Any]], refs: object) -> None:
        self._pool = pool
        self._ranges = []
        for ref in sequence(refs):
            match ref:
                case [int(start), int(end)] if 0 <= start < end:
                    self._ranges.append(range(start, min(end, len(pool))))
        self._length = sum(map(len, self._ranges))

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return list(self._since(at.start or 0))
        for part in self._ranges:
            if at < len(part):
                return self._pool[part[at]]
            at -= len(part)
        raise IndexError(at)

    def _since(self, start: int) -> Iterator[Mapping[str, Any]]:
        for part in self._ranges:
            yield from (self._pool[one] for one in part[start:])
            start = max(0, start - len(part))


class Inputs:
    """Tells the inputs of model events apart into what was told already and what is new."""

    def __init__(self, pool: Sequence[Mapping[str, Any]], attachments: Attachments) -> None:
        self._pool, self._key = pool, attachments.key
        # of each voice: how many messages it was given, the first of them and the last
        self._heard: dict[str, tuple[int, object, object]] = {}
        self._told: Counter[tuple[object, ...]] = Counter()
        self._steps = 0
        self.passed_over = 0
        """Model events whose inputs were not compared, because that would take too long."""

    def of(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return all that an event was given."""
        if event.get("input_refs") and not event.get("input"):
            return _Pooled(self._pool, event["input_refs"])
        return mappings(event.get("input"))

    def begin(self, event: Mapping[str, Any]) -> tuple[tuple[object, ...], ...]:
        """Return the keys of the first two messages that an event was given, by which conversations differ."""
        inputs = self.of(event)
        return tuple(self._key(inputs[at]) for at in range(min(2, len(inputs))))

    def new(self, voice: str, messages: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Return the messages that a voice was not given before."""
        if not messages:
            return []
        length, first, last = self._heard.get(voice, (0, None, None))
        begins = self._key(messages[0])
        self._heard[voice] = (len(messages), begins, self._key(messages[-1]))
        goes_on = 0 < length <= len(messages) and (first, last) == (
            begins,
            self._key(messages[length - 1]),
        )
        if goes_on or not length:
            found: Sequence[Mapping[str, Any]] = messages[length:]
        else:
            # The conversation was cut, or compacted: whatever was told as often as it stands here is known.
            self._steps += len(messages)
            if self._steps > _MOST_STEPS:
                self.passed_over += 1
                return []
            here: Counter[tuple[object, ...]] = Counter()
            again = []
            for message in messages:
                here[self._key(message)] += 1
                if here[self._key(message)] > self._told[self._key(message)]:
                    again.append(message)
            found = again
        for message in found:
            self._told[self._key(message)] += 1
        return found
