"""Roster and score as they stand on a screen."""

import pytest
from textual.app import App
from textual.containers import Vertical

from sandbox.engine.scene import Scene
from sandbox.transcript.event import Event
from sandbox.transcript.replay_log import ListLog
from sandbox.tui.room import Roster, Score, ScoreModel
from tests.tui.room.test_score_model import events, flag

ROOMS = {"rooms": {"lobby": {"members": [], "enter": "invited"}}}


class Room(App[None]):
    CSS = """
    Vertical { layout: horizontal; height: 12; }
    Roster { width: 20; height: 10; }
    Score { width: 1fr; height: auto; max-height: 8; }
    .low Score { height: 2; }
    """

    def __init__(self, low=False):
        super().__init__()
        self.model = ScoreModel()
        self.roster, self.score = Roster(self.model), Score(self.model)
        self.low = low
        self.told = []

    def compose(self):
        with Vertical(classes="low" if self.low else ""):
            yield self.roster
            yield self.score

    def take(self, *some):
        for event in some:
            self.model.take(event)
            self.roster.take(event)
        self.roster.tick()
        self.score.tick()

    def on_roster_pointed(self, event):
        self.told.append(("pointed", event.agent))

    def on_roster_opened(self, event):
        self.told.append(("opened", event.agent))

    def on_score_seek(self, event):
        self.told.append(("seek", event.turn))

    def rows(self, widget):
        x, y, width, height = widget.content_region
        strips = self.screen._compositor.render_strips()[y : y + height]
        return [strip.crop(x, x + width).text.rstrip() for strip in strips]


async def shown(pilot, *some):
    pilot.app.take(*some)
    await pilot.pause()
    return pilot.app.rows(pilot.app.roster), pilot.app.rows(pilot.app.score)


async def test_two_rows_an_agent_and_a_row_of_marks():
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        roster, score = await shown(pilot, *events(4), flag("bo"))
        assert roster[:4] == [
            "> ada listening",
            "    ▁▁▁▁▁▁▁▁██",
            "  bo  listening",
            "    ▁▁▁▁▁▁▁▁██  !1",
        ]
        assert score == [
            "ada    ████████▁▁▁▁▁▁▁▁████████▁▁▁▁▁▁▁▁",
            "bo     ▁▁▁▁▁▁▁▁████████▁▁▁▁▁▁▁▁████████",
            "turn 4 ........................!.......",
        ]
        assert app.score.border_subtitle == "words and acts a turn   ! flag  x crash  ^ note"


async def test_many_agents_have_a_row_each_and_the_loudest_come_first():
    agents = [f"agent-{number}" for number in range(30)]
    async with Room().run_test(size=(60, 14)) as pilot:
        roster, score = await shown(pilot, *events(30, agents), flag("agent-7"), flag("agent-7"))
        assert len([line for line in roster if line]) == 10
        assert roster[0] == "> agent-7  liste !2"
        assert len(score) == 8
        assert any(line.startswith("agent-7 ") for line in score)
        assert pilot.app.score.border_subtitle.startswith("the loudest 7 of 30   words and acts")


async def test_where_there_is_one_row_it_is_everybodys():
    async with Room(low=True).run_test(size=(40, 14)) as pilot:
        _, score = await shown(pilot, *events(4), flag("bo"))
        assert score == ["all    ████████", "turn 4 ......!."]


async def test_the_cursor_moves_and_opens():
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        await shown(pilot, *events(2))
        app.roster.focus()
        await pilot.press("down", "down", "up", "enter")
        assert app.told == [
            ("pointed", "ada"), ("pointed", "bo"), ("pointed", "ada"), ("pointed", "bo"), ("opened", "bo"),
        ]  # fmt: skip
        await pilot.click(app.roster, offset=(3, 0), times=2)
        assert app.told[5:] == [("pointed", "ada"), ("opened", "ada")]


async def test_a_click_and_a_drag_seek():
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        await shown(pilot, *events(4))
        app.told.clear()
        await pilot.click(app.score, offset=(8, 0))
        await pilot.click(app.score, offset=(2, 0))
        await pilot.mouse_down(app.score, offset=(16, 1))
        await pilot.hover(app.score, offset=(38, 1))
        await pilot.mouse_up(app.score, offset=(38, 1))
        assert app.told == [("seek", 1), ("seek", 2), ("seek", 4)]


async def test_the_score_marks_a_turn():
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        await shown(pilot, *events(4))
        app.score.place(2)
        await pilot.pause()
        strip = app.score.render_line(0)
        look = app.score.get_component_rich_style("score--cursor")
        [cell] = [part for part in strip if part.style and part.style.bgcolor == look.bgcolor]
        assert (cell.text, strip.text.index("▁")) == ("▁", 15)


async def test_the_roster_shows_any_moment_of_a_run():
    some = list(events(4))
    some[0] = Event(1, "run.started", "engine", {**some[0].data, **ROOMS})
    some += [flag("bo"), Event(0, "agent.died", "bo", {"reason": "x"})]
    scene = Scene(ListLog(some))
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        for event in some:
            app.model.take(event)
        for position, first in ((6, "bo  has the floor"), (len(some), "bo  CRASHED")):
            app.roster.show(scene.at(position), position)
            await pilot.pause()
            assert app.rows(app.roster)[2].strip() == first
        assert app.rows(app.roster)[3].endswith("!1")


@pytest.mark.parametrize("name", ["\x1b[31mred", "[/red]", "走廊", "a\u202eb", "x" * 32])
async def test_hostile_names_are_text_of_their_width(name):
    async with (app := Room()).run_test(size=(60, 14)) as pilot:
        roster, score = await shown(pilot, *events(2, ("ada", name)), flag(name))
        assert all("\x1b" not in line and "\u202e" not in line for line in roster + score)
        assert app.score.render_line(1).cell_length == app.score.size.width
        assert app.roster.render_line(2).cell_length == app.roster.size.width
