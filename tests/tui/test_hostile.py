"""Nothing an agent, a model, a file or an error says reaches the terminal as anything but text."""

import asyncio
import re

import pytest
from textual.widgets import Static

from sandbox.clock import ManualClock
from sandbox.engine.plan import Played
from sandbox.errors import BusError
from sandbox.transcript.event import Event
from sandbox.transcript.memory import MemoryStore

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)

CORPUS = {
    "clipboard": "\x1b]52;c;UFdORUQ=\x1b\\ and \x1b]52;c;UFdORUQ=\a",
    "title": "\x1b]0;TITLE\a",
    "unterminated": "\x1b]0;swallows what comes",
    "clear": "\x1b[2J\x1b[H\x1b[31mred",
    "c1": "\x9b2J \x9d0;TITLE\x9c \x90q",
    "markup": "[bold]loud[/bold] [/] [@click=app.quit()]quit[/] [link=file:///etc]x[/link] \\[",
    "bidi": "\u202eevil\u202c \u2066x\u2069 \u200fy",
    "invisible": "a\u200bb\u2060c\ufeffd\U000e0041e\u00adf",
    "cjk": "走廊没有尽头。" * 20,
    "emoji": "👩‍👩‍👧‍👦 🚪🏳️‍🌈 e\u0301\u0301\u0301",
    "nul": "a\x00b\x08\x08c\rd\x7f",
    "surrogate": "\ud800 and \udfff",
    "separators": "one\u2028two\u2029three\x85four\x0bfive\x0csix",
    "one line of 1 MB": "x" * 1_000_000,
    "1 MB of escapes": "\x1b[31m" * 200_000,
}


def events(text):
    """One event of each kind in which an agent, its box or its model has a word."""
    agents = {"ada": {"model": text[:200], "mode": "tools", "tools": [text[:50]]}}
    return [
        Event(1, "run.started", "engine", {"title": text, "agents": agents, "rooms": {text: {}}}),
        Event(2, "turn.offered", "ada", {"turn": 1}),
        Event(3, "think.done", "ada", {"text": text, "malformed": text}),
        Event(4, "action.intent", "ada", {"tool": "shell", "args": {"command": text}}),
        Event(5, "action.result", "ada", {"output": text, "exit": 1}),
        Event(6, "action.refused", "ada", {"tool": text, "reason": text}),
        Event(7, "say", "ada", {"text": text}, room="lobby"),
        Event(8, "whisper", text[:50], {"text": text, "to": text}),
        Event(9, "flag", "watch", {"id": text, "title": text, "evidence": [text]}),
        Event(10, "agent.died", "ada", {"reason": text, "tail": text}),
        Event(11, "gate.refused", "ada", {"what": text, "topic": text, "sample": text}),
        Event(12, "run.ended", "engine", {"reason": text, "detail": text}),
    ]


class Hostile:
    """A player that shows these events, and fails with the same text if told to."""

    def __init__(self, text, *, fails):
        self.text = text
        self.fails = fails

    async def __call__(self, plan, *, observe, progress, stop, hear):
        progress(self.text)
        await asyncio.sleep(0)
        store = MemoryStore("20261121-113908-hostile-abcd", ManualClock())
        for event in events(self.text):
            observe(event, store.append(event))
        if self.fails:
            raise BusError(self.text)
        return Played("run", plan.root / "run", self.text, self.text, self.text[:64])


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
async def test_no_control_of_an_agents_text_is_on_the_screen(stage, text):
    async with stage.at((100, 60), Hostile(text, fails=False)):
        await stage.press("enter")
        assert stage.live.phase == "ended"
        seen = stage.text
        await stage.pilot.press("g")
        assert CONTROL.findall((seen + stage.text).replace("\n", "")) == []
        # The screen has a filter of its own, so this says whether the text was neutral before it.
        lines = list(stage.live.transcript.lines)
        assert len(lines) > 10
        assert CONTROL.findall("".join(line.text for line in lines)) == []


async def test_no_control_in_an_error_is_on_the_screen(stage, size):
    text = " ".join(sample[:100] for sample in CORPUS.values())
    async with stage.at(size, Hostile(text, fails=True)):
        await stage.press("enter")
        assert stage.live.phase == "failed"
        assert CONTROL.findall(stage.text.replace("\n", "")) == []


async def test_markup_is_text(stage):
    text = "[bold]loud[/bold] [/]"
    async with stage.at((100, 30), Hostile(text, fails=False)):
        await stage.press("enter", "g")
        assert any(" ada " in row and text in row for row in stage.rows)


async def test_a_scenario_file_is_as_hostile_as_an_agent(stage, size):
    stage.write(
        "a[b]\x1b[31m.yaml",
        'title: "[/red]"\nabout: "\\e[2J[/]\\u202e"\nagents: {ada: {}}\n',
    )
    stage.write("b.yaml", 'title: "x"\nagents: {ada: {"\\e[31m[/y]": 1}}\n')
    async with stage.at(size):
        seen = stage.text
        await stage.press("down")
        seen += stage.text
        assert CONTROL.findall(seen.replace("\n", "")) == []
        assert "a[b]␛[31m" in seen
        assert "[/red]" in seen
        assert "␛[2J[/]�" in seen


async def test_whatever_slips_into_a_widget_is_stopped_on_its_way_out(stage):
    async with stage.at((80, 24)):
        careless = Static("\x1b]52;c;UFdORUQ=\a\u202e", markup=False)
        await stage.launch.mount(careless, before=0)
        await stage.settle()
        assert "␛]52;c;UFdORUQ=�" in stage.text
