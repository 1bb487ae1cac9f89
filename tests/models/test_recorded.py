"""``recorded/RUN``: every answer again, offline, and only to the request that it answered."""

import asyncio
from dataclasses import replace

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.errors import Damaged, ModelUnavailable, NoSuchRun, UnknownModel
from sandbox.models.desync import Desync
from sandbox.models.gateway import arguments, gather
from sandbox.models.recorded import Recorded, name_records
from sandbox.models.recording import Recording
from sandbox.scenario import loads
from sandbox.transcript import FileStore, read

RUN = "20261121-113908-two-doors-abcd"
SCENARIO = """
title: Two doors
agents:
  ada:
    model: scripted/claude-like
    script:
      - Is somebody there?
      - do: {whisper: {to: bo, text: psst}}
      - do: {enter: cellar}
      - I heard that.
  bo:
    model: scripted/mistral-like
    first: I come first.
    actions: json
    script:
      - raw: '{"action": "say", "text": "cut o'
      - Yes, by the door.
order: volunteer
limits: {turns: 6}
"""


@pytest.fixture
def root(tmp_path):
    clock = ManualClock()
    store = FileStore(tmp_path / RUN, RUN, clock, "process")
    OfflineRun(loads(SCENARIO), store, clock, Watch(detectors())).play()
    store.close()
    return tmp_path


@pytest.fixture
async def recorded(root):
    provider = Recorded(root)
    yield provider
    await provider.close()


def exchanges(root, agent):
    """Everything that the agent was asked and answered, but for its first message."""
    recording = Recording(root / RUN)
    found = []
    while (exchange := recording.peek(agent)) is not None:
        recording.skip(agent)
        if exchange.answer.data.get("stop") != "given":
            found.append((exchange.request, exchange.answer.data))
    return found


async def asked(provider, request):
    request = replace(request, model=f"{RUN}:{request.agent}")
    return request, [part async for part in provider.stream(request)]


@pytest.mark.parametrize("agent", ["ada", "bo"])
async def test_every_answer_comes_again_in_order(root, recorded, agent):
    held = exchanges(root, agent)
    assert len(held) > 5
    for request, data in held:
        outcome = gather(*await asked(recorded, request))
        said = (outcome.text, outcome.stop, outcome.tokens_in, outcome.tokens_out)
        assert said == (data["text"], data["stop"], data["tokens_in"], data["tokens_out"])
        calls = [(call.tool, arguments(call)) for call in outcome.calls]
        assert calls == [(call["tool"], call["args"]) for call in data["calls"]]
        assert outcome.malformed == data.get("malformed")


async def test_a_request_that_is_repeated_gets_the_same_answer(root, recorded):
    (first, _), (second, _), *_ = exchanges(root, "ada")
    once = await asked(recorded, first)
    assert await asked(recorded, first) == once
    assert await asked(recorded, second) != once


async def test_a_desync_names_both_requests_and_where_they_part(root, recorded):
    (request, _), *_ = [e for e in exchanges(root, "ada") if e[0].purpose == "act"]
    bids = [e[0] for e in exchanges(root, "ada")]
    for bid in bids[: bids.index(request)]:
        await asked(recorded, bid)
    last = request.turns[-1]
    other = replace(request, turns=(*request.turns[:-1], replace(last, text=last.text + "!")))
    with pytest.raises(Desync) as caught:
        await asked(recorded, other)
    assert str(caught.value) == (
        f"ada is asked something else than in {RUN}. Then, in turn {request.turn}, think 1, after "
        f"{last.text!r}. Now, in turn {request.turn}, think 1, after {last.text + '!'!r}. They first "
        f"differ in message {len(request.turns)} (user), at character {len(last.text) + 1}: then "
        f"{last.text[-20:]!r}, now {last.text[-20:] + '!'!r}"
    )
    assert gather(request, (await asked(recorded, request))[1]).text == "Is somebody there?"


async def test_behind_the_last_answer_the_record_is_at_its_end(root, recorded):
    held = [request for request, _ in exchanges(root, "ada")]
    for request in held:
        await asked(recorded, request)
    with pytest.raises(Desync, match="has no further answer of ada: its last is of turn 6"):
        await asked(recorded, replace(held[-1], turn=99))


async def test_a_changed_record_does_not_prove_what_was_asked(root):
    path = root / RUN / "events.jsonl"
    # Everywhere alike, so that nothing but the digest tells.
    path.write_bytes(path.read_bytes().replace(b"Is somebody there?", b"Is anybody there??"))
    provider = Recorded(root)
    asking = [asked(provider, request) for request, _ in exchanges(root, "bo")]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    found = next(str(answer) for answer in answers if isinstance(answer, Desync))
    assert found.startswith(f"the record of {RUN} does not prove what bo was asked in turn ")
    await provider.close()


async def test_a_record_that_is_no_record_is_damaged(root):
    path = root / RUN / "events.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(Damaged, match=r"does not begin with run\.started"):
        await Recorded(root).ready(f"{RUN}:ada")


async def test_families_and_modes_are_those_of_the_recorded_run(recorded):
    told = [
        (recorded.family(f"{RUN}:{a}"), recorded.mode(f"{RUN}:{a}", acts=True))
        for a in ("ada", "bo")
    ]
    assert told == [("claude-like", "tools"), ("mistral-like", "json")]


async def test_who_is_not_in_the_run_is_named_with_those_who_are(recorded):
    with pytest.raises(ModelUnavailable) as caught:
        await recorded.ready(f"{RUN}:zoe")
    assert str(caught.value) == (
        f"there is no agent 'zoe' in the run {RUN}; its agents are ada, bo. "
        f"Name one: recorded/{RUN}:ada"
    )


def test_names_are_written_out_since_last_is_another_run_tomorrow(root):
    scenario = loads("title: t\nagents: {ada: recorded/last, zoe: recorded/2026:bo, bo: scripted}")
    named = name_records(scenario, root)
    models = {agent: spec.model for agent, spec in named.agents.items()}
    assert models == {"ada": f"recorded/{RUN}:ada", "zoe": f"recorded/{RUN}:bo", "bo": "scripted"}


def test_a_run_that_is_not_there_is_an_error_before_anything_begins(root):
    with pytest.raises(NoSuchRun):
        name_records(loads("title: t\nagents: {ada: recorded/1999}"), root)
    with pytest.raises(UnknownModel, match="names no run: write recorded/RUN"):
        name_records(loads("title: t\nagents: {ada: 'recorded/:ada'}"), root)


def test_what_is_rendered_again_is_what_was_sent(root):
    recording = Recording(root / RUN)
    thought = [e for e in read(root / RUN) if e.kind == "think.done" and e.actor == "ada"]
    for event in thought:
        assert recording.peek("ada").saw == event.data["saw"]
        recording.skip("ada")
    assert recording.peek("ada") is None
