import pytest

LONELY = "title: Nobody\nagents:\n  ada: {}\n"
BROKEN = "title: Draft\nagents:\n  ada: {modle: local/qwen}\n"


async def test_the_scenario_at_the_cursor_is_described(stage, size):
    async with stage.at(size):
        assert "│ strangers            2 agents " in stage.text
        for fact in (
            "scenarios/strangers.yaml",
            "Two strangers",
            "Who speaks of the door first?",
            "agents  ada  scripted  talk",
            "rooms   lobby  everybody; anyone may enter",
            "order   round-robin",
            "ends    after 12 turns or when all have left",
            "boxes   any tier; 512 MiB, 1 core, 128 processes",
        ):
            assert fact in stage.text


async def test_warnings_stand_below_the_facts(stage):
    stage.write("lonely.yaml", LONELY)
    async with stage.at((120, 36)):
        assert "lonely               1 agent !" in stage.text
        assert "! agents.ada: a scripted model without a script never says a word" in stage.text


async def test_a_broken_file_says_where_and_cannot_be_run(stage, size):
    stage.write("draft.yaml", BROKEN)
    async with stage.at(size):
        assert "draft                broken" in stage.text
        assert "scenarios/draft.yaml:3:9: unknown key 'modle' in agent 'ada'." in stage.card
        assert "Did you mean 'model'?" in stage.card
        await stage.press("enter")
        assert stage.app.screen is stage.launch
        assert [toast.message for toast in stage.app._notifications] == [
            "This file cannot be run: what is wrong stands beside it."
        ]


async def test_a_file_that_was_mended_can_be_read_again(stage, size):
    stage.write("draft.yaml", BROKEN)
    async with stage.at(size):
        stage.write("draft.yaml", LONELY)
        await stage.press("r")
        assert "broken" not in stage.text
        assert "Nobody" in stage.text


async def test_reading_again_keeps_the_cursor_on_its_file(stage):
    async with stage.at((120, 36)):
        stage.write("a-new-one.yaml", LONELY)
        await stage.press("r")
        assert stage.launch.list.entry.name == "strangers"


async def test_where_there_is_nothing_to_choose_it_says_how_to_begin(stage, size):
    (stage.shelf / "strangers.yaml").unlink()
    async with stage.at(size):
        assert "No scenarios here." in stage.text
        await stage.press("enter")
        assert stage.app.screen is stage.launch


async def test_keys_that_move_in_the_list(stage, size):
    stage.write("a.yaml", LONELY)
    stage.write("b.yaml", LONELY)
    async with stage.at(size):
        for key, name in (
            ("down", "b"),
            ("up", "a"),
            ("j", "b"),
            ("k", "a"),
            ("end", "strangers"),
            ("home", "a"),
            ("G", "strangers"),
            ("g", "a"),
        ):
            await stage.press(key)
            assert (key, stage.launch.list.entry.name) == (key, name)
            assert f"scenarios/{name}.yaml" in stage.text


async def test_one_click_points_and_two_run(stage, size):
    stage.write("a.yaml", LONELY)
    async with stage.at(size):
        await stage.pilot.click(stage.launch.list, offset=(5, 2))
        await stage.settle()
        assert stage.launch.list.entry.name == "strangers"
        assert "Two strangers" in stage.text
        await stage.pilot.click(stage.launch.list, offset=(5, 2), times=2)
        await stage.settle()
        assert stage.live.phase == "preparing"


async def test_enter_runs_from_either_pane(stage, size):
    async with stage.at(size):
        await stage.press("tab")
        assert stage.launch.card.has_focus
        await stage.press("enter")
        assert stage.live.phase == "preparing"


async def test_tab_goes_to_the_other_pane_and_back(stage, size):
    async with stage.at(size):
        assert stage.launch.list.has_focus
        await stage.press("tab")
        assert stage.launch.card.has_focus
        await stage.press("tab")
        assert stage.launch.list.has_focus


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quit(stage, size, key):
    async with stage.at(size):
        await stage.pilot.press(key)
        assert stage.app._exit


async def test_help_lists_the_keys_and_goes_away(stage, size):
    async with stage.at(size):
        for opens, closes in (("question_mark", "escape"), ("f1", "f1"), ("question_mark", "q")):
            await stage.press(opens)
            assert "Read the files again" in stage.text
            assert "Run this scenario" in stage.text
            await stage.press(closes)
            assert stage.app.screen is stage.launch


async def test_the_footer_names_the_keys(stage, size):
    async with stage.at(size):
        assert stage.rows[-1] == " ⏎ Run  tab Pane  r Read again  ? Keys  q Quit"
