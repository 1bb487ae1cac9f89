"""What is kept of what was asked for last."""

import gc
from weakref import ref

import pytest

from sandbox.tui.text.recent import Recent


class Drawn:
    """Something that can be seen to be gone."""


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def kept(recent, keys):
    return [key for key in keys if recent.get(key) is not None]


def test_that_goes_which_was_not_asked_for_the_longest():
    recent = Recent(3)
    for key in "abc":
        recent[key] = key.upper()
    assert recent.get("a") == "A"
    recent["d"] = "D"
    assert (kept(recent, "abcd"), len(recent)) == (["a", "c", "d"], 3)
    recent["c"] = "new"
    recent["e"] = "E"
    assert (kept(recent, "abcde"), recent.get("c")) == (["c", "d", "e"], "new")


def test_a_value_is_forgotten_and_may_not_have_been_there():
    recent = Recent(3)
    recent["a"] = 1
    recent.discard("a")
    recent.discard("b")
    assert (recent.get("a"), len(recent)) == (None, 0)


@pytest.mark.usefixtures("no_collector")
def test_what_goes_is_gone_without_the_garbage_collector():
    recent = Recent(3)
    values = [Drawn() for _ in range(5)]
    gone = [ref(value) for value in values]
    for key in range(5):
        recent[key] = values.pop(0)
    assert [each() is None for each in gone] == [True, True, False, False, False]
    recent.discard(3)
    assert gone[3]() is None
    recent.clear()
    assert [each() for each in gone] == [None] * 5
