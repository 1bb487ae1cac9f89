"""What a run will take, and where the figures come from."""

from pathlib import Path

import pytest

from sandbox.scenario import Limits, load, shipped
from sandbox.transcript.runs import list_runs
from sandbox.tui.launch.earlier import past_runs, recent_runs
from sandbox.tui.launch.estimate import Estimate, Past, estimate, told

SAMPLES = Path(__file__).resolve().parents[3] / "transcripts" / "samples"
THREE = [
    Past(10, 100, 1000, 0.1),
    Past(20, 400, 2000, 0.2),
    Past(0, 5, 5, 5),
    Past(5, 100, 500, 0.05),
]


def test_the_median_turn_as_often_as_allowed():
    assert estimate(THREE, Limits(turns=100)) == Estimate(3, 100, 2000.0, 10_000, 1.0)


@pytest.mark.parametrize(
    ("limits", "bound", "turns"),
    [
        (Limits(turns=100, seconds=200), "seconds", 10),
        (Limits(turns=100, tokens=5000), "tokens", 50),
        (Limits(turns=100, tokens=5000, money=0.01), "money", 1),
        (Limits(turns=100, tokens=10**9), "turns", 100),
    ],
)
def test_a_limit_may_end_it_sooner(limits, bound, turns):
    found = estimate(THREE, limits)
    assert (found.bound, found.turns) == (bound, turns)


def test_without_an_earlier_run_there_are_no_figures():
    assert told(estimate([], Limits(turns=1))) == "no earlier run of this; at most 1 turn"
    assert (
        told(estimate([Past(0, 1, 1, 1)], Limits())) == "no earlier run of this; at most 20 turns"
    )


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Estimate(1, 10, 0.2, 0, 0.0), "~1 s   ~0 tokens   $0.00   from 1 earlier run"),
        (Estimate(3, 400, 3120, 1_100_000, 0.004), "~52 min   ~1.1 M tokens   under $0.01   from 3 earlier runs"),
        (
            Estimate(2, 50, 9000, 5000, 1.5, "tokens"),
            "~2.5 h   ~5 k tokens   $1.50   from 2 earlier runs; the limit of tokens ends it at about turn 50",
        ),
    ],
)  # fmt: skip
def test_it_is_told_in_a_line(found, line):
    assert told(found) == line


def test_earlier_runs_are_those_of_the_same_cast():
    demo = next(load(path) for path in shipped() if path.stem == "demo")
    runs = list_runs(SAMPLES)
    assert len(past_runs(runs, demo)) == sum(run.title == demo.title for run in runs) > 0
    other = demo.model_copy(
        update={
            "agents": {
                **demo.agents,
                "bo": demo.agents["bo"].model_copy(update={"model": "local/qwen"}),
            }
        }
    )
    assert past_runs(runs, other) == []


def test_the_last_runs_come_newest_first_with_their_flags():
    found = recent_runs(list_runs(SAMPLES))
    assert [run.info for run in found] == list_runs(SAMPLES)[::-1]
    assert any(run.flags for run in found)


def test_a_run_that_cannot_be_read_is_passed_over(tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "events.jsonl").write_bytes(b"\xff{\n{}\n")
    (found,) = recent_runs(list_runs(tmp_path))
    assert (found.info.end, found.flags) == ("damaged", None)
