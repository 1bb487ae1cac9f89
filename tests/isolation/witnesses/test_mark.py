"""The mark of a box says whose it is, wherever it stands."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.isolation.witnesses.mark import Mark

AGENTS = ["ada", "bo", "clerk"]


@given(st.sampled_from(AGENTS), st.binary(max_size=99), st.binary(max_size=99))
def test_it_is_found_between_anything(agent, before, behind):
    mark = Mark(AGENTS)
    assert mark.whose(before + mark.of(agent).encode() + behind) == agent


@given(st.binary(max_size=200))
def test_nothing_else_is_one(text):
    assert Mark(AGENTS).whose(text) is None


def test_what_was_tampered_with_is_nobodys():
    mark = Mark(AGENTS)
    assert mark.whose(mark.common) is None
    assert mark.whose(mark.common + b"00ff") is None
    assert mark.whose(mark.common + b"-1zz") is None


def test_two_runs_have_different_marks():
    assert Mark(AGENTS).whose(Mark(AGENTS).of("ada").encode()) is None
