"""Folders of runs: none, some, and one that is live, damaged or unreadable."""

import fcntl
from pathlib import Path

import pytest

from sandbox.transcript import EVENTS_FILE
from sandbox.tui.runs.page import RunsPage
from tests.tui.replay.conftest import Theatre, events, home, write

__all__ = ["home"]


class Runs(Theatre):
    """The page of all runs."""

    def __init__(self):
        super().__init__("runs")

    @property
    def page(self):
        page = self.app.screen
        assert isinstance(page, RunsPage)
        return page

    @property
    def ids(self):
        return [row.id for row in self.page.list.items]

    @property
    def hits(self):
        return [(hit.file.id[-4:], hit.document.seq) for hit in self.page.hits.items]


@pytest.fixture
def empty(home):
    return Runs()


@pytest.fixture
def runs(home):
    """Three runs: of 5 and of 60 turns, and one that cannot be read."""
    for day, turns in ((19, 5), (20, 60)):
        run = f"202611{day}-113908-many-turns-aa{day}"
        write(Path("transcripts") / run, events(turns), run)
    broken = Path("transcripts/20261121-113908-many-turns-aa21")
    broken.mkdir()
    (broken / EVENTS_FILE).write_text('{"seq":1,"ts":"x"\n')
    return Runs()


@pytest.fixture
def live(runs):
    """The first of them is being played."""
    run = Path("transcripts/20261119-113908-many-turns-aa19") / EVENTS_FILE
    run.write_bytes(b"".join(run.read_bytes().splitlines(keepends=True)[:-1]))
    with run.open("ab") as engine:
        fcntl.flock(engine, fcntl.LOCK_EX)
        yield runs
