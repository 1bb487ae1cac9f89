"""From any page to any place, and back."""

import pytest

from sandbox.tui.bindings import scopes
from sandbox.tui.page import Page
from sandbox.tui.places import MODES, Compared, Flagged


@pytest.mark.parametrize("mode", MODES)
async def test_each_mode_has_a_key_and_a_name_to_click(stage, size, mode):
    async with stage.at(size):
        await stage.press(str(MODES.index(mode) + 1))
        assert stage.app.current_mode == mode
        assert stage.app.screen.heading.mode == mode
        await stage.press("1")
        keys = list(stage.app.screen.heading.query("ModeKey"))
        await stage.pilot.click(keys[MODES.index(mode)])
        await stage.settle()
        assert stage.app.current_mode == mode


NAMES = " 1 Launch  2 Live  3 Runs  4 Flags  5 Edit  6 Compare "


async def test_names_are_long_where_there_is_room(stage):
    async with stage.at((120, 36)):
        heading = stage.app.screen.heading
        heading.say("x" * 100)
        await stage.settle()
        assert stage.rows[0].startswith(NAMES)
        heading.say("")
        await stage.resize(80, 24)
        assert stage.rows[0].startswith(NAMES)


async def test_names_make_room_for_what_is_said_and_do_not_come_and_go(stage):
    async with stage.at((80, 24)):
        heading = stage.app.screen.heading
        heading.state("")
        heading.say("x" * 24)
        await stage.settle()
        assert stage.rows[0] == NAMES + " " + "x" * 24
        heading.state("LIVE")
        await stage.settle()
        assert stage.rows[0].startswith(" 1 Launch  2  3  4  5  6 ")
        heading.state("")
        await stage.settle()
        assert stage.rows[0].startswith(" 1 Launch  2  3  4  5  6 ")
        await stage.resize(81, 24)
        assert stage.rows[0].startswith(NAMES)


async def test_digits_are_text_where_one_types(stage, size):
    async with stage.at(size):
        await stage.press("slash", "2")
        assert stage.app.current_mode == "launch"


async def test_the_app_opens_at_a_place(stage, tmp_path):
    async with stage.at((80, 24), place=Flagged(tmp_path)):
        assert stage.app.current_mode == "flags"
        assert stage.app.screen.place == Flagged(tmp_path)


async def test_a_place_that_is_open_comes_back(stage, tmp_path):
    async with stage.at((80, 24)):
        await stage.app.go(Compared(tmp_path, tmp_path))
        page = stage.app.screen
        await stage.press("1")
        await stage.app.go(Compared(tmp_path, tmp_path))
        assert stage.app.screen is page


async def test_views_are_walked_back_and_forward(stage, size):
    async with stage.at(size):
        await stage.press("3", "4")
        for key, mode in (
            ("ctrl+left", "runs"),
            ("ctrl+left", "launch"),
            ("ctrl+right", "runs"),
            ("minus", "launch"),
            ("minus", "runs"),
        ):
            await stage.press(key)
            assert (key, stage.app.current_mode) == (key, mode)


async def test_where_there_is_no_view_before_it_says_so(stage, size):
    async with stage.at(size):
        await stage.press("ctrl+left")
        assert "There is no further view." in stage.text


async def test_a_run_that_was_played_is_not_played_again_by_going_back(stage, size):
    async with stage.playing(size, turns=100):
        await stage.press("1", "ctrl+left")
        assert stage.app.current_mode == "live"
        assert len(stage.desk.runs) == 1


def test_every_page_says_what_it_is_for():
    scopes(())
    pages = [kind for kind in Page.__subclasses__() if kind.__name__.endswith("Page")]
    assert len(pages) > 6
    assert [kind.__name__ for kind in pages if not kind.ABOUT] == []


async def test_rows_that_stay_are_drawn_once(stage, size):
    async with stage.at(size):
        heading = stage.app.screen.heading
        drawn = heading.render_lines(heading.size.region)
        again = heading.render_lines(heading.size.region)
        assert [*map(id, drawn)] == [*map(id, again)]
