"""Reading a yes or a no out of a model's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bid import wants_floor


@pytest.mark.parametrize(
    "text", ["yes", "Yes.", "**YES**", "y", '{"want": true}', "Yeah, no problem", "Oh - sure!"]
)
def test_yes(text):
    assert wants_floor(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No, thank you; yes to that later.",
        "n",
        "I'd rather not, yes?",
        '{"want": false}',
        "I don't, yes I know",
        "I can\u2019t. Sure.",
        "pass",
        "",
        "   ",
        "yesterday",
        "\u306f\u3044",
    ],
)
def test_no(text):
    assert not wants_floor(text)


@given(st.text())
def test_every_text_is_one_or_the_other(text):
    assert wants_floor(text) in (True, False)
