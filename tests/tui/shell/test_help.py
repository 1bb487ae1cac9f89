"""What can be learnt of keys: the footer, `?`, F1, and that each has a name and a tooltip."""

import pytest
from textual.screen import Screen

from sandbox.tui.app_keys import APP_KEYS
from sandbox.tui.bindings import own_bindings, scopes
from sandbox.tui.footer import KeyCap
from sandbox.tui.page import Page
from sandbox.tui.places import MODES


async def test_question_mark_shows_the_keys_that_work_here(stage, size):
    async with stage.at(size):
        await stage.press("question_mark")
        assert "Keys" in stage.text
        assert stage.launch.ABOUT[:30] in stage.text
        for key in ("escape", "q", "question_mark", "f1"):
            await stage.press(key)
            assert (key, stage.app.screen) == (key, stage.launch)
            await stage.press("question_mark")


async def test_f1_is_about_the_pane_in_focus(stage, size):
    async with stage.playing(size, turns=3) as live:
        live.transcript.focus()
        await stage.press("f1")
        assert "A run as it is told" in stage.text
        await stage.press("f1")
        assert stage.app.screen is live


@pytest.mark.parametrize("mode", MODES)
async def test_the_footer_has_at_most_nine_keys_and_help_is_one(stage, size, mode):
    async with stage.at(size):
        await stage.press(str(MODES.index(mode) + 1))
        caps = list(stage.app.screen.query(KeyCap))
        assert 1 <= len(caps) <= 9
        assert stage.rows[-1].endswith("f1 Help" if mode == "edit" else "? Keys")
        assert all(cap.region.right <= size[0] and cap.region.width == cap.cells for cap in caps)
        assert all(cap.tooltip for cap in caps)


async def test_a_click_on_a_key_of_the_footer_presses_it(stage, size):
    async with stage.at(size):
        [keys] = [cap for cap in stage.app.screen.query(KeyCap) if cap.key == "question_mark"]
        await stage.pilot.click(keys)
        await stage.settle()
        assert stage.app.screen is not stage.launch


def test_every_binding_has_an_id_a_name_and_a_tooltip():
    scopes(APP_KEYS)
    textuals = list(own_bindings(Screen))
    pages = [kind for kind in Page.__subclasses__() if kind.__module__.startswith("sandbox.")]
    missing = [
        (kind.__name__, binding.key)
        for kind in pages
        for binding in own_bindings(kind)
        if binding not in textuals
        and not (binding.id and binding.description and (binding.tooltip or not binding.show))
    ]
    assert missing == []
