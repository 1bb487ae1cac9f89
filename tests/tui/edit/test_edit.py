"""Every key of the editor, at both sizes."""

import pytest

from sandbox.tui.live.page import LivePage

BAD = "title: t\nagents:\n  ada: {modle: x}\n  bo: {tools: [shel]}\n"
GOOD = "title: A room\nagents:\n  ada: {script: [Hello?]}\n  bo: {script: [Hello.]}\n"


async def test_what_is_wrong_is_marked_counted_and_listed(edit):
    async with edit(text=BAD) as desk:
        assert desk.problems == [
            "unknown key 'modle' in agent 'ada'. Did you mean 'model'?",
            "there is no tool 'shel'. Did you mean 'shell'?",
        ]
        assert "2 problems" in desk.rows[0]
        assert "  unknown key 'modle' in agent" in desk.rows[4]
        assert "x 3:9    F9 unknown key 'modle'" in desk.screen


async def test_f8_goes_from_problem_to_problem_and_round(edit):
    async with edit(text=BAD) as desk:
        for place in ((2, 8), (3, 15), (2, 8)):
            await desk.press("f8")
            assert desk.page.area.cursor_location == place


async def test_f8_where_nothing_is_wrong(edit):
    async with edit(text=GOOD) as desk:
        await desk.press("f8")
        assert desk.flash == "Nothing is wrong."


async def test_f9_mends_the_line_of_the_cursor_first_and_can_be_undone(edit):
    async with edit(text=BAD) as desk:
        desk.at(3, 0)
        await desk.press("f9")
        assert desk.text == BAD.replace("shel", "shell")
        await desk.press("f9")
        assert desk.text == BAD.replace("shel", "shell").replace("modle", "model")
        assert [each for each in desk.page.findings.all if each.grave] == []
        await desk.press("ctrl+z", "ctrl+z")
        assert desk.text == BAD
        await desk.press("ctrl+y")
        assert desk.text == BAD.replace("shel", "shell")


async def test_f9_where_people_have_to_choose(edit):
    async with edit(text="title: t\nagents: {ada: }\nstop: {zzz: 1}\n") as desk:
        await desk.press("f9")
        assert desk.flash == "Nothing here can be mended by a key."


async def test_a_row_of_the_list_leads_to_its_problem(edit):
    async with edit(text=BAD) as desk:
        desk.page.problems.focus()
        await desk.press("down", "enter")
        assert desk.page.area.has_focus
        assert desk.page.area.cursor_location == (3, 15)


async def test_tab_writes_the_only_word_there_is(edit):
    async with edit(text="title: t\nagents:\n  ada:\n    mod") as desk:
        desk.at(3, 7)
        await desk.press("tab")
        assert desk.text.endswith("    model: ")


async def test_tab_offers_what_there_is_and_writing_on_narrows_it(edit):
    async with edit(text="title: t\norder: r") as desk:
        desk.at(1, 8)
        await desk.press("tab")
        assert desk.page.options.has_focus
        assert "round-robin" in desk.screen
        await desk.press("down", "enter")
        assert desk.text == "title: t\norder: random"
        assert desk.page.area.has_focus


async def test_keys_typed_into_the_offer_go_into_the_text(edit):
    async with edit(text="title: t\norder: r") as desk:
        desk.at(1, 8)
        await desk.press("tab", "a", "n")
        assert desk.text == "title: t\norder: ran"
        await desk.press("backspace", "escape")
        assert (desk.text, desk.page.options.display) == ("title: t\norder: ra", False)
        await desk.press("tab")
        assert desk.text == "title: t\norder: random"


async def test_tab_indents_where_nothing_is_known(edit):
    async with edit(text="title: t\nabout: |\n  a") as desk:
        desk.at(2, 3)
        await desk.press("tab", "x")
        assert desk.text == "title: t\nabout: |\n  a x"


async def test_a_key_that_is_changed_keeps_its_value(edit):
    async with edit(text="title: t\nlimits: {thi: 3}\n") as desk:
        desk.at(1, 12)
        await desk.press("tab")
        assert desk.text == "title: t\nlimits: {thinks: 3}\n"


