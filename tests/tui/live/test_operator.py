"""The operator's keys: each asks the engine, and shows what it answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sandbox.transcript import Event


async def test_pause_and_go(room, size):
    async with room.at(size) as page:
        await room.press("P")
        assert room.session.asked == [{"verb": "pause"}]
        assert room.flashed == "Paused, as soon as turn 4 has ended."
        assert page.paused_banner.said == (
            "RUN PAUSED once turn 4 has ended   . plays one turn   P goes on"
        )
        assert room.rows[0].endswith("PAUSING")
        assert "P Go on" in room.rows[-1]
        room.play(2)
        await room.settle()
        assert page.state.turn == 4
        assert room.rows[0].endswith("PAUSED")
        await room.press("P")
        assert room.flashed == "It goes on."
        assert (page.paused_banner.said, room.kinds[-1]) == ("", "turn.offered")
        assert "P Pause run" in room.rows[-1]


async def test_one_step(room, size):
    async with room.at(size) as page:
        await room.press("P")
        room.play(2)
        await room.press("full_stop")
        assert room.flashed == "One more turn."
        room.play(3)
        await room.settle()
        assert (page.state.turn, page.state.stands) == (5, True)


async def test_what_is_refused_is_said(room, size):
    async with room.at(size):
        await room.press("l")
        await room.type("turns=100")
        assert room.flashed == "refused: turns is 100 already"


async def test_say_asks_for_the_room_and_the_words(room, size):
    async with room.at(size):
        await room.press("i")
        assert "Say in which room?" in room.text
        await room.press("1")
        assert "say in lobby" in room.text
        await room.type("Who is there?")
        assert room.session.asked == [{"verb": "say", "room": "lobby", "text": "Who is there?"}]
        assert room.flashed == "Said in lobby, where ada, bo can hear it."
        assert "operator Who is there?" in room.text


async def test_say_in_the_room_that_is_shown_alone(room):
    async with room.at((120, 36)):
        await room.press("r", "r", "i")
        await room.type("Hello?")
        assert room.session.asked == [{"verb": "say", "room": "archive", "text": "Hello?"}]


async def test_a_question_that_is_left_asks_nothing(room, size):
    async with room.at(size) as page:
        await room.press("i", "1", "x", "escape")
        await room.press("w", "enter")
        assert room.session.asked == []
        assert not page.ask_bar.display
        assert page.transcript.sheet.has_focus


async def test_whisper_is_for_the_agent_at_the_cursor(room, size):
    async with room.at(size):
        await room.press("right_curly_bracket", "w")
        await room.type("Psst.")
        assert room.session.asked == [{"verb": "whisper", "agent": "bo", "text": "Psst."}]
        assert room.flashed == "bo hears it before it thinks next."


async def test_mute_and_unmute(room, size):
    async with room.at(size) as page:
        await room.press("m")
        assert room.flashed == "ada gets no turns."
        assert page.roster.doings.get("ada").muted
        assert "muted: ada" in room.facts
        await room.press("m")
        assert room.session.asked[-1] == {"verb": "unmute", "agent": "ada"}
        assert "muted: ada" not in room.facts


@pytest.mark.parametrize(("key", "acts"), [("y", [{"verb": "stop"}]), ("n", []), ("escape", [])])
async def test_stop_asks_first(room, size, key, acts):
    async with room.at(size):
        await room.press("X")
        assert "End the run, in order?" in room.text
        await room.press(key)
        assert room.session.asked == acts
        await room.settle()
        assert room.rows[0].endswith("ENDED" if acts else "LIVE")


async def test_limits_are_set_one_after_the_other(room, size):
    async with room.at(size):
        await room.press("l")
        await room.type("turns=50 money=2.5")
        assert [act["what"] for act in room.session.asked] == ["turns", "money"]
        assert room.flashed == "money: no limit before, 2.5 now."


async def test_a_limit_that_is_none_is_not_asked_for(room, size):
    async with room.at(size):
        await room.press("l")
        await room.type("turns=many")
        assert room.session.asked == []
        assert room.flashed == "turns='many': this is no number."


async def hold_one(room):
    await room.press("h")
    await room.type('agent=bo words="who are"')
    room.play(4)
    await room.settle()


async def test_a_held_message_waits_and_is_released(room, size):
    async with room.at(size, turns=0) as page:
        await hold_one(room)
        assert page.paused_banner.said == (
            "1 HELD   nobody hears them and no turn begins   H decides"
        )
        assert room.rows[0].endswith("1 HELD")
        await room.press("H")
        assert "1: bo in lobby  I am. Who are you?" in room.text
        assert "filter 1 holds agent bo, words who are" in room.text
        await room.press("enter")
        assert room.session.asked[-1] == {"verb": "release", "id": 1}
        assert page.state.held == {}


async def test_a_held_message_is_edited(room, size):
    async with room.at(size, turns=0) as page:
        await hold_one(room)
        await room.press("H", "e")
        assert page.ask_bar._input.value == "I am. Who are you?"
        await room.press("ctrl+u")
        await room.type("I am.")
        assert room.session.asked[-1] == {"verb": "edit", "id": 1, "text": "I am."}
        assert "(the operator's words in its place)" in room.text


@pytest.mark.parametrize(("keys", "act"), [
    (["d"], {"verb": "drop", "id": 1}),
    (["down", "u"], {"verb": "unhold", "id": 1}),
    (["down", "enter"], {"verb": "unhold", "id": 1}),
])  # fmt: skip
async def test_a_held_message_is_dropped_and_a_filter_goes(room, size, keys, act):
    async with room.at(size, turns=0):
        await hold_one(room)
        await room.press("H", *keys)
        assert room.session.asked[-1] == act


async def test_the_list_of_held_messages_is_left(room, size):
    async with room.at(size, turns=0) as page:
        await hold_one(room)
        await room.press("H", "u", "escape")
        assert not page.held_list.display
        assert room.session.asked[-1]["verb"] == "hold"
        assert page.transcript.sheet.has_focus
        await room.press("H")
        assert page.held_list.has_focus
        await room.press("H")
        assert not page.held_list.display


async def test_the_list_of_held_messages_goes_with_the_run(room, size):
    async with room.at(size, turns=0) as page:
        await hold_one(room)
        await room.press("H", "X", "y")
        assert page.phase == "ended"
        assert not page.held_list.display
        assert page.transcript.sheet.has_focus


@pytest.mark.parametrize(("key", "hint"), [("h", "agent= room= kind="), ("l", "turns= seconds=")])
async def test_a_question_shows_what_it_takes_and_keeps_what_is_wrong(room, size, key, hint):
    async with room.at(size) as page:
        await room.press(key)
        assert hint in room.text
        await room.type("seconds=soon")
        assert page.ask_bar.asking
        assert page.ask_bar._input.value == "seconds=soon"


async def test_once_the_run_is_over_there_is_nothing_to_be_told(room, size):
    async with room.at(size) as page:
        await room.press("X", "y")
        asked = len(room.session.asked)
        await room.press("P", "full_stop", "i", "w", "m", "l", "h", "X")
        assert len(room.session.asked) == asked
        assert not page.ask_bar.display
        assert page.check_action("pause", ()) is False


async def test_a_frozen_box_is_seen_and_thawed(room, size):
    async with room.at(size) as page:
        await room.press("t")
        assert room.flashed == "refused: the box of ada is not frozen"
        room.session.record("box.frozen", "ada", {"why": "contacted a door"})
        await room.settle()
        assert page.roster.doings.get("ada").word == "FROZEN"
        assert "frozen: ada (t thaws)" in room.facts
        await room.press("t")
        assert room.session.asked[-1] == {"verb": "thaw", "agent": "ada"}
        assert room.flashed == "The box of ada runs on, and it gets turns again."
        assert "frozen" not in room.facts


async def test_long_news_does_not_hide_the_question_below(room, size):
    async with room.at(size) as page:
        await room.press("l")
        asked = page.focused.region
        page.flash("what was refused, " * 12, "bad")
        await room.settle()
        news = page._flash.region
        assert news.height > 1
        assert not news.overlaps(asked)
        await room.press("escape")
        page.flash("what was refused, " * 12, "bad")
        await room.settle()
        assert page._flash.region.bottom == page.size.height - 1


async def test_the_clock_leaves_out_when_no_engine_ran_the_run(room):
    async with room.at((120, 36)) as page:
        before, last = page._elapsed, page._latest
        again = datetime.fromtimestamp(last + 160, UTC).isoformat()
        resumed = Event(page.position + 1, "run.resumed", "engine", {})
        page.observe(replace(resumed, ts=again), b"")
        assert before - page._elapsed == pytest.approx(160)
