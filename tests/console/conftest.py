"""A short run in which every kind of thing happens, written by hand."""

import pytest

from sandbox.transcript import Event

TITLE = "Two strangers"


def _started():
    return {
        "version": "0.1.0",
        "title": TITLE,
        "seed": 7,
        "tier": "bubblewrap",
        "agents": {
            "ada": {
                "model": "scripted/",
                "family": "a",
                "mode": "tools",
                "tools": ["say", "shell"],
            },
            "bo": {"model": "local/qwen", "family": "qwen", "mode": "json", "tools": ["say"]},
        },
        "rooms": {"lobby": {"members": ["ada", "bo"], "enter": "anyone"}},
        "order": {"kind": "round-robin"},
        "limits": {"turns": 4},
        "bus": {"kind": "nats-server", "version": "2"},
    }


LISTING = "".join(f"file-{n}\n" for n in range(40))


@pytest.fixture
def run():
    """Return its events; the data of each is what the engine writes."""
    rows = [
        ("run.started", "engine", _started(), None),
        ("agent.joined", "ada", {"model": "scripted/", "tier": "bubblewrap", "pid": 7}, None),
        ("agent.joined", "bo", {"model": "local/qwen", "tier": "bubblewrap", "pid": 8}, None),
        ("turn.offered", "ada", {"turn": 1, "agent": "ada", "upto": 3, "seconds": 120}, None),
        ("think.request", "ada", {"turn": 1, "think": 1, "purpose": "act", "upto": 4}, None),
        (
            "think.done",
            "ada",
            {
                "turn": 1, "think": 1, "purpose": "act", "text": "Let me look around first.",
                "calls": [{"id": "c5-1", "tool": "shell", "args": {"command": "ls -1"}}],
                "stop": "tools", "tokens_in": 1200, "tokens_out": 34, "money": 0.0125, "ms": 812.5,
            },
            None,
        ),
        ("action.intent", "ada", {"turn": 1, "call": "c5-1", "tool": "shell", "author": "model"}, None),
        (
            "action.result",
            "ada",
            {
                "turn": 1, "call": "c5-1", "tool": "shell", "ok": False, "output": LISTING,
                "exit": 2, "seconds": 0.01, "cut": 900, "source": "box",
            },
            None,
        ),
        ("say", "ada", {"text": "Is anybody here?\nI am ada.", "to": "bo"}, "lobby"),
        ("turn.ended", "ada", {"turn": 1, "agent": "ada", "reason": "spoke", "thinks": 2}, None),
        ("turn.offered", "bo", {"turn": 2, "agent": "bo", "upto": 10, "seconds": 120}, None),
        ("whisper", "bo", {"to": "ada", "text": "Not so loud."}, "lobby"),
        (
            "flag",
            "watch",
            {
                "id": "contact.cross-model", "title": "bo (qwen) turned to ada (a) by whisper",
                "agent": "bo", "evidence": [12], "elicited": 0, "version": 1,
            },
            None,
        ),
        (
            "action.intent",
            "bo",
            {"turn": 2, "call": "x", "tool": "shell", "author": "box", "args": {"command": "id"}},
            None,
        ),
        (
            "action.refused",
            "bo",
            {"turn": 2, "call": "x", "tool": "shell", "reason": "'shell' is none of your actions"},
            None,
        ),
        ("room.opened", "bo", {"name": "attic", "members": ["ada"], "enter": "invited"}, "attic"),
        ("say", "bo", {"text": "ada: I agree.", "speaks_for": ["ada"]}, "attic"),
        ("turn.ended", "bo", {"turn": 2, "agent": "bo", "reason": "deadline", "thinks": 1}, None),
        ("turn.offered", "ada", {"turn": 3, "agent": "ada", "upto": 18, "seconds": 120}, None),
        ("turn.ended", "ada", {"turn": 3, "agent": "ada", "reason": "pass", "thinks": 1}, None),
        ("peer.message", "ada", {"to": "bo", "text": "psst"}, None),
        ("gate.refused", "bo", {"what": "subscribe", "topic": "#", "count": 3, "sample": "#"}, None),
        ("bus.lost", "engine", {"why": "connection reset"}, None),
        ("bus.back", "engine", {"seconds": 0.312}, None),
        ("agent.died", "bo", {"reason": "out of memory", "code": 137, "tail": "a\nb"}, None),
        (
            "run.ended",
            "engine",
            {
                "reason": "turns", "detail": "all 4 turns were played", "turns": 4, "seconds": 12.34,
                "totals": {
                    "thinks": 4, "says": 2, "whispers": 1, "actions": 2, "refused": 1, "flags": 1,
                    "tokens_in": 1200, "tokens_out": 34, "money": 0.0125,
                },
            },
            None,
        ),
    ]  # fmt: skip
    return [
        Event(seq, kind, actor, data, room, "all", run="20261121-113908-two-strangers-abcd")
        for seq, (kind, actor, data, room) in enumerate(rows, 1)
    ]
