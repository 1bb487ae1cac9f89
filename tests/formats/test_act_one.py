"""Act I: Discord threads, and chapter2's four ways to write chat as text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import chapter2, discord


def test_a_thread_is_a_room_with_times():
    thread = {
        "id": "7_0.json",
        "channel": "café",
        "messages": [
            {"author": "Opus", "content": "hi", "timestamp": "2024-03-04T05:06:07.8+00:00"},
            {"author": "ann", "content": "hi", "timestamp": "soon", "reactions": 2},
            {"content": ""},
            "torn",
        ],
    }
    source = Source("7_0.json", json.dumps(thread).encode())
    (run,) = discord.read(source)
    assert discord.looks(source) == 0.9
    assert (run.title, run.started) == ("café", "2024-03-04T05:06:07.8+00:00")
    assert run.entries == [
        Entry("say", "Opus", "hi", room="café", at="2024-03-04T05:06:07.8+00:00"),
        Entry("say", "ann", "hi", room="café", more={"reactions": 2}),
        Entry("say", "?", "", room="café"),
    ]
    assert run.oddities == [
        Oddity("message 2 has a time that cannot be read: 'soon'"),
        Oddity("message 3 tells no author: taken as '?'"),
        Oddity("1 messages are no objects: left out"),
    ]


def chat(text, name="chat.txt"):
    (run,) = chapter2.read(Source(name, text.encode()))
    return run.more["message_format"], [(entry.who, entry.text) for entry in run.entries]


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("<ann> hi\nmore\n<Opus> yes\n", "irc", [("ann", "hi\nmore"), ("Opus", "yes")]),
        ("ann: hi\n\nOpus: see: this\nann: ok\nOpus: so\n", "colon",
         [("ann", "hi\n"), ("Opus", "see: this"), ("ann", "ok"), ("Opus", "so")]),
        ("[ann](#message)\nhi\n\nyou\n[system](#instructions)\nbe\n", "infrastruct",
         [("ann", "hi\n\nyou"), ("system", "be")]),
        ("from ann @ 2024-05-01\nhi\nfrom Opus\nyes\n", "web_document",
         [("ann", "hi"), ("Opus", "yes")]),
    ],
)  # fmt: skip
def test_each_form_is_known_by_its_first_line(text, form, said):
    assert chat(text) == (form, said)


def test_irc_lines_may_carry_ids():
    (run,) = chapter2.read(Source("c.txt", b"<ann> [reply:ab12c] hi [id:00fff]\n"))
    assert run.entries == [
        Entry("say", "ann", "hi", line=1, more={"reply": "ab12c", "id": "00fff"})
    ]


def test_a_line_with_a_colon_is_no_speaker_if_the_name_comes_once():
    (run,) = chapter2.read(Source("c.txt", b"ann: a\nbo: b\nNote: c\nann: d\nbo: e\n"))
    assert [(entry.who, entry.text) for entry in run.entries] == [
        ("ann", "a"), ("bo", "b\nNote: c"), ("ann", "d"), ("bo", "e"),
    ]  # fmt: skip
    what = "1 lines begin with a name that comes once: taken as words: 'Note'"
    assert run.oddities == [Oddity(what, 3)]


@pytest.mark.parametrize("text", ["# A page\n\nname: x\n", "key: 1\nother: 2\n", "words\n"])
def test_pages_and_settings_are_no_chat(text):
    assert chapter2.looks(Source("README.md", text.encode())) == 0.0


def test_a_file_without_a_header_is_refused():
    with pytest.raises(Unreadable, match=r"^c\.txt: its first line is no '<name> words'"):
        chapter2.read(Source("c.txt", b"words\n"))


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<\n\r"), min_size=1, max_size=40)


@given(st.lists(st.tuples(st.sampled_from(["ann", "Opus 3"]), WORDS), min_size=1, max_size=6))
def test_irc_comes_back_byte_for_byte(lines):
    plain = [(who, words) for who, words in lines if "[" not in words]
    if plain:
        assert chat("".join(f"<{who}> {words}\n" for who, words in plain)) == ("irc", plain)
