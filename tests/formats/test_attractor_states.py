"""attractor-states: JSON, text, Moltbook threads, and what was made of them."""

import json

import pytest

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import attractor_states


def read(data, name="results/x/conversations.json"):
    source = Source(name, data.encode() if isinstance(data, str) else json.dumps(data).encode())
    assert attractor_states.looks(source) >= 0.9
    return attractor_states.read(source)


def turns(*pairs):
    return [{"speaker": speaker, "content": content} for speaker, content in pairs]


def test_each_conversation_is_a_run_and_repeats_stay():
    same = {
        "seed_prompt": "Talk.",
        "full_conversation": turns(("A", "."), ("B", "."), ("A", "")),
        "turns": 5,
    }
    first, second = read(
        {"model": "m/x", "conversations": [same, same], "generated_at": "2026-02-04T11:23:48"}
    )
    assert first.entries == [
        Entry("say", "A", ".", turn=1), Entry("say", "B", ".", turn=2), Entry("say", "A", "", turn=3),
    ]  # fmt: skip
    assert first.parties == [Party("A", "m/x"), Party("B", "m/x")]
    assert first.seed_context == [Entry("operator", "operator", "Talk.")]
    assert first.oddities == [Oddity("3 of 5 turns: the run was cut off")]
    assert [first.title, second.title] == ["m/x, 1", "m/x, 2"]


def test_two_models_and_a_model_that_plays_the_user():
    (cross,) = read(
        {
            "model_a": "x",
            "model_b": "y",
            "conversations": [
                {
                    "full_conversation": [
                        {"speaker": "A", "model": "x", "content": "hi"},
                        *turns(("B", "ho")),
                    ]
                }
            ],
        }
    )
    assert cross.parties == [Party("A", "x"), Party("B", "y")]
    (played,) = read(
        {
            "model": "m",
            "variant": "v",
            "conversations": [
                {
                    "seed_prompt": "Hey",
                    "full_conversation": turns(("user", "Hey"), ("assistant", "ho")),
                }
            ],
        }
    )
    assert played.entries == [Entry("say", "assistant", "ho", turn=1)]  # fmt: skip


def test_reasoning_is_what_the_other_was_not_sent():
    one = {"speaker": "A", "content": "<think>\nhm</think>\nhi", "content_clean": "hi"}
    sent = {"speaker": "B", "content": "<think>all was sent</think>ho"}
    (run,) = read({"seed_prompt": "s", "full_conversation": [one, sent]}, "weird.json")
    assert run.entries == [
        Entry("thought", "A", "<think>\nhm</think>\n", turn=1),
        Entry("say", "A", "hi", turn=1),
        Entry("say", "B", "<think>all was sent</think>ho", turn=2),
    ]


def test_reasoning_in_the_midst_of_words_stays_there_and_what_was_sent_is_kept_beside():
    one = {"speaker": "A", "content": "a<think>hm</think>b", "content_clean": "ab"}
    (run,) = read({"seed_prompt": "s", "full_conversation": [one]}, "weird.json")
    assert run.entries == [Entry("say", "A", one["content"], turn=1, more={"sent": "ab"})]


def test_text_with_heads_within_words():
    text = "--- A ---\none\n\n--- A ---\nme again\n\n--- B ---\n\n\n--- A ---\nend"
    (run,) = read(text, "transcript.txt")
    assert run.entries == [
        Entry("say", "A", "one\n\n--- A ---\nme again", turn=1, line=1),
        Entry("say", "B", "", turn=2, line=7),
        Entry("say", "A", "end", turn=3, line=10),
    ]
    assert run.oddities == [Oddity("1 heads of who had spoken last: taken for words of theirs")]


def test_a_thread_is_kept_apart_from_what_its_authors_wrote():
    text = (
        "# Ada & Bo\n\nModel: `m/x` via somebody\n\n---\n\n"
        "### Turn 1 — @Ada 🔵 posted\n\nFirst.\n\n---\n\nNot a rule.\n\n---\n\n"
        "### Turn 2 — @Bo commented\n\n**[LEAK]**\n\nSo.\n\n---\n\n*[Turn 3 crashed with 502]*\n"
    )
    (run,) = read(text, "claude.md")
    assert run.entries == [
        Entry(
            "say",
            "@Ada 🔵",
            "First.\n\n---\n\nNot a rule.",
            turn=1,
            line=7,
            more={"what": "posted"},
        ),
        Entry("say", "@Bo", "**[LEAK]**\n\nSo.", turn=2, line=17, more={"what": "commented"}),
    ]
    assert run.parties == [Party("@Ada 🔵", "m/x"), Party("@Bo", "m/x")]
    assert (run.title, run.end_reason) == ("Ada & Bo", "Turn 3 crashed with 502")
    assert run.oddities == [
        Oddity("the authors' own words stand in this turn", 17),
        Oddity("the text above the thread is its authors': kept apart"),
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (
            {"raw_analysis": "x", "judge_model": "m"},
            (
                "what a judge made of conversations: an analysis and excerpts. "
                "Import the conversations.json of the same folder"
            ),
        ),
        (
            {"model": "m", "conversations": [], "generated_at": "2026-02-04T11:23:48"},
            "not one conversation in it. The run failed before the first ended",
        ),
        (
            "# Evidence\n\n### Seed 0\n\n**Turn 9 [A]:**\nx [...]\n",
            (
                "a report with the last turns of conversations, cut short. "
                "Import the conversations.json that it was made from"
            ),
        ),
    ],
    ids=["analysis", "empty", "report"],
)
def test_what_holds_no_run_is_explained(data, what):
    with pytest.raises(NoTranscript) as error:
        read(data, "x")
    assert str(error.value) == f"x: {what}"
