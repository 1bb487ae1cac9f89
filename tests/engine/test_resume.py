"""A run that goes on: cut off after any of its events, it comes to the same kind of end, and all of it is proved."""

from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.engine.resume import resumption
from sandbox.engine.saw import saw
from sandbox.engine.state import State
from sandbox.errors import Damaged, UsageError
from sandbox.models.scripted import Scripted
from sandbox.scenario import loads
from sandbox.transcript import FileStore, read, verify
from sandbox.transcript.event import Event

RUN = "20261121-113908-doors-abcd"

ROOMS = """
title: Doors
agents:
  ada:
    model: scripted/claude
    script:
      - Ada 1.
      - do: [{open_room: {name: attic, members: [bo]}}, {invite: {agent: cy}}]
        say: Ada 2.
      - {do: {whisper: {to: bo, text: Ada 3.}}}
      - Ada 4.
  bo: {model: scripted/mistral, script: [Bo 1., {do: {enter: {room: attic}}}, Bo 2., Bo 3.]}
  cy: {model: scripted/claude, script: [{raw: '{'}, Cy 1., {do: {leave: {}}}, Cy 2.]}
limits: {turns: 14}
"""
BIDS = """
title: Doors
agents:
  ada: {model: scripted/claude, first: Ada 0., script: [Ada 1., Ada 2., Ada 3.], after_script: leave}
  bo: {model: scripted/mistral, script: [Bo 1., {do: {whisper: {to: ada, text: Bo 2.}}}, Bo 3.]}
order: volunteer
limits: {turns: 9}
"""
CHAIR = """
title: Doors
agents:
  ada: {script: [{do: {next: {agent: cy}}}, Ada 1., {do: {next: {agent: bo}}}, THE END], after_script: loop}
  bo: {script: [Bo 1., '@ada Bo 2.'], after_script: loop}
  cy: {actions: json, script: [{say: Cy 1., do: {invite: {agent: bo}}}, Cy 2.], after_script: loop}
order: {kind: moderator, moderator: ada}
stop: {word: THE END}
limits: {turns: 20}
"""


def play(folder: Path, text: str, past=(), until=None) -> list[Event]:
    """Play in memory with a record on disk; gives all its events."""
    clock = ManualClock()
    scenario = loads(text)
    store = FileStore(folder, RUN, clock, "process")
    OfflineRun(scenario, store, clock, Watch(detectors()), past).play(until)
    store.close()
    return list(read(folder))


def cut(source: Path, folder: Path, events: int) -> list[Event]:
    """The first events of a record, as another one."""
    folder.mkdir()
    lines = (source / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[:events]))
    return list(read(folder))


def data(events, kind):
    return [event.data for event in events if event.kind == kind]


@pytest.mark.parametrize("text", [ROOMS, BIDS, CHAIR], ids=["rooms", "bids", "chair"])
def test_a_run_cut_off_anywhere_comes_to_its_end_and_is_proved(tmp_path, text):
    scenario = loads(text)
    whole = play(tmp_path / "whole", text)
    providers = {"scripted": Scripted.of(scenario)}
    for n in range(1, len(whole)):
        past = cut(tmp_path / "whole", tmp_path / str(n), n)
        events = play(tmp_path / str(n), text, past)
        assert verify(tmp_path / str(n)).ok
        assert (events[n].kind, events[-1].kind) == ("run.resumed", "run.ended")
        assert data(events, "run.ended")[0]["reason"] == data(whole, "run.ended")[0]["reason"]
        closed = data(events, "turn.ended") + data(events, "turn.lost")
        assert sorted(turn["turn"] for turn in closed) == list(
            range(1, events[-1].data["turns"] + 1)
        )
        flags = [(f["id"], f["agent"], f.get("to"), f.get("path")) for f in data(events, "flag")]
        assert len(flags) == len(set(flags))
        for agent in scenario.agents:
            assert {one.digest_matches for one in saw(events, agent, providers)} <= {True}
            if "loop" not in text:
                said = [e.data["text"] for e in events if e.kind == "say" and e.actor == agent]
                assert said == sorted(set(said), key=lambda line: line.partition(" ")[2])


@pytest.mark.parametrize("text", [ROOMS, CHAIR], ids=["rooms", "chair"])
def test_between_two_turns_nothing_is_lost_at_all(tmp_path, text):
    whole = play(tmp_path / "whole", text)
    for event in whole:
        if event.kind == "turn.ended":
            folder = tmp_path / str(event.seq)
            events = play(folder, text, cut(tmp_path / "whole", folder, event.seq))
            assert data(events, "turn.lost") == []
            told = [
                [e.data.get("text") for e in run if e.kind in ("say", "whisper")]
                for run in (whole, events)
            ]
            assert told[0] == told[1]


def test_an_agents_new_process_is_welcomed_and_its_rooms_are_as_they_were(tmp_path):
    whole = play(tmp_path / "whole", ROOMS)
    at = next(e.seq for e in whole if e.kind == "room.joined")
    before = State()
    for event in whole[:at]:
        before.apply(event)
    events = play(tmp_path / "cut", ROOMS, cut(tmp_path / "whole", tmp_path / "cut", at))
    after = State()
    for event in events:
        if event.kind == "turn.offered" and event.seq > at:
            break
        after.apply(event)
    assert after.rooms == before.rooms
    assert [e.actor for e in events[at:] if e.kind == "agent.joined"] == ["ada", "bo", "cy"]
    assert after.last_speaker == before.speaker
    assert (after.playing, before.playing) == (None, 5)


