"""A transcript moves only when its reader moves it."""

import pytest
from textual.events import MouseScrollUp

from sandbox.tui.text.transcript import Transcript
from tests.tui.text.conftest import line, numbered

LONG = " ".join(f"word{n}" for n in range(300))


async def test_it_follows_its_end(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        assert app.seqs == [f"line {seq}" for seq in range(91, 101)]
        app.transcript.append(numbered(101, 103))
        await app.settle()
        assert app.seqs[-1] == "line 103"
        assert (app.transcript.following, app.transcript.unread) == (True, 0)


@pytest.mark.parametrize("key", ["up", "k", "pageup", "ctrl+u", "home", "g"])
async def test_looking_back_holds_the_view_and_counts_what_is_new(open_reading, key):
    async with open_reading(numbered(1, 100)) as app:
        await app.press(key)
        before = app.seqs
        app.transcript.append(numbered(101, 112))
        await app.settle()
        assert app.seqs == [*before[:-1], app.seqs[-1]]
        assert (app.transcript.following, app.transcript.unread) == (False, 12)
        assert app.rows[-1].endswith(" +12 new  G follows")
        await app.press("G")
        assert app.seqs[-1] == "line 112"
        assert (app.transcript.following, app.transcript.unread) == (True, 0)


async def test_the_badge_can_be_clicked(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        await app.press("g")
        app.transcript.append(numbered(101, 101))
        await app.settle()
        assert await app.pilot.click("Badge")
        await app.settle()
        assert app.transcript.following


async def test_a_resize_or_new_lines_do_not_unpin(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        for size in ((60, 20), (40, 5), (100, 30)):
            await app.pilot.resize_terminal(*size)
            app.transcript.append(numbered(101, 110))
            await app.settle()
            assert app.transcript.following
            assert app.seqs[-1] == "line 110"


async def test_the_line_at_the_top_stays_through_a_resize(open_reading):
    async with open_reading([line(seq, f"{seq} {LONG}") for seq in range(1, 200)]) as app:
        app.transcript.to_seq(100)
        await app.settle()
        [top] = {row.split()[1] for row in app.rows[3:4]}
        for size in ((60, 20), (120, 12), (80, 10)):
            await app.pilot.resize_terminal(*size)
            await app.settle()
            assert any(f" {top} word0" in row for row in app.rows)


async def test_the_cursor_moves_by_lines_and_follows_again_with_the_last(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        for key, pointed in (("k", 100), ("k", 99), ("up", 98), ("j", 99)):
            await app.press(key)
            assert app.transcript.pointed == pointed
        assert not app.transcript.following
        assert app.rows[-2].startswith(">ada")
        await app.press("down")
        assert (app.transcript.pointed, app.transcript.following) == (100, True)


async def test_pages_and_ends(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        await app.press("pageup")
        assert app.seqs[0] == "line 82"
        await app.press("g")
        assert (app.seqs[0], app.transcript.pointed) == ("line 1", 1)
        await app.press("pagedown", "ctrl+d")
        assert app.seqs[0] == "line 19"
        await app.press("end")
        assert (app.transcript.following, app.transcript.pointed) == (True, None)


async def test_a_text_taller_than_the_view_is_read_row_by_row(open_reading):
    async with open_reading([line(1, "first"), line(2, LONG), line(3, "last")]) as app:
        await app.press("g", "j", "enter")
        assert app.transcript.pointed == 2
        before = app.seqs
        await app.press("j")
        assert app.transcript.pointed == 2
        assert app.seqs[:-1] == before[1:]
        await app.press(*["j"] * 60)
        assert app.transcript.following


async def test_an_event_is_brought_into_view(open_reading):
    async with open_reading(numbered(10, 100)) as app:
        assert app.transcript.to_seq(50)
        await app.settle()
        assert app.seqs[3] == "line 50"
        assert not app.transcript.following
        assert not app.transcript.to_seq(500)
        assert not app.transcript.to_seq(3)
        assert app.transcript.pointed == 10


async def test_long_texts_are_folded_and_unfolded(open_reading):
    async with open_reading([line(1, LONG), line(2, "two")], size=(80, 60)) as app:
        assert app.rows[12].strip() == "… 20 more lines (enter)"
        assert app.rows[13].split() == ["ada", "two"]
        await app.press("g", "enter")
        assert app.rows[32].split() == ["ada", "two"]
        await app.press("o", "O")
        assert app.rows[32].split() == ["ada", "two"]
        await app.press("O", "j", "enter")
        assert app.said == [
            Transcript.Opened(1, unfolded=True),
            Transcript.Opened(1, unfolded=False),
            Transcript.Opened(2, unfolded=None),
        ]


async def test_earlier_lines_are_asked_for_once_at_the_top_and_do_not_move_the_view(open_reading):
    async with open_reading(numbered(101, 200)) as app:
        app.transcript.has_earlier = True
        await app.press("g")
        await app.press("k", "k")
        assert [type(message) for message in app.said] == [Transcript.Earlier]
        app.transcript.prepend(numbered(51, 100))
        await app.settle()
        assert app.seqs[0] == "line 101"
        await app.press("k")
        assert app.transcript.pointed == 100


async def test_lines_after_an_event_can_be_forgotten(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        app.transcript.truncate(40)
        await app.settle()
        assert app.seqs[-1] == "line 40"
        app.transcript.append(numbered(41, 42))
        await app.settle()
        assert app.seqs[-1] == "line 42"
        app.transcript.clear()
        await app.settle()
        assert (app.transcript.count, app.rows[0].strip()) == (0, "")


async def test_the_wheel_and_the_scroll_bar_are_the_readers(open_reading):
    async with open_reading(numbered(1, 1000)) as app:
        sheet = app.transcript.sheet
        await app.pilot._post_mouse_events([MouseScrollUp], sheet, offset=(5, 5))
        await app.settle()
        assert not app.transcript.following
        await app.press("G")
        await app.pilot.mouse_down(sheet, offset=(79, 9))
        await app.pilot.hover(sheet, offset=(79, 4))
        await app.pilot.mouse_up(sheet, offset=(79, 4))
        await app.settle()
        assert not app.transcript.following


async def test_the_scroll_bar_shows_where_the_window_is_however_the_lines_came(open_reading):
    async with open_reading([]) as app:
        sheet, bar = app.transcript.sheet, app.transcript.sheet.vertical_scrollbar
        for first, last in ((1, 5), (6, 30), (31, 33), (34, 90), (91, 91), (92, 400), (401, 402)):
            app.transcript.append(numbered(first, last))
            await app.settle()
            told = (bar.window_virtual_size, bar.window_size, bar.position)
            assert told == (sheet.virtual_size.height, sheet.size.height, sheet.scroll_y)
            drawn = [bar.render_line(y) for y in range(sheet.size.height)]
            bar.refresh()
            await app.settle()
            assert drawn == [bar.render_line(y) for y in range(sheet.size.height)]


async def test_a_click_points(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        await app.pilot.click(app.transcript.sheet, offset=(10, 4))
        await app.settle()
        assert app.transcript.pointed == 95
