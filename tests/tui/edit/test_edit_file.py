"""Opening, saving, leaving; what others write, and what crashes leave."""

from pathlib import Path

from sandbox.tui.edit.drafts import Drafts
from sandbox.tui.edit.page import EditPage
from sandbox.tui.launch.page import LaunchPage

MINE = "scenarios/strangers.yaml"


def there(name: str = MINE) -> str:
    return Path(name).read_text()


def raw(data: bytes | None = None) -> bytes:
    if data is not None:
        Path(MINE).write_bytes(data)
    return Path(MINE).read_bytes()


def lock() -> None:
    Path(MINE).chmod(0o444)


def remove() -> None:
    Path(MINE).unlink()


def put(text: str) -> None:
    Path(MINE).write_text(text)


async def test_a_file_is_saved_with_its_comments_byte_for_byte(edit):
    before = b"\xef\xbb\xbf# why\r\ntitle: t   # keep\r\nagents: {ada: {script: [a]}}\r\n"
    raw(before)
    async with edit(MINE) as desk:
        desk.at(1, 8)
        await desk.press("x", "ctrl+s")
        assert raw() == before.replace(b"title: t", b"title: tx")
        assert desk.flash == f"Saved {MINE}"
        assert "modified" not in desk.rows[0]


async def test_a_line_is_opened(edit):
    async with edit(MINE, line=3) as desk:
        assert desk.page.area.cursor_location == (2, 0)


async def test_a_text_without_a_file_is_asked_for_a_name(edit):
    async with edit() as desk:
        assert desk.text.startswith("# A whole scenario in a few lines")
        assert not desk.page.unsaved
        await desk.press("ctrl+s")
        assert "Save as" in desk.screen
        assert "scenarios/untitled.yaml" in desk.screen
        await desk.press(
            "backspace", "backspace", "backspace", "backspace", "backspace", "2", "enter"
        )
        assert there("scenarios/untitled2.yaml") == desk.text
        assert "scenarios/untitled2.yaml" in desk.rows[0]


async def test_a_name_that_is_taken_is_asked_about(edit):
    async with edit(text="title: Strangers\nagents: {ada: {script: [a]}}\n") as desk:
        before = there()
        await desk.press("ctrl+s", "enter")
        assert "scenarios/strangers.yaml is there already." in desk.screen
        await desk.press("escape")
        assert there() == before
        await desk.press("ctrl+s", "enter", "y")
        assert there() == desk.text


async def test_a_file_that_cannot_be_written_stays_and_so_does_the_text(edit):
    lock()
    async with edit(MINE) as desk:
        before = there()
        await desk.press("x", "ctrl+s")
        assert there() == before
        assert "is read-only. Allow it with 'chmod u+w'" in desk.flash
        assert desk.page.unsaved


async def test_a_change_on_disk_is_told_and_reloaded(edit):
    async with edit(MINE) as desk:
        put("title: theirs\nagents: {ada: {script: [a]}}\n")
        desk.page.look_at_disk()
        await desk.press()
        assert "The file has changed on disk." in desk.screen
        await desk.press("f7", "r")
        assert desk.text == there()
        assert not desk.page.unsaved


async def test_a_change_on_disk_can_be_looked_at_and_overwritten(edit):
    async with edit(MINE) as desk:
        await desk.press(*"# mine", "enter")
        put("title: theirs\n")
        desk.page.look_at_disk()
        await desk.press("f7", "d")
        assert "+# mine" in desk.screen
        assert "-title: theirs" in desk.screen
        await desk.press("escape")
        assert "-title: theirs" not in desk.screen
        await desk.press("ctrl+s")
        assert "The file has changed on disk since." in desk.screen
        await desk.press("o")
        assert there() == desk.text


async def test_mine_can_be_kept(edit):
    async with edit(MINE) as desk:
        mine = desk.text
        put("title: theirs\n")
        desk.page.look_at_disk()
        await desk.press("f7", "k")
        assert (desk.text, there()) == (mine, "title: theirs\n")


async def test_a_file_that_is_gone_is_told_and_written_anew(edit):
    async with edit(MINE) as desk:
        remove()
        desk.page.look_at_disk()
        await desk.press()
        assert "The file is gone from the disk." in desk.screen
        await desk.press("ctrl+s")
        assert there() == desk.text


async def test_leaving_without_a_change_asks_nothing(edit, stage):
    async with edit(MINE) as desk:
        await desk.press("escape")
        await stage.settle()
        assert isinstance(stage.app.screen, LaunchPage)


async def test_leaving_unsaved_work_asks_in_place(edit, stage):
    async with edit(MINE) as desk:
        before = there()
        await desk.press("x", "escape")
        assert "There is unsaved work here." in desk.screen
        await desk.press("escape")
        assert isinstance(stage.app.screen, EditPage)
        assert desk.page.area.has_focus
        await desk.press("escape", "d")
        await stage.settle()
        assert isinstance(stage.app.screen, LaunchPage)
        assert there() == before


async def test_leaving_can_save_first(edit, stage):
    async with edit(MINE) as desk:
        before = there()
        await desk.press("x", "escape", "s")
        await stage.settle()
        assert isinstance(stage.app.screen, LaunchPage)
        assert there() == f"x{before}"


async def test_quitting_the_app_asks_too(edit, stage):
    async with edit(MINE) as desk:
        await desk.press("x", "ctrl+q")
        assert "There is unsaved work here." in desk.screen
        await stage.pilot.press("d")
        await stage.pilot.pause()
        assert stage.app._exit


async def test_what_a_crash_left_is_offered(edit):
    Drafts().keep(Path(MINE), "title: half")
    async with edit(MINE) as desk:
        assert "A draft of this was left unsaved." in desk.screen
        await desk.press("y")
        assert desk.text == "title: half"
        assert desk.page.unsaved
    assert Drafts().find(Path(MINE)) == "title: half"


async def test_a_draft_that_nobody_wants_is_thrown_away(edit):
    Drafts().keep(Path(MINE), "title: half")
    async with edit(MINE) as desk:
        await desk.press("n")
        assert desk.text == there()
    assert Drafts().find(Path(MINE)) is None


async def test_what_is_typed_is_kept_and_what_is_saved_is_forgotten(edit):
    async with edit(MINE) as desk:
        await desk.press("x")
        assert Drafts().find(Path(MINE)) == desk.text
        await desk.press("ctrl+s")
        assert Drafts().find(Path(MINE)) is None
