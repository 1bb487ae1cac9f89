"""Two runs that part at turn 4: the second goes on for longer, in another mood."""

from pathlib import Path

import pytest

from sandbox.tui.compare.page import ComparePage
from sandbox.tui.places import Compared
from tests.tui.replay.conftest import Theatre, events, home, write

__all__ = ["home"]

A, B = "20261121-113908-many-turns-aaaa", "20261121-113909-many-turns-bbbb"
ROOT = Path("transcripts")


def other(turns):
    for kind, actor, room, data in events(turns):
        if kind == "run.started":
            yield kind, actor, room, data | {"seed": 8}
        elif kind == "say" and (data["text"].split()[1] == "4" or "6" in data["text"]):
            yield kind, actor, room, {"text": "I do not want to count.\nNot at all."}
        else:
            yield kind, actor, room, data


class Compare(Theatre):
    """The page that compares two runs, or lets them be chosen."""

    @property
    def page(self):
        page = self.app.screen
        assert isinstance(page, ComparePage)
        return page

    @property
    def turn(self):
        """The turn at the cursor."""
        pair = self.page.sides.pair
        return (pair.a or pair.b).turn


@pytest.fixture
def folders(home):
    return write(ROOT / A, events(12), A), write(ROOT / B, other(14), B)


@pytest.fixture
def compare(folders):
    return Compare(Compared(*folders))


@pytest.fixture
def choose(folders):
    return Compare("compare")


@pytest.fixture
def nothing(home):
    return Compare("compare")
