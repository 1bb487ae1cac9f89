"""What is known of models: the shipped facts, a person's own before them, and what is said of ids."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ModelUnavailable, UsageError
from sandbox.models import known as known_module
from sandbox.models.capabilities import Capabilities, capabilities
from sandbox.models.known import doubt, known, known_models, refuse_retired
from sandbox.models.known_file import FIGURES, LongPrompt, read_facts
from sandbox.models.prices import Price, cost, price
from sandbox.models.provider import Usage

DAY = date(2026, 11, 21)
SHIPPED = Path(known_module.__file__).with_name("known_models.toml")


@pytest.fixture
def yours(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "backrooms" / "models.toml"
    path.parent.mkdir()

    def write(text):
        path.write_text(text)
        return path

    return write


@pytest.fixture(autouse=True)
def nothing_of_yours(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_what_a_claude_takes():
    assert capabilities("anthropic/claude-opus-5-5") == Capabilities(
        context=1_000_000,
        max_output=128_000,
        temperature=False,
        tool_choice=False,
        system=True,
        prefill=False,
        seed=False,
    )


def test_an_alias_is_the_same_model():
    assert capabilities("mistral/mistral-medium-latest").context == 256_000
    assert known("mistral/mistral-medium-latest").name == "mistral/mistral-medium-3.5"


def test_of_an_unlisted_model_the_makers_facts_are_known():
    assert capabilities("mistral/new-one") == Capabilities(
        temperature=True, tool_choice=True, system=True, prefill=True, seed=True
    )
    assert capabilities("openai/llama3.2") == Capabilities()
    assert price("mistral/new-one") is None


def test_prices():
    assert price("anthropic/claude-haiku-5-5") == Price(
        0.10, 0.50, 0.01, 1.25, LongPrompt(100_000, 0.50, 2.50), "official", DAY
    )
    assert price("openai/gpt-x") is None
    assert price("local/qwen") == Price(0, 0, source="official", on=DAY)


@pytest.mark.parametrize(
    ("model", "usage", "money"),
    [
        ("anthropic/claude-opus-5-5", Usage(1_000_000, 100_000), 4 + 2),
        ("anthropic/claude-opus-5-5", Usage(1_000_000, 0, cache_read=1_000_000), 0.2),
        ("anthropic/claude-opus-5-5", Usage(1_000_000, 0, cache_write=1_000_000), 5.0),
        ("anthropic/claude-haiku-5-5", Usage(100_000, 0), 0.01),
        ("anthropic/claude-haiku-5-5", Usage(100_001, 1_000_000), 0.0500005 + 2.5),
        ("mistral/mistral-large-4", Usage(1_000_000, 0, cache_read=1_000_000), 1.36),
        ("scripted", Usage(10, 10), 0.0),
        ("openai/x", Usage(10, 10), None),
        ("openai/x", Usage(10, 10, money=0.5), 0.5),
    ],
)
def test_costs(model, usage, money):
    found = cost(model, usage)
    assert found == (money if money is None else pytest.approx(money))


tokens = st.integers(0, 2_000_000)


@given(tokens, tokens, tokens, tokens)
def test_a_cost_is_never_negative_and_grows_with_every_token_out(read, write, plain, out):
    usage = Usage(read + write + plain, out, cache_read=read, cache_write=write)
    more = Usage(read + write + plain, out + 1, cache_read=read, cache_write=write)
    for model in ("anthropic/claude-haiku-5-5", "mistral/mistral-large-4"):
        assert 0 <= cost(model, usage) < cost(model, more)


def test_a_retired_model_is_refused_with_its_day_and_its_successor():
    with pytest.raises(ModelUnavailable) as caught:
        refuse_retired("anthropic/claude-opus-4-20250514", DAY)
    assert str(caught.value) == (
        "anthropic/claude-opus-4-20250514 was retired by its maker on 2026-06-15. "
        "Write anthropic/claude-opus-5-5 in its place"
    )
    refuse_retired("anthropic/claude-opus-5-5", DAY)
    refuse_retired("anthropic/claude-sonnet-4-5", date(2026, 11, 29))
    with pytest.raises(ModelUnavailable):
        refuse_retired("anthropic/claude-sonnet-4-5", date(2026, 11, 30))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("anthropic/claude-opus-5-5", None),
        ("local/qwen", None),
        ("openai/anything", None),
        ("scripted", None),
        (
            "anthropic/claude-sonnet-4-5",
            (
                "anthropic/claude-sonnet-4-5 is to be retired by its maker on 2026-11-30. "
                "Write anthropic/claude-sonnet-5-5 in its place"
            ),
        ),
        (
            "mistral/mistral-larg-4",
            (
                "mistral/mistral-larg-4 is not among the known models of mistral; the nearest that are "
                "known: mistral/mistral-large-4, mistral/mistral-large-2512, mistral/mistral-large-latest. "
                "It is asked all the same"
            ),
        ),
        (
            "mistral/zzz",
            "mistral/zzz is not among the known models of mistral. It is asked all the same",
        ),
    ],
)
def test_doubts(model, said):
    assert doubt(model, DAY) == said


def test_your_own_figures_go_before_the_shipped_ones(yours):
    yours(
        '[models."anthropic/claude-opus-5-5"]\ncontext = 50_000\nprefill = "unknown"\n'
        '[models."openai/llama3.2"]\ninput = 0\noutput = 0\naliases = ["llama"]\n'
        "[makers.mistral]\nseed = false\n"
    )
    able = capabilities("anthropic/claude-opus-5-5")
    assert (able.context, able.prefill, able.max_output) == (50_000, None, 128_000)
    assert price("openai/llama") == Price(0, 0, source="yours")
    assert capabilities("mistral/mistral-large-4").seed is False
    yours('[models."anthropic/claude-opus-5-5"]\ncontext = 60_001\n')
    assert capabilities("anthropic/claude-opus-5-5").context == 60_001


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "is no TOML: Expected '=' after a key in a key/value pair (at end of document)"),
        ("[prices]", "prices is no table of this file: there are makers and models"),
        ('[models."gpt"]', 'models."gpt" is to be called provider/model'),
        ("models = 3", "models is to be a table"),
        (
            '[models."a/b"]\ncontxt = 3',
            "models.\"a/b\".contxt is none of the figures: did you mean 'context'?",
        ),
        (
            '[models."a/b"]\ncontext = "big"',
            "models.\"a/b\".context is 'big', and is to be a number of tokens, such as 200_000, or 'unknown'",
        ),
        (
            '[models."a/b"]\ncontext = true',
            'models."a/b".context is True, and is to be a number of tokens, such as 200_000, or \'unknown\'',
        ),
        (
            "[makers.a]\ninput = -1",
            "makers.a.input is -1, and is to be USD per million tokens, such as 2.50, or 'unknown'",
        ),
        (
            "[makers.a]\ninput = { value = 1, heard = 2026-11-21 }",
            "makers.a.input is to say where it is from: official = DAY or stated = DAY",
        ),
        (
            "[makers.a]\ninput = { value = 1, stated = true }",
            "makers.a.input.stated is to be the day on which it was read",
        ),
        ("[makers.a]\naliases = 3", "makers.a.aliases is to be a list of names"),
        ("[makers.a]\nsuccessor = 3", "makers.a.successor is to be the name of a model"),
    ],
)  # fmt: skip
def test_your_own_file_is_wrong(yours, text, said):
    path = yours(text)
    with pytest.raises(UsageError) as caught:
        capabilities("anthropic/claude-opus-5-5")
    assert str(caught.value) == f"{path}: {said}".replace(f"{path}: is no", f"{path} is no")


def test_your_own_file_cannot_be_read(yours):
    path = yours("")
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match=r"models\.toml cannot be read: .*directory"):
        known("a/b")


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
def test_no_value_gets_past_its_figure(value):
    for read, _ in FIGURES.values():
        assert isinstance(read(value), int | float | date | LongPrompt | None)


def test_every_shipped_figure_says_where_it_is_from_and_when():
    file = read_facts(SHIPPED)
    for entry in (*file.makers.values(), *file.models.values()):
        for fact in entry.facts.values():
            assert fact.source in {"official", "stated"}
            assert isinstance(fact.on, date)


def test_every_shipped_successor_is_listed_and_not_retired():
    for name in known_models():
        found = known(name)
        if found.successor:
            provider = name.partition("/")[0]
            successor = known(f"{provider}/{found.successor}")
            assert successor.listed
            assert successor.ends is None
    assert tomllib.loads(SHIPPED.read_text())["models"].keys() == set(known_models())
