"""The page of all runs: the list, the search, and every key, at both sizes."""

from pathlib import Path

from sandbox.tui.places import Compared, Flagged, Replayed, Watched
from tests.tui.replay.conftest import Went

A, B, BROKEN = (f"202611{day}-113908-many-turns-aa{day}" for day in (19, 20, 21))
ROOT = Path("transcripts")


async def test_without_a_run_it_says_how_to_make_one(empty, size):
    async with empty.open(size):
        assert "No runs yet" in empty.text
        assert "1 goes to the scenarios; enter there plays one." in " ".join(empty.text.split())
        await empty.press("enter", "space", "c", "x", "r", "s", "n")


async def test_all_runs_are_listed_the_newest_first(runs, size):
    async with runs.open(size):
        assert runs.ids == [BROKEN, B, A]
        assert runs.rows[0].endswith("3 runs")
        assert "damaged" in runs.text
        assert "60t   !3 turns" in runs.text


async def test_s_sorts(runs, size):
    async with runs.open(size) as page:
        seen = {}
        for _ in range(7):
            seen[page._order] = [run[-2:] for run in runs.ids]
            await runs.press("s")
        assert seen == {
            "newest": ["21", "20", "19"],
            "oldest": ["19", "20", "21"],
            "title": ["21", "20", "19"],
            "turns": ["20", "19", "21"],
            "flags": ["20", "19", "21"],
            "size": ["20", "19", "21"],
            "end": ["21", "20", "19"],
        }
        assert page._order == "newest"


async def test_keys_of_the_list(runs, size, monkeypatch):
    async with runs.open(size) as page:
        went = Went(page, monkeypatch)
        await runs.press("enter")
        assert "This run cannot be read: why stands beside it." in runs.flashed
        for key, at in (("j", 1), ("down", 2), ("k", 1), ("G", 2), ("g", 0), ("end", 2)):
            await runs.press(key)
            assert (key, page.list.cursor) == (key, at)
        for key, at in (("home", 0), ("pagedown", 2), ("pageup", 0), ("ctrl+d", 2), ("up", 1)):
            await runs.press(key)
            assert (key, page.list.cursor) == (key, at)
        await runs.press("enter", "F")
        assert went == [Replayed(ROOT / B), Flagged(ROOT / B)]
        assert "Many turns" in runs.text


async def test_what_is_broken_says_why(runs, size):
    async with runs.open(size):
        assert "This run cannot be read from its beginning." in runs.text
        assert "backrooms repair" in runs.text or size == (80, 24)


async def test_two_marks_and_c_compare(runs, size, monkeypatch):
    async with runs.open(size) as page:
        went = Went(page, monkeypatch)
        await runs.press("c", "j", "space", "j", "space")
        assert "Two runs are marked: c compares them." in runs.flashed
        await runs.press("c", "space", "k", "space", "space", "j", "c")
        assert went == ["compare", Compared(ROOT / A, ROOT / B), Compared(ROOT / A, ROOT / B)]


async def test_x_exports_beside_the_run(runs, size):
    async with runs.open(size):
        await runs.press("j", "x")
        assert "export as   m md  h html" in runs.text
        await runs.press("j")
        assert f"Written: {ROOT / B}.jsonl" in runs.flashed
        assert (ROOT / f"{B}.jsonl").read_bytes() == (ROOT / B / "events.jsonl").read_bytes()
        await runs.press("x", "escape")
        assert runs.page.choice.asking is False


async def test_r_says_what_cannot_go_on(runs, size):
    async with runs.open(size):
        await runs.press("j", "r")
        assert "the scenario in the record is none of this version" in runs.flashed


async def test_y_copies_a_link(runs, size):
    async with runs.open(size):
        await runs.press("j", "y")
        assert runs.app.clipboard == f"backrooms replay {B}"
        await runs.press("slash")
        await runs.type("seventeen OR (word 17)")
        await runs.press("y")
        assert runs.app.clipboard == f"backrooms replay {B} --at seq:{3 + 16 * 6 + 5 + 1}"


async def test_a_live_run_is_marked_and_can_be_watched(live, size, monkeypatch):
    async with live.open(size) as page:
        went = Went(page, monkeypatch)
        assert "* LIVE" in live.text
        assert live.rows[0].endswith("1 LIVE")
        await live.press("w", "G", "w")
        assert went == [Watched(A)]


async def test_a_search_finds_in_all_runs_and_opens_at_the_hit(runs, size, monkeypatch):
    async with runs.open(size) as page:
        went = Went(page, monkeypatch)
        await runs.press("slash")
        await runs.type("word 3 kind:say")
        assert runs.hits == [("aa20", 20), ("aa19", 20)]
        assert "2 hits in 2 runs" in runs.text
        await runs.press("n", "enter", "N", "enter", "N")
        assert went == [Replayed(ROOT / A, seq=20), Replayed(ROOT / B, seq=20)]
        assert page.hits.cursor == 1
        await runs.press("escape")
        assert (page.hits.display, page._input.value, page.focused) == (False, "", page.list)


async def test_without_a_hit_it_says_which_word_excludes_most(runs, size):
    async with runs.open(size):
        await runs.press("slash")
        await runs.type("word agent:cy kind:say")
        assert "Nothing in 3 runs matches. agent:cy leaves 0 of 65." in runs.text


async def test_what_is_no_search_says_where(runs, size):
    async with runs.open(size):
        await runs.press("slash")
        await runs.type("(word")
        assert "cannot be read" in runs.text
        assert "(at character" in runs.text


async def test_typing_finds_without_enter(runs, size):
    async with runs.open(size) as page:
        await runs.press("slash", "w", "o", "r", "d")
        page._begin("word")
        await runs.settle()
        assert len(runs.hits) >= 65
        page._typed = "other"
        page._begin("word", again=True)
        assert len(runs.hits) >= 65


async def test_tab_goes_to_the_other_pane_and_the_folder_is_read_again(runs, size):
    async with runs.open(size) as page:
        await runs.press("tab")
        assert page.focused is not page.list
        (ROOT / BROKEN / "events.jsonl").unlink()
        await runs.press("R")
        assert runs.ids == [B, A]
