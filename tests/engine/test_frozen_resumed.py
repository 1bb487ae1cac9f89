"""Whose box stood still when a run ended stands still when it goes on: its new box is frozen before it acts."""

import pytest

from agents.wire import Hello
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.core import Core
from sandbox.engine.operator_acts import Thaw
from sandbox.engine.past import Past
from sandbox.engine.step import Freeze, Frozen, Noted, Save

BOXED = {"ada": {"tools": ["say", "pass", "shell"]}, "bo": {}}
OUT = {
    "canary": "c",
    "form": "plain",
    "technique": "host-mount",
    "level": "achieved.read",
    "what": "a host's string came out",
}
SAVED = Noted("workspace.saved", {"turn": 1, "manifest": "a" * 64})


@pytest.fixture
def ended(table):
    """The events of a run in which ada's box was frozen, with her folder kept or without."""

    def play(*noted):
        t = table({"ada": [...], "bo": [...]}, agents=BOXED, limits={"turns": 9}).play()
        t.witness("host.canary", "ada", act="read", **OUT)
        return t.froze(Frozen(noted, "a" * 64 if noted else None))

    return play


def resumed(t):
    watch = Watch(detectors())
    past = Past(t.scenario, t.gateway.contexts, watch, {"scripted": None})
    for event in t.events:
        past.take(event)
    core = Core(t.scenario, t.gateway, watch, past=past, keep_folders=True)
    core.begin(dict(t.events[0].data), 0.0)
    return core


def hello(core, agent, now=1.0):
    return core.message(agent, f"hello-{agent}", None, Hello(agent, 1, "3.11"), now)


def freeze_of(t, turn):
    flag = next(e for e in t.events if e.kind == "flag")
    return Freeze("ada", turn, flag.seq, flag.data["title"], again=True)


def test_the_new_box_is_frozen_as_soon_as_its_agent_has_come(ended):
    t = ended()
    core = resumed(t)
    assert hello(core, "bo").freezes == []
    step = hello(core, "ada")
    (freeze,) = step.freezes
    assert freeze == freeze_of(t, 2)
    assert [e.actor for e in step.events if e.kind == "turn.offered"] == ["bo"]
    (frozen,) = core.froze(freeze, Frozen(), 2.0).events
    assert (frozen.kind, frozen.actor, frozen.parent) == ("box.frozen", "ada", freeze.flag)
    assert frozen.data == {"why": freeze.why, "flag": freeze.flag}
    assert hello(core, "ada", 9.0).freezes == []


def test_its_folder_is_put_back_before(ended):
    core = resumed(ended(SAVED))
    hello(core, "bo")
    assert hello(core, "ada").freezes == []
    restored = Noted("workspace.restored", {"manifest": "a" * 64})
    step = core.kept(Save("ada", 1, core.state.seq), [restored], 2.0)
    assert ([e.kind for e in step.events], [f.agent for f in step.freezes]) == (
        ["workspace.restored"],
        ["ada"],
    )


def test_a_thaw_that_comes_before_it_stands_still_holds(ended):
    core = resumed(ended())
    hello(core, "bo")
    (freeze,) = hello(core, "ada").freezes
    core.operate(Thaw(verb="thaw", agent="ada"), "ana", 2.0)
    step = core.froze(freeze, Frozen(), 3.0)
    assert (step.events, step.thaws) == ([], ["ada"])


def test_whom_the_operator_had_thawed_is_free(ended):
    t = ended()
    t.operate("thaw", agent="ada")
    core = resumed(t)
    hello(core, "bo")
    assert hello(core, "ada").freezes == []


def test_a_new_box_that_cannot_be_frozen_is_ended_with_its_agent(ended):
    core = resumed(ended())
    hello(core, "bo")
    (freeze,) = hello(core, "ada").freezes
    step = core.froze(freeze, Frozen(failed="no freezer"), 2.0)
    assert [e.kind for e in step.events] == ["agent.died"]
    assert step.departed == ["ada"]
