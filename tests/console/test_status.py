import pytest

from sandbox.console import Status, duration
from sandbox.transcript import Event


def text(status, elapsed):
    return "".join(span.text for span in status.spans(elapsed))


def test_the_status_line_sums_up_what_was_taken_in(run):
    status = Status()
    assert text(status, 0) == " turn 0 · 0:00 · 0 tokens"
    seen = []
    for event in run[:13]:
        status.take(event)
        seen.append(text(status, event.seq))
    assert seen[3:7] == [
        " turn 1 of 4 · ada has the floor · 0:04 · 0 tokens",
        " turn 1 of 4 · ada thinks · 0:05 · 0 tokens",
        " turn 1 of 4 · ada acts · 0:06 · 1,234 tokens · $0.0125",
        " turn 1 of 4 · ada uses shell · 0:07 · 1,234 tokens · $0.0125",
    ]
    assert seen[-1] == " turn 2 of 4 · bo has the floor · 0:13 · 1,234 tokens · $0.0125 · 1 flag"


def test_money_is_not_shown_where_no_price_is_known():
    status = Status()
    status.take(Event(1, "think.done", "ada", {"tokens_in": 1, "money": None}))
    assert text(status, 1) == " turn 0 · 0:01 · 1 token"


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0:00"), (59.9, "0:59"), (3599, "59:59"), (3723, "1:02:03")]
)
def test_a_duration_reads_like_a_clock(seconds, written):
    assert duration(seconds) == written
