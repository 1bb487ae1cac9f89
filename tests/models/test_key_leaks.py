"""However a maker's server fails, and whatever it repeats: no exception has the key anywhere in it."""

import traceback

import pytest

from sandbox.errors import ModelError
from sandbox.models.keys import Key
from sandbox.models.provider import ChatTurn, Request
from sandbox.models.registry import make_providers
from sandbox.scenario.schema import Scenario

KEY = "sk-canary-19c4e8b6057f3a91"
SAID = f'{{"error": {{"type": "x", "message": "Incorrect key {KEY}, Bearer {KEY}"}}}}'.encode()
PROVIDERS = ["openai", "anthropic", "mistral"]


@pytest.fixture(params=PROVIDERS)
async def provider(request, server, monkeypatch):
    name = request.param
    monkeypatch.setenv(
        f"{name.upper()}_BASE_URL", server.url if name == "openai" else server.url[:-3]
    )
    scenario = Scenario.model_validate(
        {"title": "t", "agents": {"ada": {"model": f"{name}/some-model"}}}
    )
    made = make_providers(scenario, keys=lambda provider: Key(KEY, provider, "a test"))[name]
    yield made
    await made.close()


async def failures(provider, server):
    """What asking raises, and what getting ready raises, each with all that hangs on it."""
    request = Request("some-model", "ada", 1, 1, "Be brief.", (ChatTurn("user", "Hello?"),))
    found = []
    for asking in (everything(provider.stream(request)), provider.ready("some-model")):
        try:
            await asking
        except ModelError as error:
            found.append("".join(traceback.format_exception(error)) + repr(error.__dict__))
    return found


async def everything(parts):
    return [part async for part in parts]


@pytest.mark.parametrize(
    "status", [301, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529]
)
async def test_refusals(provider, server, status):
    server.will(
        SAID, status=status, kind="application/json", headers={"retry-after": KEY, "x-id": KEY}
    )
    found = await failures(provider, server)
    assert found
    assert KEY not in "".join(found)
    assert all(f"authorization: bearer {KEY}" in head.lower() for head in server.heads)


@pytest.mark.parametrize("before", range(270, 300, 3))
async def test_a_quotation_cut_within_the_key(provider, server, before):
    said = f'{{"message": "{"x" * before}{KEY}{"y" * 100}"}}'.encode()
    server.will(said, status=400, kind="application/json")
    found = "".join(await failures(provider, server))
    assert "xxx" in found
    assert KEY[:12] not in found


@pytest.mark.parametrize(
    ("chunk", "more"),
    [
        (b"event: error\ndata: " + SAID + b"\n\n", {}),
        (SAID, {"kind": f"text/{KEY}"}),
        (b"data: {" + KEY.encode() + b"\n\ndata: [1]\n\n", {}),
        (b"data: " + SAID[:60] + b"\n\n", {}),
        (b"data: " + KEY.encode(), {"cut": True}),
        (b"", {}),
    ],
    ids=["an error event", "no stream", "garbage", "half an object", "cut", "nothing"],
)
async def test_answers_that_are_none(provider, server, chunk, more):
    server.will(chunk, **more)
    found = await failures(provider, server)
    assert found
    assert KEY not in "".join(found)
