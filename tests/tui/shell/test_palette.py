"""Anything a key does is a command too."""

import pytest

from sandbox.tui.bindings import own_bindings
from sandbox.tui.palette import Commands
from sandbox.tui.places import MODES

AWAY = ("Quit", "Launch", "Dry run", "Run:")
"""Commands that end the app, or play something: each has a test of its own."""


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_command_is_found_and_run(stage, size, key):
    async with stage.at(size):
        await stage.press(key)
        await stage.press(*"go to flags")
        await stage.pilot.pause(0.2)
        await stage.press("enter", "enter")
        assert stage.app.current_mode == "flags"


async def test_a_theme_is_tried_on_while_it_is_looked_at(stage, size):
    async with stage.at(size):
        await stage.press("colon", *"theme: light")
        await stage.pilot.pause(0.2)
        await stage.press("down")
        assert stage.app.theme == "light"
        await stage.press("escape")
        assert (stage.app.theme, stage.desk.settings.theme) == ("dark", "")
        await stage.press("colon", *"theme: light")
        await stage.pilot.pause(0.2)
        await stage.press("enter", "enter")
        assert (stage.app.theme, stage.desk.settings.theme) == ("light", "light")


async def test_a_screenshot_is_written_where_one_works(stage, tmp_path):
    async with stage.at((80, 24)):
        stage.app.screenshot()
        await stage.settle()
        assert "Written: backrooms-20231114-221320.svg" in stage.text
        assert (tmp_path / "backrooms-20231114-221320.svg").read_text().startswith("<svg")


async def test_runs_and_their_flags_are_found(stage, tmp_path):
    (tmp_path / "transcripts" / "20261121-113908-x\x1b[31m-abcd").mkdir(parents=True)
    async with stage.at((80, 24)):
        names = [command.name for command in Commands(stage.app.screen).all()]
        assert "Replay: 20261121-113908-x␛[31m-abcd" in names
        assert "Flags: 20261121-113908-x␛[31m-abcd" in names


@pytest.mark.parametrize("mode", MODES)
async def test_every_command_of_every_page_runs(stage, mode):
    async with stage.at((120, 36)):
        await stage.app.go(mode)
        await stage.settle()
        names = [command.name for command in Commands(stage.app.screen).all()]
        assert len(names) == len(set(names))
        for name in names:
            if stage.app._exit:
                break
            await stage.app.go(mode)
            while len(stage.app.screen_stack) > 1:
                await stage.app.pop_screen()
            await stage.settle()
            if not name.startswith(AWAY):
                await run(stage, name)


@pytest.mark.parametrize(("mode", "name"), [(mode, "Quit") for mode in MODES])
async def test_the_command_that_quits_quits(stage, mode, name):
    async with stage.at((120, 36)):
        await stage.app.go(mode)
        await stage.settle()
        await run(stage, name)
        assert stage.app._exit


@pytest.mark.parametrize(
    ("mode", "name", "title", "turns"),
    [
        ("launch", "Launch", "Two strangers", 12),
        ("launch", "Dry run", "Two strangers (dry run)", 3),
        ("edit", "Run", "Untitled", 4),
        ("edit", "Dry run", "Untitled (dry run)", 3),
    ],
)
async def test_the_commands_that_play_play(stage, mode, name, title, turns):
    async with stage.at((120, 36)):
        await stage.app.go(mode)
        await stage.settle()
        await run(stage, name)
        [playing] = stage.desk.alive
        scenario = playing.plan.scenario
        assert (scenario.title, scenario.limits.turns) == (title, turns)
        assert stage.live.phase == "preparing"


async def run(stage, name):
    """Run the first command of that name, and wait for what comes of it."""
    found = (each for each in Commands(stage.app.screen).all() if each.name.startswith(name))
    if (command := next(found, None)) is not None and (result := command.run()) is not None:
        await result
    await stage.settle()


@pytest.mark.parametrize("mode", ["runs", "flags"])
async def test_what_the_page_is_for_stands_before_moving_about(stage, mode):
    async with stage.at((120, 36)):
        await stage.app.go(mode)
        await stage.settle()
        page = stage.app.screen
        names = [command.name.split("  [")[0] for command in Commands(page).all()]
        own = [each for each in own_bindings(type(page)) if page.check_action(each.action, ())]
        assert names[0].startswith(own[0].description)
        first_move = next(n for n, name in enumerate(names) if name.startswith(("Up", "Down")))
        assert first_move >= len(own) - 1
