"""What waits for a work folder to be kept, and what does not."""

import pytest

from agents.tools.outcome import Outcome as ToolOutcome
from sandbox.engine.keeping import LAST_CHANCE
from sandbox.engine.step import Noted, Save

DONE = {"shell": ToolOutcome(ok=True, output=""), "read_file": ToolOutcome(ok=True, output="")}
SAVED = Noted("workspace.saved", {"turn": 1, "manifest": "0" * 64})
TOOLS = {"tools": ["talk", "shell", "read_file"]}


@pytest.fixture
def keeping(table):
    """A table whose core keeps folders; ``kept`` says that one was."""

    def make(answers, agents=None, **scenario):
        made = table(answers, DONE, agents=agents or {"ada": TOOLS, "bo": {}}, **scenario)
        made.core._keeping._on = True
        made.saves = []
        perform = made._perform

        def _perform(step):
            made.saves += step.saves
            made.departed = [*getattr(made, "departed", []), *step.departed]
            perform(step)

        made._perform = _perform
        made.kept = lambda save, *noted: _perform(made.core.kept(save, noted, made.now))
        return made

    return make


def turns(t):
    return [event.actor for event in t.events if event.kind == "turn.offered"]


def act(command="x"):
    return [("shell", {"command": command})]


def test_others_play_on_and_the_agent_itself_waits(keeping):
    t = keeping({"ada": [act(), "done", "again"], "bo": ["hm", "hm"]}).play()
    assert turns(t) == ["ada", "bo"]
    (save,) = t.saves
    ended = next(e for e in t.events if e.kind == "turn.ended" and e.actor == "ada")
    assert save == Save("ada", 1, ended.seq)
    t.kept(save, SAVED)
    t.play()
    saved = next(e for e in t.events if e.kind == "workspace.saved")
    assert (saved.actor, saved.parent, saved.data) == ("ada", ended.seq, SAVED.data)
    assert turns(t)[:4] == ["ada", "bo", "ada", "bo"]
    assert saved.seq < [e.seq for e in t.events if e.kind == "turn.offered"][2]


def test_only_what_can_change_a_folder_has_it_kept(keeping):
    answers = {"ada": [[("read_file", {"path": "x"})], "done"], "bo": ["hm"]}
    t = keeping(answers, limits={"turns": 2}).play()
    assert (t.saves, t.core.state.ended) == ([], "turns")


@pytest.mark.parametrize(
    "noted",
    [
        [],
        [SAVED],
        [Noted("workspace.failed", {"turn": 1, "error": "e"})],
        [SAVED, Noted("box.limit", {"turn": 1, "what": "disk"})],
    ],
)
def test_the_end_of_the_run_waits(keeping, noted):
    t = keeping({"ada": [act(), "done"]}, limits={"turns": 1}).play()
    assert (t.core.state.ended, t.core.due()) == (None, None)
    t.kept(t.saves[0], *noted)
    kinds = [e.kind for e in t.events]
    assert kinds[-1] == "run.ended"
    assert t.core.state.ended == "turns"
    if noted:
        assert kinds[-1 - len(noted) : -1] == [one.kind for one in noted]


def test_a_stop_in_the_middle_of_a_turn_keeps_its_folder_once(keeping):
    t = keeping({"ada": [act(), ...]}).play()
    t._perform(t.core.stop("enough", t.now))
    t._perform(t.core.stop("enough!", t.now))
    assert ([s.agent for s in t.saves], t.core.state.ended) == (["ada"], None)
    t.kept(t.saves[0], SAVED)
    assert [e.kind for e in t.events][-2:] == ["workspace.saved", "run.ended"]
    assert t.core.state.ended == "stopped"
    t.kept(t.saves[0], SAVED)
    assert t.events[-1].kind == "run.ended"


def test_a_house_that_fails_waits_for_nobody(keeping):
    t = keeping({"ada": [act(), ...]}).play()
    t._perform(t.core.fail("disk", t.now))
    assert (t.core.state.ended, t.saves) == ("error", [])


def test_a_box_lives_until_its_folder_is_kept(keeping):
    t = keeping({"ada": [act(), [("leave", {"room": "lobby"})]], "bo": ["hm", "hm"]}).play()
    assert any(e.kind == "agent.left" for e in t.events)
    assert t.departed == []
    t.kept(t.saves[0], SAVED)
    assert t.departed == ["ada"]


def test_an_agent_that_dies_while_it_is_waited_for(keeping):
    t = keeping({"ada": [act(), "done"], "bo": ["hm", "hm", "hm"]}).play()
    t._perform(t.core.gone("ada", {"reason": "killed"}, t.now))
    assert (turns(t), t.departed) == (["ada", "bo"], [])
    t.kept(t.saves[0], Noted("workspace.failed", {"turn": 1, "error": "gone"}))
    t.play()
    assert t.departed == ["ada"]
    assert turns(t)[2] == "bo"


def test_bids_are_looked_at_again_when_the_folder_is_kept(keeping):
    answers = {"ada": [act(), "done", "more"], "bo": []}
    t = keeping(answers, order="volunteer", limits={"turns": 2}).play()
    assert turns(t) == ["ada"]
    t.pass_time(0.06)
    assert turns(t) == ["ada"]
    t.kept(t.saves[0], SAVED)
    t.pass_time(0.06)
    assert turns(t) == ["ada", "ada"]


def test_a_stop_gives_all_folders_one_short_chance(keeping):
    t = keeping(
        {"ada": [act(), "done"], "bo": [act(), ...]}, agents={"ada": TOOLS, "bo": TOOLS}
    ).play()
    t.now = 100.0
    t._perform(t.core.stop("enough", t.now))
    assert [s.agent for s in t.saves] == ["ada", "bo"]
    assert t.core.due() == 100.0 + LAST_CHANCE
    t.pass_time(LAST_CHANCE / 2)
    t._perform(t.core.stop("enough!", t.now))
    t.kept(t.saves[0], SAVED)
    assert t.core.state.ended is None
    t.pass_time(LAST_CHANCE / 2)
    why = "the run was stopped, and the box did not give it within 1.5 s"
    assert [(e.kind, e.actor, e.parent) for e in t.events][-3:] == [
        ("workspace.saved", "ada", t.saves[0].seq),
        ("workspace.failed", "bo", t.saves[1].seq),
        ("run.ended", "engine", None),
    ]
    assert t.data("workspace.failed") == [{"turn": 2, "error": why}]
    assert (t.core.state.ended, t.core.due()) == ("stopped", None)


def test_a_stop_while_the_end_waits_for_a_folder_cuts_the_waiting_short(keeping):
    t = keeping({"ada": [act(), "done"]}, limits={"turns": 1}).play()
    assert t.core.due() is None
    t._perform(t.core.stop("enough", t.now))
    t.pass_time(LAST_CHANCE)
    assert [e.kind for e in t.events][-3:] == ["operator.stop", "workspace.failed", "run.ended"]
    assert t.core.state.ended == "turns"
