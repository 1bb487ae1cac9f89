"""The looks, as pictures: after a change on purpose, `pytest tests/tui/test_pictures.py --snapshot-update`."""


def test_launch(stage, snap_compare):
    stage.write("draft.yaml", "title: Draft\nagents:\n  ada: {modle: local/qwen}\n")

    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("down")

    assert snap_compare(stage.make(), terminal_size=(120, 36), run_before=look)


def test_live_held(stage, snap_compare):
    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("enter")
        await stage.play(7)
        await stage.press("f")
        await stage.play(2)

    assert snap_compare(stage.make(), terminal_size=(80, 24), run_before=look)


def test_ended_without_colours(stage, snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def look(pilot):
        stage.pilot = pilot
        await stage.settle()
        await stage.press("enter")
        await stage.play()

    assert snap_compare(stage.make(), terminal_size=(80, 24), run_before=look)