def test_silence_and_played_time_go_on_where_they_were():
    events = [
        Event(1, "turn.offered", "ada", {"turn": 4, "agent": "ada"}),
        Event(2, "run.resumed", "engine", {}),
        Event(3, "turn.lost", "engine", {"turn": 4, "agent": "ada"}),
    ]
    state = State(silence=2)
    state.agents = {}
    for event in events[1:]:
        state.apply(event)
    assert state.silence == 2


class Ended:
    """A run in a folder, and what ``resumption`` says to it."""

    def __init__(self, folder: Path, text: str, until: int | None = None) -> None:
        self.folder = folder / RUN
        play(self.folder, text, until=until)

    def refused(self, **limits) -> str:
        with pytest.raises(UsageError) as caught:
            resumption(self.folder, {f"limits.{name}": value for name, value in limits.items()})
        return str(caught.value)

    def granted(self, **limits):
        return resumption(self.folder, {f"limits.{name}": value for name, value in limits.items()})


SHORT = "title: Doors\nagents: {ada: {script: [A b c., A.]}, bo: {}}\nlimits: {turns: 4}\n"


def test_a_killed_run_goes_on_without_more(tmp_path):
    resume = Ended(tmp_path, SHORT, until=2).granted()
    assert (resume.why, resume.run, resume.tier) == ("killed", RUN, "none")
    assert resume.scenario == loads(SHORT)


def test_a_run_that_has_played_its_turns_needs_more_of_them(tmp_path):
    run = Ended(tmp_path, SHORT)
    assert run.refused() == (
        f"{RUN} has played 4 turns, and may have 4 over the whole run. Give it more with --turns N."
    )
    assert "may have 3 over" in run.refused(turns=3)
    assert run.refused(turns="x") == (
        "limits.turns: 'turns' must be a whole number, not 'x'. Write digits only, for example 20."
    )
    resume = run.granted(turns=6)
    assert (resume.why, resume.scenario.limits.turns) == ("more", 6)


def test_a_spent_budget_must_be_raised(tmp_path):
    run = Ended(tmp_path, SHORT.replace("turns: 4", "turns: 40, tokens: 40"))
    assert run.refused() == (
        f"{RUN} has used up its tokens, and may have 40 over the whole run. Give it more with --tokens N."
    )
    assert run.granted(tokens=80).why == "budget"


def test_an_end_of_its_own_needs_more_turns(tmp_path):
    run = Ended(tmp_path, SHORT.replace("turns: 4", "turns: 40") + "stop: {silence: 2}")
    turns = list(read(run.folder))[-1].data["turns"]
    assert run.refused() == (
        f"{RUN} came to an end of its own (silence). It goes on only if it is given more, for example "
        f"with --turns {turns + 20}."
    )
    assert run.granted(turns=50).why == "more"


def test_nobody_goes_on_where_nobody_is_left(tmp_path):
    text = SHORT.replace("script: [A b c., A.]", "after_script: leave").replace(
        "bo: {}", "bo: {after_script: leave}"
    )
    assert Ended(tmp_path, text).refused(turns=50) == (
        f"every agent of {RUN} has left or died: nobody is there to go on."
    )


def test_a_run_that_is_played_now_is_left_alone(tmp_path):
    run = Ended(tmp_path, SHORT, until=2)
    store = FileStore(run.folder, RUN, ManualClock(), "process")
    assert run.refused() == f"{RUN} is being played now. Stop it first, or wait for its end."
    store.close()


def test_a_record_that_went_on_meanwhile_is_not_written(tmp_path):
    run = Ended(tmp_path, SHORT, until=2)
    resume = run.granted()
    store, torn = resume.open(ManualClock(), "process")
    assert torn == 0
    store.append(
        Event(list(read(run.folder))[-1].seq + 1, "operator.say", "operator", {"text": "Hm."})
    )
    store.close()
    with pytest.raises(Exception, match=r"has gone on meanwhile\. Look at it and try again\.$"):
        resume.open(ManualClock(), "process")


def test_a_torn_line_is_cut_off_and_counted(tmp_path):
    run = Ended(tmp_path, SHORT, until=2)
    with (run.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"seq":99')
    store, torn = run.granted().open(ManualClock(), "process")
    store.close()
    assert torn == 9


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            {"imported": {"format": "arc"}},
            "was imported from another system and cannot be played on.",
        ),
        ({"rerun": "r"}, "repeats r and asks no model. Go on with that run, or repeat it again."),
    ],
)
def test_what_no_model_played_cannot_go_on(tmp_path, said, answer):
    store = FileStore(tmp_path / RUN, RUN, ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": "t", **said}))
    store.close()
    with pytest.raises(UsageError) as caught:
        resumption(tmp_path / RUN, {})
    assert str(caught.value) == f"{RUN} {answer}"


def test_a_record_of_another_kind_is_damage(tmp_path):
    store = FileStore(tmp_path / RUN, RUN, ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": "t"}))
    store.close()
    with pytest.raises(
        Damaged, match=rf"^event 1 \(run\.started\) of {RUN} is not what Backrooms writes"
    ):
        resumption(tmp_path / RUN, {})
