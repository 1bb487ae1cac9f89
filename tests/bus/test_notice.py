import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bus.notice import Refusals, Refused, printable


class Later:
    """Timers that go off when they are told to."""

    def __init__(self) -> None:
        self.timers = []

    def __call__(self, seconds, call):
        timer = Timer(seconds, call)
        self.timers.append(timer)
        return timer

    def second(self):
        due, self.timers = self.timers, []
        for timer in due:
            if not timer.cancelled:
                timer.call()


class Timer:
    def __init__(self, seconds, call):
        self.seconds, self.call, self.cancelled = seconds, call, False

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def told():
    return []


@pytest.fixture
def later():
    return Later()


@pytest.fixture
def refusals(told, later):
    return Refusals("ada", told.append, later)


def test_the_first_is_told_at_once_and_the_rest_once_a_second(refusals, told, later):
    for n in range(5):
        refusals.add("publish", topic=b"a", sample=b"%d" % n)
    assert told == [Refused("ada", "publish", "a", 1, "0")]
    later.second()
    assert told[1:] == [Refused("ada", "publish", "a", 4, "1")]
    refusals.add("publish", topic=b"b")
    assert len(told) == 2
    later.second()
    assert told[2:] == [Refused("ada", "publish", "b", 1)]


def test_after_a_quiet_second_the_next_is_told_at_once_again(refusals, told, later):
    refusals.add("publish")
    later.second()
    later.second()
    refusals.add("publish", topic=b"again")
    assert told == [Refused("ada", "publish"), Refused("ada", "publish", "again")]


def test_each_kind_is_counted_apart(refusals, told):
    refusals.add("publish")
    refusals.add("subscribe")
    refusals.add("publish")
    assert [refused.what for refused in told] == ["publish", "subscribe"]


def test_nothing_is_lost_at_the_end(refusals, told, later):
    for _ in range(3):
        refusals.add("size")
    refusals.flush()
    later.second()
    assert [refused.count for refused in told] == [1, 2]


@given(st.binary(max_size=400))
def test_a_sample_is_safe_to_print(data):
    text = printable(data)
    assert text.isascii()
    assert text == "" or text.isprintable()
    assert len(text) < 700


def test_a_long_sample_is_cut_and_says_so():
    assert printable(b"a" * 200) == "a" * 160 + "... (200 bytes)"
