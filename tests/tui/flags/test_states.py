"""What the page of flags shows when there is nothing, too much, something broken, or something new."""

import re

import pytest

from sandbox.transcript import EVENTS_FILE, Event, encode
from sandbox.transcript.codec import decode, split
from sandbox.tui.flags import shelf
from tests.tui.flags.conftest import ROOT, RUN, Flags, flag
from tests.tui.replay.conftest import write
from tests.tui.test_hostile import CONTROL, CORPUS


def quiet(detectors=("contact@1", "escape@2"), turns=214):
    yield "run.started", "engine", None, {"title": "Quiet", "detectors": list(detectors)}
    for turn in range(1, turns + 1):
        yield "turn.offered", "ada", None, {"turn": turn, "agent": "ada"}


def append(folder, *events):
    """Write more of a run, as its engine would."""
    path = folder / EVENTS_FILE
    last = path.read_bytes().splitlines(keepends=True)[-1]
    previous, seq = split(last)[1], decode(last).seq
    with path.open("ab") as file:
        for number, (kind, actor, data) in enumerate(events, seq + 1):
            line, previous = encode(Event(number, kind, actor, data, run=RUN, ts="x"), previous)
            file.write(line)


async def test_no_run(home, size):
    flags = Flags()
    async with flags.open(size):
        assert "No runs yet." in flags.text
        await flags.press("a", "x", "u", "N", "m", "b", "w", "r", "v", "O", "y", "enter", "j", "escape")


async def test_nothing_flagged(home, size):
    flags = Flags(write(ROOT / RUN, quiet(), RUN))
    async with flags.open(size):
        assert "2 detectors watched 214 turns, nothing flagged." in flags.text


async def test_nothing_flagged_in_any_run(home, size):
    write(ROOT / RUN, quiet(), RUN)
    write(ROOT / "20261119-113908-quiet-aa19", quiet(turns=6))
    flags = Flags()
    async with flags.open(size):
        assert "2 detectors watched 220 turns of 2 runs, nothing flagged." in flags.text


async def test_nobody_watched(home, size):
    flags = Flags(write(ROOT / RUN, quiet(detectors=(), turns=1), RUN))
    async with flags.open(size):
        assert "Nobody watched 1 turn, nothing flagged." in flags.text


async def test_no_such_run(home, size):
    flags = Flags(ROOT / "gone")
    async with flags.open(size):
        assert "No flag could be read: " in flags.text
        assert flags.rows[0].endswith("NOT WHOLE")


async def test_what_is_whole_of_a_damaged_record_is_shown(folder, flags, size):
    path = folder / EVENTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    lines[20] = lines[20][:-40] + b"\n"  # the second flag of the token
    path.write_bytes(b"".join(lines))
    async with flags.open(size):
        assert [row[1] for row in flags.shown] == [2, 4]
        assert flags.rows[0].endswith("NOT WHOLE")


async def test_one_damaged_run_does_not_hide_the_others(both, size):
    (ROOT / RUN / EVENTS_FILE).write_text('{"seq":1,"ts":"x"\n')
    async with both.open(size):
        assert [row[1] for row in both.shown] == [2, 4]


async def test_a_flag_that_comes_in_is_told_and_the_cursor_stays(live, folder, size):
    async with live.open(size) as page:
        assert live.rows[0].endswith("* LIVE")
        await live.press("j")
        append(folder, ("flag", "watch", flag("escape.host-mount", "achieved.read", turn=30, evidence=[14])))
        await live.look()
        assert live.shown[-1] == ("!!", 30, "host-mount", 1, "new")
        assert page.list.cursor == 1
        assert f"New: 1 flag in {RUN}." in live.text
        append(folder, ("turn.offered", "ada", {"turn": 31, "agent": "ada"}))
        await live.look()
        assert page.score.model.turn == 31


async def test_ten_thousand_flags_and_no_more_than_the_most(home, size, monkeypatch):
    def many():
        yield "run.started", "engine", None, {"title": "Many", "detectors": ["escape@2"]}
        for number in range(10_000):
            yield "flag", "watch", None, flag(f"escape.t{number % 500}", "claimed", turn=number)

    flags = Flags(write(ROOT / RUN, many(), RUN))
    async with flags.open(size):
        assert len(flags.shown) == 10_000
        await flags.press("G")
        assert flags.page.list.item.row.turn == 9_999
    monkeypatch.setattr(shelf, "MOST", 300)
    async with flags.open(size):
        assert len(flags.shown) == 300
        assert flags.rows[0].endswith("NOT WHOLE")


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
async def test_nothing_of_a_strangers_flag_reaches_the_screen_as_anything_but_text(home, text):
    hostile = {
        "id": text, "version": text, "title": text, "agent": text, "to": text, "level": text,
        "technique": text, "elicited": 10**30, "evidence": [2, "x", -1, 10**30, None, 3], "reaction": text,
        "refuted_by": text, "words": {"seq": 2, "text": text}, "turn": 10**18, "authors": [text] * 50,
        text[:50]: {text[:50]: [text]},
    }  # fmt: skip

    def play():
        yield "run.started", "engine", None, {"title": text, "detectors": text}
        yield "say", "ada", "lobby", {"text": text}
        yield "flag", "watch", None, {key: value for key, value in hostile.items() if _safe(key, value)}
        yield "flag", "watch", None, {"evidence": {"a": 1}, "id": 7, "title": None, "turn": True}

    flags = Flags(write(ROOT / RUN, play(), RUN))
    async with flags.open((120, 36)) as page:
        seen = flags.text
        await flags.press("tab", "G")
        seen += flags.text
        await flags.press("g", "b")
        seen += flags.text
        spans = [span.text for row in page.card.items for span in row.spans]
        assert CONTROL.findall((seen + "".join(spans)).replace("\n", "")) == []
        assert len(page.list.items) == 2


def _safe(key, value):
    """JSON has no place for half a surrogate pair."""
    return not re.search("[\ud800-\udfff]", f"{key}{value}")
