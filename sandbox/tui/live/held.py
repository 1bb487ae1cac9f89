"""The messages that wait for a decision, and the filters that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sandbox.console.fields import clause, word
from sandbox.console.lines import shorten
from sandbox.engine.state import State
from sandbox.transcript.event import Event

__all__ = ["HeldList"]

_SHOWN: Final = 300


class HeldList(OptionList):
    """Messages first, then filters. What is decided goes to the page as a ``Decided``."""

    HELP = "Messages that a filter holds: nobody hears them until you decide."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "decide('release')", "Release", tooltip="Deliver as it is", id="held.release"
        ),
        Binding("e", "decide('edit')", "Edit", tooltip="Deliver with other words", id="held.edit"),
        Binding("d", "decide('drop')", "Drop", tooltip="Nobody hears it", id="held.drop"),
        Binding(
            "u", "decide('unhold')", "Unhold", tooltip="Take the filter away", id="held.unhold"
        ),
        Binding("escape", "leave", "Leave", tooltip="Decide later", id="held.leave"),
    ]

    @dataclass
    class Decided(Message):
        """What is to become of a message, or that a filter is to go (``unhold``)."""

        verb: str
        id: int
        text: str

    @dataclass
    class Left(Message):
        """The reader has looked enough."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self.border_title = "Held"
        self.border_subtitle = "enter release  e edit  d drop  u unhold  esc"
        self._keys: list[tuple[str, int]] = []
        self._texts: dict[int, str] = {}

    def show(self, state: State) -> None:
        """Show what waits now; the cursor stays on its message."""
        before = self._at
        keys = [("message", id) for id in state.held] + [("filter", id) for id in state.holds]
        if keys == self._keys:
            return
        self._keys = keys
        self._texts = {id: str(event.data.get("text", "")) for id, event in state.held.items()}
        self.clear_options()
        self.add_options(
            [Option(_message(id, event)) for id, event in state.held.items()]
            + [Option(_filter(id, hold)) for id, hold in state.holds.items()]
        )
        if keys:
            self.highlighted = keys.index(before) if before in keys else 0

    @property
    def _at(self) -> tuple[str, int] | None:
        return self._keys[self.highlighted] if self.highlighted is not None and self._keys else None

    def action_decide(self, verb: str) -> None:
        """Decide on what the cursor is on."""
        if self._at is None:
            return
        kind, id = self._at
        if (kind == "filter") == (verb == "unhold"):
            self.post_message(self.Decided(verb, id, self._texts.get(id, "")))
        elif kind == "filter":
            self.post_message(self.Decided("unhold", id, ""))

    def action_leave(self) -> None:
        """Decide later."""
        self.post_message(self.Left())


def _message(id: int, event: Event) -> Text:
    to = f" to {word(event.data, 'to')}" if event.data.get("to") else ""
    where = f" in {clause(event.room)}" if event.room else ""
    text = Text(f"{id}: {clause(event.actor)}{to}{where}  ", "bold", overflow="ellipsis")
    return text.append(shorten(word(event.data, "text"), _SHOWN), "not bold")


def _filter(id: int, hold: Mapping[str, Any]) -> Text:
    names = ("agent", "room", "kind", "words", "pattern")
    wanted = ", ".join(f"{name} {word(hold, name)}" for name in names if hold.get(name))
    return Text(f"filter {id} holds {wanted or 'every message'}", "dim", overflow="ellipsis")
