"""What stands in the heading, the status line and the banners of a live run."""

from __future__ import annotations

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.engine.state import State

__all__ = ["frozen_words", "more_facts", "paused_words"]


def more_facts(state: State) -> tuple[Span, ...]:
    """What an operator has changed: who is muted or frozen, how many filters hold messages."""
    spans = []
    if muted := [one.id for one in state.agents.values() if one.muted]:
        spans.append(Span(f" · muted: {clause(', '.join(muted))}", "warning"))
    if frozen := [one.id for one in state.agents.values() if one.frozen]:
        spans.append(Span(f" · frozen: {clause(', '.join(frozen))} (t thaws)", "warning"))
    if holds := len(state.holds):
        spans.append(Span(f" · {holds} filter{'s' * (holds > 1)}", "warning"))
    return tuple(spans)


def paused_words(state: State) -> str:
    """Why no turn begins, and the keys to go on; empty while turns begin."""
    if state.ended is not None:
        return ""
    if state.held:
        return f"{len(state.held)} HELD   nobody hears them and no turn begins   H decides"
    if not state.paused:
        return ""
    if state.steps:
        return "ONE TURN   then the run is paused again   P goes on"
    where = (
        f"at turn {state.turn}" if state.playing is None else f"once turn {state.turn} has ended"
    )
    return f"RUN PAUSED {where}   . plays one turn   P goes on"


def frozen_words(unread: int) -> str:
    """That what is seen is not what happens."""
    return f"VIEW FROZEN   the run goes on   {unread:,} new   space shows them"
