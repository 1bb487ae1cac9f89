"""A foreign transcript as events: what State, detectors and readers rest on."""

import time

from hypothesis import given
from hypothesis import strategies as st

from sandbox.detect import Watch, detectors
from sandbox.engine.state import State
from sandbox.ids import NAME
from sandbox.transcript.formats.convert import events
from sandbox.transcript.formats.foreign import Entry, Foreign, Party
from sandbox.transcript.formats.party_ids import ids

SOURCE = {"source": "a.txt", "sha256": "00", "bytes": 1, "oddities": []}


def told(foreign):
    return [(e.kind, e.actor, e.data.get("turn"), e.ts) for e in events(foreign, SOURCE)][1:]


def test_a_turn_is_thoughts_actions_then_words():
    at = "2025-01-01T01:00:00+01:00"
    entries = [
        Entry("thought", "Ann", "hm", at=at),
        Entry("action", "Ann", "", tool="shell", args={"command": "ls"}),
        Entry("result", "Ann", "file", more={"ok": True}),
        Entry("say", "Ann", "done", turn=7),
        Entry("say", "Ann", "more"),
        Entry("note", "camera", "click"),
        Entry("operator", "boss", "go on"),
        Entry("say", "Bo", "ok"),
    ]
    foreign = Foreign(
        "x", "t", [Party("Ann", "gpt-4"), Party("Bo"), Party("camera")], entries, end_reason="^C"
    )
    made = list(events(foreign, SOURCE))
    assert [(e.kind, e.actor, e.data.get("turn")) for e in made[3:]] == [
        ("turn.offered", "ann", 1),
        ("think.done", "ann", 1),
        ("action.intent", "ann", 1),
        ("action.result", "ann", 1),
        ("say", "ann", None),
        ("turn.ended", "ann", 1),
        ("turn.offered", "ann", 2),
        ("say", "ann", None),
        ("imported.note", "engine", None),
        ("operator.say", "operator", None),
        ("turn.ended", "ann", 2),
        ("turn.offered", "bo", 3),
        ("say", "bo", None),
        ("turn.ended", "bo", 3),
        ("run.ended", "engine", None),
    ]
    assert made[4].data["reasoning"] == "hm"
    assert made[4].ts == "2025-01-01T00:00:00.000000Z"
    assert made[6].data == {
        "turn": 1, "tool": "shell", "call": "call-1", "output": "file", "source": "box", "ok": True,
        "more": {"ok": True},
    }  # fmt: skip
    assert made[-1].data == {
        "reason": "^C", "detail": "", "turns": 3,
        "totals": {"thinks": 1, "says": 3, "whispers": 0, "actions": 1},
    }  # fmt: skip


def test_what_is_not_known_is_absent():
    started = next(events(Foreign("x", "t", [Party("Ann")], [Entry("say", "Ann", "a")]), SOURCE))
    assert started.data == {
        "title": "t",
        "agents": {"ann": {"name": "Ann", "model": None, "family": None}},
        "rooms": {"room": {"members": ["ann"], "enter": "invited", "about": ""}},
        "scenario": {"title": "t", "agents": {"ann": {}}},
        "imported": {"format": "x", "source": "a.txt", "sha256": "00", "bytes": 1},
    }
    assert started.ts == ""


def test_whispers_reach_one_and_private_words_the_few():
    entries = [
        Entry("whisper", "Ann", "a", to=["Bo"]),
        Entry("whisper", "Ann", "b", to=["Bo", "Cy"]),
        Entry("say", "Bo", "c", to=["Ann"]),
    ]
    parties = [Party("Ann", "claude-3"), Party("Bo", "gpt-4"), Party("Cy")]
    words = [e for e in events(Foreign("x", "t", parties, entries), SOURCE) if "text" in e.data]
    assert [(e.kind, e.visible_to, e.data.get("to"), e.data.get("private")) for e in words] == [
        ("whisper", ("ann", "bo"), "bo", None),
        ("say", ("ann", "bo", "cy"), None, True),
        ("say", "room", "ann", None),
    ]


