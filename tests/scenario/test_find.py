"""Scenarios by name."""

from pathlib import Path

import pytest

from sandbox.errors import ScenarioError
from sandbox.scenario import find, shipped


def test_a_path_is_taken_as_it_is():
    assert find("some/where.yaml") == Path("some/where.yaml")
    assert find("here.yml") == Path("here.yml")
    assert find("some/folder") == Path("some/folder")


def test_a_name_is_one_of_ours():
    assert find("demo").parts[-2:] == ("scenarios", "demo.yaml")
    assert find("demo") in shipped()


def test_ones_own_come_first(tmp_path, monkeypatch):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "demo.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert find("demo") == Path("scenarios/demo.yaml")


def test_the_nearest_name_is_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        find("dmeo")
    assert str(caught.value) == "there is no scenario 'dmeo' here. Did you mean 'demo'?"


def test_those_that_ship_have_names_to_remember():
    assert [path.stem for path in shipped()] == [
        "demo",
        "five-lines",
        "lonely-shell",
        "long-corridor",
        "parlour",
        "switchboard",
        "two-strangers",
    ]
    assert len(find("five-lines").read_text().splitlines()) == 5
