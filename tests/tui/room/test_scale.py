from hypothesis import given
from hypothesis import strategies as st

from sandbox.tui.room import Scale


def test_a_short_run_is_drawn_wide_and_a_long_one_in_stretches():
    assert Scale.of(3, 100) == Scale(3, 1, 8)
    assert Scale.of(40, 100) == Scale(40, 1, 2)
    assert Scale.of(214, 100) == Scale(214, 4, 1)
    assert Scale.of(214, 100).columns == 54


@given(st.integers(1, 10**6), st.integers(1, 300), st.sampled_from([1, 2, 64]))
def test_every_turn_has_a_cell_within_the_columns_and_is_found_there(turns, columns, stride):
    scale = Scale.of(turns, columns, stride)
    assert scale.columns <= columns
    for turn in {1, turns // 2 or 1, turns}:
        found = scale.turn(scale.column(turn))
        assert found <= turn < found + scale.per
