"""What is done with a run from its replay: fork, note, export, link, compare."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from sandbox.errors import BackroomsError
from sandbox.transcript.notes import Notebook
from sandbox.transcript.reader import read
from sandbox.transcript.replay_log import Log
from sandbox.tui.places import Compared, Place, Played
from sandbox.tui.replay.exporting import CHOICES, export_beside
from sandbox.tui.replay.forking import fork_at

if TYPE_CHECKING:
    from sandbox.transcript.replay import ReplayClock
    from sandbox.tui.replay.page import ReplayPage

__all__ = ["Deeds", "Done", "link", "parent_of", "turn_that_ended"]


@dataclass
class Done(Message):
    """Something that took a while is done: a sentence, where to go then, and whether notes have changed."""

    sentence: str
    place: Place | None = None
    failed: bool = False
    noted: bool = False


class Deeds:
    """Asks on the page's bars, does in threads, and tells the page by ``Done``."""

    def __init__(self, page: ReplayPage, folder: Path) -> None:
        self._page = page
        self._folder = folder

    def fork(self) -> None:
        """Ask what is to be different from here on; then make the child and play it."""
        clock = self._page.clock
        if not clock.position:
            self._page.flash("Nothing was played yet: a fork shares at least one event.", "warning")
            return
        self._page.bar.ask(
            f"fork after event {clock.position:,} (turn {clock.turn:,}), with",
            lambda sets: self._fork(clock.position, sets),
            hint="agents.bo.model=local/qwen limits.turns=40   enter plays  esc leaves",
        )

    def _fork(self, seq: int, sets: str) -> None:
        def act() -> Done:
            plan = fork_at(self._folder, seq, sets, self._page.desk.clock)
            return Done("", Played(plan))

        self._page.flash(f"Making a fork of the first {seq:,} events …")
        self._work("fork", act)

    def shell(self) -> None:
        """Give the terminal to a shell in a copy of the agent's folder, as of the last turn that has ended."""
        page = self._page
        page.clock.pause()
        if agent := page.room.roster.agent:
            visit = self._visit(agent, turn_that_ended(page.clock))
            page.run_worker(visit, name="shell", group="shell", exclusive=True)
        else:
            page.flash("Nobody is here yet.", "warning")

    async def _visit(self, agent: str, turn: int) -> None:
        from sandbox.tui.live.own_shell import own_shell  # processes, for those who ask

        try:
            self._page.flash(await own_shell(self._page.app, self._folder, agent, turn))
        except BackroomsError as error:
            self._page.flash(str(error), "bad")

    def note(self) -> None:
        """Write a note on the event that was shown last, or on the one at the cursor."""
        seq = self._page.seq
        if seq:
            self._page.bar.ask(
                f"note on event {seq:,}",
                lambda words: self._note(seq, words),
                hint="enter keeps it  esc leaves",
            )

    def _note(self, seq: int, words: str) -> None:
        from sandbox.commands.seat import author  # who sits here, as every other seat tells it

        def act() -> Done:
            Notebook(self._folder, author(), self._page.desk.clock).add(seq, words)
            return Done(f"The note stands on event {seq:,}.", noted=True)

        self._work("note", act)

    def export(self) -> None:
        """Ask which turns, then in which form; write them beside the run."""
        turn = max(1, self._page.clock.turn)
        self._page.bar.ask(
            "export turns",
            lambda turns: self._page.choice.offer(
                "as", CHOICES, lambda form: self._export(turns.strip(), form)
            ),
            value=f"{turn}..{turn}",
            hint="7  3..9  3..  ..9, empty for all   esc leaves",
        )

    def _export(self, turns: str, form: str) -> None:
        self._page.flash(f"Writing {form} …")
        self._work("export", lambda: Done(f"Written: {export_beside(self._folder, form, turns)}"))

    def copy(self, position: int) -> None:
        """Copy a command that opens the replay exactly after so many events."""
        page, folder = self._page, self._folder
        words = [*link(page.clock.log, folder, position)]
        if page.room.roster.agent and self._page.focused is page.room.pane:
            words += ["--agent", page.room.roster.agent]
        page.app.copy_to_clipboard(shlex.join(words))
        page.flash(f"Copied: {shlex.join(words)}", "good")

    def compare(self) -> None:
        """Compare a fork with its parent; any other run with one that is chosen there."""
        parent = parent_of(self._folder)
        if parent is None:
            self._page.go("compare")
        else:
            self._page.go(Compared(parent, self._folder))

    def _work(self, name: str, act: Callable[[], Done]) -> None:
        page = self._page

        def work() -> None:
            try:
                page.post_message(act())
            except (BackroomsError, OSError) as error:
                page.post_message(Done(str(error), failed=True))

        page.run_worker(work, name=name, group=name, thread=True, exclusive=True)


def link(log: Log, folder: Path, position: int) -> Iterator[str]:
    """The words of a command that opens a run's replay after so many events."""
    yield from ("backrooms", "replay", folder.name)
    turn = log.turn(position) if position < len(log) else 0
    if turn and log.turn_start(turn) == position:
        yield from ("--turn", str(turn))
    elif position >= len(log):
        yield from ("--at", "100%")
    elif position:
        yield from ("--at", f"seq:{position + 1}")
    if folder.parent != Path("transcripts"):
        yield from ("--dir", str(folder.parent))


def turn_that_ended(clock: ReplayClock) -> int:
    """The last turn that is over where the clock is; 0 if none is."""
    log, position = clock.log, clock.position
    amid = position < len(log) and log.turn(position) == clock.turn
    return clock.turn - amid if clock.turn else 0


def parent_of(folder: Path) -> Path | None:
    """The folder of the run that this one was forked from; None if it is no fork, or that is not here."""
    with read(folder) as events:
        first = next(events, None)
    forked = first.data.get("forked") if first is not None else None
    name = forked.get("run") if isinstance(forked, dict) else None
    parent = folder.parent / name if isinstance(name, str) and "/" not in name else None
    return parent if parent is not None and parent.is_dir() else None
