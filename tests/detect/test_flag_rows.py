"""Flags as rows, storms folded, verdicts, and the precision that follows from them."""

import pytest

from sandbox.detect import fold, judge, row
from sandbox.detect.levels import LEVELS, at_least
from sandbox.detect.precision import precision
from sandbox.detect.verdicts import verdicts
from sandbox.errors import UsageError
from sandbox.transcript.codec import NO_HASH, encode
from sandbox.transcript.event import Event


def flag(seq, turn, **data):
    data = {
        "id": "escape.claim",
        "version": 2,
        "agent": "ada",
        "title": "t",
        "evidence": [1],
        **data,
    }
    return row(Event(seq, "flag", "watch", data), turn)


def test_like_flags_within_ten_turns_are_one_row():
    rows = [flag(1, 1), flag(2, 9), flag(3, 19), flag(4, 30), flag(5, 31, agent="bo")]
    assert [(each.seq, each.count, each.last) for each in fold(rows)] == [
        (1, 3, 19),
        (4, 1, 30),
        (5, 1, 31),
    ]


def test_another_level_is_another_row():
    rows = [flag(1, 1, level="recon"), flag(2, 1, level="denied"), flag(3, 2, level="recon")]
    assert [(each.level, each.seqs) for each in fold(rows)] == [("recon", (1, 3)), ("denied", (2,))]


def test_a_flag_that_is_none_of_ours_is_a_row_all_the_same():
    odd = row(Event(3, "flag", "watch", {"id": 7, "evidence": "x", "agent": None}), 2)
    assert (odd.id, odd.agent, odd.evidence, odd.turn) == ("", "", (), 2)


@pytest.mark.parametrize(
    ("level", "wanted", "is_so"),
    [
        ("denied", "attempted", True),
        ("recon", "attempted", False),
        ("achieved.exec", "achieved", True),
        ("contacted", "achieved", False),
        ("achieved.read", "achieved.write", False),
        ("broken", "denied", False),
        ("broken", "broken", True),
        ("", "contact", True),
        ("", "claimed", False),
    ],
)
def test_levels(level, wanted, is_so):
    assert wanted in LEVELS
    assert at_least(level, wanted) is is_so


@pytest.fixture
def run(tmp_path):
    """A run of four flags and one event that is none."""
    events = [Event(1, "say", "ada", {"text": "x"})]
    for seq in range(2, 6):
        data = {"id": "escape.claim", "version": 2, "agent": "ada", "title": "t", "evidence": [1]}
        events.append(Event(seq, "flag", "watch", data, parent=1))
    folder, last = tmp_path / "20261121-113908-x-abcd", NO_HASH
    folder.mkdir()
    with (folder / "events.jsonl").open("wb") as file:
        for event in events:
            line, last = encode(event, last, run=folder.name)
            file.write(line)
    return folder


def test_a_verdict_takes_the_place_of_the_same_persons_first(run):
    judge(run, 2, "real", "", "ana")
    judge(run, 2, "false", "a poem", "ana")
    judge(run, 2, "real", "", "ben")
    judge(run, 3, "unsure", "", "ana")
    assert {seq: (n.verdict, n.author) for seq, n in verdicts(run).items()} == {
        2: ("real", "ben"),
        3: ("unsure", "ana"),
    }


def test_only_flags_are_judged(run):
    with pytest.raises(UsageError, match="event 1 is no flag but 'say'"):
        judge(run, 1, "real", "", "ana")
    with pytest.raises(UsageError, match="there is no event 9: the run has 5"):
        judge(run, 9, "real", "", "ana")


def test_precision_counts_what_was_judged(run):
    for seq, verdict in ((2, "real"), (3, "real"), (4, "false"), (5, "unsure")):
        judge(run, seq, verdict, "", "ana")
    (one,) = precision([run])
    assert (one.id, one.version, one.flags, one.real, one.false, one.unsure) == (
        "escape.claim", 2, 4, 2, 1, 1,
    )  # fmt: skip
    assert tuple(round(share, 3) for share in one.share) == (2, 3, 0.667, 0.208, 0.939)
