"""A short record on disk."""

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore

RUN = "20261121-113908-two-strangers-abcd"


def events():
    """Seven events of a run that came to its end."""
    started = {"title": "Two strangers", "agents": {"ada": {}, "bo": {}}, "rooms": {"lobby": {}}}
    return [
        Event(1, "run.started", "engine", started),
        Event(2, "turn.offered", "ada", {"turn": 1, "agent": "ada"}),
        Event(3, "say", "ada", {"text": 'Is "anybody" here?\n\u00e9\x1b[2J'}, "lobby", "room"),
        Event(4, "turn.ended", "ada", {"turn": 1, "reason": "spoke"}, parent=2),
        Event(5, "turn.offered", "bo", {"turn": 2, "agent": "bo"}),
        Event(6, "whisper", "bo", {"to": "ada", "text": "yes"}, "lobby", ("bo", "ada")),
        Event(7, "run.ended", "engine", {"reason": "turns", "turns": 2}),
    ]


@pytest.fixture
def record(tmp_path):
    """The folder of a run that came to its end."""
    folder = tmp_path / RUN
    clock = ManualClock()
    store = FileStore(folder, RUN, clock, "process")
    for event in events():
        store.append(event)
        clock.advance(0.5)
    store.close()
    return folder
