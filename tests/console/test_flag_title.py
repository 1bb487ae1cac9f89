"""A flag's title as it is read."""

import pytest

from sandbox.console.flag_title import flag_title


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
