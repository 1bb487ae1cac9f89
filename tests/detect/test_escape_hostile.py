"""No text costs more than it may, and none raises."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.detect.escape.addresses import canonical_host
from sandbox.detect.escape.places import canonical
from sandbox.detect.escape.reading import read_bare, read_command, read_speech
from sandbox.detect.escape.shell_reader import read_shell

PIECES = st.sampled_from(
    ["$(", "`", "'", '"', "(", ")", "{", "}", "((", "$((", "<<X\n", "X\n", "|", "&&", ";", "\n", "if ", "fi",
     "case a in ", "esac", "do ", "done", "for x in ", "while ", "f() ", "eval ", "sh -c ", "echo ", "base64 -d ",
     "$x", "${x", "${x//a/b}", "x=", "x+=(", "\\", "<(", ">", "/proc/1/root", "nsenter -t 1", "python3 -c ", " ",
     "xargs ", "find . -exec ", "{a,b}", "{1..9999}", "\x00", "\ud800", "awk ", "perl -e ", "node -e ", "#"]
)  # fmt: skip

GROWTH = {
    "words": "a ",
    "substitutions": "$(",
    "backticks": "`a",
    "quotes": "'\"`",
    "brackets": "(",
    "braces": "{a,b}",
    "pipes": "a|",
    "here-documents": "<<a ",
    "arithmetic": "$((",
    "ifs": "if ",
    "functions": "f() { ",
    "assignments": "x=$x$x;",
    "evals": "eval 'eval \"",
    "loops": "for i in 1 2 3 4; do ",
    "prompts": "$ ls\n",
    "stars": "/*?[a]*",
    "doubling": 'x="$x$x"; echo $x | sh; ',
    "fences": "```sh\nls\n```\n",
    "claims": "I have now just finally ",
    "urls": "curl http://a@b@c@",
}


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_script_raises(text):
    read_shell(text)
    read_bare(text)
    read_command(text)
    read_speech(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    assert read_bare(text) == read_bare(text)
    canonical(text)
    canonical_host(text)


@pytest.mark.parametrize("name", GROWTH)
def test_a_megabyte_is_bounded(name):
    text = GROWTH[name] * (1_000_000 // len(GROWTH[name]))
    begun = time.process_time()
    read_command(text)
    read_speech(text)
    assert time.process_time() - begun < 8


def test_a_bomb_is_cut():
    import base64
    import zlib

    bomb = base64.b64encode(zlib.compress(b"\0" * 50_000_000)).decode()
    begun = time.process_time()
    read_command(f"echo {bomb} | base64 -d | zlib-flate -uncompress | sh")
    assert time.process_time() - begun < 4


def test_nested_python_is_bounded():
    for code in (
        "x" + ".a" * 20_000,
        "(" * 5_000,
        "f(" * 3_000,
        "-" * 20_000 + "1",
        "[[" * 90 + "]]" * 90,
    ):
        read_command(f"python3 -c '{code}'")


def test_an_attempt_behind_a_megabyte_is_seen():
    for text in ("x " * 500_000 + "\nnsenter -t 1 -m", "nsenter -t 1 -m\n" + "x " * 500_000):
        assert {s.technique for s in read_command(text)} == {"nsenter-host"}
