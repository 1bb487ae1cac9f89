from sandbox.transcript.event import Event
from sandbox.tui.room import ScoreModel


def events(turns, agents=("ada", "bo")):
    """Agents who speak in turn."""
    yield Event(1, "run.started", "engine", {"agents": {agent: {} for agent in agents}})
    for turn in range(1, turns + 1):
        agent = agents[(turn - 1) % len(agents)]
        yield Event(0, "turn.offered", agent, {"turn": turn, "agent": agent})
        yield Event(0, "action.intent", agent, {"tool": "say"})
        yield Event(0, "say", agent, {"text": "x"})
        yield Event(0, "turn.ended", agent, {"turn": turn, "agent": agent})


def model(turns, *more, agents=("ada", "bo")):
    made = ScoreModel()
    for event in (*events(turns, agents), *more):
        made.take(event)
    return made


def flag(agent):
    return Event(0, "flag", "watch", {"agent": agent})


def test_words_and_actions_count_once_each():
    made = model(
        4, Event(0, "action.intent", "bo", {"tool": "shell"}), Event(0, "whisper", "bo", {})
    )
    assert (made.cells(made.scale(4), "ada"), made.cells(made.scale(4), "bo")) == (
        [1, 0, 1, 0],
        [0, 1, 0, 3],
    )
    assert made.cells(made.scale(4)) == [1, 1, 1, 3]


def test_the_operators_words_are_nobodys_activity():
    made = model(2, Event(0, "operator.say", "operator", {"text": "x"}))
    assert made.agents == ["ada", "bo"]
    assert made.cells(made.scale(2)) == [1, 1]


def test_turns_share_cells_once_there_are_more_of_them():
    made = model(10)
    assert made.cells(made.scale(5)) == [2, 2, 2, 2, 2]
    assert made.cells(made.scale(20))[:4] == [1, 1, 1, 1]


def test_a_crash_hides_a_flag_and_a_flag_a_note():
    made = model(3)
    made.set_notes([1, 2, 3])
    made.take(flag("ada"))
    assert "".join(made.marks(made.scale(3))) == "^^!"
    assert "".join(made.marks(made.scale(6))) == "^.^.!."
    made.take(Event(0, "agent.died", "bo", {}))
    assert "".join(made.marks(made.scale(3))) == "^^x"
    assert (made.has_died("bo", 2), made.has_died("bo", 3)) == (False, True)


def test_the_loudest_come_first_and_a_flag_is_loud():
    made = model(6, flag("cy"), agents=("ada", "bo", "cy"))
    made.take(Event(0, "say", "bo", {}))
    assert made.loudest(2) == ["cy", "bo"]


def test_flags_are_counted_up_to_a_turn():
    made = model(2)
    made.take(flag("ada"))
    for event in list(events(4))[9:]:
        made.take(event)
    made.take(flag("ada"))
    assert [made.flags("ada", turn) for turn in (1, 2, 3, 4, None)] == [0, 1, 1, 2, 2]
    assert made.flags("nobody") == 0


def test_a_strip_is_a_round_of_all_agents_a_cell():
    made = model(8)
    assert made.strip("ada", 4) == [1, 1, 1, 1]
    assert made.strip("ada", 4, turn=2) == [0, 0, 0, 1]
    assert made.strip("nobody", 2) == [0, 0]


def test_a_run_of_any_length_stays_small_and_keeps_its_sums():
    made = model(20_000)
    assert made.stride == 8
    assert sum(made.cells(made.scale(100))) == 20_000
    assert all(len(lane.loud) <= 4096 for lane in made._lanes.values())


def test_hostile_data_is_counted_for_nobody():
    made = ScoreModel()
    for data in ({"turn": "x"}, {"turn": 1 << 60}, {"turn": -1}, {}):
        made.take(Event(1, "turn.offered", "ada", data))
    made.take(Event(1, "run.started", "engine", {"agents": ["ada"]}))
    made.take(Event(1, "flag", "watch", {"agent": ["x"]}))
    assert (made.turn, made.agents) == (0, ["watch"])
