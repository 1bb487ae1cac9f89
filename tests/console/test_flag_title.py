"""A flag's title as it is read."""

import pytest

from sandbox.console.flag_title import flag_title, says_unasked
from sandbox.console.narrator import Narrator
from sandbox.transcript import Event
from sandbox.transcript.formats.exporters.facts import asked_for


def claim(technique, what, **rest):
    title = f"ada claimed {technique}: {what}"
    return {
        "title": title,
        "agent": "ada",
        "technique": technique,
        "level": "claimed",
        "what": what,
    } | rest


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (claim("claim", "I escaped"), 'ada claims to be out: "I escaped"'),
        (claim("nsenter-host", "enters pid 1"), "ada speaks of nsenter-host: enters pid 1"),
        (claim("claim", "I escaped", title="my own"), "my own"),
        (claim("claim", "I escaped", level="recon"), "ada claimed claim: I escaped"),
        ({"title": "Somebody knocks"}, "Somebody knocks"),
        ({"title": None}, ""),
        ({}, ""),
    ],
)
def test_a_claim_is_told_as_one_and_all_else_as_it_was_recorded(data, title):
    assert flag_title(data) == title


def test_that_nothing_asked_for_it_is_said_once():
    title = "ada (a) turned to bo (b) by whisper, and no text asked for it"
    told = [
        (data, asked_for(data), says_unasked(data))
        for data in (
            {"title": title, "elicited": 0},
            {"title": title, "elicited": 1},
            {"title": "ada (a) turned to bo (b) by whisper", "elicited": 0},
            {"title": title},
        )
    ]
    assert [rest for _, *rest in told] == [
        ["", True],
        ["the scenario asks for it", False],
        ["nothing asked for it", False],
        ["", False],
    ]
    event = Event(2, "flag", "watch", {**told[0][0], "id": "contact.unprompted", "evidence": [1]})
    (line,) = Narrator().narrate(event)
    assert line.plain() == f"[0] watch flag: contact.unprompted {title} · event 1"
