"""The reader's keys: hold the view, go to flags and turns, notes, rooms, links."""

from sandbox.transcript.notes import read_notes
from sandbox.tui.inspector.page import InspectorPage
from tests.tui.live.conftest import RUN


def shown(room):
    """What stands in the panes, their scroll bars aside."""
    return [row.rstrip(" │▁▂▃▄▅▆▇█") for row in room.rows[2:10]]


async def test_the_view_can_be_held_while_the_run_goes_on(room, size):
    async with room.at(size) as page:
        await room.press("space")
        assert page.frozen_banner.said.startswith("VIEW FROZEN   the run goes on   0 new")
        roster = page.roster.doings.version
        before = shown(room)
        room.play(4)
        await room.settle()
        assert page.frozen_banner.said.endswith(" new   space shows them")
        assert "0 new" not in page.frozen_banner.said
        assert shown(room) == before
        assert page.roster.doings.version > roster
        await room.press("space")
        assert (page.frozen, page.frozen_banner.said, page.transcript.following) == (
            False,
            "",
            True,
        )
        await room.press("space", "G")
        assert (page.frozen, page.transcript.following) == (False, True)


def flag(room, title):
    room.session.record(
        "flag", "watch",
        {"id": "contact", "version": 1, "title": title, "agent": "ada", "evidence": [1], "elicited": 0},
    )  # fmt: skip


async def test_flags_are_gone_to(room, size):
    async with room.at(size) as page:
        flag(room, "the first")
        room.play(2)
        flag(room, "the second")
        room.play(2)
        await room.settle()
        assert "2!" in room.rows[0]
        seqs = [mark.seq for mark in page.marks._flags]
        await room.press("left_square_bracket")
        assert page.transcript.pointed == seqs[1]
        assert room.flashed == "2 of 2   contact  the second"
        await room.press("left_square_bracket")
        assert page.transcript.pointed == seqs[0]
        await room.press("exclamation_mark")
        assert page.transcript.pointed == seqs[1]
        await room.press("right_square_bracket")
        assert room.flashed == "there is none after this"


async def test_a_note_is_written_beside_the_record(room, size):
    async with room.at(size) as page:
        await room.press("b")
        assert f"note on event {page.position}, turn 4" in room.text
        await room.type("Odd.")
        [note] = read_notes(room.session.folder).notes
        assert (note.seq, note.text) == (page.position, "Odd.")
        assert "^" in page.score_model.marks(page.score_model.scale(40))
        await room.press("left_square_bracket")
        assert room.flashed == "1 of 1   note: Odd."


async def test_one_room_or_all(room, size):
    async with room.at(size) as page:
        await room.press("r", "r")
        assert (page.room, page.transcript.border_title) == ("archive", "Room archive")
        assert "Is anyone here?" not in room.text
        await room.press("r")
        assert page.transcript.border_title == "All rooms"
        assert "Is anyone here?" in room.text
        room.play(2)
        await room.settle()
        assert page.state.turn == 6


async def test_a_link_comes_back_exactly_here(room, size):
    async with room.at(size):
        await room.press("y")
        assert room.flashed == f"copied: backrooms replay {RUN} --turn 4"
        assert room.app.clipboard == f"backrooms replay {RUN} --turn 4"


async def test_the_inspector_opens_on_the_agent_at_the_cursor(room, size):
    async with room.at(size):
        await room.press("right_curly_bracket", "o")
        page = room.app.screen
        assert isinstance(page, InspectorPage)
        assert (page.inspected.agent, page.inspected.live) == ("bo", RUN)
        await room.press("escape")
        assert room.app.screen is room.page
        await room.press("left_curly_bracket")
        assert room.page.roster.agent == "ada"


async def test_no_shell_where_no_folder_was_kept(room, size):
    async with room.at(size):
        await room.press("s")
        assert room.flashed.startswith("nothing of ada's folder was kept yet")


async def test_a_click_on_the_timeline_goes_to_its_turn(room, size):
    async with room.at(size) as page:
        score = page.score
        column = score._indent() + score._scale().column(2)
        await room.pilot.click(score, offset=(score.gutter.left + column, score.gutter.top))
        await room.settle()
        assert page.marks.turn_of(page.transcript.pointed) == 2
        assert not page.transcript.following
