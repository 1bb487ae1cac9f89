"""The head of an Inspect log, and what its samples need to know of the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.console.fields import clause, word
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.facts import facts
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import Survey, moment

__all__ = ["NO_TIME", "Log", "flag_id", "log_of", "model_of", "sample_id"]

NO_TIME: Final = "1970-01-01T00:00:00+00:00"
"""Stands where an imported run has no time: Inspect demands one."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log without its samples. ``scorers`` are the ids of the flags that were raised."""

    header: Mapping[str, Any]
    agents: Mapping[str, Mapping[str, Any]]
    scorers: Sequence[str]
    flags: Sequence[Event]
    run: str
    prompts: Mapping[str, str]
    """What the scenario tells each agent: its own words, without the house's rules of the game."""


def log_of(found: Survey, source: Source) -> Log:
    """Make the head of a log from a survey."""
    data = found.started
    flags = [flag for _, flag in found.flags]
    scorers = sorted({flag_id(flag) for flag in flags})
    models = [model_of(spec) for spec in found.agents.values()]
    began = found.began if moment(found.began) is not None else NO_TIME
    last = found.last.ts if found.last is not None and moment(found.last.ts) is not None else began
    header = {
        "version": 2,
        "status": "success" if found.ended is not None else "cancelled",
        "eval": {
            "run_id": found.run,
            "created": began,
            "task": word(data, "title") or "backrooms",
            "task_id": found.run,
            "dataset": {
                "name": "agents",
                "samples": len(found.agents),
                "sample_ids": [sample_id(agent) for agent in found.agents],
                "shuffled": False,
            },
            "model": ", ".join(dict.fromkeys(models)) or "none",
            "config": {},
            "packages": {"backrooms": word(data, "version")} if data.get("version") else {},
            "metadata": {**dict(facts(found, source)), "order": data.get("order")},
            "scorers": [{"name": scorer} for scorer in scorers],
        },
        "plan": {"name": "backrooms", "steps": []},
        "results": {
            "total_samples": len(found.agents),
            "completed_samples": len(found.agents),
            "scores": [_score(scorer, flags, len(found.agents)) for scorer in scorers],
        },
        "stats": {"started_at": began, "completed_at": last, "model_usage": {}},
    }
    return Log(
        header=header,
        agents=found.agents,
        scorers=scorers,
        flags=flags,
        run=found.run,
        prompts={agent: _prompt(data.get("scenario"), agent) for agent in found.agents},
    )


def model_of(spec: Mapping[str, Any]) -> str:
    """The name of an agent's model; an imported run may not know it."""
    return word(spec, "model") or "none/unknown"


def sample_id(agent: str) -> str:
    """An agent's name as a sample's, which is a file's name in a packed log."""
    return clause(agent).replace("/", "_")


def _prompt(scenario: object, agent: str) -> str:
    if not isinstance(scenario, Mapping):
        return ""
    agents = scenario.get("agents")
    spec = agents.get(agent) if isinstance(agents, Mapping) else None
    own = spec if isinstance(spec, Mapping) else {}
    parts = (
        [own.get("system")] if own.get("system") else [scenario.get("premise"), own.get("persona")]
    )
    return "\n\n".join(part for part in parts if isinstance(part, str) and part.strip())


def _score(scorer: str, flags: Sequence[Event], samples: int) -> dict[str, Any]:
    total = sum(flag_id(flag) == scorer for flag in flags)
    return {
        "name": scorer,
        "scorer": scorer,
        "scored_samples": samples,
        "unscored_samples": 0,
        "metrics": {"flags": {"name": "flags", "value": total}},
    }


def flag_id(flag: Event) -> str:
    """The name of a flag's detector, by which scores are told apart."""
    return word(flag.data, "id") or "flag"
