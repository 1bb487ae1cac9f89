"""What can happen to a live run, and to the link to it."""

import asyncio

from sandbox.bus.upstream import Upstream
from sandbox.clock import ManualClock
from sandbox.engine.registry import LiveRun
from sandbox.models.human import Prompt
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.places import Watched
from tests.tui.live.conftest import RUN


async def test_words_grow_in_place_until_they_are_said(room, size):
    async with room.at(size) as page:
        asked = {"turn": 9, "think": 1, "purpose": "act", "upto": 1}
        room.session.record("think.request", "ada", asked)
        page.hear("ada", None)
        page.hear("ada", "I see a ")
        page.hear("ada", "door\x1b[2J")
        await room.settle()
        assert " ada  I see a door␛[2J▌" in room.text
        assert page.roster.doings.get("ada").word == "speaking"
        page.hear("ada", None)
        page.hear("ada", "Anew.")
        await room.settle()
        assert "I see a" not in room.text
        room.session.record(
            "think.done", "ada", {"turn": 9, "think": 1, "purpose": "act", "text": "x", "calls": []}
        )
        page.hear("ada", "too late")
        await room.settle()
        assert not page.speech.display


async def test_a_lost_link_leaves_what_is_there_and_says_when_it_is_back(room, size):
    async with room.at(size) as page:
        before = room.rows[3:8]
        page.link("the broker hung up")
        room.app.desk.clock.advance(12)
        await room.settle()
        assert room.rows[0].endswith("reconnecting 12 s")
        assert room.rows[3:8] == before or "the broker hung up" in room.text
        page.link("")
        await room.settle()
        assert room.rows[0].endswith("LIVE")
        assert "back after 0:12" in room.text


async def test_a_crash_stays_on_the_roster(room, size):
    async with room.at(size) as page:
        room.session.record(
            "box.ended", "ada", {"code": 137, "signal": None, "oom": True, "tail": ""}
        )
        room.session.record("agent.died", "ada", {"reason": "out of memory", "code": 137})
        await room.settle()
        doing = page.roster.doings.get("ada")
        assert (doing.word, doing.detail) == ("CRASHED", "exit 137: out of memory")
        assert "x" in page.score_model.marks(page.score_model.scale(40))
        assert "died: out of memory (exit code 137)" in room.text


async def test_an_engine_that_is_gone_is_said_so(room, size):
    async with room.at(size):
        room.session.lose_engine()
        await room.settle()
        await room.settle()
        assert room.rows[0].endswith("ENGINE GONE")
        assert "What it recorded is whole up to event" in room.text


async def test_a_person_answers_in_place(room, size):
    async with room.at(size) as page:
        prompt = Prompt("ada", 5, "act", ("bo: \x1b[31mWho?",), (), 30.0)
        answer = asyncio.create_task(page.answer(prompt))
        await room.settle()
        assert page.roster.doings.get("ada").word == "your turn"
        assert "ada, turn 5, 30 s left >" in room.text
        assert "bo: ␛[31mWho?" in room.text
        await room.type("Me.")
        assert await answer == "Me."
        assert not page.seat.display
        assert page.transcript.sheet.has_focus


async def test_the_seconds_that_a_person_has_are_counted_down(room):
    async with room.at((80, 24)) as page:
        turn = asyncio.create_task(page.answer(Prompt("ada", 5, "act", (), (), 30.0)))
        await room.settle()
        room.app.desk.clock.advance(12)
        await room.settle()
        assert "ada, turn 5, 18 s left >" in room.text
        turn.cancel()
        await asyncio.wait([turn])


async def test_all_that_a_person_is_told_can_be_read_by_keys(room, size):
    async with room.at(size) as page:
        told = tuple(f"bo: line {at}" for at in range(60))
        turn = asyncio.create_task(page.answer(Prompt("ada", 5, "act", told, (), 30.0)))
        await room.settle()
        assert "bo: line 0" in room.text
        assert "bo: line 59" not in room.text
        await room.press(*["pagedown"] * 20)
        assert "bo: line 59" in room.text
        await room.press("pageup")
        assert "bo: line 59" not in room.text
        turn.cancel()
        await asyncio.wait([turn])


async def test_no_key_of_a_run_that_is_over_is_shown(room, size):
    async with room.at(size) as page:
        assert " P Pause run " in room.rows[-1]
        room.session.lose_engine()
        await room.settle()
        await room.settle()
        assert page.over
        assert [key for key in ("Pause", "Step", "Say", "Whisper") if key in room.rows[-1]] == []


async def test_nothing_typed_passes_and_a_person_can_look_around_or_leave(room, size):
    async with room.at(size) as page:
        bid = asyncio.create_task(page.answer(Prompt("ada", 5, "bid", (), (), 9.0)))
        await room.settle()
        assert "wants the floor?" in room.text
        await room.press("escape")
        assert page.transcript.sheet.has_focus
        page.seat.sit()
        await room.settle()
        await room.press("enter")
        assert await bid == ""
        turn = asyncio.create_task(page.answer(Prompt("bo", 6, "act", (), (), 9.0)))
        await room.settle()
        await room.press("ctrl+d")
        try:
            await turn
        except EOFError:
            left = True
        assert left


async def test_a_turn_that_is_over_takes_the_question_away(room):
    async with room.at((80, 24)) as page:
        turn = asyncio.create_task(page.answer(Prompt("bo", 6, "act", (), (), 9.0)))
        await room.settle()
        turn.cancel()
        await asyncio.wait([turn])
        await room.settle()
        assert not page.seat.display


async def test_without_a_run_it_says_how_to_begin(tmp_path, monkeypatch, size):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("sandbox.tui.live.page.live_runs", list)
    app = BackroomsApp(Desk(tmp_path, find=lambda: (), clock=ManualClock()), "live")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "Nothing is being played on this machine." in seen
        assert "choose a scenario and run it" in seen
        await pilot.press("P", "X", "space", "o")
        assert app.screen.ask_bar.is_mounted is False


async def test_runs_that_began_or_ended_meanwhile_are_seen_at_once(tmp_path, monkeypatch, size):
    home = Upstream("127.0.0.1", 1, "", "")
    alive = [LiveRun(RUN, "Two strangers", tmp_path, 1, "", home, b"", "here")]
    monkeypatch.setattr("sandbox.tui.live.page.live_runs", lambda: alive)
    app = BackroomsApp(Desk(tmp_path, find=lambda: (), clock=ManualClock()), "live")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        row = app.screen._compositor.render_strips()[-1].text
        assert row.startswith(" \N{RETURN SYMBOL} Watch  q Quit")
        await pilot.press("6")
        alive.clear()
        await pilot.press("2")
        await pilot.pause()
        seen = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "Nothing is being played on this machine." in seen


async def test_a_run_that_is_not_alive_is_said_so(tmp_path, size):
    app = BackroomsApp(Desk(tmp_path, find=lambda: (), clock=ManualClock()), Watched("nosuch"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "nosuch is not being played, or is another user's." in seen
        assert "FAILED" in seen


async def test_a_run_that_goes_on_does_not_lay_the_page_out_anew(room, size):
    async with room.at(size, turns=9) as page:
        layouts = []
        page.screen_layout_refresh_signal.subscribe(page, layouts.append)
        for _ in range(3):
            room.play(3)
            await room.settle()
        assert layouts == []
