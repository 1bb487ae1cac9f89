import pytest

from sandbox.errors import BusError, TierUnavailable
from sandbox.tui.transcript import MAX_LINES


async def test_while_it_is_prepared_it_says_what_it_waits_for(stage, size):
    async with stage.at(size):
        await stage.press("enter")
        assert stage.rows[0].split() == ["Backrooms", "Two", "strangers", "PREPARING"]
        assert stage.rows[-2].startswith(" Loading the models. · 0:00")


async def test_the_text_is_shown_as_it_is_played(stage, size):
    async with stage.playing(size, turns=3) as live:
        assert stage.rows[0].split()[-1] == "LIVE"
        assert " ada  Is anyone here?" in stage.text
        assert " bo   I am. Who are you?" in stage.text
        assert stage.rows[-2].startswith(" turn 4 of 12 · bo")
        assert stage.rows[-2].endswith("following")
        assert "whispers to bo: The door is open." not in stage.rows[-3]
        assert not live.over


async def test_s_stops_in_order_and_says_where_the_transcript_lies(stage, size):
    async with stage.playing(size, turns=3) as live:
        await stage.press("s")
        assert (live.phase, stage.player.stops) == ("ended", 1)
        assert "The run has ended: stopped by the operator." in stage.text
        assert "transcript  transcripts/20261121-113908-strangers-abcd" in stage.text
        assert f"last hash   {stage.app.played[0].last_hash}" in stage.text
        await stage.press("s")
        assert stage.player.stops == 1


async def test_the_last_lines_are_in_sight_when_a_run_has_ended(stage, size):
    async with stage.playing(size, turns=100):
        assert "the run has ended: turns: 12 turns were played" in stage.text
        assert stage.rows[0].split()[-1] == "ENDED"


async def test_stop_gives_up_what_is_still_being_prepared(stage, size):
    async with stage.at(size):
        await stage.press("enter", "s")
        assert stage.live.phase == "ended"
        assert "The run was stopped before it began." in stage.text
        assert stage.app.played == []


async def test_escape_goes_back_once_the_run_is_over_and_not_before(stage, size):
    async with stage.playing(size, turns=3) as live:
        await stage.press("escape")
        assert stage.app.screen is live
        await stage.press("s", "escape")
        assert stage.app.screen is stage.launch


async def test_another_run_can_follow(stage):
    async with stage.playing((120, 36), turns=100):
        await stage.press("escape", "enter")
        assert stage.live.phase == "ended"
        assert len(stage.app.played) == 2


async def test_f_holds_the_view_and_follows_again(stage, size):
    async with stage.playing(size, turns=6) as live:
        await stage.press("f")
        assert stage.rows[-2].endswith("f follows")
        await stage.play(2)
        assert stage.rows[-2].endswith("5 new · f follows")
        await stage.press("f")
        assert stage.rows[-2].endswith("following")
        assert live.transcript.unread == 0


async def test_keys_that_look_back_hold_the_view(stage, size):
    async with stage.playing(size, turns=11) as live:
        await stage.resize(size[0], 18)
        for key in ("up", "k", "pageup", "ctrl+u", "home", "g"):
            await stage.press(key)
            assert (key, live.transcript.following) == (key, False)
            await stage.press("f")
            assert live.transcript.following


async def test_nothing_that_comes_moves_a_view_that_is_held(stage, size):
    async with stage.playing(size, turns=11) as live:
        await stage.resize(size[0], 18)
        await stage.press("up")
        before = live.transcript.scroll_offset.y
        await stage.play()
        assert live.transcript.scroll_offset.y == before
        assert live.transcript.unread > 0


async def test_keys_that_come_to_the_end_follow_it(stage, size):
    async with stage.playing(size, turns=11) as live:
        await stage.resize(size[0], 18)
        for key in ("down", "j", "pagedown", "ctrl+d", "end", "G"):
            await stage.press("up")
            assert not live.transcript.following
            await stage.press(key)
            assert (key, live.transcript.following) == (key, True)
            assert live.transcript.scroll_offset.y == live.transcript.max_scroll_y


async def test_a_resize_keeps_the_line_at_the_top(stage):
    async with stage.playing((120, 18), turns=11):
        await stage.press("g", "j", "j", "j")
        top = stage.rows[1]
        await stage.resize(70, 18)
        assert stage.rows[1].split() == top.split()


async def test_old_lines_are_forgotten_and_the_view_stays(stage):
    async with stage.playing((80, 24), turns=11) as live:
        line = live.transcript.lines[-1]
        await stage.press("g")
        live.transcript.append([line] * (MAX_LINES * 2))
        await stage.settle()
        assert len(live.transcript.lines) == MAX_LINES
        await stage.press("G")
        assert stage.rows[-3] == stage.rows[-4]


async def _no_docker(plan, *, observe, progress, stop):
    raise TierUnavailable("docker", "no daemon answers", "Start it: systemctl start docker.")


async def _group(plan, *, observe, progress, stop):
    raise ExceptionGroup("two", [BusError("the broker is gone"), OSError(28, "No space left")])


async def _bug(plan, *, observe, progress, stop):
    raise ZeroDivisionError("a bug")


async def test_a_run_that_cannot_be_played_says_why_in_a_sentence(stage, size):
    async with stage.at(size, _no_docker):
        await stage.press("enter")
        assert stage.rows[0].split()[-1] == "FAILED"
        assert "tier 'docker' is not available here: no daemon answers." in stage.text
        await stage.press("escape")
        assert stage.app.screen is stage.launch


async def test_all_that_went_wrong_is_said(stage, size):
    async with stage.at(size, _group):
        await stage.press("enter")
        assert "the broker is gone" in stage.text
        assert "[Errno 28] No space left" in stage.text


async def test_what_nobody_foresaw_is_not_hidden(stage):
    with pytest.raises(ZeroDivisionError):
        async with stage.at((80, 24), _bug):
            await stage.press("enter")


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quit_stops_the_run_in_order_first(stage, size, key):
    async with stage.playing(size, turns=3):
        await stage.pilot.press(key)
        await stage.pilot.pause()
        assert stage.player.stops == 1
        assert [played.reason for played in stage.app.played] == ["stopped"]
        assert stage.app._exit


async def test_quit_before_the_run_has_begun(stage):
    async with stage.at((80, 24)):
        await stage.press("enter")
        await stage.pilot.press("q")
        await stage.pilot.pause()
        assert stage.app._exit


async def test_help_over_a_live_run_does_not_hold_it(stage, size):
    async with stage.playing(size, turns=3) as live:
        await stage.press("f1")
        assert "Stop the run in order" in stage.text
        await stage.play()
        await stage.press("question_mark")
        assert stage.app.screen is live
        assert live.phase == "ended"


async def test_the_footer_names_the_keys(stage, size):
    async with stage.playing(size, turns=3):
        assert stage.rows[-1] == " s Stop  f Follow  esc Back  ? Keys  q Quit"


async def test_what_was_selected_can_be_copied(stage):
    async with stage.playing((80, 24), turns=2) as live:
        await stage.pilot.mouse_down(live.transcript, offset=(6, 8))
        await stage.pilot.hover(live.transcript, offset=(20, 10))
        await stage.pilot.mouse_up(live.transcript, offset=(20, 10))
        await stage.settle()
        assert live.get_selected_text() == (
            f"is here\n── ada turn 1 of 12 {'─' * 59}\n ada  Is anyone here?"
        )
