"""The cast and the rooms of the scenario that is being written: who hears whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sandbox.console.fields import clause
from sandbox.console.styles import STYLES, agent_style

if TYPE_CHECKING:
    from sandbox.scenario.schema import RoomSpec, Scenario

__all__ = ["preview"]

_MOST: Final = 40
"""Names of one room, and rooms, that are drawn; a crowd is counted."""
_NAME: Final = 14


def preview(scenario: Scenario) -> Text:
    """Draw each room as a bracket around those who begin in it, with their models."""
    starts = _starts(scenario)
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(clause(scenario.title), "bold")
    text.append(f"\n{_counted(scenario)}\n", "dim")
    for number, (name, room) in enumerate(scenario.rooms.items()):
        if number == _MOST:
            text.append(f"\n… and {len(scenario.rooms) - _MOST} more rooms\n", "dim")
            break
        text.append("\n")
        text.append_text(_room(scenario, name, room, starts))
    text.append("\n")
    for line in _rules(scenario):
        text.append(f"{line}\n", "dim")
    return text


def _counted(scenario: Scenario) -> str:
    agents, rooms = len(scenario.agents), len(scenario.rooms)
    models = len({spec.model for spec in scenario.agents.values()})
    return ", ".join(
        f"{count} {word}{'s' * (count != 1)}"
        for count, word in ((agents, "agent"), (models, "model"), (rooms, "room"))
    )


def _starts(scenario: Scenario) -> dict[str, str]:
    """The room in which each agent begins: the first that has it."""
    found: dict[str, str] = {}
    for name, room in scenario.rooms.items():
        for member in scenario.agents if room.members is None else room.members:
            found.setdefault(member, name)
    return found


def _room(scenario: Scenario, name: str, room: RoomSpec, starts: dict[str, str]) -> Text:
    members = list(scenario.agents) if room.members is None else list(room.members)
    text = Text.assemble(("┌ ", "dim"), (name, "bold"), (f"  {_enter(room)}\n", "dim"))
    for member in members[:_MOST]:
        number = list(scenario.agents).index(member)
        look = STYLES[agent_style(number)]
        here = starts[member] == name
        text.append("│ ", "dim")
        text.append(f"{member:<{_NAME}} ", look if here else "dim")
        text.append(
            _said_of(scenario, member) if here else f"begins in {starts[member]}",
            "" if here else "dim",
        )
        text.append("\n")
    if len(members) > _MOST:
        text.append(f"│ … and {len(members) - _MOST} more\n", "dim")
    return text.append(f"└ {_hearing(members)}\n", "dim")


def _said_of(scenario: Scenario, name: str) -> str:
    spec = scenario.agents[name]
    acts = [tool for tool in spec.tools if tool in {"shell", "read_file", "write_file"}]
    return clause(spec.model) + (f"  +{', '.join(acts)}" if acts else "")


def _enter(room: RoomSpec) -> str:
    if isinstance(room.enter, str):
        return {"anyone": "anyone may enter", "invited": "by invitation", "nobody": "closed"}[
            room.enter
        ]
    return f"{', '.join(room.enter[:5]) or 'nobody'} may enter"


def _hearing(members: Sequence[str]) -> str:
    match len(members):
        case 0:
            return "nobody yet"
        case 1:
            return "alone: heard by nobody"
        case 2:
            return "each hears the other"
    return f"all {len(members)} hear each other"


def _rules(scenario: Scenario) -> Iterator[str]:
    from sandbox.scenario.summary import summary

    wanted = {"order", "ends", "boxes", "doors"}
    yield from (
        f"{label:<6} {clause(value)}" for label, value in summary(scenario) if label in wanted
    )
