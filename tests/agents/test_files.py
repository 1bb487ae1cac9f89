"""The tools ``read_file`` and ``write_file``, and what is kept of something long."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools import Outcome, perform
from agents.tools.excerpt import Excerpt
from agents.tools.job import Job


@pytest.fixture
def do(tmp_path):
    return lambda tool, **args: perform(tool, args, str(tmp_path), Job())


def test_what_was_written_can_be_read(do, tmp_path):
    assert do("write_file", path="a/b/notes.txt", text="Grüße") == Outcome(
        ok=True, output="7 bytes written to a/b/notes.txt"
    )
    assert (tmp_path / "a/b/notes.txt").read_text() == "Grüße"
    assert do("read_file", path="a/b/notes.txt") == Outcome(ok=True, output="Grüße")
    assert do("read_file", path=f"{tmp_path}/a/b/notes.txt") == Outcome(ok=True, output="Grüße")


def test_writing_takes_the_place_of_what_was_there(do, tmp_path):
    (tmp_path / "x").write_text("a long text")
    do("write_file", path="x", text="short")
    assert (tmp_path / "x").read_text() == "short"


def test_a_long_file_keeps_its_head_and_its_tail(do, tmp_path):
    (tmp_path / "long").write_bytes(b"a" * 20_000 + b"z" * 20_000)
    outcome = do("read_file", path="long")
    assert outcome == Outcome(
        ok=True, output="a" * 8192 + "\n[23616 bytes left out]\n" + "z" * 8192, cut=23616
    )


def test_a_file_without_a_size_can_be_read(do):
    assert do("read_file", path="/proc/self/comm").output.endswith("\n")


def test_a_huge_file_is_refused(do, tmp_path):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert do("read_file", path="huge") == Outcome(
        ok=False, output="huge is larger than 67108864 bytes"
    )


def test_what_is_no_regular_file_is_neither_read_nor_written(do, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    why = f"{tmp_path}/pipe is no regular file"
    assert do("read_file", path="pipe") == Outcome(ok=False, output=why)
    assert do("write_file", path="/dev/null", text="x") == Outcome(
        ok=False, output="/dev/null is no regular file"
    )
    assert not do("write_file", path="pipe", text="x").ok
    assert do("read_file", path=".") == Outcome(ok=False, output=f"{tmp_path}/. is no regular file")


@pytest.mark.parametrize(
    ("tool", "args", "why"),
    [
        ("read_file", {"path": "none"}, "{home}/none: No such file or directory"),
        ("read_file", {"path": ""}, "'' is no path"),
        ("read_file", {"path": "a\0b"}, "'a\\x00b' is no path"),
        ("read_file", {"path": 3}, "'path' must be a text, not 3"),
        ("read_file", {"path": "x" * 300}, "{home}/" + "x" * 300 + ": File name too long"),
        ("write_file", {"path": "x"}, "'text' must be a text, not None"),
        ("write_file", {"path": ".", "text": ""}, "{home}/.: Is a directory"),
        (
            "write_file",
            {"path": "x", "text": "x" * 524_289},
            "the text has 524289 bytes; at most 524288 can be written at once",
        ),
        ("dance", {}, "there is no tool 'dance' in this box"),
    ],
)
def test_plain_errors(do, tmp_path, tool, args, why):
    assert do(tool, **args) == Outcome(ok=False, output=why.replace("{home}", str(tmp_path)))


@given(st.text(max_size=40), st.integers(1, 12), st.integers(2, 40))
def test_an_excerpt_is_whole_or_says_what_is_missing(text, step, limit):
    data = text.encode()
    excerpt = Excerpt(limit)
    for start in range(0, len(data), step):
        excerpt.add(data[start : start + step])
    kept, cut = excerpt.read()
    if len(data) <= limit - limit % 2:
        assert (kept, cut) == (text, 0)
        return
    head, tail = kept.split(f"\n[{cut} bytes left out]\n", 1)
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head.encode()) + cut + len(tail.encode()) == len(data)
    assert len(data) - cut <= limit


@given(st.lists(st.binary(max_size=50), max_size=40))
def test_an_excerpt_never_holds_more_than_its_limit_and_one_piece(pieces):
    excerpt = Excerpt(20)
    for piece in pieces:
        excerpt.add(piece)
        assert len(excerpt._head) + sum(map(len, excerpt._tail)) <= 20 + 50
