import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sandbox.console.neutral import neutralise
from sandbox.tui.text.wrap import rows


def wrapped(text, width):
    return [text[start:end] for start, end in rows(text, width)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("one two three", ["one two", "three"]),
        ("exactly 10", ["exactly 10"]),
        ("exactly 10 and", ["exactly 10", "and"]),
        ("abcdefghijklmnop", ["abcdefghij", "klmnop"]),
        ("a\n\nb", ["a", "", "b"]),
        (" led by a blank", [" led by a", "blank"]),
        ("走廊没有尽头", ["走廊没有尽", "头"]),
        ("走廊 没有尽头", ["走廊", "没有尽头"]),
        ("door 走廊没有尽头", ["door", "走廊没有尽", "头"]),
        ("ab走廊没有 尽头", ["ab走廊没有", "尽头"]),
        ("exactly te \u0300n", ["exactly", "te \u0300n"]),
        ("e\u0301e\u0301e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301e\u0301e\u0301", ["e\u0301" * 5, "e\u0301" * 5]),
    ],
)  # fmt: skip
def test_rows_end_behind_words(text, expected):
    assert wrapped(text, 10) == expected


@given(
    st.text(st.one_of(st.sampled_from(" a走\u0301🚪\n"), st.characters())).map(neutralise),
    st.integers(2, 30),
)
def test_every_row_fits_and_only_breaks_are_lost(text, width):
    found = rows(text, width)
    assert all(cell_len(text[start:end]) <= width for start, end in found)
    end_before = -1
    for start, end in found:
        assert text[max(end_before, 0) : start].strip(" \n") == ""
        assert start - end_before <= 1
        end_before = end
    assert end_before == len(text)


@given(st.text(st.sampled_from("ab \n")), st.integers(2, 12))
def test_wide_and_narrow_texts_break_alike(text, width):
    """An accent on every letter changes the way of counting, not the rows."""
    accented = text.replace("a", "a\u0301").replace("b", "b\u0301")
    assert [row.replace("\u0301", "") for row in wrapped(accented, width)] == wrapped(text, width)