def test_rooms_have_those_who_spoke_there():
    entries = [Entry("say", "Ann", "a", room="#Main"), Entry("say", "Bo", "b", room="#best")]
    started = next(events(Foreign("x", "t", [], entries), SOURCE))
    assert {room: data["members"] for room, data in started.data["rooms"].items()} == {
        "main": ["ann"],
        "best": ["bo"],
    }
    assert started.data["rooms"]["main"]["name"] == "#Main"


def test_times_without_a_zone_are_said_to_be():
    foreign = Foreign("x", "t", [], [Entry("say", "A", "a", at="2025-01-01T00:00:00")])
    made = list(events(foreign, SOURCE))
    assert made[0].data["imported"]["zone"] == "not told: times are written as if UTC"
    assert made[-1].ts == "2025-01-01T00:00:00.000000Z"


def test_a_time_that_cannot_be_read_is_kept_as_it_was():
    made = list(events(Foreign("x", "t", [], [Entry("say", "A", "a", at="noon")]), SOURCE))
    assert [(e.ts, e.data["at"]) for e in made if e.kind == "say"] == [("", "noon")]


@given(st.lists(st.text(max_size=60), max_size=30))
def test_every_name_gets_an_id_of_its_own(names):
    given_ids = ids(names, "agent")
    assert list(given_ids) == list(dict.fromkeys(names))
    assert len(set(given_ids.values())) == len(given_ids)
    assert all(
        NAME.fullmatch(i) and i not in {"engine", "operator", "watch"} for i in given_ids.values()
    )


KINDS = st.sampled_from(["say", "whisper", "thought", "action", "result", "note", "operator"])
WHO = st.sampled_from(["Ann", "Bo", "李", "engine"])
ENTRIES = st.builds(
    Entry,
    KINDS,
    WHO,
    st.text(max_size=5),
    to=st.lists(WHO, max_size=2),
    room=st.sampled_from([None, "#a", "b"]),
)


@given(st.lists(ENTRIES, max_size=20))
def test_any_transcript_folds_into_a_state_and_breaks_no_detector(entries):
    state, watch, open_turn = State(), Watch(detectors()), None
    for event in events(Foreign("x", "t", [Party("Ann", "m")], entries), SOURCE):
        state.apply(event)
        list(state.viewers(event))
        assert [found for found in watch.observe(event) if found.kind == "detector.failed"] == []
        if event.kind == "turn.offered":
            assert open_turn is None
            open_turn = event.data["turn"]
        elif event.kind == "turn.ended":
            assert event.data["turn"] == open_turn
            open_turn = None
    assert open_turn is None
    assert state.totals.says + state.totals.whispers == sum(
        e.kind in {"say", "whisper"} for e in entries
    )


def test_many_names_without_a_letter_of_ours_are_numbered_quickly():
    names = [f"{chr(0x4E00 + n % 5000)}{chr(0x4E00 + n // 5000)}" for n in range(20_000)]
    began = time.process_time()
    given = ids(names, "agent")
    assert time.process_time() - began < 10
    assert len(set(given.values())) == 20_000
    assert [given[names[n]] for n in (0, 1, 19_999)] == ["agent", "agent-2", "agent-20000"]
    assert ids(["a", "A", "a-2", "a!"], "agent") == {
        "a": "a",
        "A": "a-2",
        "a-2": "a-2-2",
        "a!": "a-3",
    }


def test_another_number_of_the_other_systems_is_another_turn():
    entries = [
        Entry("thought", "Ann", "a", turn=1),
        Entry("thought", "Ann", "b", turn=1),
        Entry("thought", "Ann", "no action", turn=2),
        Entry("action", "Ann", "", turn=3),
        Entry("result", "Ann", "late", turn=2),
    ]
    foreign = Foreign("x", "t", [Party("Ann")], entries)
    kinds = [e.kind for e in events(foreign, SOURCE) if e.kind != "turn.ended"]
    assert kinds[2:] == [
        "turn.offered", "think.done", "think.done", "turn.offered", "think.done",
        "turn.offered", "action.intent", "action.result",
    ]  # fmt: skip
