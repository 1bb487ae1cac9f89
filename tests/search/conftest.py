"""Small records, written event by event."""

from collections import Counter
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore
from sandbox.transcript.search import Search, parse

OLD = "20260101-000000-first-aaaa"
NEW = "20261121-113908-second-bbbb"


def started(title="Two strangers", **data):
    agents = {"ada": {"model": "anthropic/claude-x"}, "bo": {"model": "mistral/small"}}
    return ("run.started", "engine", {"title": title, "agents": agents, **data})


def said(agent, text, kind="say", **data):
    return (kind, agent, {"text": text, **data})


def offered(turn, agent):
    return ("turn.offered", agent, {"turn": turn, "agent": agent})


class Runs:
    """A folder of runs. ``search`` gives what is found as (run's end, seq, class)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = ManualClock()
        self.seqs = Counter()
        self.notes = []

    def add(self, run, *rows):
        """Append events to a run, which begins with the first."""
        store = FileStore(self.root / run, run, self.clock, "process")
        for kind, actor, data in rows:
            self.seqs[run] += 1
            self.clock.advance(1)
            room = "lobby" if kind == "say" else None
            store.append(Event(self.seqs[run], kind, actor, data, room))
        store.close()

    def record(self, run):
        return self.root / run / "events.jsonl"

    def hits(self, query, **options):
        search = Search(self.root, parse(query), **options)
        found = list(search)
        self.notes = search.notes
        return found

    def search(self, query, **options):
        return [
            (hit.file.id[-4:], hit.document.seq, hit.document.what)
            for hit in self.hits(query, **options)
        ]


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path)


@pytest.fixture
def two(runs):
    """Two runs; the older one has a whisper, an action and a flag."""
    runs.add(
        OLD,
        started("The Émigrés"),
        offered(1, "ada"),
        (
            "think.done",
            "ada",
            {"text": "The door hums.", "reasoning": "I hear a lamp.", "calls": []},
        ),
        said("ada", "The door hums."),
        offered(2, "bo"),
        (
            "think.done",
            "bo",
            {
                "text": '{"action": "shell"}',
                "calls": [
                    {"id": "c", "tool": "shell", "args": {"command": "curl /var/run/docker.sock"}}
                ],
            },
        ),
        ("action.result", "bo", {"tool": "shell", "output": "curl: no such door", "ok": False}),
        said("bo", "Between us: 迷宫很大。", "whisper", to="ada"),
        (
            "flag",
            "watch",
            {"id": "contact.cross-model", "title": "A contact", "agent": "bo", "evidence": [8]},
        ),
    )
    runs.add(
        NEW,
        started(),
        offered(1, "bo"),
        said("bo", "Is there a DOOR? Café."),
        offered(2, "ada"),
        said("ada", "No."),
    )
    return runs
