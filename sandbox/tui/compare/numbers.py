"""What stands below each of two runs: how much of everything, flags by what they are, who talked how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.console.ends import count
from sandbox.console.fields import clause, number
from sandbox.console.lines import Span
from sandbox.console.styles import agent_style
from sandbox.engine.tally import Tally
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["Numbers", "number_rows"]

_BEGINS = frozenset({"turn.bid", "turn.offered"})


class Numbers:
    """Counts the events of one run beside its tally: kinds, flags by id, words by agent, money, times."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.dead: set[str] = set()
        self.money = 0.0
        self.seed: object = None
        self.moments: dict[int, str] = {}
        """When each turn began, by the ``seq`` of its first event."""
        self._turn = 0

    def take(self, event: Event) -> None:
        """Count the next event of the run."""
        kind, data = event.kind, event.data
        self.kinds[kind] += 1
        if kind in _BEGINS:
            self._begin(event)
        elif kind in SPEECH and event.actor != "operator":
            words = data.get("text")
            self.words[event.actor] += len(words.split()) if isinstance(words, str) else 0
        elif kind == "flag":
            self.flags[clause(data.get("id"))[:40]] += 1
        elif kind == "agent.died":
            self.dead.add(event.actor)
        elif kind in {"think.done", "door.answered"}:
            self.money += number(data, "money")
        elif kind in {"run.started", "run.resumed"}:
            self._cast(data)

    def _begin(self, event: Event) -> None:
        turn = event.data.get("turn")
        if isinstance(turn, int) and turn > self._turn:
            self._turn = turn
            self.moments[event.seq] = event.ts

    def _cast(self, data: Mapping[str, Any]) -> None:
        scenario = data.get("scenario")
        given = scenario.get("seed") if isinstance(scenario, Mapping) else None
        self.seed = data.get("seed", given)
        agents = data.get("agents")
        for agent in agents if isinstance(agents, Mapping) else ():
            self.words[agent] += 0


def number_rows(tally: Tally, numbers: Numbers) -> Iterator[list[Span]]:
    """Tell one run in four rows."""
    tokens = tally.tokens_in + tally.tokens_out
    money = f"   ${numbers.money:.4f}" if numbers.money else ""
    yield _labelled(
        "turns", f"{tally.turns:,}   say {tally.says:,}   whisper {tally.whispers:,}"
        f"   act {tally.actions:,}   refused {tally.refused:,}",
    )  # fmt: skip
    yield _labelled("tokens", f"{tokens:,}{money}   {count(tally.words, 'word')}")
    flags = "  ".join(f"{flag} {many}" for flag, many in numbers.flags.most_common(8))
    yield [Span("! ", "warning"), Span(flags or "no flags", "" if flags else "note")]
    yield [Span("talk  ", "note"), *_shares(numbers)]


def _labelled(label: str, words: str) -> list[Span]:
    return [Span(f"{label} ", "note"), Span(words)]


def _shares(numbers: Numbers) -> Iterator[Span]:
    whole = sum(numbers.words.values())
    for place, (agent, words) in enumerate(numbers.words.items()):
        share = 100 * words / whole if whole else 0
        yield Span(f"{clause(agent)} ", agent_style(place))
        yield Span(f"{share:.0f}%{' (x)' if agent in numbers.dead else ''}  ")
