"""A plan played from the launcher: preparing, live, ended, failed."""

import asyncio

import pytest

from sandbox.errors import BusError, TierUnavailable
from sandbox.models.human import Prompt
from sandbox.transcript import EVENTS_FILE
from sandbox.tui.live.runs_list import Live
from sandbox.tui.places import Replayed


async def test_while_it_is_prepared_it_says_what_it_waits_for(stage, size):
    async with stage.at(size):
        await stage.press("enter")
        assert stage.rows[0].endswith("Two strangers  PREPARING")
        assert stage.rows[-2].startswith(" Loading the models. · 0:00")
        await stage.press("X", "y")
        assert stage.live.phase == "ended"
        assert "The run was stopped before it began." in stage.text
        assert stage.desk.ended == []


async def test_the_text_is_shown_as_it_is_played(stage, size):
    async with stage.playing(size, turns=3) as live:
        assert stage.rows[0].endswith("LIVE")
        assert " ada  Is anyone here?" in stage.text
        assert " bo   I am. Who are you?" in stage.text
        assert stage.rows[-2].startswith(" turn 4 of 12 · bo")
        assert stage.rows[-2].endswith("following")
        assert not live.over
        await stage.press("escape")
        assert stage.app.screen is stage.launch
        await stage.press("2")
        assert stage.app.screen is live


async def test_a_run_that_has_ended_says_what_came_of_it_and_is_left(stage, size):
    async with stage.playing(size, turns=100):
        assert stage.rows[0].endswith("ENDED")
        assert "The run has ended: 12 turns were played." in stage.text
        assert "transcript  transcripts/20261121-113908-strangers-abcd" in stage.text
        assert f"last hash   {stage.desk.ended[0].last_hash}"[:60] in stage.text
        await stage.press("escape")
        assert stage.app.screen is stage.launch


async def test_the_list_of_runs_stands_at_the_run_that_has_ended(stage, size, tmp_path):
    root = tmp_path / "transcripts"
    runs = ("20261122-000000-later-aaaa", "20261121-113908-strangers-abcd")
    for run in runs:
        (root / run).mkdir(parents=True)
        (root / run / EVENTS_FILE).write_bytes(b"")
    async with stage.playing(size, turns=3):
        await stage.press("3")
        assert stage.app.screen.list.item.id == runs[0]
        await stage.app.go(Replayed(root / runs[0]))
        await stage.press("2")
        await stage.play()
        assert "3 shows the replay that is open there; once escape has closed it, the" in stage.text
        await stage.press("3", "escape")
        assert stage.app.screen.list.item.id == runs[1]


async def test_an_engine_that_cannot_be_asked_is_stopped_all_the_same(stage):
    async with stage.playing((120, 36), turns=3) as live:
        await stage.press("X", "y")
        await stage.settle()
        assert (live.phase, stage.player.stops) == ("ended", 1)


async def _no_docker(plan, *, observe, progress, stop, hear):
    raise TierUnavailable("docker", "no daemon answers", "Start it: systemctl start docker.")


async def _group(plan, *, observe, progress, stop, hear):
    raise ExceptionGroup("two", [BusError("the broker is gone"), OSError(28, "No space left")])


async def _bug(plan, *, observe, progress, stop, hear):
    raise ZeroDivisionError("a bug")


async def test_a_run_that_cannot_be_played_says_why_in_a_sentence(stage, size):
    async with stage.at(size, _no_docker):
        await stage.press("enter")
        assert stage.rows[0].endswith("FAILED")
        assert "tier 'docker' is not available here: no daemon answers." in stage.text
        await stage.press("escape")
        assert stage.app.screen is stage.launch


async def test_all_that_went_wrong_is_said(stage):
    async with stage.at((80, 24), _group):
        await stage.press("enter")
        assert "the broker is gone" in stage.text
        assert "[Errno 28] No space left" in stage.text


async def test_what_nobody_foresaw_is_not_hidden(stage):
    with pytest.raises(ZeroDivisionError):
        async with stage.at((80, 24), _bug):
            await stage.press("enter")


async def test_quit_stops_the_run_in_order_first(stage):
    async with stage.playing((80, 24), turns=3):
        await stage.pilot.press("ctrl+q")
        await stage.pilot.pause()


async def test_two_runs_are_played_and_each_keeps_its_page(stage, size):
    async with stage.playing(size, turns=3) as first:
        await stage.press("escape", "enter")
        await stage.play(1)
        second = stage.live
        assert second is not first
        await stage.app.go(first.place)
        await stage.settle()
        assert stage.app.screen is first
        assert second.is_running
        await stage.app.go(second.place)
        await stage.settle()
        assert stage.app.screen is second


async def test_the_key_of_live_leads_to_the_seat_that_asks(stage, size):
    async with stage.playing(size, turns=3) as first:
        await stage.press("escape", "enter")
        await stage.play(1)
        second = stage.live
        asked = asyncio.create_task(first.answer(Prompt("ada", 4, "act", ("bo: Hush.",), (), 60.0)))
        await stage.settle()
        await stage.press("2")
        assert stage.app.screen is first
        await stage.pilot.press("H", "o", "enter")
        assert await asked == "Ho"
        assert second.is_running


async def test_other_runs_are_offered_by_a_key(stage, size, monkeypatch):
    async with stage.playing(size, turns=3) as first:
        monkeypatch.setattr(first, "_live", list)
        await stage.press("R")
        assert "no other run is being played on this machine" in stage.text
        other = Live("20261121-113908-other-wxyz", "Other", "process 7")
        monkeypatch.setattr(first, "_live", lambda: [other])
        await stage.press("R")
        assert "To which run?   1 Other wxyz" in stage.text
