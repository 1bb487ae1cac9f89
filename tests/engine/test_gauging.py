"""What a box uses is told to whoever asks, and is no event."""

import asyncio
from pathlib import Path

import orjson

from sandbox.bus.control import topic_control, topic_reply
from sandbox.bus.memory import MemoryBroker, MemoryBus
from sandbox.bus.watcher import Watcher
from sandbox.clock import ManualClock
from sandbox.engine.control import Control
from sandbox.engine.gauging import Gauging
from sandbox.engine.state import AgentState, State
from sandbox.errors import BoxError
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxLimits, BoxSpec, BoxStats
from sandbox.isolation.memory import MemoryBox

RUN, TOKEN, NONCE = RunId("20261121-113908-demo-abcd"), b"t" * 32, "5" * 32
LIMITS = {"memory": 512 << 20, "cpu": 1.0, "pids": 128, "disk": 64 << 20, "noexec": False}
TOLD = {
    "agent": "ada", "tier": "none", "memory": 7, "cpu_seconds": 1.5, "pids": 2, "disk": 9,
    "limits": LIMITS,
}  # fmt: skip


class BusyBox(MemoryBox):
    """Uses more each time it is asked."""

    asked = 0
    why = ""

    async def stats(self):
        self.asked += 1
        if self.why:
            raise BoxError(self.why)
        return BoxStats(memory=7 * self.asked, cpu_seconds=1.5, pids=2, disk=9)


def house():
    box, clock = BusyBox(BoxSpec(RUN, AgentId("ada"), Path("ada"))), ManualClock()
    state = State(
        agents={
            "ada": AgentState("ada", "lobby", "lobby", "here"),
            "bo": AgentState("bo", "lobby", "lobby", "here"),
        }
    )
    return box, clock, state, Gauging({"ada": box}, BoxLimits(), clock)


async def test_a_reading_is_given_again_for_half_a_second():
    box, clock, state, gauging = house()
    assert dict((await gauging.read("ada", state)).data) == TOLD
    clock.advance(0.4)
    assert (await gauging.read("ada", state)).data["memory"] == 7
    clock.advance(0.2)
    assert (await gauging.read("ada", state)).data["memory"] == 14
    assert box.asked == 2


async def test_where_no_box_can_answer_it_is_said_why():
    box, _, state, gauging = house()
    state.agents["ada"].frozen = True
    assert (await gauging.read("ada", state)).text == (
        "the box of ada is frozen: nothing in it can answer"
    )
    state.agents["ada"].frozen, state.agents["ada"].status = False, "gone"
    assert (await gauging.read("ada", state)).text == "ada is gone, and its box with it"
    assert (
        await gauging.read("bo", state)
    ).text == "there is no box of 'bo'; there are those of ada"
    assert box.asked == 0
    state.agents["ada"].status, box.why = "here", "stats: the guest has hung up"
    answer = await gauging.read("ada", state)
    assert (answer.done, answer.text) == (
        False, "the box of ada does not answer: stats: the guest has hung up",
    )  # fmt: skip


async def test_it_is_asked_over_the_bus_and_nothing_is_recorded(table):
    broker, (_, clock, _, gauging) = MemoryBroker(), house()
    core = table({"ada": [...], "bo": ["B."]}).play().core
    before = core.state.seq
    async with MemoryBus(broker, subscriptions=[topic_control(RUN)]) as engine:
        control = Control(RUN, TOKEN, core, bus=engine, clock=clock, past=None)

        async def listen():
            async for heard in engine.happenings():
                assert control.take(heard.payload, 0.0).events == []

        async with asyncio.TaskGroup() as tasks:
            sides = [tasks.create_task(listen()), tasks.create_task(control.serve())]
            bus = MemoryBus(broker, subscriptions=[topic_reply(RUN, NONCE)])
            async with Watcher(RUN, TOKEN, "ana", bus=bus, nonce=NONCE) as watcher:
                none = await watcher.ask({"verb": "stats", "agent": "ada"})
                control.gauging = gauging
                some = await watcher.ask({"verb": "stats", "agent": "ada"})
            for side in sides:
                side.cancel()
    assert (none.done, none.text) == (False, "this run has no boxes to ask")
    assert (some.done, some.text) == (True, "What the box of ada uses.")
    assert orjson.dumps(some.data) == orjson.dumps(TOLD)
    assert core.state.seq == before
