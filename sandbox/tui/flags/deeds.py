"""What is done about flags: judged, noted, written down for others, linked to."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from sandbox.detect.verdicts import judge
from sandbox.errors import BackroomsError
from sandbox.transcript.notes import Verdict
from sandbox.tui.flags.report import write_report

if TYPE_CHECKING:
    from sandbox.tui.flags.page import FlagsPage

__all__ = ["Deeds", "Done", "link"]


@dataclass
class Done(Message):
    """Something that took a while is done."""

    sentence: str
    failed: bool = False


class Deeds:
    """Asks on the page's bars, does in threads, and tells the page by ``Done``."""

    def __init__(self, page: FlagsPage) -> None:
        self._page = page

    def note(self) -> None:
        """Ask for a note on the flag at the cursor, and for a verdict if it has none."""
        flag = self._page.list.item
        if flag is not None:
            text = "" if flag.note is None else flag.note.text
            hint = "enter keeps it  esc leaves"
            self._page.bar.ask(f"note on flag {flag.row.seq:,}", self._noted, value=text, hint=hint)

    def _noted(self, typed: str) -> None:
        flag, text = self._page.list.item, typed.strip()
        if flag is None or not text:
            return
        if flag.note is not None and flag.note.verdict is not None:
            self.judge(flag.note.verdict, text)
            return
        verdicts: dict[str, Verdict] = {"real": "real", "false": "false", "unsure": "unsure"}
        choices = {"a": "real", "x": "false", "u": "unsure"}
        self._page.choice.offer(
            "and it is", choices, lambda given: self.judge(verdicts[given], text)
        )

    def judge(self, verdict: Verdict, text: str | None) -> None:
        """Write a verdict down; without a text that of one's earlier verdict stays with it."""
        flag = self._page.list.item
        if flag is None:
            return
        from sandbox.commands.seat import author  # who sits here, as every other seat tells it

        folder, seq, me, clock = flag.folder, flag.row.seq, author(), self._page.desk.clock
        mine = flag.note if flag.note is not None and flag.note.author == me else None
        words = (mine.text if mine is not None else "") if text is None else text
        some = f", the first of {flag.row.count:,}" if flag.row.count > 1 else ""

        def act() -> str:
            judge(folder, seq, verdict, words, me, clock)
            return f"Flag {seq:,} is {verdict}, by your word{some}."

        self._work("judge", act)

    def write(self) -> None:
        """Write a report of the flags that are shown, beside the runs."""
        page = self._page
        flags, wanted = list(page.list.items), page.wanted
        if page.folder is None:
            path, said = page.desk.root / "flags.md", f"all runs of {page.desk.root}"
        else:
            path = page.folder.with_name(f"{page.folder.name}-flags.md")
            said = f"run {page.folder.name}"
        if narrowed := f"{wanted.least} {wanted.typed}".strip():
            said = f"{said}, filtered by: {narrowed}"
        page.flash("Writing …")
        self._work("report", lambda: f"Written: {write_report(flags, path, said, page.desk.clock)}")

    def _work(self, name: str, act: Callable[[], str]) -> None:
        page = self._page

        def work() -> None:
            try:
                page.post_message(Done(act()))
            except (BackroomsError, OSError) as error:
                page.post_message(Done(str(error), failed=True))

        page.run_worker(work, name=name, group=name, thread=True)


def link(folder: Path, seq: int) -> str:
    """A command that shows a flag again."""
    words = ["backrooms", "flags", folder.name, "--seq", str(seq)]
    if folder.parent != Path("transcripts"):
        words += ["--dir", str(folder.parent)]
    return shlex.join(words)
