"""Compare two runs turn by turn, reading each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sandbox.engine.alignment import Alignment, Relation, Side, TurnPair
from sandbox.engine.compare import Difference, Lanes, normalise, parted, unlikes
from sandbox.engine.perception import CASTS
from sandbox.engine.tally import Tallying
from sandbox.engine.turn_parts import Unlike, unlike_parts
from sandbox.transcript.event import Event

__all__ = ["align"]

_OF_THE_RECORD: Final = frozenset({"imported", "why", "turn", "lost"})
"""What ``run.started`` and ``run.resumed`` tell beside what the run is played with."""

_BEGINNINGS: Final = frozenset({*CASTS, "agent.joined", "workspace.restored"})
"""What an engine does before it plays: the same run may have been begun once, or resumed ten times."""


def align(then: Iterable[Event], now: Iterable[Event]) -> Alignment:
    """Compare two runs; each is read once, and of its events no more is kept than one turn.

    Times, ids, hashes, numbers of lines, processes, hosts and durations are no differences.
    """
    return _Aligning(then, now).align()


@dataclass(slots=True)
class _Turn:
    number: int
    events: list[Event] = field(default_factory=list)

    @property
    def speaker(self) -> str | None:
        return next((e.actor for e in self.events if e.kind == "turn.offered"), None)

    @property
    def begin(self) -> int | None:
        return self.events[0].seq if self.events else None


class _Reader:
    """One of the runs while it is read."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.lanes = Lanes()
        self.tallying = Tallying()
        self.run = ""
        self.origins: set[str] = set()
        """The runs that this one was made from."""
        self.setup: Mapping[str, Any] = {}
        self._events = events

    def turns(self) -> Iterator[_Turn]:
        """Part the run into its turns; what is asked before a turn's floor is given is of it too."""
        turn = _Turn(0)
        for event in self._events:
            self.tallying.take(event)
            if event.kind in CASTS:
                self._cast(event)
            told = event.data.get("turn") if event.kind.startswith(("turn.", "think.")) else None
            if isinstance(told, int) and told > turn.number:
                yield turn
                turn = _Turn(told)
            if event.kind not in _BEGINNINGS:
                turn.events.append(_without_sent(event))
        yield turn

    def _cast(self, event: Event) -> None:
        """Take note of what the run is played with from here on."""
        forked = event.data.get("forked")
        named = (
            event.data.get("rerun"),
            forked.get("run") if isinstance(forked, Mapping) else None,
        )
        self.run = event.run
        self.origins |= {run for run in named if isinstance(run, str)}
        data = normalise(event)["data"]
        self.setup = {key: data[key] for key in data if key not in _OF_THE_RECORD}

    def models(self) -> dict[str, str]:
        """Who plays which agent."""
        agents = self.setup.get("agents")
        return {
            agent: str(spec.get("model"))
            for agent, spec in (agents.items() if isinstance(agents, Mapping) else ())
            if isinstance(spec, Mapping)
        }

    def side(self) -> Side:
        """The run as a whole, once it is read."""
        title = str(self.setup.get("title", ""))
        return Side(self.run, title, self.models(), self.tallying.tally())


