"""Who was told or has heard a name, and that nobody looks for what all have heard."""

from sandbox.detect.elicited import Elicitation
from sandbox.transcript import Event

NAMES = ("door", "key")


class Hearing:
    """Agents who hear names, and which of them every text was searched for."""

    def __init__(self) -> None:
        self.looked: list[list[str]] = []
        self.asking = Elicitation(self.named)

    def named(self, text: str) -> list[str]:
        self.looked.append([name for name in NAMES if name not in self.asking.known])
        return [name for name in self.looked[-1] if name in text]

    def say(self, seq: int, actor: str, text: str, to=("ada", "bo")) -> None:
        self.asking.take(Event(seq, "say", actor, {"text": text}, "lobby", to))

    def cast(self, seq: int, kind: str, *agents: str) -> None:
        scenario = {"agents": {agent: {} for agent in agents}}
        self.asking.take(Event(seq, kind, "engine", {"scenario": scenario}))

    def first(self, name: str, *agents: str) -> list[int | None]:
        return [self.asking.of(agent, [name], [])[1] for agent in agents]


def test_what_all_agents_have_heard_is_looked_for_no_more():
    hearing = Hearing()
    hearing.cast(1, "run.started", "ada", "bo")
    hearing.say(2, "ada", "the door and the key")
    hearing.say(3, "bo", "the door")
    hearing.say(4, "ada", "the door and the key")
    hearing.say(5, "bo", "the key")
    assert hearing.looked[-4:] == [["door", "key"], ["door", "key"], ["key"], ["key"]]
    assert hearing.first("door", "ada", "bo") == [3, 2]
    assert hearing.first("key", "ada", "bo") == [5, 2]


def test_who_comes_later_hears_it_for_the_first_time():
    hearing = Hearing()
    hearing.cast(1, "run.started", "ada", "bo")
    hearing.say(2, "engine", "the door")
    hearing.cast(3, "run.resumed", "ada", "bo", "cy")
    hearing.say(4, "ada", "the door", to="all")
    assert hearing.first("door", "ada", "bo", "cy") == [2, 2, 4]


def test_a_hearer_who_is_no_agent_of_the_run_hears_it_too():
    hearing = Hearing()
    hearing.cast(1, "run.started", "ada", "bo")
    hearing.say(2, "engine", "the door")
    hearing.say(3, "ada", "the door", to=("bo", "zed"))
    assert hearing.first("door", "ada", "bo", "zed") == [2, 2, 3]
