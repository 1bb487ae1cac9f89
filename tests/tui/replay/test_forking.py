"""A child of a real run, made from its replay; and a run that goes on."""

import shutil
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.errors import UsageError
from sandbox.transcript import read
from sandbox.tui.places import Played
from sandbox.tui.replay.deeds import parent_of
from sandbox.tui.replay.forking import fork_at
from sandbox.tui.runs.resuming import plan_to_resume
from tests.tui.replay.conftest import Replay, Went

SAMPLES = Path(__file__).parents[3] / "transcripts" / "samples"


@pytest.fixture
def parent(home):
    with read(SAMPLES / "two-strangers") as events:
        run = next(events).run
    return Path(shutil.copytree(SAMPLES / "two-strangers", Path("transcripts") / run))


def test_a_fork_shares_what_was_and_is_planned_as_asked(parent):
    plan = fork_at(parent, 40, "limits.turns=30 seed=9", ManualClock())
    folder = plan.resume.folder
    assert (plan.scenario.limits.turns, plan.scenario.seed, plan.root) == (30, 9, parent.parent)
    with read(folder) as mine, read(parent) as all_:
        assert [event.kind for event in mine] == [event.kind for event in all_][:40]
    assert parent_of(folder) == parent
    assert parent_of(parent) is None


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            "limits.turns",
            "a change is PATH=VALUE, not 'limits.turns'. For example: limits.turns=40",
        ),
        ('seed="9', "'seed=\"9' is not to be read: No closing quotation."),
        ("limits.turns=2", None),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(parent, sets, message):
    with pytest.raises(UsageError) as caught:
        fork_at(parent, 40, sets, ManualClock())
    assert message is None or str(caught.value) == message
    assert [*parent.parent.iterdir()] == [parent]


async def test_f_makes_a_child_and_plays_it(parent, size, monkeypatch):
    replay = Replay(parent)
    async with replay.at(size, seq=40) as page:
        went = Went(page, monkeypatch)
        await replay.press("F")
        assert "fork after event 40 (turn 6), with" in replay.text
        await replay.type("limits.turns=20")
        assert [(type(place), place.plan.scenario.limits.turns) for place in went] == [(Played, 20)]


def test_a_run_that_has_ended_needs_more_turns_to_go_on(parent):
    with pytest.raises(UsageError, match="--turns"):
        plan_to_resume(parent, {})
    plan = plan_to_resume(parent, {"limits.turns": 20})
    assert (plan.resume.folder, plan.scenario.limits.turns, plan.resume.why) == (parent, 20, "more")
