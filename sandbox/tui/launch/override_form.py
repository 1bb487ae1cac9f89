"""The fields of what one run is to have of its own, edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from sandbox.commands.tier_choice import TIERS
from sandbox.console.fields import clause
from sandbox.tui.launch.overrides import FIELDS

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario

__all__ = ["OverrideForm"]

_TIPS: Final = {
    "turns": "End after that many turns",
    "seed": "The seed of every draw",
    "tier": "Kind of box: none, bubblewrap, docker, podman, gvisor, kubernetes",
    "models": "local/qwen for all, or ada=local/qwen bo=openai/llama3.2",
    "record": "The folder in which the run is recorded",
}


class _Field(Input):
    """One value; the scenario's own stands in it, dim, until something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", tooltip="Back to the list", id="override.leave"),
    ]

    def __init__(self, field: str) -> None:
        suggester = SuggestFromList(TIERS) if field == "tier" else None
        super().__init__(compact=True, id=f"override-{field}", suggester=suggester)
        self.field = field
        self.tooltip = _TIPS[field]

    def action_leave(self) -> None:
        """Back to the list."""
        self.post_message(OverrideForm.Done())


class OverrideForm(Grid):
    """A label and a field for each; says when something was typed, and what is wrong with it."""

    class Changed(Message):
        """Something was typed."""

    class Done(Message):
        """The reader is through with typing."""

    def __init__(self) -> None:
        super().__init__()
        self._fields = {field: _Field(field) for field in FIELDS}
        self._wrong = Static(markup=False, classes="wrong")

    def compose(self) -> ComposeResult:
        for name, field in self._fields.items():
            with Horizontal(classes=f"field {name}"):
                yield Static(name, markup=False, classes="label")
                yield field
        yield self._wrong

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, by field; empty texts are left out."""
        return {name: field.value for name, field in self._fields.items() if field.value.strip()}

    def empty(self) -> None:
        """Forget what was typed."""
        with self.prevent(Input.Changed):
            for field in self._fields.values():
                field.value = ""
        self.complain("")

    def offer(self, names: Sequence[str], own: Mapping[str, str]) -> None:
        """Show these fields and no others, with what stands there if nothing is typed."""
        self.display = True
        for name, field in self._fields.items():
            if field.parent is not None:
                field.parent.display = name in names
            field.placeholder = own.get(name, "")

    def offer_all(self, scenario: Scenario) -> None:
        """Show every field, for this scenario."""
        own = {
            "turns": str(scenario.limits.turns),
            "seed": str(scenario.seed),
            "tier": "best",
            "models": "as in the file; or one for all, or ada=local/qwen",
            "record": "transcripts",
        }
        self.offer(FIELDS, own)

    def complain(self, sentence: str) -> None:
        """Say what cannot be; an empty sentence takes it back."""
        self._wrong.update(clause(sentence))
        self._wrong.display = bool(sentence)

    def focus_first(self) -> None:
        """Begin to type in the first field."""
        self._fields["turns"].focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())
