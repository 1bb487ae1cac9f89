"""The way out, with and without a run."""

import asyncio
from pathlib import Path

import pytest

from sandbox.tui.aside import tell_on
from sandbox.tui.desk import Desk
from sandbox.tui.edit.drafts import Drafts
from sandbox.tui.places import MODES
from sandbox.tui.quit_bar import QuitBar


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_nothing_is_asked_where_nothing_is_played(stage, size, key):
    async with stage.at(size):
        await stage.pilot.press(key)
        await stage.pilot.pause()
        assert stage.app._exit


async def asked(stage, key="q"):
    await stage.press(key)
    assert "A run is played here." in stage.text
    assert isinstance(stage.app.focused, QuitBar)


async def test_a_live_run_asks_in_place_and_the_page_goes_on(stage, size):
    async with stage.playing(size, turns=3) as live:
        focused = stage.app.focused
        await asked(stage)
        await stage.play(2)
        assert stage.app.screen is live
        await stage.press("escape")
        assert "A run is played here." not in stage.text
        assert stage.app.focused is focused
        assert not stage.app._exit
        await asked(stage, "ctrl+q")
        await stage.press("q")
        assert not stage.app._exit


async def test_stop_ends_the_run_in_order_and_leaves(stage, size):
    async with stage.playing(size, turns=3):
        await asked(stage)
        await stage.pilot.press("s")
        await stage.pilot.pause()
        assert stage.player.stops == 1
        assert [played.reason for played in stage.desk.ended] == ["stopped"]
        assert stage.app._exit


async def test_leave_running_leaves_and_the_run_goes_on(stage, size):
    async with stage.playing(size, turns=3):
        await asked(stage)
        await stage.pilot.press("l")
        await stage.pilot.pause()
        assert stage.app._exit
        assert stage.app.left_running
        assert stage.player.stops == 0
        [playing] = stage.desk.alive
        playing.stop()
        await playing.settled()


async def test_the_answers_can_be_clicked(stage, size):
    async with stage.playing(size, turns=3):
        await asked(stage)
        answers = list(stage.app.screen.query("Answer"))
        await stage.pilot.click(answers[2])
        await stage.settle()
        assert "A run is played here." not in stage.text


async def test_a_signal_stops_the_run_in_order_without_a_question(stage):
    async with stage.playing((80, 24), turns=3):
        stage.app.end()
        stage.app.end()
        await stage.app.workers.wait_for_complete()
        assert stage.player.stops == 1
        assert stage.app._exit


async def test_what_is_asked_is_all_that_keys_do(stage, size):
    async with stage.playing(size, turns=3) as live:
        await asked(stage)
        assert stage.rows[-1].split() == [
            "l",
            "Leave",
            "it",
            "running",
            "s",
            "Stop",
            "it",
            "q",
            "Stay",
        ]
        await stage.press("P", "2", "colon", "ctrl+c")
        assert stage.app.screen is live
        assert not live.state.paused
        assert "A run is played here." not in stage.text


async def test_who_turns_to_another_pane_stays(stage, size):
    async with stage.playing(size, turns=3):
        await asked(stage)
        await stage.pilot.click(stage.live.roster)
        await stage.settle()
        assert "A run is played here." not in stage.text
        assert stage.app.focused is stage.live.roster


async def edited(stage):
    """A text with a letter too many, left open in Edit, and Launch in sight."""
    await stage.press("e", "x")
    await stage.app.go("launch")
    await stage.settle()


async def test_unsaved_text_is_asked_about_from_any_page(stage, size):
    async with stage.at(size):
        await edited(stage)
        focused = stage.app.focused
        await stage.press("q")
        assert " strangers.yaml is not saved.  e  see it " in stage.text
        await stage.press("escape")
        assert stage.app.focused is focused
        await stage.press("ctrl+q", "e")
        assert stage.app.current_mode == "edit"
        assert stage.app.screen.unsaved == "strangers.yaml"


async def test_a_draft_can_be_left(stage, size):
    async with stage.at(size):
        await edited(stage)
        await stage.press("q")
        text = stage.app.get_screen_stack("edit")[-1].area.text
        await stage.pilot.press("d")
        await stage.pilot.pause()
        assert stage.app._exit
    assert Drafts().find(Path("scenarios/strangers.yaml")) == text


async def test_q_beside_the_text_asks_in_edit_itself(stage):
    async with stage.at((120, 36)):
        await stage.press("e", "x")
        stage.app.screen.query_one(".upper").focus()
        await stage.press("q")
        assert "There is unsaved work here." in stage.text
        assert not stage.app._exit


async def test_first_the_text_then_the_run(stage, size):
    async with stage.playing(size, turns=3):
        await stage.press("1")
        await edited(stage)
        await stage.press("q", "d")
        assert "A run is played here." in stage.text
        await stage.press("escape", "q")
        assert "strangers.yaml is not saved." in stage.text


@pytest.mark.parametrize("mode", MODES)
async def test_ctrl_c_says_which_key_leaves(stage, size, mode):
    async with stage.at(size):
        await stage.app.go(mode)
        await stage.press("ctrl+c")
        key = "^q" if mode == "edit" else "q"
        assert f" {key} leaves. ctrl+c only copies what is chosen." in stage.text
        assert not stage.app._exit


@pytest.mark.parametrize("key", ["colon", "question_mark", "f1", "ctrl+o", "n"])
async def test_ctrl_c_closes_what_lies_over_a_page(stage, size, key):
    async with stage.at(size):
        await stage.press(key)
        assert stage.app.screen is not stage.launch
        await stage.press("ctrl+c")
        assert stage.app.screen is stage.launch


async def test_where_nothing_is_played_nothing_is_told(tmp_path, capsys):
    await tell_on(Desk(root=tmp_path), asyncio.Event())
    assert capsys.readouterr() == ("", "")
