"""``backrooms models`` as the command line calls it."""

import argparse
import asyncio
import json
import subprocess
import sys

import pytest

from sandbox.commands import models
from sandbox.errors import KeyRefused, ModelUnavailable, UnknownModel, UsageError
from sandbox.models.key_store import file_path, set_in_file
from sandbox.models.keys import Key


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKROOMS_MODELS", str(tmp_path / "models"))

    def call(*words):
        parser = argparse.ArgumentParser()
        models.add_parser(parser.add_subparsers(dest="command"))
        code = models.main(parser.parse_args(["models", *words]))
        out, call.err = capsys.readouterr()
        return code, out

    return call


@pytest.fixture
def run_beside(run, server, monkeypatch):
    """Run the command in a thread, beside a server that is OpenAI for it."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)

    async def call(*words):
        return await asyncio.to_thread(run, *words)

    return call


def rows(text):
    return {row.get("model") or row["provider"]: row for row in map(json.loads, text.splitlines())}


def test_the_list(run):
    code, text = run("list")
    assert code == 0
    lines = {line.split("  ")[0].strip(): line for line in text.splitlines()}
    assert [*lines][:8] == [
        "PROVIDER", "anthropic", "mistral", "openai", "local", "scripted", "recorded", "human",
    ]  # fmt: skip
    assert lines["anthropic"].endswith(
        "no key: set ANTHROPIC_API_KEY, or: backrooms models key set anthropic"
    )
    assert lines["local/qwen"].endswith("not fetched (491 MB): backrooms models fetch qwen")
    assert lines["anthropic/claude-opus-5-5"].split() == [
        "anthropic/claude-opus-5-5", "1,000,000", "128,000", "4.00", "20.00", "no", "key",
    ]  # fmt: skip
    assert "~1.36" in lines["mistral/mistral-large-4"]
    assert "anthropic/claude-opus-4-0" not in lines


def test_the_list_for_programs_never_holds_the_key(run, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://me:pass@models.test/v1")
    set_in_file(Key("sk-other", "mistral", "a test"))
    _, text = run("list", "--json")
    found = rows(text)
    assert found["openai"] == {
        "provider": "openai",
        "key": "OPENAI_API_KEY",
        "address": "https://models.test/v1",
        "reachable": None,
        "state": "the key from OPENAI_API_KEY goes to https://models.test/v1",
    }
    assert found["mistral"]["key"] == str(file_path())
    assert found["anthropic/claude-opus-4-0"] == {
        "model": "anthropic/claude-opus-4-0",
        "family": "claude",
        "context": None,
        "max_output": None,
        "input": None,
        "output": None,
        "source": None,
        "on": None,
        "ends": "2026-06-15",
        "bytes": None,
        "licence": None,
        "state": "retired on 2026-06-15: write anthropic/claude-opus-5-5",
    }
    assert found["local/smollm2"]["licence"] == "Apache-2.0"
    assert found["anthropic/claude-haiku-5-5"]["on"] == "2026-11-21"
    assert [word for word in ("sk-secret", "sk-other", "me:pass") if word in text] == []


def test_a_key_file_that_is_open_to_all_is_said_and_the_list_goes_on(run):
    set_in_file(Key("sk-other", "mistral", "a test"))
    file_path().chmod(0o644)
    code, text = run("list")
    assert code == 0
    assert f"Run: chmod 600 {file_path()}" in text


async def test_a_probe(run_beside, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    _, text = await run_beside("list", "--json", "--probe")
    assert rows(text)["openai"]["reachable"] == "yes"
    assert "authorization: bearer sk-secret" in server.heads[0].lower()
    server.will(status=401)
    _, text = await run_beside("list", "--probe")
    assert "yes, but it refuses the key" in text


async def test_asking(run, run_beside, server):
    assert await run_beside("ask", "openai/llama", "Hello?", "--system", "Be brief.") == (
        0,
        "Hello there.\n",
    )
    assert run.err.split("; ")[:2] == ["7 tokens in, 3 out", "price unknown"]
    assert json.loads(server.asked[-1])["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello?"},
    ]


async def test_an_answer_cannot_drive_the_terminal(run, run_beside, server):
    evil = server.delta(content="\x1b[2Jboo")
    server.will(evil, server.delta("length"), server.usage, server.done)
    assert await run_beside("ask", "openai/llama", "Hello?") == (0, "\u241b[2Jboo\n")
    assert run.err.rstrip().endswith("cut off at --max-tokens")


async def test_a_key_that_is_refused(run_beside, server):
    server.will(status=401, kind="application/json")
    with pytest.raises(KeyRefused, match="does not accept the key"):
        await run_beside("ask", "openai/x", "Hello?")


def test_what_is_not_asked(run):
    with pytest.raises(ModelUnavailable, match="was retired by its maker on 2026-06-15"):
        run("ask", "anthropic/claude-opus-4-0", "Hello?")
    with pytest.raises(UsageError, match="scripted/x answers in a run alone"):
        run("ask", "scripted/x", "Hello?")
    with pytest.raises(UsageError, match="there is nothing to ask"):
        run("ask", "openai/x", " ")
    with pytest.raises(UsageError, match="--base-url 'foo': String should match pattern"):
        run("ask", "openai/x", "Hello?", "--base-url", "foo")


def test_fetching_nothing(run):
    with pytest.raises(UsageError, match="name what to fetch, or --all; there are: smollm2, qwen"):
        run("fetch")


def test_a_wrong_name_stops_before_anything_is_fetched(run, tmp_path):
    with pytest.raises(UnknownModel):
        run("fetch", "smollm2", "quen")
    assert not (tmp_path / "models").exists()


def test_describing_the_command_imports_nothing_heavy():
    heavy = {"pydantic", "httpx2", "xllamacpp", "orjson", "keyring", "anthropic", "mistralai"}
    code = f"import sys, sandbox.commands.models, sandbox.models;print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
