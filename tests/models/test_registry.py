"""Which provider a model's name means."""

import pytest

from sandbox.errors import UnknownModel
from sandbox.models.family import family_of
from sandbox.models.keys import Key
from sandbox.models.memory import CannedProvider
from sandbox.models.registry import PROVIDERS, make_providers, split
from sandbox.scenario.schema import Scenario


@pytest.mark.parametrize(
    ("name", "halves"),
    [
        ("scripted", ("scripted", "")),
        ("scripted/claude", ("scripted", "claude")),
        ("local/qwen", ("local", "qwen")),
        ("anthropic/claude-haiku-5-5", ("anthropic", "claude-haiku-5-5")),
        ("human", ("human", "")),
        ("recorded/last:ada", ("recorded", "last:ada")),
        ("openai/meta-llama/llama-3.2:3b", ("openai", "meta-llama/llama-3.2:3b")),
    ],
)
def test_names(name, halves):
    assert split(name) == halves


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("qwen", "there is no model provider 'qwen'. Did you mean 'local/qwen'?"),
        ("locl/qwen", "there is no model provider 'locl'. Did you mean 'local/qwen'?"),
        ("scriptd", "there is no model provider 'scriptd'. Did you mean 'scripted'?"),
        ("local/smolm2", "there is no local model 'smolm2'. Did you mean 'local/smollm2'?"),
        (
            "local/zzz",
            "there is no local model 'zzz'. There are: local/smollm2, local/qwen",
        ),
        ("local", "'local' names no model: write local/NAME"),
        ("mistral", "'mistral' names no model: write mistral/NAME"),
        (
            "claude-opus-5-5",
            "there is no model provider 'claude-opus-5-5'. Did you mean 'anthropic/claude-opus-5-5'?",
        ),
        ("openai/", "'openai/' names no model: write openai/NAME"),
        (
            "zzz/x",
            (
                "there is no model provider 'zzz'; there are anthropic, mistral, openai, local, "
                "scripted, recorded, human. A model is written provider/model"
            ),
        ),
    ],
)  # fmt: skip
def test_unknown_names(name, text):
    with pytest.raises(UnknownModel) as caught:
        split(name)
    assert str(caught.value) == text


def scenario(**models):
    return Scenario.model_validate(
        {"title": "t", "agents": {agent: {"model": model} for agent, model in models.items()}}
    )


def test_the_providers_of_a_scenario():
    made = make_providers(scenario(ada="scripted", bo="openai/gpt-5", cy="scripted/x"))
    assert {name: provider.name for name, provider in made.items()} == {
        "scripted": "scripted",
        "openai": "openai",
    }


def test_every_provider_can_be_made():
    models = {name: f"{name}/some-model" for name in PROVIDERS if name != "local"}
    made = make_providers(scenario(local="local/qwen", **models))
    assert {name: provider.name for name, provider in made.items()} == {n: n for n in PROVIDERS}


def test_a_provider_that_is_given_is_not_made():
    given = CannedProvider()
    assert make_providers(scenario(ada="openai/x"), {"openai": given}) == {"openai": given}


def test_nobody_looks_for_a_key_that_could_go_nowhere():
    looked = []
    spec = {"model": "openai/llama", "base_url": "http://127.0.0.1:11434/v1"}
    local = Scenario.model_validate({"title": "t", "agents": {"ada": spec}})
    make_providers(local, keys=looked.append)
    assert looked == []
    make_providers(scenario(ada="openai/llama"), keys=looked.append)
    assert looked == ["openai"]


async def test_the_key_goes_to_the_persons_address_and_to_no_other(server, wire, monkeypatch):
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    model = f"{wire.name}/some-model"
    agents = {"ada": {"model": model}, "bo": {"model": model, "base_url": elsewhere}}
    monkeypatch.setenv(wire.url_variable, server.url)
    made = make_providers(
        Scenario.model_validate({"title": "t", "agents": agents}),
        keys=lambda provider: Key("sk-secret", provider, "a test"),
    )
    await made[wire.name].ready("some-model")
    await made[wire.name].close()
    keyed = {
        line.lower().split(":")[1].strip(): "sk-secret" in head
        for head in server.heads
        for line in head.splitlines()
        if line.lower().startswith("host:")
    }
    assert keyed == {"127.0.0.1": True, "localhost": False}


def test_a_scenario_with_an_unknown_model():
    with pytest.raises(UnknownModel, match="there is no local model 'qwenn'"):
        make_providers(scenario(ada="local/qwenn"))


async def test_addresses_come_from_the_scenario_and_the_environment(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    made = make_providers(scenario(ada="openai/llama"))
    await made["openai"].ready("llama")
    assert server.heads[0].startswith("GET /v1/models ")
    await made["openai"].close()


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("llama3.2:3b", "llama"),
        ("meta-llama/Llama-3.2-3B", "llama"),
        ("Qwen2.5-Coder", "qwen"),
        ("ministral-8b", "mistral"),
        ("chatgpt-4o-latest", "gpt"),
        ("claude-sonnet-5-5", "claude"),
        ("7b", "7b"),
    ],
)
def test_families(model, family):
    assert family_of(model) == family
