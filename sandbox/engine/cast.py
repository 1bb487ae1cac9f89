"""The cast of a run: each agent's model, how it acts and what it is told, as the first event records it.

Everything here is derived from the data of ``run.started`` alone, so that what a model saw can be
rendered again from the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agents.tools.schemas import SCHEMAS
from sandbox.errors import Damaged
from sandbox.models.provider import Mode, ToolSpec

__all__ = ["CastMember", "cast_of", "system_prompt"]


BYTES_PER_TOKEN: Final = 3.0
"""English has about four bytes to a token, code and most languages fewer: three errs to the safe side."""


@dataclass(frozen=True, slots=True)
class CastMember:
    """One agent as its model knows it."""

    agent: str
    model: str
    """With the provider's name: ``local/smollm2``."""
    family: str
    mode: Mode
    tools: tuple[ToolSpec, ...]
    home: str
    system: str
    names: tuple[str, ...]
    first: str | None
    max_tokens: int
    temperature: float | None
    seed: int
    options: Mapping[str, Any]
    context_bytes: int | None = None
    """Room for what is sent, less the longest answer; None where the context's size is unknown."""
    price: tuple[float, float] | None = None
    """USD per million tokens in and out."""

    @property
    def provider(self) -> str:
        """The first part of the model's name."""
        return self.model.partition("/")[0]

    @property
    def model_name(self) -> str:
        """The model's name without its provider."""
        return self.model.partition("/")[2]


def cast_of(started: Mapping[str, Any]) -> dict[str, CastMember]:
    """Read the cast from the data of ``run.started``.

    Raises:
        Damaged: it is not what an engine writes there.
    """
    try:
        return _cast(started)
    except (AttributeError, KeyError, TypeError) as error:
        raise Damaged(
            f"run.started is not what Backrooms writes: {type(error).__name__} at {error}"
        ) from error


def _cast(started: Mapping[str, Any]) -> dict[str, CastMember]:
    scenario, rooms = started["scenario"], started["rooms"]
    everybody = tuple(started["agents"])
    cast = {}
    for index, (agent, facts) in enumerate(started["agents"].items()):
        spec = scenario["agents"][agent]
        home = next((name for name, room in rooms.items() if agent in room["members"]), "")
        tools = tool_specs(facts["tools"])
        mode: Mode = facts["mode"]
        options = {"base_url": spec["base_url"]} if spec.get("base_url") else {}
        cast[agent] = CastMember(
            agent=agent,
            model=facts["model"],
            family=facts["family"],
            mode=mode,
            tools=tools,
            home=home,
            system=system_prompt(scenario, rooms, agent, home, tools, mode),
            names=tuple(name for name in everybody if name != agent),
            first=spec.get("first"),
            max_tokens=spec["max_tokens"],
            temperature=spec.get("temperature"),
            seed=(started["seed"] * 1_000_003 + index) & 0x7FFF_FFFF,
            options=options,
            context_bytes=_room(facts.get("context"), spec["max_tokens"]),
            price=tuple(facts["price"]) if facts.get("price") else None,
        )
    return cast


def _room(context: int | None, max_tokens: int) -> int | None:
    return None if context is None else int(max(context - max_tokens, 256) * BYTES_PER_TOKEN)


def tool_specs(names: Sequence[str]) -> tuple[ToolSpec, ...]:
    """The tools of these names as a model is shown them."""
    return tuple(ToolSpec(n, SCHEMAS[n]["about"], SCHEMAS[n]["schema"]) for n in names)


def system_prompt(
    scenario: Mapping[str, Any],
    rooms: Mapping[str, Any],
    agent: str,
    home: str,
    tools: Sequence[ToolSpec],
    mode: Mode,
) -> str:
    """What an agent is told before anything happens: the scenario's words, and where it is.

    Nothing here asks for any behaviour; it says who is there and how words and actions are written.
    """
    spec = scenario["agents"][agent]
    if spec.get("system") is not None:
        parts = [spec["system"]]
    else:
        parts = [scenario.get("premise", ""), spec.get("persona", ""), _place(rooms, agent, home)]
    parts.append(_manner(tools, mode))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _place(rooms: Mapping[str, Any], agent: str, home: str) -> str:
    if not home:
        return f"You are {agent}."
    room = rooms[home]
    others = [name for name in room["members"] if name != agent]
    company = f"with {_listed(others)}" if others else "alone"
    about = f" {room['about']}" if room.get("about") else ""
    return f"You are {agent}. You are in a room called {home}, {company}.{about}"


def _manner(tools: Sequence[ToolSpec], mode: Mode) -> str:
    if mode == "tools":
        return _WORDS
    if mode == "talk":
        return ""
    lines = [f"- {tool.name}: {tool.about} {_arguments(tool)}".rstrip() for tool in tools]
    return "\n".join(
        ['Answer with one JSON object: {"action": NAME, and its arguments}. The actions:', *lines]
    )


_WORDS: Final = "What you write is heard by everyone in the room you are in."


def _arguments(tool: ToolSpec) -> str:
    properties = tool.schema.get("properties", {})
    required = tool.schema.get("required", ())
    listed = ", ".join(name if name in required else f"{name} (optional)" for name in properties)
    return f"Arguments: {listed}." if listed else "No arguments."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
