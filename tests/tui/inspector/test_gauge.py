"""What a living box uses, read once a second."""

from sandbox.tui.inspector.gauge import Gauge

LIMITS = {"memory": 512 << 20, "cpu": 2.0, "pids": 128, "disk": 64 << 20}


def rows(gauge):
    return ["".join(span.text for span in row) for row in gauge.rows()]


def reading(cpu, memory, **more):
    return {
        "cpu_seconds": cpu,
        "memory": memory,
        "pids": 3,
        "disk": 1 << 20,
        "limits": LIMITS,
    } | more


def test_before_the_first_reading_there_is_nothing_to_say():
    assert rows(Gauge()) == []


def test_the_last_minute_is_drawn_against_the_limits():
    gauge = Gauge()
    for second in range(100):
        gauge.take(reading(second * 0.5, (256 << 20) if second > 90 else 0), float(second))
    assert rows(gauge) == [
        "cpu       50% of 2 cores   ▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃",
        "memory    256 of 512 MiB   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▅▅▅",
        "        3 of 128 processes, 1.0 of 64 MiB of disk",
    ]


def test_why_there_is_nothing_to_be_read_is_said():
    gauge = Gauge()
    gauge.take(reading(1, 1), 0.0)
    gauge.miss("the box of ada is frozen: nothing in it can answer")
    assert rows(gauge) == ["now     the box of ada is frozen: nothing in it can answer"]


def test_an_answer_that_is_none_is_harmless():
    gauge = Gauge()
    gauge.take({"cpu_seconds": "x", "memory": None, "limits": [1]}, 0.0)
    assert len(rows(gauge)) == 3
