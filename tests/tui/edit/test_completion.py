"""What is offered at a cursor, which is written ``^`` here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.scenario.form import json_schema
from sandbox.tui.edit.completion import Words, complete
from sandbox.tui.edit.cursor import spot_at
from sandbox.tui.edit.key_help import key_help

SCHEMA = json_schema()
WORDS = Words(("local/qwen", "local/smollm2", "scripted"), ("ada", "bo"), ("lobby", "study"))


def cursor(text):
    lines = text.split("\n")
    row = next(number for number, line in enumerate(lines) if "^" in line)
    column = lines[row].index("^")
    lines[row] = lines[row].replace("^", "")
    return lines, row, column


def offered(text):
    found = complete(SCHEMA, *cursor(text), WORDS)
    return None if found is None else [option.text for option in found.options]


A = "agents:\n  ada:\n"
ORDERS = ["round-robin", "random", "volunteer", "moderator", "addressed"]

OFFERED = {
    "a key of the file": ("ti^", ["title: "]),
    "no key twice, above or below": ("title: x\nsee^\nseed: 1\n", None),
    "a key of an agent": (A + "    mod^", ["model: "]),
    "the keys that are left": (
        "limits:\n  turns: 4\n  ^\nstop:",
        ["seconds: ", "tokens: ", "money: ", "turn_seconds: ", "thinks: "],
    ),
    "a key that holds others goes on below": (A + "    bud^", ["budget:\n      "]),
    "a model": (A + "    model: l^", ["local/qwen", "local/smollm2"]),
    "a model, by a part of its name": (A + "    model: smol^", ["local/smollm2"]),
    "a model, in quotes": (A + "    model: 'local/q^", ["local/qwen"]),
    "a model, in short": ("agents:\n  ada: l^", ["local/qwen", "local/smollm2"]),
    "a tool": (A + "    tools: [talk, s^]", ["say", "shell"]),
    "a tool, below": (A + "    tools:\n      - talk\n      - sh^", ["shell"]),
    "a tool, below and not indented": (A + "    tools:\n    - talk\n    - sh^", ["shell"]),
    "a key in brackets": ("agents:\n  ada: {model: x, to^", ["tools: "]),
    "a key in brackets of several lines": ("agents: {\n  ada: {model: x,\n   to^", ["tools: "]),
    "a word of the schema": ("rooms:\n  den:\n    enter: ^", ["anyone", "invited", "nobody"]),
    "an order": ("order: ^", ORDERS),
    "an order in brackets": ("order: {kind: ^}", ORDERS),
    "true or false": ("fiction: ^", ["true", "false"]),
    "agents in a room": ("rooms:\n  den:\n    members: [b^", ["bo"]),
    "agents in a room, in short": ("rooms:\n  den: [ada, b^", ["bo"]),
    "an agent who moderates": ("order: {moderator: ^", ["ada", "bo"]),
    "an agent to whisper to": (
        A + "    script:\n      - do: {whisper: {to: ^",
        ["ada", "bo"],
    ),
    "a room to enter": (A + "    script:\n      - do: {enter: ^", ["lobby", "study"]),
    "a tool of a script": (A + "    script:\n      - do: {wh^", ["whisper: "]),
    "a key of a line of a script": (A + "    script:\n      - hello\n      - aft^", None),
    "a key behind a text of several lines": (A + "    persona: |\n      x: y\n    te^", ["temperature: "]),
    "nothing in a text of several lines": (A + "    persona: |\n      mod^", None),
    "nothing in a text that goes on": (A + "    persona: You are\n      mod^", None),
    "nothing in a comment": ("title: x # ti^", None),
    "nothing where the word is whole": ("fiction: true^", None),
    "nothing where nothing is known": (A + "    zzz:\n      mod^", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "options"), OFFERED.values(), ids=OFFERED)
def test_what_can_be_written(text, options):
    assert offered(text) == options


def test_several_that_begin_alike_share_a_beginning():
    found = complete(SCHEMA, *cursor("agents:\n  ada: l^"), WORDS)
    assert (found.word, found.common) == ("l", "local/")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a:\n  b:\n    - x\n    - y: ^", ("a", "b", 1, "y")),
        ("a:\n- x\n-\n  - q: ^", ("a", 1, 0, "q")),
        ("a:\n  - - x\n    - ^", ("a", 0, 1)),
        ("a: {b: [1, {c: ^", ("a", "b", 1, "c")),
        ("a: {b: 1}\nc: ^", ("c",)),
        ("'a b':\n  \"c\": ^", ("a b", "c")),
        ("a: # note\n  # note: x\n  b: ^", ("a", "b")),
    ],
)
def test_the_path_of_a_cursor(text, path):
    assert spot_at(*cursor(text)).path == path


@given(st.text(alphabet="ab:-# \n'\"[]{}|>,", max_size=80), st.data())
def test_no_text_breaks_the_search_for_a_cursor(text, data):
    lines = text.split("\n")
    row = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[row])))
    spot = spot_at(lines, row, column)
    assert 0 <= spot.start <= column
    assert key_help(SCHEMA, lines, row, column) is not None


def test_the_help_for_the_key_under_the_cursor():
    found = key_help(SCHEMA, *cursor("agents:\n  ada:\n    act^ions: auto"))
    assert (found.path, found.takes) == (
        "agents.ada.actions",
        "text; one of auto, tools, json, talk; default auto",
    )
    assert found.about.startswith("How the model acts: by its own tool calls (tools)")


def test_the_help_of_a_key_that_is_not_known_is_that_of_what_it_lies_in():
    found = key_help(SCHEMA, *cursor("limits:\n  zzz^: 3"))
    assert (found.path, found.about) == ("limits", "When a run ends at the latest.")
