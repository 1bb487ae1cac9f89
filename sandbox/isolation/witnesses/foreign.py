"""Judges what a container engine did: whether nobody here asked for it, and how it is known to be an agent's doing.

An engine does not say who asked. What nothing ties to a box of this run is no evidence against anybody: on a
machine with other users it is theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.isolation.engine import AGENT_LABEL, RUN_LABEL
from sandbox.isolation.witnesses.mark import Mark

__all__ = [
    "OF_THE_HOUSE",
    "Act",
    "Connection",
    "Known",
    "Whose",
    "plain_words",
    "read_act",
    "whose",
]

_VERBS: Final = frozenset(
    {
        "create",
        "start",
        "restart",
        "exec_create",
        "exec_start",
        "attach",
        "commit",
        "export",
        "copy",
    }
    | {"archive-path", "extract-to-dir", "update", "rename", "exec"}
)
OF_THE_HOUSE: Final = frozenset({"create", "start", "restart", "attach", "update", "rename"})
"""What the house does to a container of its own; the others it never does."""
_HEAD: Final = 4096
_DISTINCT: Final = 5
"""Characters from which on a word of a request is like no other."""
_MARKUP: Final = re.compile(r"""["'\\,\[\]{}\s]+""")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an engine did with a container; ``at`` counts seconds since the epoch."""

    verb: str
    action: str
    container: str
    at: float
    name: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """A box was connected to the engine's socket: ``first`` and ``last`` are when that was seen.

    ``others`` counts connections of this host's that were there too and are not the house's own.
    """

    agent: str
    first: float
    last: float
    process: Mapping[str, Any] | None
    others: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the run: its id, marks, sockets' folder, agents, own containers, and its agents' words.

    ``words`` are what each agent whose box can reach the engine asked its box to do (``plain_words``).
    """

    run: str
    mark: Mark
    live: str
    agents: tuple[str, ...]
    own: frozenset[str]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Whose:
    """By what an act is known to be of this run; ``agent`` is None where it may be any of several."""

    agent: str | None
    by: Mapping[str, Any]


def read_act(line: bytes, now: float) -> Act | None:
    """Read an engine's event; None if it is none of those that count. Of a cut line the beginning is read."""
    try:
        told = json.loads(line)
        actor = told["Actor"]
        attributes = {str(k): str(v) for k, v in (actor.get("Attributes") or {}).items()}
        action, container = str(told["Action"]), str(actor["ID"])
        at = int(told["timeNano"]) / 1e9
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        head = line[:_HEAD].decode("utf-8", "replace")
        verb = re.search(r'"Action":"([^"]{1,200})"', head)
        ident = re.search(r'"[Ii][Dd]":"([0-9a-f]{64})"', head)
        if verb is None or ident is None:
            return None
        action, container, at, attributes = verb[1], ident[1], now, {}
    verb_word = action.partition(":")[0]
    if verb_word not in _VERBS:
        return None
    return Act(
        verb_word,
        action,
        container,
        at,
        attributes.get("name", ""),
        attributes.get("image", ""),
        attributes,
    )


def whose(
    act: Act,
    container: Mapping[str, Any] | None,
    connections: Sequence[Connection],
    known: Known,
) -> Whose | None:
    """By what an act is known to be of this run; None if it is the house's own, or may be anybody's.

    Args:
        act: what the engine did.
        container: what it knows of the container, if that is still there.
        connections: of boxes to the engine's socket at that time.
        known: of the run.
    """
    if act.container in known.own and act.verb in OF_THE_HOUSE:
        return None
    at_it = {one.agent for one in connections}
    alone = next(iter(at_it)) if len(at_it) == 1 else None
    sole = known.agents[0] if len(known.agents) == 1 else alone
    config = json.dumps(container or {}).encode()
    if (agent := known.mark.whose(config)) is not None:
        return Whose(agent, {"mark": "its configuration holds the mark of a box"})
    label = act.labels.get(RUN_LABEL)
    if label == known.run and act.container not in known.own:
        return Whose(sole, {"label": RUN_LABEL, "says": act.labels.get(AGENT_LABEL, "")[:64]})
    for source in _sources(container):
        if source == known.live or source.startswith(f"{known.live}/"):
            inside = source[len(known.live) + 1 :].partition("/")[0]
            return Whose(inside if inside in known.agents else sole, {"mount": source[:500]})
    for one in connections:
        by: dict[str, Any] = {"connected": one.process, "others": one.others}
        said = _said(act, container, known.words.get(one.agent, ""))
        if said is not None:
            return Whose(one.agent, by | {"words": said[:200]})
        if one.others == 0 and len(at_it) == 1 and label is None:
            return Whose(one.agent, by)
    return None


def plain_words(text: str) -> str:
    """A text without the marks by which a shell or JSON parts and joins words."""
    return _MARKUP.sub(" ", text)


def _said(act: Act, container: Mapping[str, Any] | None, words: str) -> str | None:
    """What of the act stands in an agent's own words, if it is like no other; None if nothing does."""
    config = (container or {}).get("Config")
    config = config if isinstance(config, Mapping) else {}
    command = config.get("Cmd")
    asked = [act.name, act.action.partition(": ")[2], *_sources(container)]
    if isinstance(command, list):
        asked += [" ".join(map(str, command)), *map(str, command[-1:])]
    for one in asked:
        plain = plain_words(one).strip()
        if len(plain) >= _DISTINCT and plain in words:
            return plain
    return None


def _sources(container: Mapping[str, Any] | None) -> list[str]:
    mounts = (container or {}).get("Mounts")
    listed = mounts if isinstance(mounts, list) else []
    return [str(one.get("Source", "")) for one in listed if isinstance(one, Mapping)]
