"""The transcripts that ship: whole, and what their models saw can still be proved.

If the last test fails after a change of what models are shown, the change needs a new renderer version.
"""

from pathlib import Path

import pytest

from sandbox.cli import main
from sandbox.engine.saw import saw
from sandbox.models.registry import make_providers
from sandbox.scenario import load
from sandbox.transcript import read, verify

SAMPLES = sorted((Path(__file__).parents[2] / "transcripts" / "samples").iterdir())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_what_was_written(sample):
    report = verify(sample)
    assert (report.problems, report.notes, report.ended) == ((), (), True)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_its_models_saw_is_proved_from_the_record(sample):
    providers = make_providers(load(sample / "scenario.yaml"))
    with read(sample) as events:
        agents = next(events).data["agents"]
    seen = [one for agent in agents for one in saw(read(sample), agent, providers)]

    assert len(seen) >= 9
    assert {one.digest_matches for one in seen} == {True}
    assert {one.sent_matches for one in seen} <= {True, None}


def test_a_turn_in_which_an_agent_was_not_asked_is_told_with_those_in_which_it_was(capsys):
    strangers = next(sample for sample in SAMPLES if sample.name == "two-strangers")
    assert main(["show", str(strangers), "--saw", "ada", "--turn", "2"]) == 0
    assert capsys.readouterr().out == (
        "ada was not asked in turn 2, but in turns 1, 3, 5, 7, 9, 11.\n"
    )
