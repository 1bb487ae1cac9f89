"""The transcript that a small model goes on writing, and what is left out of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ModelFailed
from sandbox.models.provider import ChatTurn, Request
from sandbox.models.talk_prompt import PER_TURN, kept, transcript

REQUEST = Request(
    model="smollm2",
    agent="ada",
    turn=3,
    think=1,
    system="Two strangers.\n\nYou are ada.",
    turns=(
        ChatTurn("user", "(bo came into lobby.)\nbo: Hello?"),
        ChatTurn("assistant", "I am here.\nBy the door."),
        ChatTurn("user", "bo: Which door?"),
        ChatTurn("assistant", ""),
        ChatTurn("user", "bo: Ada?"),
    ),
)


def size(turn):
    return len(turn.text.encode()) + PER_TURN


def test_a_transcript():
    assert transcript(REQUEST, 4000) == (
        "Two strangers.\n\nYou are ada.\n\n"
        "(bo came into lobby.)\nbo: Hello?\n"
        "ada: I am here. By the door.\n"
        "bo: Which door?\n"
        "bo: Ada?\n"
        "ada:"
    )


texts = st.text(alphabet="aé日\n😀 ", max_size=900)


@given(st.lists(texts, max_size=40))
def test_what_is_kept_fits_and_is_the_end(said):
    turns = [ChatTurn("user", text) for text in said]
    left = kept(replace(REQUEST, system="", turns=turns), 4000)
    assert sum(map(size, left)) <= 4000
    assert list(left) == turns[len(turns) - len(left) :]
    assert bool(left) == bool(turns)


def test_the_start_moves_seldom_so_that_the_prompt_mostly_grows():
    turns = [ChatTurn("user", f"bo: {n:032}") for n in range(500)]
    firsts = [
        kept(replace(REQUEST, turns=turns[:end]), 4000)[0].text for end in range(1, len(turns))
    ]
    assert len(set(firsts)) == 13


def test_a_long_turn_loses_its_middle():
    long = ChatTurn("user", "(result: " + "x" * 50_000 + " end)")
    (left,) = kept(replace(REQUEST, system="", turns=[long]), 4000)
    assert left.text.startswith("(result: xxx")
    assert "\n[49,078 bytes left out]\n" in left.text
    assert left.text.endswith("xxx end)")
    assert len(left.text) <= 1000


def test_a_system_prompt_that_is_too_long_is_named():
    with pytest.raises(ModelFailed) as caught:
        kept(replace(REQUEST, system="é" * 2000), 4000)
    assert str(caught.value) == (
        "the system prompt of 'ada' has 4,000 bytes; 'local' models take at most 2,976 beside an "
        "answer of 512 tokens: shorten the premise or persona, or lower max_tokens"
    )
