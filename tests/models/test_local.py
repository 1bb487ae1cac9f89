"""The provider ``local`` with real weights: what it says, and that its process always goes."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from agents.tools.schemas import SCHEMAS
from sandbox.errors import ModelFailed, ModelUnavailable, UnknownModel
from sandbox.models.actions import check_call, parse_action
from sandbox.models.local import Local, Trim
from sandbox.models.provider import ChatTurn, Request, TextDelta, ToolSpec

REQUEST = Request(
    model="smollm2",
    agent="ada",
    turn=1,
    think=1,
    system="Two strangers wake up in an endless yellow office.\n\nYou are ada.",
    turns=(ChatTurn("user", "bo: Hello? Is somebody there?"),),
    max_tokens=40,
    seed=3,
    names=("bo",),
)
TOOLS = tuple(ToolSpec(name, tool["about"], tool["schema"]) for name, tool in SCHEMAS.items())
ACTS = replace(REQUEST, mode="json", tools=TOOLS, max_tokens=200)

needs_model = pytest.mark.needs("local-model")


@pytest.fixture
async def local():
    made = Local()
    yield made
    await made.close()


async def said(local, request=REQUEST):
    return "".join([p.text async for p in local.stream(request) if isinstance(p, TextDelta)])


def folders():
    return set(Path(tempfile.gettempdir()).glob("backrooms-model-*"))


def test_a_body_in_words_and_one_in_actions():
    words, action = (json.loads(Local().body(request)) for request in (REQUEST, ACTS))
    assert words["prompt"].endswith("You are ada.\n\nbo: Hello? Is somebody there?\nada:")
    assert (words["stop"], words["max_tokens"], words["seed"]) == (["\n", " bo:"], 40, 3)
    assert [message["role"] for message in action["messages"]] == ["system", "user"]
    assert len(action["response_format"]["json_schema"]["schema"]["anyOf"]) == len(TOOLS)


def test_how_it_acts_follows_from_what_it_may_do():
    assert [Local().mode("qwen", acts=acts) for acts in (True, False)] == ["json", "talk"]
    assert [Local().family(model) for model in ("smollm2", "qwen")] == ["smollm", "qwen"]


async def test_weights_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("sandbox.models.local.find_spec", lambda name: name)
    with pytest.raises(ModelUnavailable) as caught:
        await Local(tmp_path).ready("qwen")
    assert str(caught.value) == (
        f"the weights of local/qwen are not in {tmp_path}. "
        "Fetch them (491 MB): backrooms models fetch qwen"
    )


async def test_llama_cpp_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("sandbox.models.local.find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable) as caught:
        await Local(tmp_path).ready("qwen")
    assert str(caught.value) == (
        "local/qwen needs llama.cpp, which is not installed here. "
        "Install the extra 'local': pip install 'backrooms[local]'"
    )


async def test_an_unknown_model(tmp_path):
    with pytest.raises(UnknownModel, match="there is no local model 'quen'"):
        await Local(tmp_path).ready("quen")


@needs_model
async def test_the_same_seed_says_the_same_whatever_was_asked_before(local):
    first = await said(local)
    other = await said(local, replace(REQUEST, agent="bo", system="You are bo.", seed=4))
    assert await said(local) == first
    assert first == first.strip()
    assert "\n" not in first
    assert first != other


@needs_model
async def test_an_action_fits_its_tool(local):
    for seed in range(3):
        call = parse_action(await said(local, replace(ACTS, seed=seed)), TOOLS)
        assert check_call(call, TOOLS) is None


@needs_model
async def test_a_bid_is_yes_or_no(local):
    turns = (ChatTurn("user", "(Would you like to speak next? Answer yes or no.)"),)
    bids = [replace(REQUEST, turns=turns, purpose="bid", max_tokens=8, seed=n) for n in range(4)]
    assert {await said(local, bid) for bid in bids} <= {"yes", "no"}


@needs_model
async def test_a_history_of_any_length_and_any_letters_can_be_answered():
    local = Local(context=1400)
    turns = (ChatTurn("user", "bo: ꙮ𒀱😀 " * 40), ChatTurn("assistant", "ꙮ")) * 400
    assert isinstance(await said(local, replace(REQUEST, turns=turns, max_tokens=1)), str)
    await local.close()


@needs_model
async def test_a_process_that_is_killed_fails_its_question_and_starts_again(local):
    await local.ready("smollm2")
    parts = local.stream(replace(REQUEST, max_tokens=2000, names=()))
    await anext(parts)
    os.kill(local.process("smollm2").pid, signal.SIGKILL)
    with pytest.raises(ModelFailed) as caught:
        [part async for part in parts]
    assert str(caught.value) == (
        "the process of local/smollm2 has ended (signal 9); it starts again"
    )
    assert await said(local)


@needs_model
async def test_weights_that_llama_cpp_cannot_read(tmp_path):
    before = folders()
    with (tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf").open("wb") as file:
        file.truncate(98362432)
    with pytest.raises(ModelUnavailable, match="local/smollm2 cannot be loaded: "):
        await Local(tmp_path).ready("smollm2")
    assert folders() <= before


@needs_model
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Only Linux has process handles.")
def test_a_house_that_is_killed_leaves_no_process_and_no_folder():
    before = folders()
    code = (
        "import asyncio\n"
        "from sandbox.models.local import Local\n"
        "async def main():\n"
        "    local = Local()\n"
        "    await local.ready('smollm2')\n"
        "    print(local.process('smollm2').pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as house:
        process = os.pidfd_open(int(house.stdout.readline()))
        own = folders() - before
        assert own
        house.kill()
    ended, _, _ = select.select([process], [], [], 10)
    os.close(process)
    assert ended == [process]
    assert not own & folders()


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [([" Hel", "lo ", " there", " \n"], "Hello  there"), ([" ", "\n"], ""), (["yes"], "yes")],
)
def test_space_at_the_ends_is_taken_off_as_it_comes(pieces, whole):
    trim = Trim()
    assert "".join(map(trim.feed, pieces)) == whole
