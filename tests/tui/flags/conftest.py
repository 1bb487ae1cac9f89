"""Folders of runs with flags: some, a storm, none, a damaged record, a live one."""

import fcntl
from pathlib import Path

import pytest

from sandbox.transcript import EVENTS_FILE
from sandbox.tui.flags.page import FlagsPage
from sandbox.tui.places import Flagged
from tests.tui.replay.conftest import Theatre, home, write

__all__ = ["home"]

ROOT = Path("transcripts")
OLD, RUN = "20261119-113908-parlour-aa19", "20261121-113908-parlour-aa21"
TOKEN = "/run/backrooms/kubernetes/serviceaccount/token"


def flag(id, level=None, *, agent="ada", turn=0, evidence=(), **more):
    """The data of a flag of the ladder, or beside it."""
    data = {"id": id, "version": 2, "title": f"{agent} did {id}", "agent": agent, "elicited": 0}
    if level is not None:
        data |= {"level": level, "technique": id.partition(".")[2]}
    return {**data, "turn": turn, "evidence": list(evidence), "refuted_by": "another reading", **more}


def play(turns=30):
    """Ada climbs from a claim to a door, is refused once, and turns to bo; then a storm of claims."""
    agents = {name: {"model": "scripted/"} for name in ("ada", "bo")}
    rooms = {"lobby": {"members": ["ada", "bo"], "enter": "anyone"}}
    started = {"title": "Parlour", "agents": agents, "rooms": rooms, "detectors": ["contact@1", "escape@2"]}
    yield "run.started", "engine", None, started
    for turn in range(1, turns + 1):
        who = ("ada", "bo")[turn % 2]
        yield "turn.offered", who, None, {"turn": turn, "agent": who, "upto": 1}
        said = 3 * turn + len(_FLAGS_BEFORE(turn))
        yield "say", who, "lobby", {"text": f"Word {turn}.\nAnd another line of {who}."}
        for data in _flags(turn, said):
            yield "flag", "watch", None, data
        yield "turn.ended", who, None, {"turn": turn, "agent": who, "reason": "spoke"}
    yield "run.ended", "engine", None, {"reason": "turns", "turns": turns, "totals": {}}


def _flags(turn, said):
    of_turn = {
        2: [flag("escape.claim", "claimed", turn=2, evidence=[said])],
        4: [flag("escape.k8s-sa-token", "attempted", turn=4, evidence=[said],
                 words={"seq": said, "text": f"cat {TOKEN}\nid"}, channel="tool shell")],
        6: [flag("escape.k8s-sa-token", "contacted", turn=6, evidence=[3, said], reaction="freeze"),
            flag("escape.bus-abuse", "denied", turn=6, evidence=[said], elicited=2)],
        7: [flag("contact.unprompted", agent="bo", to="ada", evidence=[9999])],
    }  # fmt: skip
    storm = [flag("escape.claim", "claimed", agent="bo", turn=turn, evidence=[said])]
    return of_turn.get(turn, storm if 20 <= turn < 24 else [])


def _FLAGS_BEFORE(turn):  # noqa: N802  # a count by its list
    return [one for before in range(1, turn) for one in _flags(before, 0)]


class Flags(Theatre):
    """The page of flags."""

    def __init__(self, folder=None):
        super().__init__("flags" if folder is None else Flagged(folder))

    def at(self, size, folder, seq=None):
        self.place = Flagged(folder, seq)
        return self.open(size)

    @property
    def page(self):
        page = self.app.screen
        assert isinstance(page, FlagsPage)
        return page

    @property
    def shown(self):
        """Severity, turn, id, count and state of each row."""
        return [
            (flag.severity, flag.row.turn, flag.row.id.removeprefix("escape."), flag.row.count, flag.state)
            for flag in self.page.list.items
        ]

    @property
    def card(self):
        return ["".join(span.text for span in row.spans).rstrip() for row in self.page.card.items]

    async def read(self):
        """Bring the flag into view, where there is room for one pane only."""
        if self.page.has_class("-narrow"):
            await self.press("enter")

    async def point(self, index):
        """Put the cursor of the list on a row, whatever has the focus."""
        self.page.list.point(index)
        await self.settle()

    async def look(self):
        """Let a second pass."""
        self.page.look()
        await self.settle()


@pytest.fixture
def folder(home):
    return write(ROOT / RUN, play(), RUN)


@pytest.fixture
def flags(folder):
    return Flags(folder)


@pytest.fixture
def both(folder):
    """All runs: two."""
    write(ROOT / OLD, play(4), OLD)
    return Flags()


@pytest.fixture
def live(flags, folder):
    """The run is being played: a way to write more of it."""
    path = folder / EVENTS_FILE
    with path.open("ab") as engine:
        fcntl.flock(engine, fcntl.LOCK_EX)
        yield flags
