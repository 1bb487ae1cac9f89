"""The looks, as pictures: after a change on purpose, `pytest tests/tui/test_pictures.py --snapshot-update`."""

import pytest

SIZES = [(120, 36), (80, 24)]


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_run_looked_back_at(stage, snap_compare, theme, size):
    """The shell around a live run: heading, badge, cursor, find, footer."""
    stage.settings.theme = theme

    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("enter")
        await stage.play(7)
        stage.live.transcript.focus()
        await stage.press("up", "up", "slash", *"here", "enter")
        await stage.play(2)

    assert snap_compare(stage.make(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("key", ["question_mark", "f1", "ctrl+o", "q", "z"])
def test_what_lies_over_a_page(stage, snap_compare, key):
    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("enter")
        await stage.play(4)
        stage.live.transcript.focus()
        await stage.press(key)

    assert snap_compare(stage.make(), terminal_size=(80, 24), run_before=look)


def test_ended_without_colours(stage, snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("enter")
        await stage.play()

    assert snap_compare(stage.make(), terminal_size=(80, 24), run_before=look)
