"""The makers' real SDKs and real weights: llama.cpp's own two endpoints, and a conversation in two boxes."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sandbox.models.anthropic_messages import AnthropicMessages
from sandbox.models.catalog import models_folder, weights_of
from sandbox.models.mistral_chat import MistralChat
from sandbox.models.provider import ChatTurn, Done, Request, TextDelta, Usage

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.needs("local-model"),
]

REQUEST = Request(
    model="any",
    agent="ada",
    turn=1,
    think=1,
    system="You are ada. You answer in one short sentence.",
    turns=(
        ChatTurn("user", "bo: Is somebody there?"),
        ChatTurn("assistant", "Yes, by the door."),
        ChatTurn("user", "bo: What is behind it?"),
    ),
    max_tokens=24,
    temperature=0.0,
    seed=7,
)


@pytest.fixture(scope="module")
def makers():
    """The addresses of a child process that serves both models."""
    weights = [str(models_folder() / weights_of(name).file) for name in ("smollm2", "qwen")]
    argv = [sys.executable, str(Path(__file__).with_name("makers.py")), *weights]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    with subprocess.Popen(argv, env=env, text=True, **pipes) as child:
        lines = (line for line in child.stdout if line.startswith("{"))
        yield json.loads(next(lines))
        child.kill()


@pytest.mark.parametrize(
    ("kind", "name"), [(AnthropicMessages, "anthropic"), (MistralChat, "mistral")]
)
async def test_llama_cpps_own_endpoint(makers, kind, name):
    provider = kind(default_url=makers[name])
    await provider.ready("any")
    parts = [part async for part in provider.stream(REQUEST)]
    await provider.close()
    words = [part.text for part in parts if isinstance(part, TextDelta)]
    assert len(words) > 3  # they come one by one
    assert "".join(words).strip()
    done = parts[-1]
    assert isinstance(done, Done)
    assert done.sent_sha256 == hashlib.sha256(provider.body(REQUEST)).hexdigest()
    if (
        name == "anthropic"
    ):  # the other counts only where it is asked to, and Mistral does so unasked
        (usage,) = (part for part in parts if isinstance(part, Usage))
        assert usage.tokens_in > 20
        assert usage.tokens_out == pytest.approx(len(words), abs=3)


@pytest.mark.needs("nats", "bubblewrap")
def test_claude_meets_mistral(makers, house, leftovers, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", makers["url"])
    monkeypatch.setenv("MISTRAL_BASE_URL", makers["url"])
    house("run", "claude-meets-mistral", "--plain", seconds=500)

    events = house.events()
    kinds = Counter(event["kind"] for event in events)
    assert kinds["turn.ended"] == 20
    assert kinds["think.failed"] == 0
    assert events[0]["data"]["tier"] == "bubblewrap"
    assert [events[-1]["data"][key] for key in ("reason", "turns")] == ["turns", 20]

    models = {name: facts["model"] for name, facts in events[0]["data"]["agents"].items()}
    assert models == {
        "claude": "anthropic/claude-sonnet-5-5",
        "mistral": "mistral/mistral-large-4",
    }
    for agent in models:
        own = [event for event in events if event["actor"] == agent]
        thoughts = [event["data"] for event in own if event["kind"] == "think.done"]
        assert all(len(thought["sent"]["sha256"]) == 64 for thought in thoughts)
        assert sum(event["kind"] == "say" for event in own) == 10
        calls = [call["tool"] for thought in thoughts for call in thought["calls"]]
        assert calls == ["shell"]
        (result,) = (event["data"] for event in own if event["kind"] == "action.result")
        assert result["tool"] == "shell"
    house("verify", "last")
    assert leftovers(house.runs()[-1].name) == []
