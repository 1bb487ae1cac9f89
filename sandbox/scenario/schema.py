"""What a scenario is: strict, frozen models that a YAML file is checked against.

Field descriptions are the reference that ``docs/scenarios.md`` and ``backrooms check --schema`` show.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from sandbox.isolation.box import Tier

__all__ = [
    "BOX_TOOLS",
    "TALK_TOOLS",
    "AgentSpec",
    "IsolationSpec",
    "Limits",
    "Order",
    "OrderSpec",
    "RoomSpec",
    "Scenario",
    "ScriptLine",
    "StopRules",
    "ToolName",
    "When",
]

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Text: TypeAlias = Annotated[str, Field(max_length=100_000)]
ToolName: TypeAlias = Literal[
    "say", "whisper", "open_room", "invite", "enter", "leave", "next", "pass",
    "shell", "read_file", "write_file",
]  # fmt: skip
Order: TypeAlias = Literal["round-robin", "random", "volunteer", "moderator", "addressed"]

TALK_TOOLS: Final[tuple[ToolName, ...]] = (
    "say", "whisper", "open_room", "invite", "enter", "leave", "pass",
)  # fmt: skip
BOX_TOOLS: Final[frozenset[str]] = frozenset({"shell", "read_file", "write_file"})


class Part(BaseModel):
    """Every part of a scenario: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class When(Part):
    """Conditions of a script line; all that are given must hold."""

    turn: Annotated[int, Field(ge=1)] | None = None
    """The run's turn number is at least this."""
    heard: str | None = None
    """This text occurs in what the agent has heard since its last answer (case does not count)."""
    result: str | None = None
    """This text occurs in the result of the agent's last action."""


class ScriptLine(Part):
    """One answer of a scripted model. A plain text in the file is short for ``say``."""

    say: Text | None = None
    """Words. An answer with words and no action ends the turn."""
    do: tuple[dict[ToolName, dict[str, Any]], ...] = ()
    """Actions, each ``tool: {arguments}``; a bare tool name is one without arguments."""
    when: When | None = None
    """The line waits until this holds; lines behind it may come first."""
    bid: bool | None = None
    """In order ``volunteer``: whether the agent wants the floor for this line. Default: yes."""
    raw: Text | None = None
    """What the model writes, untouched, even where an action was due: for malformed answers."""
    seconds: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """How long the model thinks before this answer."""


class AgentSpec(Part):
    """One agent: a model, who it is told it is, and what it may do."""

    model: Annotated[str, Field(max_length=200)] = "scripted"
    """``provider/model``, for example ``local/smollm2`` or ``openai/llama3.2``."""
    persona: Text = ""
    """Who the agent is, in the second person; added to the premise."""
    system: Text | None = None
    """The whole system prompt, instead of premise, persona and the built-in lines about the room."""
    tools: tuple[ToolName, ...] = TALK_TOOLS
    """What the agent may do."""
    first: Text | None = None
    """What it says on its first turn, without asking the model."""
    actions: Literal["auto", "tools", "json", "talk"] = "auto"
    """How the model acts: its own tool calls, JSON by schema, or words only; ``auto`` asks the provider."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 400
    """The longest answer."""
    temperature: Annotated[float, Field(ge=0, le=5)] | None = None
    """Sampling temperature; left to the model if absent."""
    base_url: Annotated[str, Field(max_length=2000)] | None = None
    """Where an ``openai/...`` model answers, for example ``http://127.0.0.1:11434/v1``."""
    script: tuple[ScriptLine, ...] = ()
    """The answers of a ``scripted`` model."""
    after_script: Literal["pass", "loop", "leave"] = "pass"
    """What a scripted model does when its lines are used up."""


class RoomSpec(Part):
    """A place where members hear each other."""

    members: tuple[Name, ...] | None = None
    """Who is in it from the start; everybody, if absent."""
    enter: Literal["anyone", "invited", "nobody"] | tuple[Name, ...] = "invited"
    """Who may come in later."""
    about: Text = ""
    """What members are told of the room."""


class OrderSpec(Part):
    """Who speaks next."""

    kind: Order = "round-robin"
    moderator: Name | None = None
    """The agent that names the next one, in order ``moderator``."""
    bid_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long bids are waited for, in order ``volunteer``."""


class Limits(Part):
    """When a run ends at the latest. ``None`` is no limit."""

    turns: Annotated[int, Field(ge=1, le=10_000_000)] = 20
    seconds: Annotated[float, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens in and out of all models together."""
    money: Annotated[float, Field(gt=0)] | None = None
    """USD of all models together, where prices are known."""
    turn_seconds: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """The deadline of one turn."""
    thinks: Annotated[int, Field(ge=1, le=64)] = 8
    """How often a model is asked in one turn."""


class StopRules(Part):
    """What else ends a run."""

    silence: Annotated[int, Field(ge=1)] | None = None
    """That many turns in a row without a word from anyone."""
    word: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """An agent says a line that is exactly this (a line that only quotes it does not count)."""
    all_left: bool = True
    """Every agent has left or died."""


class IsolationSpec(Part):
    """The box of each agent."""

    tier: Tier | None = None
    """The least tier; ``bubblewrap`` if an agent has a tool that acts in its box, else ``none``."""
    memory: Annotated[int, Field(ge=64 << 20)] = 512 << 20
    """Bytes; the file may say ``512MB``."""
    cpu: Annotated[float, Field(gt=0, le=1024)] = 1.0
    """Cores."""
    pids: Annotated[int, Field(ge=16, le=32_768)] = 128
    """Processes and threads."""
    disk: Annotated[int, Field(ge=1 << 20)] = 64 << 20
    """Bytes of the work folder."""


class Scenario(Part):
    """A whole scenario."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    """What people call it."""
    about: Text = ""
    """For people: what to look for. No agent sees it."""
    premise: Text = ""
    """What every agent is told."""
    agents: Annotated[dict[Name, AgentSpec], Field(min_length=1, max_length=1000)]
    """Who takes part, by name."""
    rooms: dict[Name, RoomSpec] = Field(default_factory=lambda: {"lobby": RoomSpec(enter="anyone")})
    """Where they meet; one ``lobby`` with everybody, if absent. An agent starts in the first that has it."""
    order: OrderSpec = OrderSpec()
    """Who speaks next; a bare word is short for ``{kind: word}``."""
    limits: Limits = Limits()
    stop: StopRules = StopRules()
    isolation: IsolationSpec = IsolationSpec()
    asked: tuple[str, ...] = ()
    """Ids of behaviours that the scenario asks for, for example ``contact.cross-model``; what is asked is not emergent."""
    fiction: bool = False
    """The scenario says that all of it is fiction."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Of every draw in the run."""

    @property
    def least_tier(self) -> Tier:
        """The weakest tier that this scenario accepts."""
        if self.isolation.tier is not None:
            return self.isolation.tier
        acts = any(tool in BOX_TOOLS for a in self.agents.values() for tool in a.tools)
        return "bubblewrap" if acts else "none"
