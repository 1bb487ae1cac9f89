"""deadbits/cascade: outputs of three ages, histories, configurations."""

import json

import pytest

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import cascade


def read(held, name="x.json", beside=None):
    source = Source(name, json.dumps(held).encode(), beside or {})
    assert cascade.looks(source) >= 0.4
    (run,) = cascade.read(source)
    return run


def test_an_output_has_models_prompts_and_the_history_they_were_given():
    run = read(
        {
            "participants": {
                "user": {"model": "anthropic:a", "system_prompt": "Be A."},
                "assistant": {"model": "openai:b", "system_prompt": "Be B."},
            },
            "config": {"rounds": 1, "initial_history": [{"role": "user", "content": "Begin."}]},
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "<HUMAN>x</HUMAN>"},
                {"role": "user", "content": ""},
            ],
        },
        "logs/chat-20260203-141500.json",
    )
    assert run.parties[:2] == [
        Party("anthropic:a", "anthropic:a", "Be A."),
        Party("openai:b", "openai:b", "Be B."),
    ]
    assert run.entries == [
        Entry("say", "anthropic:a", "hi"),
        Entry("say", "openai:b", "<HUMAN>x</HUMAN>"),
        Entry("say", "anthropic:a", ""),
    ]
    assert run.seed_context == [Entry("say", "user", "Begin.")]
    assert (run.started, run.title) == ("2026-02-03T14:15:00", "chat-20260203-141500.json")


def test_two_of_one_model_keep_the_configurations_names():
    run = read(
        {
            "participants": {"user": {"model": "x:y"}, "assistant": {"model": "x:y"}},
            "config": {"initial_history": []},
            "messages": [{"role": "assistant", "content": "hi"}],
        }
    )
    assert run.parties == [Party("llm1", "x:y"), Party("llm2", "x:y")]
    assert [e.who for e in run.entries] == ["llm2"]


def test_two_lists_are_put_in_order_by_their_times():
    at = "2025-01-01T00:00:0{}Z".format
    config = b"llm1:\n  connection_string: a:b\nllm2:\n  connection_string: c:d\nrounds: 2\n"
    run = read(
        {
            "llm1": [
                {"role": "assistant", "content": "one", "timestamp": at(1)},
                {"role": "assistant", "content": "three", "timestamp": at(3)},
            ],
            "llm2": [{"role": "assistant", "content": "two", "timestamp": at(2)}],
        },
        beside={"config.yaml": config, "huge.bin": b""},
    )
    assert run.entries == [
        Entry("say", "llm1", "one", at=at(1)),
        Entry("say", "llm2", "two", at=at(2)),
        Entry("say", "llm1", "three", at=at(3)),
    ]
    assert run.parties == [Party("llm1", "a:b"), Party("llm2", "c:d")]


def test_the_first_shape_is_read_from_the_first_model():
    told = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]
    run = read({"conversation_1": {"messages": told}, "conversation_2": {"messages": []}})
    assert [(e.who, e.text) for e in run.entries] == [("llm2", "hi"), ("llm1", "ho")]
    assert len(run.oddities) == 1


def test_a_list_of_roles_is_taken_for_what_was_said_and_that_is_said():
    run = read([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}])
    assert [(e.who, e.text) for e in run.entries] == [("user", "hi"), ("assistant", "ho")]
    assert run.oddities == [
        Oddity(
            "a list of roles without names, models and times: if it was given to models as history, "
            "nobody said it"
        )
    ]


def test_a_history_that_the_configuration_beside_it_names_is_explained():
    config = {"chat.yaml": b"llm1: {}\nhistory_file: prompts/seed.json\n"}
    source = Source("prompts/seed.json", b'[{"role": "user", "content": "hi"}]', config)
    with pytest.raises(NoTranscript) as error:
        cascade.read(source)
    assert str(error.value) == (
        "prompts/seed.json: the history that 'chat.yaml' gives to cascade's models, said in no run. "
        "Import the output file"
    )


def test_a_configuration_is_explained():
    source = Source("c.yaml", b"llm1:\n  connection: a:b\nllm2:\n  connection: c:d\n")
    assert cascade.looks(source) > 0.9
    with pytest.raises(NoTranscript) as error:
        cascade.read(source)
    assert str(error.value) == (
        "c.yaml: a configuration of cascade's: two models and their prompts, no words of theirs. "
        "Import the output file that it names"
    )
