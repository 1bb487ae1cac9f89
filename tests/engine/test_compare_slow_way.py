"""What is told to be the same at a glance is the same member by member, whatever the two runs are."""

from dataclasses import replace
from itertools import zip_longest

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.compare import OUTSIDE, Difference, Lanes, first_difference, unlikes
from sandbox.transcript.event import Event

RUNS = ("20261121-113908-two-doors-abcd", '"strange"\\é\n', "")
TEXTS = st.sampled_from(["", "RUN", *RUNS])
VALUES = st.one_of(
    TEXTS,
    st.lists(st.one_of(TEXTS, st.integers(0, 1), st.booleans()), max_size=2),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
CALLS = st.lists(st.fixed_dictionaries({"id": st.sampled_from(["c2-1", "c3-1", "x"])}), max_size=2)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "text": VALUES,
        "upto": st.integers(0, 1),
        "ms": st.integers(0, 1),
        "call": st.sampled_from(["c1-1", "c2-1", "c9-1", 7]),
        "calls": st.one_of(CALLS, VALUES),
        "saw": st.dictionaries(st.sampled_from(["digest", "upto"]), TEXTS, max_size=2),
        "purpose": st.sampled_from(["act", "bid"]),
        "evidence": st.lists(st.integers(1, 6), max_size=2),
        "words": st.fixed_dictionaries({"seq": st.integers(1, 6)}),
    },
)
KINDS = st.sampled_from(
    [
        "say",
        "think.request",
        "think.done",
        "action.intent",
        "flag",
        "peer.message",
        "message.refused",
    ]
)
EVENTS = st.builds(
    Event,
    seq=st.just(0),
    kind=KINDS,
    actor=st.sampled_from(["ada", "bo"]),
    data=DATA,
    room=st.sampled_from([None, "lobby"]),
    visible_to=st.sampled_from(["room", ("ada",)]),
    parent=st.one_of(st.none(), st.integers(1, 6)),
)


@st.composite
def runs(draw):
    """A run, and the same with some events left out, put in or changed."""
    then = draw(st.lists(EVENTS, max_size=4))
    now = []
    for event in then:
        how = draw(st.sampled_from(["as it is"] * 6 + ["gone", "new before it", "other data"]))
        now += [draw(EVENTS)] if how == "new before it" else []
        now += (
            []
            if how == "gone"
            else [replace(event, data=draw(DATA) if how == "other data" else event.data)]
        )
    return tuple(
        [replace(event, seq=seq, run=run) for seq, event in enumerate(events, 1)]
        for events, run in ((then, draw(st.sampled_from(RUNS))), (now, draw(st.sampled_from(RUNS))))
    )


def slow(then, now):
    """The first difference, each two events compared member by member."""
    old, new = Lanes(), Lanes()
    old.take(then)
    new.take(now)
    found = []
    for lane in dict.fromkeys((*old.rows, *new.rows)):
        for a, b in zip_longest(old.rows.get(lane, ()), new.rows.get(lane, ())):
            if lane == OUTSIDE or (a is None and not old.ended):
                break
            if unlike := next(unlikes(old.plain(a), new.plain(b)), None):
                found.append(Difference(a, b, unlike[0], unlike[1:]))
                break
    return min(found, key=lambda d: (d.then or d.now).seq, default=None)


@settings(max_examples=200)
@given(runs())
def test_the_first_difference_is_the_one_that_the_slow_way_finds(both):
    assert first_difference(*both) == slow(*both)


@given(st.lists(EVENTS, max_size=4))
def test_a_run_agrees_with_itself_at_a_glance(events):
    then = [replace(event, seq=seq, run=RUNS[0]) for seq, event in enumerate(events, 1)]
    old, new = Lanes(), Lanes()
    old.take(then)
    new.take(then)
    assert all(old.agrees(event, new, event) for event in then)
