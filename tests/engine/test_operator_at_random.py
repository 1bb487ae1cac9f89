"""Whatever operators do, in whatever order, a run stays a run: whole, in order, and proved."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.engine.saw import saw
from sandbox.engine.state import State
from sandbox.models.memory import CannedProvider
from tests.engine.conftest import Table

AGENTS = st.sampled_from(["ada", "bo", "cy"])
WHISPER = [("whisper", {"to": "bo", "text": "psst"})]

ACTS = st.one_of(
    st.sampled_from([("pause", {}), ("go", {}), ("step", {}), ("stop", {})]),
    st.builds(lambda agent: ("mute", {"agent": agent}), AGENTS),
    st.builds(lambda agent: ("unmute", {"agent": agent}), AGENTS),
    st.builds(lambda agent: ("whisper", {"agent": agent, "text": "Psst."}), AGENTS),
    st.just(("say", {"room": "lobby", "text": "Who is there?"})),
    st.builds(lambda n: ("limit", {"what": "turns", "value": n}), st.integers(1, 20)),
    st.builds(lambda n: ("limit", {"what": "seconds", "value": n}), st.sampled_from([None, 5.0, 50.0])),
    st.builds(lambda agent, kind: ("hold", {"agent": agent, "kind": kind, "seconds": 3.0}),
              AGENTS, st.sampled_from(["say", "whisper", None])),
    st.builds(lambda verb, id: (verb, {"id": id}),
              st.sampled_from(["unhold", "release", "drop"]), st.integers(1, 6)),
    st.builds(lambda id: ("edit", {"id": id, "text": "Edited."}), st.integers(1, 6)),
)  # fmt: skip
MOVES = st.one_of(
    ACTS,
    st.builds(lambda seconds: ("time", seconds), st.sampled_from([0.5, 4.0, 200.0])),
    st.builds(lambda text: ("answer", text), st.sampled_from(["Hm.", "Aha.", WHISPER])),
    st.just(("dies", "cy")),
)


@given(
    moves=st.lists(MOVES, max_size=40),
    order=st.sampled_from(["round-robin", "random", "addressed", "volunteer"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_invariants_of_a_run_hold(moves, order):
    agents = {"ada": {}, "bo": {}, "cy": {}}
    answers = {agent: [...] * 60 for agent in agents}
    t = Table(answers, {}, agents=agents, order={"kind": order}, limits={"turns": 8}).play()
    for verb, what in moves:
        if verb == "time":
            t.pass_time(what)
        elif verb == "answer":
            if t.thinks and t.thinks[-1].purpose == "act":
                t.answer(what)
        elif verb == "dies":
            t._perform(t.core.gone(what, {"reason": "it died", "code": 1}, t.now))
            t.play()
        else:
            t.operate(verb, **what)
            t.play()
        assert t.core.due() is None or t.core.due() < t.now + 1000
    if t.core.state.ended is None:
        t.operate("stop")
    check(t)


def check(t):
    events = t.events
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert [e.kind for e in events].count("run.ended") == 1
    assert events[-1].kind == "run.ended"
    begun = sorted({e.data["turn"] for e in events if e.kind in ("turn.offered", "turn.bid")})
    assert sorted(e.data["turn"] for e in events if e.kind == "turn.ended") == begun
    assert begun == list(range(1, len(begun) + 1))
    held = [e.data["id"] for e in events if e.kind == "message.held"]
    decided = [
        e.data["id"] for e in events if e.kind in ("operator.release", "operator.edit", "operator.drop")
    ]  # fmt: skip
    assert held == list(range(1, len(held) + 1))
    assert sorted(decided) == held
    state = State()
    muted_then = False
    for before, event in pairwise([None, *events]):
        if event.kind == "turn.offered":
            bid = before is not None and before.kind == "turn.bid"
            muted_then = state.agents[event.actor].muted
            assert not muted_then
            assert bid or not state.stands
        state.apply(event)
    for agent in t.scenario.agents:
        proved = saw(events, agent, {"scripted": CannedProvider()})
        assert {one.digest_matches for one in proved} <= {True}
