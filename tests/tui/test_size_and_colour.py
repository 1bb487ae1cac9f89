import asyncio

import pytest

NOTICE = "This terminal is too small."


@pytest.mark.parametrize("size", [(59, 24), (80, 17), (20, 5)], ids=str)
async def test_below_the_least_size_the_app_says_so(stage, size):
    async with stage.at(size):
        assert NOTICE[:19] in stage.text
        assert "strangers" not in stage.text
        await stage.resize(60, 18)
        assert NOTICE not in stage.text
        assert "strangers" in stage.text
        assert stage.launch.list.has_focus


async def test_a_run_goes_on_below_the_least_size(stage):
    async with stage.playing((80, 24), turns=3) as live:
        await stage.resize(40, 10)
        async with asyncio.timeout(30):
            while NOTICE not in stage.text:
                await stage.settle()
            await stage.play()
            while live.phase != "ended":
                await stage.settle()


async def test_without_colours_none_is_sent_and_the_cursor_is_still_seen(stage, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage.playing((80, 24), turns=100):
        await stage.press("escape")
        segments = [
            part for strip in stage.app.screen._compositor.render_strips() for part in strip
        ]
        styles = [part.style for part in segments if part.style]
        colours = {colour.name for s in styles for colour in (s.color, s.bgcolor) if colour}
        assert colours == {"default"}
        [row] = [part for part in segments if part.text.startswith("strangers ")]
        assert row.style.underline
