"""The flags of a run, and of all: every key, at both sizes."""

import getpass

import pytest

from sandbox.clock import ManualClock
from sandbox.detect.verdicts import judge, verdicts
from sandbox.transcript.notes import read_notes
from sandbox.tui.places import Flagged, Replayed
from tests.tui.flags.conftest import OLD, ROOT, RUN, TOKEN
from tests.tui.replay.conftest import Went

LIST = [
    (".", 2, "claim", 1, "new"),
    ("!", 4, "k8s-sa-token", 1, "new"),
    ("!!", 6, "k8s-sa-token", 1, "new"),
    ("!", 6, "bus-abuse", 1, "new"),
    (".", 7, "contact.unprompted", 1, "new"),
    (".", 20, "claim", 4, "new"),
]


async def test_the_flags_of_a_run_are_listed_in_their_order_and_storms_are_one_row(flags, size):
    async with flags.open(size):
        assert flags.shown == LIST
        assert "9 flags  0 judged" in flags.rows[0]
        assert flags.rows[0].endswith("9 NEW")
        assert "claim (x4)" in flags.text
        assert "Timeline" in flags.text or size == (80, 24)


async def test_O_unfolds_and_folds(flags, size):
    async with flags.open(size):
        await flags.press("O")
        assert flags.shown[-2:] == [(".", 22, "claim", 1, "new"), (".", 23, "claim", 1, "new")]
        assert "storms unfolded" in flags.text
        await flags.press("O")
        assert flags.shown == LIST


async def test_the_whole_flag_stands_beside_it(flags, size, folder):
    async with flags.at(size, folder, 14):
        assert flags.page.list.cursor == 1
        await flags.read()
        assert flags.card[:8] == [
            "ada did escape.k8s-sa-token",
            "",
            "claimed recon  attempted  denied contacted achieved",
            "> turn 4  attempted  event 14",
            "  turn 6  contacted  event 21",
            "",
            "flag        escape.k8s-sa-token  version 2  event 14",
            "agent       ada",
        ]
        assert "elicited    0: nothing asked for it" in flags.card
        assert "verdict     none yet:  a real   x false   u unsure" in flags.card
        assert "channel     tool shell" in flags.card
        assert "refuted by  another reading" in flags.card
        assert flags.card[-4:] == [
            "Evidence   enter goes there",
            "event 13  turn 4  ada  say",
            f"│ cat {TOKEN}",
            "│ id",
        ]


async def test_what_the_ladder_does_not_know_is_told_otherwise(flags, size):
    async with flags.open(size):
        await flags.read()
        await flags.point(2)
        assert "reaction    freeze" in flags.card
        await flags.point(3)
        assert "elicited    2: a text that the agent could see names it" in flags.card
        await flags.point(4)
        assert flags.card[2] == "flag        contact.unprompted  version 2  event 26"
        assert "agent       bo to ada" in flags.card
        assert flags.card[-1] == "event 9,999 is not in the record"
        await flags.point(5)
        assert "storm       4 like it, turns 20 to 23   O unfolds" in flags.card


async def test_the_list_has_the_keys_of_lists(flags, size):
    async with flags.open(size) as page:
        for key, at in (
            ("j", 1), ("down", 2), ("k", 1), ("G", 5), ("g", 0), ("end", 5), ("home", 0),
            ("pagedown", 5), ("pageup", 0), ("ctrl+d", 5), ("up", 4), ("ctrl+u", 0),
        ):  # fmt: skip
            await flags.press(key)
            assert (key, page.list.cursor) == (key, at)


async def test_enter_goes_to_the_turn_and_a_line_of_evidence_to_its_own(flags, size, monkeypatch):
    async with flags.open(size) as page:
        went = Went(page, monkeypatch)
        narrow = size == (80, 24)
        await flags.press("j", "enter")
        if narrow:
            assert page.has_class("-reading")
            assert "Evidence" in flags.text
            assert not went
        else:
            assert went == [Replayed(ROOT / RUN, seq=14)]
            await flags.press("tab")
        assert page.focused is page.card
        went.clear()
        await flags.press("G", "enter", "g", "enter")
        assert went == [Replayed(ROOT / RUN, seq=13), Replayed(ROOT / RUN, seq=14)]
        await flags.press("escape")
        assert not page.has_class("-reading")


@pytest.mark.parametrize(("key", "verdict"), [("a", "real"), ("x", "false"), ("u", "unsure")])
async def test_verdicts(flags, size, key, verdict, folder):
    async with flags.open(size):
        await flags.press("j", key)
        await flags.settle()
        held = verdicts(folder)[14]
        assert (held.verdict, held.author, held.text) == (verdict, getpass.getuser(), "")
        assert f"Flag 14 is {verdict}, by your word." in flags.text
        await flags.look()
        assert flags.shown[1] == ("!", 4, "k8s-sa-token", 1, verdict)
        assert flags.page.list.cursor == 1
        assert "9 flags  1 judged" in flags.rows[0]
        await flags.read()
        assert any(row.startswith(f"verdict     {verdict} ({getpass.getuser()}, ") for row in flags.card)


