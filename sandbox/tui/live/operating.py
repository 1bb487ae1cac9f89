"""The operator's keys of a live run: each asks the run's engine for an act, and shows what it answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from sandbox.console.neutral import neutralise
from sandbox.engine.state import State
from sandbox.errors import BackroomsError, UsageError
from sandbox.tui.desk import Desk
from sandbox.tui.live.held import HeldList
from sandbox.tui.live.session import Session
from sandbox.tui.live.wishes import FILTER_HINT, LIMIT_HINT, read_filter, read_limits
from sandbox.tui.page import Page
from sandbox.tui.places import Place
from sandbox.tui.replay.ask_bar import AskBar, ChoiceBar
from sandbox.tui.room.roster import Roster

__all__ = ["OPERATOR", "Operating"]

OPERATOR: Final = frozenset(
    {"pause", "step", "say", "whisper", "mute", "thaw", "stop", "limits", "hold", "held"}
)
"""Actions that need a run to act on."""

_ROOM_KEYS: Final = "123456789abcdefghijklmnopqrstuvwxyz"


class Operating(Page):
    """A page at which a person can step into a run; what it is about is set by who inherits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "pause", "Pause run", tooltip="Let no turn begin, or go on", id="live.pause"),
        Binding("full_stop", "step", "Step", tooltip="Play one turn, then pause", id="live.step"),
        Binding("i", "say", "Say", tooltip="Speak in a room, as a voice", id="live.say"),
        Binding("w", "whisper", "Whisper", tooltip="To this agent alone", id="live.whisper"),
        Binding(
            "m", "mute", "Mute", show=False, tooltip="Give it no turns, or again", id="live.mute"
        ),
        Binding(
            "t", "thaw", "Thaw", show=False, tooltip="Let its frozen box run on", id="live.thaw"
        ),
        Binding(
            "h", "hold", "Hold", show=False, tooltip="Hold messages that match", id="live.hold"
        ),
        Binding("H", "held", "Held", show=False, tooltip="Decide on held messages", id="live.held"),
        Binding("l", "limits", "Limits", show=False, tooltip="Other limits", id="live.limits"),
        Binding("X", "stop", "Stop", show=False, tooltip="End the run in order", id="live.stop"),
    ]

    def __init__(self, desk: Desk, place: Place | None, roster: Roster) -> None:
        super().__init__(desk, place)
        self.session: Session | None = None
        self.state = State()
        self.roster = roster
        self.ask_bar = AskBar()
        self.choice_bar = ChoiceBar()
        self.held_list = HeldList()
        self.room: str | None = None
        """The room that alone is shown; None is all."""

    @property
    def alive(self) -> bool:
        """Whether there is a run to act on."""
        return self.session is not None

    # acts --------------------------------------------------------------------------------------

    def act(self, *acts: Mapping[str, Any]) -> None:
        """Ask for acts, in order until one is refused; the answers are flashed."""
        self.run_worker(self._act(acts), name="act", group="act")

    async def _act(self, acts: Sequence[Mapping[str, Any]]) -> None:
        if self.session is None:
            return
        for act in acts:
            try:
                answer = await self.session.ask(act)
            except BackroomsError as error:
                self.flash(str(error), "bad")
                return
            if not answer.done:
                self.flash(f"refused: {answer.text}", "bad")
                return
            self.flash(answer.text, "good")

    def named(self, binding: Binding) -> Binding:
        if binding.action == "pause" and self.state.paused:
            return replace(binding, description="Go on")
        return super().named(binding)

    def action_pause(self) -> None:
        """Pause the run, or let it go on."""
        self.act({"verb": "go" if self.state.paused else "pause"})

    def action_step(self) -> None:
        """Play one turn."""
        self.act({"verb": "step"})

    def action_mute(self) -> None:
        """Mute the agent at the cursor, or let it speak again."""
        one = self.state.agents.get(self.roster.agent)
        if one is not None:
            self.act({"verb": "unmute" if one.muted else "mute", "agent": one.id})

    def action_thaw(self) -> None:
        """Let the frozen box of the agent at the cursor run on."""
        if agent := self.roster.agent:
            self.act({"verb": "thaw", "agent": agent})

    def action_stop(self) -> None:
        """Ask whether the run is to end."""
        self.choice_bar.offer("End the run, in order?", {"y": "end it", "n": "go on"}, self._stop)

    def _stop(self, choice: str) -> None:
        if choice == "end it":
            self.stop()

    @abstractmethod
    def stop(self) -> None:
        """End the run."""

    # words -------------------------------------------------------------------------------------

    def action_say(self) -> None:
        """Ask for words, and where to say them if there is a choice."""
        rooms = list(self.state.rooms)
        if self.room is not None or len(rooms) == 1:
            self._say_in(self.room or rooms[0])
        elif rooms:
            keys = dict(zip(_ROOM_KEYS, rooms, strict=False))
            self.choice_bar.offer("Say in which room?", keys, self._say_in)

    def _say_in(self, room: str) -> None:
        here = self.state.rooms.get(room)
        heard = ", ".join(here.members) if here is not None and here.members else "nobody"
        self._ask(
            f"say in {room}",
            lambda text: self.act({"verb": "say", "room": room, "text": text}),
            hint=f"heard by {heard}",
        )

    def action_whisper(self) -> None:
        """Ask for words for the agent at the cursor."""
        agent = self.roster.agent
        if agent:
            self._ask(
                f"whisper to {agent}",
                lambda text: self.act({"verb": "whisper", "agent": agent, "text": text}),
                hint="nobody else hears it",
            )

    def _ask(
        self, label: str, answer: Callable[[str], None], *, hint: str, value: str = ""
    ) -> None:
        """Ask for words; none are no answer."""

        def take(text: str) -> None:
            if text.strip():
                answer(text)

        self.ask_bar.ask(label, take, value=value, hint=hint)

    # limits and filters ------------------------------------------------------------------------

    def action_limits(self) -> None:
        """Ask for other limits."""
        self._ask_limits("")

    def _ask_limits(self, text: str) -> None:
        self.ask_bar.ask("limits", self._limit, value=text, hint=LIMIT_HINT)

    def _limit(self, text: str) -> None:
        try:
            self.act(*read_limits(text))
        except UsageError as error:
            self.flash(str(error), "bad")
            self._ask_limits(text)

    def action_hold(self) -> None:
        """Ask for a filter."""
        self._ask_filter("")

    def _ask_filter(self, text: str) -> None:
        self.ask_bar.ask("hold", self._hold, value=text, hint=FILTER_HINT)

    def _hold(self, text: str) -> None:
        try:
            self.act(read_filter(text))
        except UsageError as error:
            self.flash(str(error), "bad")
            self._ask_filter(text)

    def action_held(self) -> None:
        """Show what waits, or hide it."""
        shown = not self.held_list.display
        self.held_list.display = shown
        if shown:
            self.held_list.show(self.state)
            self.held_list.focus()
        else:
            self.focus_first()

    def focus_first(self) -> None:
        """Give the focus back to what the page is about."""

    @on(HeldList.Left)
    def _leave_held(self) -> None:
        self.action_held()

    @on(HeldList.Decided)
    def _decide(self, event: HeldList.Decided) -> None:
        if event.verb != "edit":
            self.act({"verb": event.verb, "id": event.id})
            return
        safe = neutralise(event.text, newlines=False) == event.text
        self._ask(
            f"in place of {event.id}",
            lambda text: self.act({"verb": "edit", "id": event.id, "text": text}),
            value=event.text if safe else "",
            hint="the record has both",
        )
