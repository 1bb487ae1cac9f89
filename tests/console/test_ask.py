"""A person at a real terminal: what stands there, and what becomes of what is typed."""

import asyncio
import os
import pty

import pytest

from sandbox.console.ask import TerminalAsk, prompt_lines
from sandbox.console.held import HeldPrinter
from sandbox.models.human import Prompt

PROMPT = Prompt("ada", 3, "act", ("bo: hello\x1b[2J",), (), 119.6, system="You are ada.\nBe.")


class Screen:
    """A printer that notes what it is told."""

    gone = False

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *args: self.told.append((name, *args))


class Desk:
    """Both ends of a terminal; ``keys`` types."""

    def __init__(self):
        self.ours, theirs = pty.openpty()
        self.stdin = os.fdopen(theirs, "r+b", buffering=0)
        self.out = os.fdopen(os.dup(theirs), "w", encoding="utf-8")
        self.screen = Screen()
        self.printer = HeldPrinter(self.screen)
        self.ask = TerminalAsk(self.printer, self.stdin, self.out)

    async def asked(self, keys):
        task = asyncio.create_task(self.ask(PROMPT))
        await self.shown("ada> ")
        os.write(self.ours, keys)
        return await task

    async def shown(self, text):
        """What stands on the terminal, once ``text`` is there."""
        seen = ""
        while text not in seen:
            seen += (await asyncio.to_thread(os.read, self.ours, 4096)).decode()
        return seen.replace("\r\n", "\n")

    def close(self):
        self.stdin.close()
        self.out.close()
        os.close(self.ours)


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


def test_the_lines_above_the_prompt_are_neutral():
    assert list(prompt_lines(PROMPT)) == [
        "── ada, turn 3: 120 s left (/help says what can be typed)",
        "│ You are ada.",
        "│ Be.",
        "│ bo: hello␛[2J",
    ]
    noted = Prompt("ada", 3, "act", (), (), 7.0, note="No \x1b.\nReally.")
    assert list(prompt_lines(noted)) == ["  No ␛.", "  Really.", "── ada: 7 s left"]


async def test_a_line_is_what_the_terminal_made_of_the_keys(desk):
    assert await desk.asked("wel\x7f\x7frong\x15right, naïve\n".encode()) == "right, naïve"


async def test_the_end_of_the_file_is_a_person_who_goes(desk):
    with pytest.raises(EOFError):
        await desk.asked(b"\x04")


async def test_a_terminal_that_hangs_up_is_one_too(desk, tmp_path):
    with (tmp_path / "seen").open("w") as out:
        task = asyncio.create_task(TerminalAsk(desk.printer, desk.stdin, out)(PROMPT))
        await asyncio.sleep(0)
        os.close(desk.ours)
        desk.ours = os.open(os.devnull, os.O_RDONLY)
        with pytest.raises(EOFError):
            await task


async def test_the_run_goes_on_while_somebody_types_and_is_shown_afterwards(desk):
    task = asyncio.create_task(desk.ask(PROMPT))
    await desk.shown("ada> ")
    for call in ("tick", "hear", "progress"):
        getattr(desk.printer, call)(*["x"] * {"tick": 0, "hear": 2, "progress": 1}[call])
    desk.printer.show("event", b"line")
    assert desk.screen.told == [("close",)]
    os.write(desk.ours, b"hi\n")
    assert await task == "hi"
    assert desk.screen.told == [("close",), ("show", "event", b"line")]
    desk.printer.tick()
    assert desk.screen.told[-1] == ("tick",)


async def test_too_late_is_said_and_what_was_typed_is_no_answer(desk):
    task = asyncio.create_task(desk.ask(PROMPT))
    await desk.shown("ada> ")
    os.write(desk.ours, b"half a li")
    task.cancel()
    await asyncio.wait([task])
    assert "no answer is waited for any more" in await desk.shown("any more.)")
    assert await desk.asked(b"whole\n") == "whole"
