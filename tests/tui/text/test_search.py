"""Find, filter and copy in a transcript."""

from sandbox.tui.text.transcript import Transcript
from tests.tui.text.conftest import line, numbered

TALK = [
    line(1, "The door is open."),
    line(2, "Which door?", who="bo"),
    line(3, "$ ls -la", what="action"),
    line(4, "The DOOR behind you.", who="bo"),
    line(5, "Nothing."),
]


def state(app):
    return app.transcript.state


async def test_find_marks_counts_and_goes_round(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        await app.press("slash", *"door")
        assert state(app) == "find door: 1 of 3"
        await app.press("enter", "n")
        assert (state(app), app.transcript.pointed) == ("find door: 2 of 3", 2)
        await app.press("n", "n")
        assert (state(app), app.transcript.pointed) == ("find door: 1 of 3", 1)
        await app.press("N")
        assert (state(app), app.transcript.pointed) == ("find door: 3 of 3", 4)
        hits = [
            part.text
            for strip in app.screen._compositor.render_strips()
            for part in strip
            if part.style and part.style.reverse
        ]
        assert hits == ["door", "door", "DOOR"]
        await app.press("escape")
        assert (state(app), app.left) == ("", 0)
        await app.press("escape")
        assert app.left == 1


async def test_find_says_where_there_is_nothing(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        assert app.transcript.find("window") == 0
        assert state(app) == "find window: nowhere"
        await app.press("n", "N")
        assert app.transcript.pointed is None


async def test_escape_leaves_the_search_while_typing(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        await app.press("slash", *"door", "escape")
        assert (state(app), app.left) == ("", 0)
        assert app.transcript.sheet.has_focus


async def test_new_lines_are_found_too(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        app.transcript.find("door")
        app.transcript.append([line(6, "a door"), line(7, "a wall")])
        assert state(app) == "find door: 1 of 4"
        app.transcript.truncate(2)
        assert state(app) == "find door: 1 of 2"
        app.transcript.prepend([line(0, "no door")])
        assert state(app) == "find door: 2 of 3"


async def test_filters_stack_and_are_taken_away_together(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        await app.press("f", *"door", "enter")
        assert [told.seq for told in app.transcript.lines] == [1, 2, 4]
        await app.press("f", *"agent:bo", "enter")
        assert [told.seq for told in app.transcript.lines] == [2, 4]
        assert state(app) == "filter door + agent:bo: 2 of 5 lines"
        app.transcript.append([line(6, "door", who="bo"), line(7, "door")])
        assert [told.seq for told in app.transcript.lines] == [2, 4, 6]
        await app.press("F")
        assert [told.seq for told in app.transcript.lines] == [1, 2, 3, 4, 5, 6, 7]
        assert state(app) == ""


async def test_terms_of_a_filter(open_reading):
    async with open_reading(TALK) as app:
        for source, seqs in {
            "the door": [1, 4],
            '"the door"': [1, 4],
            '"door is"': [1],
            "-door": [3, 5],
            "kind:action": [3],
            "-agent:ADA": [2, 4],
            "agent:nobody": [],
            'door "behind': [4],
            "  ": [1, 2, 3, 4, 5],
            "-": [1, 2, 3, 4, 5],
        }.items():
            app.transcript.filter([source])
            assert (source, [told.seq for told in app.transcript.lines]) == (source, seqs)


async def test_nothing_passes_and_the_view_is_empty_and_whole_again(open_reading):
    async with open_reading(numbered(1, 100)) as app:
        app.transcript.filter(["nothing has this"])
        await app.settle()
        assert "".join(app.rows[:-1]).strip() == ""
        await app.press("k", "j", "g", "G", "pageup", "pagedown", "enter", "v", "y", "F")
        assert "line 100" in "".join(app.rows)


async def test_a_search_looks_only_at_what_is_shown(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        app.transcript.find("door")
        app.transcript.filter(["agent:bo"])
        assert state(app) == "find door: 1 of 2  ·  filter agent:bo: 2 of 5 lines"


async def test_an_event_that_is_hidden_brings_its_neighbour(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        app.transcript.filter(["-door"])
        app.transcript.to_seq(2)
        assert app.transcript.pointed == 3


async def test_y_asks_for_a_link_and_copies_a_range(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        await app.press("g", "j", "y")
        assert app.said == [Transcript.Linked(2)]
        await app.press("v", "j", "y")
        assert app.said[1:] == [Transcript.Copied(2)]
        assert app.clipboard == "[1] bo say: Which door?\n[1] ada action: $ ls -la"
        await app.press("Y")
        assert app.clipboard == "[1] ada action: $ ls -la"
        await app.press("v", "escape", "y")
        assert app.said[-1] == Transcript.Linked(3)


async def test_what_was_selected_with_the_mouse_is_copied(open_reading):
    async with open_reading(TALK, size=(80, 20)) as app:
        sheet = app.transcript.sheet
        await app.pilot.mouse_down(sheet, offset=(6, 0))
        await app.pilot.hover(sheet, offset=(11, 1))
        await app.pilot.mouse_up(sheet, offset=(11, 1))
        await app.press("y")
        assert app.clipboard == "The door is open.\n bo   Which"
