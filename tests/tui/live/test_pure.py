"""What live pages are made of, without a screen."""

import pytest

from sandbox.engine.state import State
from sandbox.errors import UsageError
from sandbox.transcript.event import Event
from sandbox.tui.live.cards import Cards, heard, shell
from sandbox.tui.live.isolation import isolation
from sandbox.tui.live.marks import Mark, Marks
from sandbox.tui.live.pace import Pace
from sandbox.tui.live.phase import pill
from sandbox.tui.live.teller import Teller
from sandbox.tui.live.wishes import read_filter, read_limits
from sandbox.tui.live.words import paused_words
from sandbox.tui.room import Doing

STARTED = Event(
    1, "run.started", "engine",
    {
        "title": "x",
        "agents": {"ada": {"model": "local/x", "context": 8000}, "bo": {}},
        "rooms": {
            "lobby": {"members": ["ada", "bo"], "enter": "invited"},
            "den": {"members": ["bo"], "enter": "invited"},
        },
        "scenario": {"agents": {"ada": {"temperature": 0.8}}},
    },
)  # fmt: skip


def test_a_filter_is_read_as_it_is_typed():
    assert read_filter("") == {"verb": "hold"}
    assert read_filter('agent=ada words="the door" seconds=9') == {
        "verb": "hold", "agent": "ada", "words": "the door", "seconds": 9,
    }  # fmt: skip
    assert read_filter("the door kind=say") == {"verb": "hold", "kind": "say", "words": "the door"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agnt=ada", "there is no 'agnt': use agent, room, kind, words, pattern, seconds."),
        ('words="the', "a quotation mark is opened and not closed."),
        ("seconds=soon", "seconds='soon': this is no number."),
    ],
)
def test_a_filter_that_is_none_says_why(text, why):
    with pytest.raises(UsageError) as raised:
        read_filter(text)
    assert str(raised.value) == why


def test_limits_are_read_as_they_are_typed():
    assert read_limits("turns=40 money=none") == [
        {"verb": "limit", "what": "turns", "value": 40},
        {"verb": "limit", "what": "money", "value": None},
    ]
    with pytest.raises(UsageError, match="'40' is no limit: write turns=400"):
        read_limits("40")


def test_the_pace_is_of_the_last_seconds_alone():
    pace = Pace()
    for now in (1.0, 1.5, 2.0, 4.0):
        pace.count(now)
    assert (pace.rate(5.0), pace.rate(6.5), pace.rate(20.0)) == (0.8, 0.4, 0.0)
    pace.clear()
    assert pace.rate(5.0) == 0.0


def test_marks_are_found_on_both_sides():
    marks = Marks()
    for seq, turn in ((2, 1), (5, 2), (9, 4)):
        marks.take(Event(seq, "turn.offered", "ada", {"turn": turn}))
    marks.take(Event(6, "flag", "watch", {"id": "a", "title": "b"}))
    marks.set_notes([Mark(3, "note: x")])
    assert [marks.turn_of(seq) for seq in (1, 2, 6, 20)] == [0, 1, 2, 4]
    assert [marks.start_of(turn) for turn in (1, 3, 5)] == [2, 9, None]
    assert marks.beside(0, back=False) == (Mark(3, "note: x"), 1, 2)
    assert marks.beside(3, back=False) == (Mark(6, "a  b"), 2, 2)
    assert marks.beside(6, back=True) == (Mark(3, "note: x"), 1, 2)
    assert marks.beside(6, back=False) is marks.beside(3, back=True) is None


def test_a_teller_of_one_room_tells_what_is_said_and_done_there():
    teller, every = Teller("den"), Teller()
    some = [
        STARTED,
        Event(2, "say", "ada", {"text": "here"}, room="lobby"),
        Event(3, "say", "bo", {"text": "there"}, room="den"),
        Event(4, "action.refused", "bo", {"tool": "shell", "reason": "x"}),
        Event(5, "room.joined", "bo", {"name": "den"}, room="den"),
        Event(6, "action.refused", "bo", {"tool": "shell", "reason": "x"}),
        Event(7, "operator.pause", "operator", {}),
    ]
    assert [event.seq for event in some if every.tell(event)] == [1, 2, 3, 4, 5, 6, 7]
    assert [event.seq for event in some if teller.tell(event)] == [1, 3, 5, 6, 7]


