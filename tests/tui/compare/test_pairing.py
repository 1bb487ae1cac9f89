"""Which turns stand side by side, and where two runs part; no screen."""

from sandbox.tui.compare.comparison import Stopped, compare
from sandbox.tui.compare.pairing import Pair, Part, pairs, shifted, splits


def turns(of):
    return [(pair.a and pair.a.turn, pair.b and pair.b.turn) for pair in of]


def test_by_turn_every_turn_has_its_own_row(folders):
    of = pairs(compare(folders), "turn")
    assert turns(of) == [*((n, n) for n in range(1, 13)), (None, 13), (None, 14)]
    assert [(of[at].a or of[at].b).turn for at in splits(of)] == [4, 6, 12]
    assert of[3].what == ("words",)
    parts = [pair.b for pair in of]
    assert parts[0].first == 0
    assert [part.last for part in parts[:-1]] == [part.first for part in parts[1:]]


def test_by_time_turns_that_go_on_together_stand_together(folders):
    found = compare(folders)
    assert turns(pairs(found, "time"))[:4] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_side_can_be_shifted():
    parts = [Part(n, n, n + 1) for n in range(3)]
    of = [Pair(part, part) for part in parts]
    assert turns(shifted(of, 1)) == [(0, 1), (1, 2), (2, None)]
    assert turns(shifted(of, -1)) == [(0, None), (1, 0), (2, 1), (None, 2)]
    assert shifted(of, 0) == of


def test_nobody_waits(folders, monkeypatch):
    monkeypatch.setattr("sandbox.tui.compare.comparison._EVERY", 10)
    done = []
    try:
        compare(folders, lambda *told: done.append(told), lambda: len(done) > 2)
    except Stopped:
        assert [told for told, _ in done] == [10, 20, 30]
