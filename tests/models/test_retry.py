"""When a model is asked again."""

import pytest

from sandbox.errors import (
    ContextOverflow,
    KeyRefused,
    Overloaded,
    RateLimited,
    RequestRefused,
    TimedOut,
)
from sandbox.models.retry import RetryPolicy

POLICY = RetryPolicy(attempts=5)


def test_waits_double_and_are_drawn_below_their_bound():
    assert [POLICY.wait(TimedOut("t"), n, 0.5) for n in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, 2.0]
    assert POLICY.wait(TimedOut("t"), 1, 0.0) == 0.0


def test_the_makers_word_is_obeyed_and_a_little_more():
    assert POLICY.wait(RateLimited("r", retry_after=7.0), 1, 0.25) == 7.25


def test_a_wait_longer_than_anybodys_patience_is_not_begun():
    assert POLICY.wait(RateLimited("r", retry_after=3600.0), 1, 0.5) is None


def test_after_so_many_attempts_it_is_given_up():
    assert POLICY.wait(Overloaded("o"), 5, 0.5) is None


@pytest.mark.parametrize("error", [KeyRefused("k"), RequestRefused("b"), ContextOverflow("c")])
def test_what_will_not_pass_is_not_tried_again(error):
    assert POLICY.wait(error, 1, 0.5) is None
