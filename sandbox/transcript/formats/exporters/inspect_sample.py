"""One agent's share of a run, as a sample of Inspect."""

from __future__ import annotations

from typing import Any

from sandbox.console.fields import word
from sandbox.transcript.formats.exporters.inspect_log import Log, flag_id, model_of, sample_id
from sandbox.transcript.formats.exporters.inspect_view import View
from sandbox.transcript.formats.exporters.presence import Presence
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import evidence, models, moment

__all__ = ["sample"]


def sample(source: Source, agent: str, log: Log) -> dict[str, Any]:
    """Go through the run as one agent had it."""
    view, presence = View(agent, model_of(log.agents[agent]), log.prompts[agent]), Presence(agent)
    for turn, event in source:
        perceived = presence.perceives(event)
        if agent in (cast := models(event)):
            view.model = model_of({"model": cast[agent]})
        flagged = event.kind == "flag" and event.data.get("agent") == agent
        if event.actor == agent or flagged:
            view.own(turn, event)
        elif perceived:
            view.hear(event, presence.home)
    view.close()
    made: dict[str, Any] = {
        "id": sample_id(agent),
        "epoch": 1,
        "input": log.prompts[agent] or word(log.header["eval"], "task"),
        "target": "",
        "messages": view.messages,
        "output": view.output,
        "scores": {scorer: _score(log, agent, scorer) for scorer in log.scorers},
        "metadata": {"agent": agent, **log.agents[agent]},
        "events": view.events,
        "model_usage": {
            model: spent for model, spent in view.usage.items() if spent["total_tokens"]
        },
        "uuid": f"{log.run}-{sample_id(agent)}",
    }
    first, last = (moment(view.times[0]), moment(view.times[-1])) if view.times else (None, None)
    if first is not None and last is not None:
        made["started_at"], made["completed_at"] = view.times[0], view.times[-1]
        made["total_time"] = max(last - first, 0.0)
    return made


def _score(log: Log, agent: str, scorer: str) -> dict[str, Any]:
    """The flags of one kind on one agent: how many, which, and the events that they rest on."""
    flags = [f for f in log.flags if flag_id(f) == scorer and f.data.get("agent") == agent]
    return {
        "value": len(flags),
        "explanation": "\n".join(word(flag.data, "title") for flag in flags) or None,
        "metadata": {"flags": [{"seq": f.seq, "evidence": evidence(f)} for f in flags]},
    }
