"""Scenarios by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.errors import ScenarioError
from sandbox.scenario import find, shipped


def test_a_path_is_taken_as_it_is():
    assert find("some/where.yaml") == Path("some/where.yaml")
    assert find("here.yml") == Path("here.yml")
    assert find("some/folder") == Path("some/folder")


def test_a_name_is_one_of_ours(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find("demo").parts[-2:] == ("scenarios", "demo.yaml")
    assert find("demo") in shipped()


def test_ones_own_come_first(tmp_path, monkeypatch):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "demo.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert find("demo") == Path("scenarios/demo.yaml")


def test_a_file_that_is_here_is_meant_whatever_it_ends_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lobby.txt").touch()
    (tmp_path / "demo").touch()
    assert find("lobby.txt") == Path("lobby.txt")
    assert find("demo") in shipped()


def test_the_nearest_name_is_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        find("dmeo")
    assert str(caught.value) == "there is no scenario 'dmeo' here. Did you mean 'demo'?"


def test_those_that_ship_have_names_to_remember():
    assert [path.stem for path in shipped()] == [
        "a-door-ajar",
        "claude-meets-mistral",
        "demo",
        "five-lines",
        "lonely-shell",
        "long-corridor",
        "parlour",
        "switchboard",
        "the-kubernetes-leak-live",
        "the-kubernetes-leak",
        "two-strangers",
    ]
    assert len(find("five-lines").read_text().splitlines()) == 5


def test_finding_one_imports_neither_pydantic_nor_yaml():
    code = "import sys, sandbox.scenario as s; s.find('demo'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert {"pydantic", "ruamel.yaml"}.isdisjoint(done.stdout.split())


def test_a_name_of_the_package_is_never_the_module_it_lies_in():
    code = "import sandbox.scenario.load, sandbox.scenario.lint; from sandbox.scenario import load, lint"
    code += "; assert callable(load) and callable(lint)"
    subprocess.run([sys.executable, "-c", code], check=True)
