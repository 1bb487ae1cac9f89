"""The mark of a box says whose it is, wherever it stands."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.isolation.witnesses.mark import Mark

AGENTS = ["ada", "bo", "clerk"]


@given(st.sampled_from(AGENTS), st.binary(max_size=99), st.binary(max_size=99))
def test_it_is_found_between_anything(agent, before, behind):
    mark = Mark(AGENTS)
    assert mark.whose(before + mark.of(agent).encode() + behind) == agent


def test_the_first_of_several_counts():
    mark = Mark(AGENTS)
    assert mark.whose(f"{mark.of('bo')} {mark.of('ada')}".encode()) == "bo"


@given(st.binary(max_size=200))
def test_nothing_else_is_one(text):
    assert Mark(AGENTS).whose(text) is None


def test_nobody_can_tell_anothers_mark_from_its_own():
    mark = Mark(AGENTS)
    ada, bo = mark.of("ada"), mark.of("bo")
    assert ada[:8] != bo[:8]
    assert mark.whose(ada[:-1].encode()) is None


def test_two_runs_have_different_marks():
    assert Mark(AGENTS).whose(Mark(AGENTS).of("ada").encode()) is None