async def test_a_new_line_begins_where_it_should(edit):
    async with edit(text="title: t\nagents:") as desk:
        desk.at(1, 7)
        await desk.press("enter", *"ada:", "enter", "x")
        assert desk.text == "title: t\nagents:\n  ada:\n    x"


async def test_the_key_under_the_cursor_is_explained(edit, size):
    async with edit(text=GOOD) as desk:
        desk.at(2, 4)
        if size == (80, 24):
            await desk.press("f6")
        await desk.press("right")
        assert "agents.ada" in desk.screen
        assert "One agent: a model" in desk.screen


async def test_the_preview_shows_who_hears_whom_and_stays_when_it_is_wrong(edit, size):
    async with edit(text=GOOD) as desk:
        if size == (80, 24):
            assert "all 2 hear" not in desk.screen
            await desk.press("f6")
        assert "lobby  anyone may enter" in desk.screen
        assert "each hears the other" in desk.screen
        desk.at(0, 0)
        await desk.press("x")
        assert "As it was when it was right" in desk.screen
        assert "each hears the other" in desk.screen
        await desk.press("f6")
        assert "each hears the other" not in desk.screen


@pytest.mark.parametrize(
    ("key", "title", "turns"), [("ctrl+r", "A room", 20), ("ctrl+t", "A room (dry run)", 3)]
)
async def test_it_runs_what_stands_here_saved_or_not(edit, stage, key, title, turns):
    async with edit(text=GOOD) as desk:
        await desk.press(key)
        assert isinstance(stage.app.screen, LivePage)
        (playing,) = stage.desk.runs
        scenario = playing.plan.scenario
        assert (scenario.title, scenario.limits.turns) == (title, turns)


@pytest.mark.parametrize("key", ["ctrl+r", "ctrl+t"])
async def test_what_is_wrong_is_not_run(edit, key):
    async with edit(text=BAD) as desk:
        await desk.press(key)
        assert desk.flash == "This cannot be run yet: F8 goes to what is wrong."


async def test_f4_says_where_no_other_program_can_be_shown(edit, monkeypatch):
    monkeypatch.setenv("VISUAL", "true")
    async with edit(text=GOOD) as desk:
        await desk.press("f4")
        assert desk.flash == "This terminal cannot be lent to another program."


async def test_digits_and_letters_are_text_here(edit):
    async with edit(text="title: t\n") as desk:
        await desk.press("1", "q", "question_mark")
        assert desk.text == "1q?title: t\n"


async def test_the_editor_types_with_colours(edit):
    async with edit(text=GOOD) as desk:
        assert desk.page.area.is_syntax_aware
        await desk.press(*"# a: [b", "enter", *"é: '🙂", "delete", "ctrl+k", "ctrl+z")
        assert desk.page.area._highlights[1]


async def test_a_number_leads_on_from_edit_until_something_is_written(stage, size):
    async with stage.at(size):
        app, pilot = stage.app, stage.pilot
        await pilot.press("5", "6")
        assert app.current_mode == "compare"
        await pilot.press("5", "2")
        assert app.current_mode == "live"
        await pilot.press("5", "#", "6")
        page = app.screen
        assert (app.current_mode, page.area.text[:2]) == ("edit", "#6")
        await pilot.press("backspace", "backspace", "escape", "5", "down", "4")
        assert (app.current_mode, page.area.text.splitlines()[1][0]) == ("edit", "4")


async def test_a_click_into_the_text_begins_the_writing(stage, size):
    async with stage.at(size):
        await stage.pilot.press("5")
        page = stage.app.screen
        await stage.pilot.click(page.area, offset=(8, 1))
        await stage.pilot.press("6")
        assert stage.app.current_mode == "edit"
        assert "6" in page.area.text


async def test_the_last_row_says_how_to_leave(edit):
    async with edit(text=GOOD) as desk:
        assert "esc Leave" in desk.rows[-1]
        assert "^q Quit" in desk.rows[-1]
