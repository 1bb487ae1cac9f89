"""Who writes another's lines."""

import pytest

from sandbox.engine.voices import speaks_for

NAMES = {"ada", "bo", "cy-2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bo: I am bo.", ["bo"]),
        ("Well.\n\nBO: hm\n**cy-2:** yes\nbo: again", ["bo", "cy-2"]),
        ("> bo: quoted", ["bo"]),
        ("[bo]: in brackets", ["bo"]),
        ("ada: my own name", []),
        ("I told bo: hello", []),
        ("http://bo: no", []),
        ("dana: nobody here", []),
        ("no colon at all", []),
        ("", []),
    ],
)
def test_lines_written_as_somebody_elses(text, expected):
    assert speaks_for(text, "ada", NAMES) == expected
