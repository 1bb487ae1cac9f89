"""Jump, zoom, and the widths of panes."""

from sandbox.tui.settings import Settings


async def test_jump_paints_a_key_on_each_pane_and_goes_there(stage, size):
    async with stage.at(size):
        panes = stage.launch.panes
        assert len(panes) > 1
        await stage.press("ctrl+o")
        assert list(stage.app.screen.panes) == list("asdfghjklqwertz")[: len(panes)]
        await stage.press("s")
        assert stage.app.focused is panes[1]
        await stage.press("ctrl+o", "escape")
        assert stage.app.focused is panes[1]
        await stage.press("ctrl+o", "x")
        assert stage.app.screen is not stage.launch
        await stage.press("a")
        assert stage.app.focused is panes[0]


async def test_a_pane_alone_and_back(stage, size):
    async with stage.at(size):
        before = stage.text
        await stage.press("z")
        assert stage.app.focused.region.width >= size[0] - 6
        await stage.press("z")
        assert stage.text == before


async def test_panes_are_made_wider_and_it_is_remembered(stage):
    async with stage.at((120, 36)):
        pane = stage.app.focused
        width = pane.outer_size.width
        await stage.press("plus", "plus", "underscore")
        assert pane.outer_size.width == width + 4
        widths = stage.desk.settings.widths
        assert list(widths.values()) == [width + 4]
        await stage.press(*["plus"] * 40)
        assert "This pane has nothing to give or to take here." in stage.text
    stage.settings.widths = widths
    async with stage.at((120, 36)):
        await stage.settle()
        assert stage.app.focused.outer_size.width == widths.popitem()[1]


def test_settings_are_kept(tmp_path):
    file = tmp_path / "state" / "app.json"
    settings = Settings(file)
    settings.theme, settings.widths["LaunchPage/List"] = "light", 40
    settings.save()
    again = Settings(file)
    assert (again.theme, again.widths, again.trouble) == ("light", {"LaunchPage/List": 40}, "")
    assert [path.name for path in file.parent.iterdir()] == ["app.json"]


def test_a_damaged_state_is_forgotten_and_said(tmp_path):
    file = tmp_path / "app.json"
    texts = ["", "[", "[]", "{}", '{"theme": 1, "widths": {}}', '{"theme": "", "widths": []}']
    for text in (*texts, '{"theme":"","widths":{"a":-1}}', "[" * 100_000):
        file.write_text(text)
        settings = Settings(file)
        assert settings.trouble == f"{file} is damaged: the app begins anew, and writes it again."
        assert (settings.theme, settings.widths) == ("", {})


async def test_trouble_with_the_state_is_told_and_the_app_opens(stage, tmp_path):
    (tmp_path / "app.json").write_text("{")
    stage.settings = Settings(tmp_path / "app.json")
    async with stage.at((120, 36)):
        assert "app.json is damaged: the app begins anew" in stage.text
