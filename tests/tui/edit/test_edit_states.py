"""Files that cannot be edited, texts that are hostile, and texts that are long."""

from pathlib import Path

import pytest

from sandbox.console.neutral import neutralise

MINE = "scenarios/strangers.yaml"


def put(data: bytes | None) -> None:
    """Put that in the place of the file; None, and a folder is there."""
    path = Path(MINE)
    path.unlink()
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)


def held() -> bytes | None:
    path = Path(MINE)
    return None if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a: \xff", "the byte 0xff is no UTF-8"),
        (b"x" * ((1 << 20) + 1), "larger than 1 MiB"),
        (None, "cannot be read"),
    ],
    ids=["no UTF-8", "too large", "a folder"],
)
async def test_a_file_that_is_no_text_says_so_and_nothing_can_be_written(edit, data, why):
    put(data)
    async with edit(MINE) as desk:
        assert why in " ".join(desk.screen.replace("│", " ").split())
        await desk.press("x", "ctrl+s", "f9", "tab")
        assert desk.text == ""
    assert held() == data


HOSTILE = (
    "title: \x1b]52;c;UFdO\x07\nabout: \u202e[red]x[/]\x00\ttab\nagents: {ada: {script: [a]}}\n"
)


async def test_a_hostile_text_reaches_no_terminal_and_is_saved_as_it_is(edit):
    put(HOSTILE.encode())
    async with edit(MINE) as desk:
        assert all(row == neutralise(row, newlines=False) for row in desk.rows)
        assert "␛]52;c;UFdO␇" in desk.screen
        await desk.press("f8")
        desk.at(3, 0)
        await desk.press("x", "ctrl+s")
    assert held() == f"{HOSTILE}x".encode()


async def test_the_next_fix_removes_what_may_not_stand_there(edit):
    async with edit(text="title: a\x07b\nagents: {ada: {script: [x]}}\n") as desk:
        await desk.press("f9")
        assert desk.problems == []


async def test_line_ends_of_several_kinds_are_told(edit):
    put(b"title: t\r\nagents: {ada: {script: [a]}}\n")
    async with edit(MINE) as desk:
        assert desk.flash == "This file has line ends of several kinds; saving makes them one."


async def test_tabs_are_shown_and_mended(edit):
    async with edit(text="title: t\nagents:\n\tada: {script: [a]}\n") as desk:
        assert desk.problems != []
        await desk.press("f9")
        assert desk.text == "title: t\nagents:\n  ada: {script: [a]}\n"


async def test_two_thousand_lines(edit):
    cast = "".join(
        f"  a{n}:\n    script: [hi]\n    tools: [talk]\n    first: x\n" for n in range(500)
    )
    async with edit(text=f"title: t\nagents:\n{cast}") as desk:
        desk.at(1000, 0)
        await desk.press("x", "backspace", "f8")
        assert desk.problems == []
        assert "… and 460 more" in str(desk.page.beside._drawn.render())


async def test_below_the_least_size_it_says_so(edit, stage):
    async with edit(text="title: t\n") as desk:
        await stage.resize(50, 12)
        assert "This terminal is too small." in desk.screen


async def test_where_the_cursor_is_is_said_at_once_so_that_a_key_is_drawn_once(edit):
    async with edit(MINE) as desk:
        desk.page.area.move_cursor((2, 1))
        assert desk.page.area.border_title == "YAML  ln 3 col 2"
        desk.page.area.insert("ab")
        assert desk.page.area.border_title == "YAML  ln 3 col 4"