async def test_a_verdict_on_a_storm_is_on_its_first(flags, size, folder):
    async with flags.open(size):
        await flags.press("G", "x")
        await flags.look()
        assert "by your word, the first of 4." in flags.text
        assert [*verdicts(folder)] == [66]


async def test_N_writes_a_note_with_the_verdict_and_a_new_verdict_keeps_it(flags, size, folder):
    async with flags.open(size):
        await flags.press("N")
        await flags.type("a poem")
        assert "and it is   a real  x false  u unsure" in flags.text
        await flags.press("x")
        await flags.look()
        assert "note        a poem" in flags.card
        await flags.press("a")
        await flags.look()
        await flags.press("N")
        await flags.type(", no")
        await flags.look()
        notes = [(note.seq, note.verdict, note.text) for note in read_notes(folder).notes]
        assert notes == [(7, "real", "a poem, no")]
        await flags.press("N", "escape")
        assert not flags.page.bar.asking


async def test_another_readers_verdict_is_seen_when_it_comes(flags, size, folder):
    async with flags.open(size):
        judge(folder, 7, "real", "mine", "zoe", ManualClock())
        await flags.look()
        assert flags.shown[0] == (".", 2, "claim", 1, "real")
        await flags.press("x")
        await flags.look()
        assert {(n.author, n.verdict, n.text) for n in read_notes(folder).notes} == {
            ("zoe", "real", "mine"), (getpass.getuser(), "false", ""),
        }  # fmt: skip


async def test_m_folds_a_kind_away_in_this_run_and_shows_it_again(both, size):
    async with both.open(size):
        await both.press("m")
        assert both.shown[0] == (".", 2, "claim", 5, "muted")
        assert "escape.claim is muted in this run; m shows it." in both.text
        assert len([row for row in both.shown if row[2] == "claim"]) == 2
        await both.press("m")
        assert both.shown[0] == LIST[0]


async def test_v_shows_higher_levels_only(flags, size):
    async with flags.open(size):
        counts = []
        for _ in range(6):
            await flags.press("v")
            counts.append((flags.page.wanted.least, len(flags.shown)))
        assert counts == [
            ("attempted", 3), ("denied", 2), ("contacted", 1), ("achieved", 0), ("contact", 1), ("", 6),
        ]  # fmt: skip


async def test_the_filter_takes_words_and_names(flags, size):
    async with flags.open(size):
        for typed, turns in (
            ("agent:bo", [7, 20]), ("TOKEN", [4, 6]), ("level:denied", [6, 6]), ("id:claim agent:ada", [2]),
            ("state:new turn:7", [7]), ("run:nowhere", []),
        ):  # fmt: skip
            await flags.press("slash", *["backspace"] * 30)
            await flags.type(typed)
            assert (typed, [row[1] for row in flags.shown]) == (typed, turns)
        assert "None of 9 flags is shown" in flags.text
        await flags.press("slash", *["backspace"] * 30)
        await flags.type("level:high")
        assert "'high' is no level; there are achieved, claimed" in " ".join(flags.text.split())
        await flags.press("escape")
        assert flags.shown == LIST


async def test_r_y_and_escape(flags, size, monkeypatch):
    async with flags.open(size) as page:
        went, backs = Went(page, monkeypatch), []
        monkeypatch.setattr(page, "back", lambda: backs.append(1))
        await flags.press("j", "r", "y")
        assert went == [Replayed(ROOT / RUN)]
        assert flags.app.clipboard == f"backrooms flags {RUN} --seq 14"
        assert page.here == Flagged(ROOT / RUN, 14)
        await flags.press("escape")
        assert backs == [1]


async def test_all_runs_the_newest_first(both, size):
    async with both.open(size) as page:
        assert [flag.folder.name for flag in page.list.items] == [RUN] * 6 + [OLD] * 2
        assert "2 runs" in both.rows[0] or size == (80, 24)
        assert "1121·aa21" in both.text
        await both.press("G")
        assert page.score.model.turn == 4
        assert page.here == "flags"
        assert page.arrive("flags")
        assert not page.arrive(Flagged(ROOT / RUN))


async def test_another_flag_of_the_same_run_is_pointed_at(flags, size):
    async with flags.open(size) as page:
        assert page.arrive(Flagged(ROOT / RUN, 70))
        assert page.list.cursor == 5
        assert not page.arrive(Flagged(ROOT / OLD, 7))


async def test_the_timeline_seeks(flags, size):
    async with flags.open(size) as page:
        assert page.score.model.turn == 30
        page.score.post_message(page.score.Seek(19))
        await flags.settle()
        assert page.list.item.row.turn == 20
