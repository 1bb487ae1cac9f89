"""A record that attacks the terminal and the markup parser, on all three pages."""

from pathlib import Path

import pytest

from sandbox.tui.places import Compared, Replayed
from tests.tui.replay.conftest import Theatre, events, write

EVIL = "\x1b]52;c;UFdORUQ=\x07\x1b[2J[/red][bold]\u202eabc\x9b31m\x00 door"


def evil():
    for kind, actor, room, data in events(4):
        changed = {key: EVIL if isinstance(value, str) else value for key, value in data.items()}
        if kind == "run.started":
            changed |= {"agents": {**data["agents"], EVIL: {"model": EVIL}}}
        yield kind, EVIL if kind == "say" else actor, room, changed


@pytest.mark.parametrize("place", ["runs", "replay", "compare"])
async def test_nothing_of_it_gets_through(home, size, place):
    first = write(Path("transcripts/a"), evil(), EVIL)
    second = write(Path("transcripts/b"), evil(), EVIL)
    places = {"runs": "runs", "replay": Replayed(first), "compare": Compared(first, second)}
    theatre = Theatre(places[place])
    async with theatre.open(size):
        keys = {"runs": "slash", "replay": "end", "compare": "tab"}
        await theatre.press(keys[place])
        if place == "runs":
            await theatre.type("door")
        assert "door" in theatre.text
        assert not {*theatre.text} & {*"\x1b\x07\x9b\x00\u202e"}
        assert "[/red]" in theatre.text
