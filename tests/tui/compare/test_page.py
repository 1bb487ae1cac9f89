"""Two runs side by side: what is seen at once, and every key, at both sizes."""

import fcntl

import pytest

from sandbox.transcript import EVENTS_FILE
from sandbox.tui.compare.page import ComparePage
from sandbox.tui.places import Compared, Replayed
from sandbox.tui.replay.page import ReplayPage
from tests.tui.compare.conftest import ROOT, A, B
from tests.tui.replay.conftest import Went

WIDE, NARROW = (120, 36), (80, 24)


async def test_the_split_is_in_sight_at_once(compare, size):
    async with compare.open(size):
        assert compare.rows[0].endswith("one scenario   by turn  SPLIT AT 4")
        assert compare.turn == 4
        assert "<- split" in compare.text
        assert "Word 4 of ada." in compare.text
        assert ("I do not want to count." in compare.text) == (size == WIDE)


async def test_what_they_were_given_and_came_to_stands_beside_it(compare):
    async with compare.open(WIDE):
        assert compare.rows[1].split("   ")[0] == " A  12 turns  0 flags"
        assert f"B  14 turns  0 flags  seed 8   {B[:8]}" in compare.rows[1]
        assert "limits.turns  12  |  14" in compare.text
        assert "seed  (nothing)  |  8" in compare.text
        assert " turns 12   say 12   whisper 0   act 12   refused 0 " in compare.text
        assert "talk  ada 50% (x)" not in compare.text
        assert "ada 50%  bo 50% (x)" in compare.text
        assert " tokens 168   84 words" not in compare.rows[-5][:60]


async def test_tab_flips_where_only_one_has_room(compare, size):
    async with compare.open(size) as page:
        assert page.sides.view == ("both" if size == WIDE else "a")
        await compare.press("tab")
        assert page.sides.view == ("both" if size == WIDE else "b")
        assert "I do not want to count." in compare.text
        assert "Word 4 of ada." in compare.text or size == NARROW


async def test_d_goes_from_split_to_split(compare, size):
    async with compare.open(size):
        seen = [compare.turn]
        for key in ("d", "d", "d", "D", "D", "D", "D"):
            await compare.press(key)
            seen.append(compare.turn)
        assert seen == [4, 6, 12, 12, 6, 4, 4, 4]
        assert "They do not part again that way." in compare.flashed


async def test_keys_go_from_turn_to_turn(compare, size):
    async with compare.open(size):
        for key, turn in (
            ("j", 5), ("down", 6), ("k", 5), ("up", 4), ("G", 14), ("g", 1), ("end", 14), ("home", 1)
        ):  # fmt: skip
            await compare.press(key)
            assert (key, compare.turn) == (key, turn)
        await compare.press("pagedown")
        below = compare.turn
        assert below > 1
        await compare.press("ctrl+d", "ctrl+u", "pageup")
        assert compare.turn <= below


async def test_missing_turns_are_hatched(compare):
    async with compare.open(WIDE):
        await compare.press("G")
        row = next(row for row in compare.rows if "Word 14 of ada." in row)
        assert row.startswith("\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}" * 20)


async def test_enter_opens_the_turn_in_replay(compare, size, monkeypatch):
    async with compare.open(size) as page:
        went = Went(page, monkeypatch)
        await compare.press("enter", "G", "enter")
        assert went[0] == Replayed(ROOT / A, turn=4)
        assert went[1:] == [Replayed(ROOT / B, turn=14)]


async def test_lock_swap_and_align(compare, size):
    async with compare.open(size) as page:
        await compare.press("L", "j")
        assert "unlocked +1" in compare.rows[0]
        pair = page.sides.pair
        assert (pair.a.turn, pair.b.turn) == (4, 5)
        await compare.press("k", "k")
        assert "unlocked -1" in compare.rows[0]
        await compare.press("L")
        assert "unlocked" not in compare.rows[0]
        await compare.press("equals_sign")
        assert "by time" in compare.rows[0]
        await compare.press("equals_sign", "s")
        assert (page.folders, compare.turn) == ((ROOT / B, ROOT / A), 4)


async def test_w_writes_a_report(compare, size):
    async with compare.open(size):
        await compare.press("w")
        path = ROOT / f"{A}-against-{B}.md"
        assert compare.flashed == f"Written: {path}"
        text = path.read_text()
        assert text.startswith(f"# {A} against {B}\n\n    A  {A}  Many turns\n")
        assert "    [4] ada say: I do not want to count.\n" in text
        assert all(line.startswith(("#", "    ")) or not line for line in text.splitlines())


async def test_other_runs_are_compared_on_the_same_page(compare, size):
    async with compare.open(size) as page:
        await compare.app.go(Compared(ROOT / B, ROOT / B))
        await compare.settle()
        assert compare.page is page
        assert compare.rows[0].endswith("THE SAME")
        await compare.press("d")
        assert "They are the same." in compare.flashed


async def test_without_a_place_the_last_two_can_be_compared(choose, size):
    async with choose.open(size) as page:
        assert choose.rows[0].endswith("choose two runs")
        await choose.press("space", "enter")
        assert "Mark two runs with space; then enter compares them." in choose.flashed
        await choose.press("space", "enter")
        assert (page.folders, choose.turn) == ((ROOT / A, ROOT / B), 4)
        await choose.press("c")
        assert page.list.display is True


async def test_the_list_names_the_key_that_compares_and_no_key_that_does_nothing(choose, size):
    async with choose.open(size):
        assert choose.rows[-1].startswith(" ⏎ Open  space Mark  esc Back  q Quit")


async def test_escape_goes_back_to_where_the_comparison_was_opened_from(compare, size):
    async with compare.open(size):
        await compare.app.go(Replayed(ROOT / A))
        await compare.settle()
        await compare.app.go(Compared(ROOT / A, ROOT / B))
        await compare.settle()
        assert isinstance(compare.app.screen, ComparePage)
        await compare.press("escape")
        assert isinstance(compare.app.screen, ReplayPage)
        assert compare.app.screen.folder == ROOT / A


async def test_without_runs_it_says_how_to_make_one(nothing, size):
    async with nothing.open(size):
        assert "No runs yet. 1 goes to the scenarios" in nothing.text
        await nothing.press("space", "enter", "d", "w", "r", "escape")


async def test_a_run_that_grows_is_compared_as_it_is(compare, size):
    with (ROOT / B / EVENTS_FILE).open("ab") as engine:
        fcntl.flock(engine, fcntl.LOCK_EX)
        async with compare.open(size) as page:
            await compare.press("tab")
            assert page._found.growing == (False, True)
            assert "LIVE" in compare.text or size == WIDE
            await compare.press("r")
            assert compare.rows[0].endswith("SPLIT AT 4")


@pytest.mark.parametrize("harm", ["gone", "damaged"])
async def test_what_cannot_be_read_says_so(compare, size, harm):
    path = ROOT / B / EVENTS_FILE
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:300] + b"\n")
    async with compare.open(size):
        assert compare.rows[0].endswith("NOT COMPARED")
        assert "c chooses two other runs." in compare.text
