"""What a stranger's program may do to the terminal of whoever looks at it."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.console.terminal_filter import TerminalFilter

ESC = "\x1b"


def shown(data: str | bytes) -> str:
    return TerminalFilter().feed(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    "text",
    [
        "Grüße ☃\r\n\ttab\b\a",
        f"{ESC}[1;31mred{ESC}[0m{ESC}[38:2:1:2:3m",
        f"{ESC}[2J{ESC}[H{ESC}[10;20H{ESC}[3A{ESC}[K{ESC}[1;24r{ESC}[5L{ESC}7{ESC}8",
        f"{ESC}[?1049h{ESC}[?25l{ESC}[?1h{ESC}=vim{ESC}>{ESC}[?1l{ESC}[?25h{ESC}[?1049l",
        f"{ESC}(0lqk{ESC}(B",
    ],
)
def test_what_a_screen_needs_passes(text):
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"a{ESC}]52;c;cm0gLXJm\ab", "ab"),  # the clipboard
        (f"a{ESC}]0;title{ESC}\\b", "ab"),
        (f"a{ESC}]8;;file:///etc/passwd{ESC}\\b", "ab"),
        (f"a{ESC}]1337;File=inline=1:AAAA\ab", "ab"),
        (f"a{ESC}P+q544e{ESC}\\b{ESC}_G{ESC}\\c{ESC}^x{ESC}\\d{ESC}Xy{ESC}\\", "abcd"),
        (f"a{ESC}[6nb{ESC}[cc{ESC}[>cd{ESC}[21te{ESC}[?1$pf{ESC}[xg\x05h{ESC}Zi", "abcdefghi"),
        (f"a{ESC}[5ib{ESC}[4i", "ab"),  # prints
        (f"a{ESC}[?1000hb{ESC}[?1003;1006hc{ESC}[>4;2md{ESC}[>1u", "abcd"),  # mouse and keys
        (f"{ESC}[?1000;25;1006h", f"{ESC}[?25h"),
        (f"a{ESC}cb{ESC}#8c{ESC}[!pd", "abcd"),
        (f"{ESC}[99999b", ""),  # a character a hundred thousand times
        ("\x9d52;c;AAAA\x9c", "\ufffd52;c;AAAA\ufffd"),
        ("a\u202eb\u200bc", "a\ufffdb\ufffdc"),
        (f"a{ESC}{ESC}]52;c;AA\ab", "ab"),
        (f"a{ESC}[12\x18b{ESC}[3\r\nc", "ab\r\nc"),
        (f"a{ESC}]0;x{ESC}]52;c;AA\x18b", "ab"),
        (f"{ESC}[é", "é"),
        (f"{ESC}[" + "1" * 300 + "mx", "1" * 45 + "mx"),
        (b"\xff\xc3", "\ufffd"),
    ],
)
def test_what_reaches_beyond_the_screen_does_not(text, left):
    assert shown(text) == left


PIECES = st.lists(
    st.sampled_from([ESC, "]", "[", "?", "52;c;", "\a", "\\", "P", "m", "n", "2", ";", "☃", "(", "0", "\r"])
)  # fmt: skip


@given(PIECES, st.lists(st.integers(0, 60)))
def test_it_does_not_matter_where_a_stream_is_cut(pieces, cuts):
    data = "".join(pieces).encode()
    whole, parts = TerminalFilter(), TerminalFilter()
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    together = "".join(parts.feed(data[a:b]) for a, b in itertools.pairwise(edges))
    assert together == whole.feed(data)


PASSES = re.compile(r"\x1b(?:[78=>DEM]|[()][0B]|\[[0-9;:]*[@-Za-su]|\[\?[0-9;]+[hl])")


@given(PIECES.map("".join) | st.text())
def test_nothing_but_what_is_known_passes(text):
    assert "\x1b" not in PASSES.sub("", shown(text))