def lines_of(data):
    return ["".join(span.text for span in row) for row in isolation(data)]


def test_what_loosens_a_box_is_said_in_red():
    sealed = {
        "tier": "docker", "image": {"tag": "base:1"}, "boxes": {"ada": {"sound": True}},
        "scenario": {"isolation": {"memory": 512 << 20, "cpu": 1.0}},
    }  # fmt: skip
    assert lines_of(sealed) == ["box    docker", "image  base:1", "limits 512 MiB 1.0 cpu"]
    loose = {
        "tier": "none", "doors": {"open": {"llm": {}}}, "boxes": {"ada": {"sound": False}, "bo": {"failed": "x"}},
        "scenario": {"isolation": {"planted_hole_for_demonstration": "docker.sock"}},
    }  # fmt: skip
    assert lines_of(loose) == [
        "no box tier none", "HOLE PLANTED", "UNSOUND ada", "no box for bo", "doors  llm",
    ]  # fmt: skip
    assert [row[0].style for row in isolation(loose)[:4]] == ["refused"] * 4
    assert lines_of({"tier": 3, "boxes": "x", "doors": [], "scenario": None}) == ["box    3"]


def test_a_card_tells_model_context_and_since_when():
    cards, state = Cards(), State()
    for event, now in (
        (STARTED, 0.0),
        (
            Event(2, "think.done", "ada", {"tokens_in": 6800, "tokens_out": 5, "purpose": "act"}),
            1.0,
        ),
        (Event(3, "think.request", "ada", {}), 2.0),
    ):
        cards.take(event, now)
        state.apply(event)
    doing = Doing("ada", "agent.0", "thinking", "action")
    assert ["".join(span.text for span in row) for row in cards.lines(doing, state, 7.0)] == [
        "state   thinking 0:05",
        "model   local/x  t 0.8",
        "context 6,800 of 8,000  ████████░░",
        "tokens  6,800 in  5 out",
        "room    lobby",
    ]


def test_the_pane_tells_what_an_agent_heard_and_typed():
    state = State()
    state.apply(STARTED)
    recent = [
        STARTED,
        Event(2, "say", "bo", {"text": "Who?\x1b"}, room="lobby", visible_to="room"),
        Event(3, "whisper", "bo", {"to": "cy", "text": "no"}, visible_to=("bo", "cy")),
        Event(4, "say", "bo", {}, room="lobby", visible_to="room"),
        Event(5, "think.done", "ada", {"calls": [{"id": "c", "args": {"command": "ls\x07"}}]}),
        Event(6, "action.intent", "ada", {"tool": "shell", "call": "c"}),
        Event(7, "action.result", "ada", {"tool": "shell", "output": "a\nb", "exit": 1}),
    ]
    assert list(heard(recent, "ada", state)) == ["bo: Who?␛"]
    rows = ["".join(span.text for span in row) for row in shell(recent, "ada")]
    assert rows == ["ada$ ls␇", "a", "b", "exit 1"]


def test_the_pill_has_one_word_for_every_state():
    state = State()
    assert pill("live", state, None) == ("LIVE", "live")
    assert pill("live", state, 61.0) == ("reconnecting 1:01", "bad")
    assert pill("ended", state, 5.0) == ("ENDED", "good")
    state.paused = True
    assert (pill("live", state, None)[0], paused_words(state)) == (
        "PAUSED", "RUN PAUSED at turn 0   . plays one turn   P goes on",
    )  # fmt: skip
    state.playing, state.turn = 3, 3
    assert (pill("live", state, None)[0], paused_words(state)) == (
        "PAUSING", "RUN PAUSED once turn 3 has ended   . plays one turn   P goes on",
    )  # fmt: skip
    state.steps = 1
    assert paused_words(state) == "ONE TURN   then the run is paused again   P goes on"
