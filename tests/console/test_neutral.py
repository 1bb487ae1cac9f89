import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.console import UNSAFE, neutralise

ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING)
def test_no_unsafe_character_survives(text):
    safe = neutralise(text)
    assert re.search(f"[{UNSAFE}]", safe) is None
    assert "\n" not in neutralise(text, newlines=False)
    assert {unicodedata.category(c) for c in safe if c != "\n"}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    safe.encode("utf-8")


@given(ANYTHING)
def test_neutral_text_stays_as_it_is(text):
    safe = neutralise(text)
    assert neutralise(safe) == safe


def test_a_clean_text_is_not_even_copied():
    text = "Plain words, 漢字, \u00e9, \u2764\ufe0f\nand a line."
    assert neutralise(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x07", "␛[2J␇"),
        ("\x9b31m\x7f", "\ufffd31m␡"),
        ("\x1b]52;c;UFdORUQ=\x07", "␛]52;c;UFdORUQ=␇"),
        ("50%\r100%\r\n", "50%␍100%\n"),
        ("a\tb\n\tc", "a       b\n        c"),
        ("right\u202eto left\u2066", "right\ufffdto left\ufffd"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("tag\U000e0041\U000e007f", "tag\ufffd\ufffd"),
        ("line\u2028separator\x85", "line␤separator␤"),
        ("lone\ud800", "lone\ufffd"),
    ],
)
def test_what_could_drive_a_terminal_is_shown_instead(text, shown):
    assert neutralise(text) == shown


def test_a_text_for_one_line_shows_its_newlines():
    assert neutralise("a\nb\r\nc\td", newlines=False) == "a␊b␊c d"