class _Aligning:
    def __init__(self, then: Iterable[Event], now: Iterable[Event]) -> None:
        self._then, self._now = _Reader(then), _Reader(now)
        self._pairs: list[TurnPair] = []
        self._first: list[Unlike] = []
        self._common: int | None = None
        """Events of the first run before it parts from the second one; None while they are the same."""

    def align(self) -> Alignment:
        for old, new in _paired(self._then.turns(), self._now.turns()):
            self._pair(old, new)
        self._compare_asides()
        sides = (self._then.side(), self._now.side())
        return Alignment(
            sides=sides,
            relation=_relation(self._then, self._now),
            setup=tuple(_setup(self._then.setup, self._now.setup)),
            turns=tuple(self._pairs),
            first=tuple(self._first),
            common_events=sides[0].tally.events if self._common is None else self._common,
        )

    def _pair(self, old: _Turn | None, new: _Turn | None) -> None:
        """Compare one turn."""
        number = (old or new or _Turn(0)).number
        old, new = old or _Turn(number), new or _Turn(number)
        for reader, turn in ((self._then, old), (self._now, new)):
            reader.lanes.begin(f"turn {number}")
            reader.lanes.take(turn.events)
        difference = parted(self._then.lanes, self._now.lanes, aside=False)
        found: list[Unlike] = []
        if difference is not None:
            found = unlike_parts(old.events, new.events) or [_of_the_record(difference)]
            if self._common is None:
                last = old.events[-1].seq + 1 if old.events else self._then.tallying.events
                self._common = (difference.then.seq if difference.then else last) - 1
                found = [*self._models(old.speaker, new.speaker), *found]
                self._first = found
        self._pairs.append(
            TurnPair(
                number,
                (old.speaker, new.speaker),
                (old.begin, new.begin),
                tuple(unlike.what for unlike in found),
            )
        )

    def _models(self, then: str | None, now: str | None) -> list[Unlike]:
        """Whether the speaker of a turn is played by another model."""
        if then is None or then != now:
            return []
        models = (self._then.models().get(then), self._now.models().get(now))
        if models[0] == models[1]:
            return []
        return [Unlike("model", f"agents.{then}.model", models, (then, now))]

    def _compare_asides(self) -> None:
        """Compare what is beside the turns, each lane over the whole run."""
        difference = parted(self._then.lanes, self._now.lanes, aside=True)
        if difference is None:
            return
        event = _event(difference)
        side = 0 if difference.then is not None else 1
        begun = (n for n, pair in enumerate(self._pairs) if (pair.seqs[side] or 0) <= event.seq)
        number = max(begun, default=0)
        pair, unlike = self._pairs[number], _of_the_record(difference)
        first = next((n for n, other in enumerate(self._pairs) if other.what), len(self._pairs))
        self._pairs[number] = replace(pair, what=(*pair.what, unlike.what))
        if number < first:
            self._first = [unlike]
            self._common = (difference.then.seq if difference.then else pair.seqs[0] or 1) - 1
        elif number == first:
            self._first.append(unlike)


def _paired(
    then: Iterator[_Turn], now: Iterator[_Turn]
) -> Iterator[tuple[_Turn | None, _Turn | None]]:
    """Turns of the same number together."""
    old, new = next(then, None), next(now, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.number < new.number):
            yield old, None
            old = next(then, None)
        elif old is None or new.number < old.number:
            yield None, new
            new = next(now, None)
        else:
            yield old, new
            old, new = next(then, None), next(now, None)


def _event(difference: Difference) -> Event:
    event = difference.then or difference.now
    assert event is not None
    return event


def _of_the_record(difference: Difference) -> Unlike:
    """A difference in an event that is no part of what a reader follows, or beside the turns."""
    then, now = difference.then, difference.now
    event = _event(difference)
    values = difference.values
    if not difference.where:
        values = (_data(then), _data(now))
    return Unlike(
        "words" if event.kind == "peer.message" else "record",
        f"{event.kind} {difference.where}".rstrip(),
        values,
        (then.actor if then else None, now.actor if now else None),
        (then.seq if then else None, now.seq if now else None),
    )


def _without_sent(event: Event) -> Event:
    """An answer without the digest of what the model was sent."""
    if event.kind != "think.done" or "sent" not in event.data:
        return event
    return replace(event, data={k: v for k, v in event.data.items() if k != "sent"})


def _data(event: Event | None) -> Mapping[str, Any] | None:
    return None if event is None else normalise(event)["data"]


def _setup(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Unlike]:
    """What was given otherwise; what the scenario repeats is told once."""
    found = list(unlikes(then, now))
    places = {where for where, _, _ in found}
    for where, *values in found:
        if where.removeprefix("scenario.") not in places - {where}:
            yield Unlike("setup", where, (values[0], values[1]))


def _relation(then: _Reader, now: _Reader) -> Relation:
    if then.run == now.run:
        return "the same run"
    if then.run in now.origins:
        return "child"
    if now.run in then.origins:
        return "parent"
    if then.origins & now.origins:
        return "siblings"
    title = then.setup.get("title")
    return "one scenario" if title and title == now.setup.get("title") else "unrelated"
