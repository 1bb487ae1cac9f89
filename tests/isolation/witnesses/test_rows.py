"""What is told of one box in one turn is bounded, and no flood hides what is of another kind."""

from sandbox.isolation.supervisor.caller import NOBODY, Caller
from sandbox.isolation.supervisor.denied import Denied
from sandbox.isolation.supervisor.started import OF_ONE
from sandbox.isolation.witnesses.rows import CALLS, STARTS, DeniedRows, StartedRows


def of(call, number, count=1, args=()):
    return Denied(call, args, number, Caller(f"/tmp/{number}", "x"), count)


def test_of_many_denied_calls_the_first_are_told_and_the_rest_is_counted():
    rows, told = DeniedRows(), []
    for number in range(1_000):
        told += rows.now([of("unshare", number, 2)])
    assert told == [of("unshare", number, 2) for number in range(CALLS)]
    assert rows.rest() == [Denied("unshare", (), CALLS, NOBODY, 2 * (1_000 - CALLS))]
    assert rows.rest() == []
    assert rows.now([of("unshare", 1)]) == [of("unshare", 1)]


def test_another_way_out_is_told_at_once_whatever_was_told_before():
    rows = DeniedRows()
    rows.now(of("mount", number, args=("none", "/a", "tmpfs")) for number in range(CALLS))
    other = of("mount", 7, args=("none", "/a", "cgroup"))
    assert rows.now([of("mount", 5, args=("none", "/a", "tmpfs"))]) == []
    assert rows.now([other, of("setns", 7)]) == [other, of("setns", 7)]


def test_of_many_starts_the_rest_is_counted():
    rows = StartedRows()
    assert sum(rows.take("/bin/true", 3) for _ in range(1_000)) == OF_ONE
    assert rows.left_out == 3 * (1_000 - OF_ONE)
    assert sum(rows.take(f"/tmp/{number}", 1) for number in range(1_000)) == STARTS - OF_ONE
