"""``backrooms models`` as the command line calls it."""

import argparse
import json
import subprocess
import sys

import pytest

from sandbox.commands import models
from sandbox.errors import UnknownModel, UsageError


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKROOMS_MODELS", str(tmp_path))

    def call(*words):
        parser = argparse.ArgumentParser()
        models.add_parser(parser.add_subparsers(dest="command"))
        code = models.main(parser.parse_args(["models", *words]))
        return code, capsys.readouterr().out

    return call


def test_the_list(run):
    code, text = run("list")
    assert code == 0
    assert [line.split("  ")[0].strip() for line in text.splitlines()] == [
        "MODEL",
        "scripted/NAME",
        "local/smollm2",
        "local/qwen",
        "openai/NAME",
    ]
    assert "not fetched: backrooms models fetch qwen" in text


def test_the_list_for_programs_never_holds_the_key(run, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://me:pass@models.test/v1")
    _, text = run("list", "--json")
    rows = [json.loads(line) for line in text.splitlines()]
    assert rows[1] == {
        "model": "local/smollm2",
        "family": "smollm",
        "licence": "Apache-2.0",
        "bytes": 98362432,
        "state": "not fetched: backrooms models fetch smollm2",
    }
    assert rows[3]["state"] == "the key in OPENAI_API_KEY goes to https://models.test/v1"
    assert "sk-secret" not in text


def test_fetching_nothing(run):
    with pytest.raises(UsageError, match="name what to fetch, or --all; there are: smollm2, qwen"):
        run("fetch")


def test_a_wrong_name_stops_before_anything_is_fetched(run, tmp_path):
    with pytest.raises(UnknownModel):
        run("fetch", "smollm2", "quen")
    assert list(tmp_path.iterdir()) == []


def test_describing_the_command_imports_nothing_heavy():
    code = (
        "import sys, sandbox.commands.models, sandbox.models;"
        "print(*{'pydantic', 'httpx2', 'xllamacpp', 'orjson'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
