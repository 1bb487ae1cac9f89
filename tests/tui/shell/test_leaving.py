"""The way out, with and without a run."""

import pytest

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
