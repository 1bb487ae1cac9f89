"""What is done from a replay: notes, links, exports, forks, and the way to other pages."""

from pathlib import Path

from sandbox.transcript import read_notes
from sandbox.tui.places import Compared, Inspected, Replayed
from sandbox.tui.replay.deeds import link, parent_of, turn_that_ended
from sandbox.tui.replay.page import ReplayPage
from tests.tui.replay.conftest import Went

RUN = "20261121-113908-many-turns-abcd"


async def test_b_writes_a_note_that_the_strip_shows(replay, size):
    async with replay.at(size, turn=30):
        await replay.press("b")
        await replay.type("look here")
        notes = read_notes(replay.folder).notes
        assert [(note.seq, note.text) for note in notes] == [(178, "look here")]
        assert "The note stands on event 178." in replay.flashed
        assert "^" in replay.page.room.score_model.marks(replay.page.room.score_model.scale(60))
        await replay.press("home", "right_square_bracket", "right_square_bracket")
        assert replay.position == 178
        await replay.press("b", "escape")
        assert replay.page.bar.asking is False


async def test_y_copies_a_link_to_exactly_here(replay, size):
    async with replay.at(size, turn=30):
        for keys, link_ in (
            ((), f"backrooms replay {RUN} --turn 30"),
            (("full_stop",), f"backrooms replay {RUN} --at seq:180"),
            (("end",), f"backrooms replay {RUN} --at 100%"),
            (("home",), f"backrooms replay {RUN}"),
        ):
            await replay.press(*keys)
            replay.page.action_copy()
            assert replay.app.clipboard == link_
        await replay.press("right", "k", "y")
        seq = replay.page.room.transcript.pointed
        assert replay.app.clipboard == f"backrooms replay {RUN} --at seq:{seq + 1}"


def test_a_link_names_another_folder_of_runs(tmp_path):
    from sandbox.transcript import ListLog

    assert [*link(ListLog(), tmp_path / "run", 0)] == [
        "backrooms", "replay", "run", "--at", "100%", "--dir", str(tmp_path)
    ]  # fmt: skip


async def test_x_writes_some_turns_beside_the_run(replay, size):
    async with replay.at(size, turn=30):
        await replay.press("x")
        await replay.press("enter")
        assert "as   m md  h html" in replay.text
        await replay.press("m")
        path = replay.folder.with_name(f"{RUN}-turns-30.md")
        assert f"Written: {path}" in replay.flashed
        assert "Word 30 of ada." in path.read_text()
        assert "Word 31 of bo." not in path.read_text()
        await replay.press("x", "enter", "escape")
        assert replay.page.choice.asking is False
        await replay.press("x", "backspace", "backspace", "enter", "t")
        assert replay.folder.with_name(f"{RUN}-turns-30...txt").exists() is False


async def test_f_says_what_cannot_be_forked(replay, size):
    async with replay.at(size):
        await replay.press("F")
        assert "Nothing was played yet: a fork shares at least one event." in replay.flashed
        await replay.press("right", "F")
        assert "fork after event" in replay.text
        await replay.type("nonsense")
        assert "the scenario in the record is none of this version" in replay.flashed


async def test_o_inspects_the_agent_at_the_roster_and_braces_choose_it(replay, size, monkeypatch):
    async with replay.at(size, turn=30) as page:
        went = Went(page, monkeypatch)
        await replay.press("o", "right_curly_bracket", "o", "left_curly_bracket", "o")
        assert [(place.agent, place.position) for place in went] == [
            ("ada", 178), ("bo", 178), ("ada", 178)
        ]  # fmt: skip
        assert all(isinstance(place, Inspected) for place in went)


async def test_c_compares_a_fork_with_its_parent_and_others_with_a_chosen_one(
    replay, size, monkeypatch
):
    async with replay.at(size) as page:
        went = Went(page, monkeypatch)
        await replay.press("c")
        monkeypatch.setattr("sandbox.tui.replay.deeds.parent_of", lambda folder: Path("parent"))
        await replay.press("c")
        assert went == ["compare", Compared(Path("parent"), replay.folder)]
        assert parent_of(replay.folder) is None


async def test_escape_goes_back_to_the_runs(replay, size):
    async with replay.at(size):
        await replay.press("escape")
        assert not isinstance(replay.app.screen, ReplayPage)


async def test_another_place_of_the_run_is_shown_on_the_same_page(replay, size):
    async with replay.at(size) as page:
        await replay.app.go(Replayed(replay.folder, turn=12))
        await replay.settle()
        assert (replay.page, replay.position) == (page, 69)


async def test_keys_are_letters_while_something_is_typed(replay, size):
    async with replay.at(size, turn=30):
        await replay.press("slash", "F", "o", "t", "space", "i")
        assert (replay.position, replay.page.bar.asking) == (178, False)
        await replay.press("escape", "f", "b", "o", "enter")
        assert replay.page.room.transcript.filters == ("bo",)
        await replay.press("F")
        assert (replay.page.room.transcript.filters, replay.page.bar.asking) == ((), False)
        await replay.press("F")
        assert replay.page.bar.asking is True


async def test_the_focus_comes_back_after_a_question_that_led_to_another(replay, size):
    async with replay.at(size, turn=30):
        focused = replay.app.focused
        for keys in (
            ("x", "enter", "m"),
            ("x", "enter", "escape"),
            ("x", "escape"),
            ("t", "escape"),
        ):
            await replay.press(*keys)
            assert replay.app.focused is focused
        await replay.press("full_stop")
        assert replay.position == 179


async def test_a_shell_is_as_of_the_last_turn_that_has_ended(replay, size):
    async with replay.at(size, turn=30):
        found = []
        for key in ("J", "full_stop", "comma", "comma", "end", "home"):
            await replay.press(key)
            found.append((replay.position, turn_that_ended(replay.page.clock)))
        assert found == [(184, 30), (185, 30), (184, 30), (183, 29), (368, 60), (0, 0)]


async def test_s_says_where_no_folder_was_kept(replay, size):
    async with replay.at(size, turn=30):
        await replay.press("s")
        assert replay.flashed.startswith("nothing of ada's folder was kept yet")
