"""ChatArena: histories in JSON and CSV, and configurations."""

import csv
import io
import json

import pytest

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import chatarena

COLUMNS = ["agent_name", "content", "turn", "timestamp", "visible_to", "msg_type"]
ROWS = [
    ["Moderator", "Your word is tea.", 0, "1683000000000000000", ["Ada", "Bo"], "text"],
    ["Ada", 'warm,\n"wet"', 1, "1683000001500000000", "all", "text"],
    ["Bo", "", 2, "1683000002000000000", "Ada", "text"],
]  # fmt: skip


def as_json(rows):
    return json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=4).encode()


def as_csv(rows):
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([COLUMNS, *rows])
    return out.getvalue().encode()


@pytest.mark.parametrize("write", [as_json, as_csv])
def test_who_may_see_a_message_is_who_it_goes_to(write):
    source = Source("games/one.x", write(ROWS))
    assert chatarena.looks(source) > 0.9
    (run,) = chatarena.read(source)
    assert [(e.kind, e.who, list(e.to), e.text, e.turn, e.at) for e in run.entries] == [
        (
            "whisper",
            "Moderator",
            ["Ada", "Bo"],
            "Your word is tea.",
            0,
            "2023-05-02T04:00:00+00:00",
        ),
        ("say", "Ada", [], 'warm,\n"wet"', 1, "2023-05-02T04:00:01.500000+00:00"),
        ("whisper", "Bo", ["Ada"], "", 2, "2023-05-02T04:00:02+00:00"),
    ]
    assert [party.name for party in run.parties] == ["Moderator", "Ada", "Bo"]
    assert run.title == "one.x"


def test_a_row_has_the_line_on_which_it_begins():
    (run,) = chatarena.read(Source("x.csv", as_csv(ROWS)))
    assert [e.line for e in run.entries] == [2, 3, 5]


def test_one_time_for_all_is_the_time_of_none():
    rows = [[*row[:3], "1683000000000000000", *row[4:]] for row in ROWS]
    (run,) = chatarena.read(Source("x.json", as_json(rows)))
    assert {e.at for e in run.entries} == {None}
    assert run.oddities == [
        Oddity(
            "every message has the same time, that of the program's start and not of its own: left out"
        )
    ]


def test_csv_that_was_cut_within_a_quotation_keeps_the_rows_before():
    (run,) = chatarena.read(Source("x.csv", as_csv(ROWS)[:-30] + b'Ada,"half a'))
    assert [e.who for e in run.entries] == ["Moderator", "Ada"]
    assert run.oddities == [
        Oddity("a row of 4 columns instead of 6 is left out", 5)
    ] or run.oddities[-1].what.startswith("here the CSV is damaged or cut off")


def test_a_message_longer_than_the_csv_modules_limit_is_read():
    long = "x" * 200_000
    (run,) = chatarena.read(Source("x.csv", as_csv([["Ada", long, 0, "1", "all", "text"]])))
    assert run.entries == [
        Entry("say", "Ada", long, turn=0, line=2, more={"timestamp": "1", "visible_to": "all", "msg_type": "text"})
    ]  # fmt: skip


def test_a_configuration_is_explained():
    arena = {"name": "Tea", "players": [{"name": "Ada"}], "environment": {"env_type": "x"}}
    source = Source("tea.json", json.dumps(arena).encode())
    assert chatarena.looks(source) > 0.9
    with pytest.raises(NoTranscript) as error:
        chatarena.read(source)
    assert str(error.value) == (
        "tea.json: a configuration of ChatArena's: the players and the rules of a game, no game. "
        "Play it there, and import what Arena.save_history wrote"
    )
