"""Witnesses are kept going; one that fails is on record once, and ends nothing."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.commands.run import host_logs_of
from sandbox.engine.witnessing import Witnessing, witnesses
from sandbox.errors import UsageError
from sandbox.ids import RunId
from sandbox.isolation.box import BoxFacts
from sandbox.isolation.witnesses import Grounds
from sandbox.scenario import loads
from sandbox.transcript.event import Event

FACTS = BoxFacts("docker", None, None)
EVENT = Event(1, "turn.ended", "ada", {})


class Record(list):
    async def durable(self, kind, agent, data, parent):
        self.soon(kind, agent, data)
        return len(self)

    def soon(self, kind, agent, data):
        self.append((kind, agent, dict(data)))


class Quiet:
    """A witness that does only what each must."""

    name = "quiet"

    def __init__(self):
        self.seen = []
        self.watching = asyncio.Event()

    def told(self):
        return {"watches": "nothing"}

    def inhabit(self, agent, facts):
        self.seen.append(("inhabit", agent))

    async def watch(self):
        self.seen.append("watch")
        self.watching.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.seen.append("cancelled")


class Busy(Quiet):
    """One that does all it may, and fails where it is told to."""

    name = "busy"

    def __init__(self, fails=""):
        super().__init__()
        self._fails = fails

    def _do(self, what):
        self.seen.append(what)
        if what == self._fails:
            raise ValueError(f"no {what}")

    def inhabit(self, agent, facts):
        self._do("inhabit")

    async def watch(self):
        self._do("watch")

    def heed(self, event):
        self._do("heed")

    async def settle(self, agent):
        self._do("settle")

    def total(self):
        return {"counted": 3}


async def lived(quiet, busy):
    """What is recorded of witnesses that see everything twice; the quiet one watches behind the other."""
    record = Record()
    witnessing = Witnessing([busy, quiet], record)
    for _ in range(2):
        witnessing.inhabit("ada", FACTS)
        witnessing.heed(EVENT)
        await witnessing.settle("ada")
    serving = asyncio.create_task(witnessing.serve())
    await quiet.watching.wait()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    return witnessing, record


async def test_each_is_asked_what_it_can():
    quiet, busy = Quiet(), Busy()
    witnessing, record = await lived(quiet, busy)
    assert quiet.seen == [("inhabit", "ada"), ("inhabit", "ada"), "watch", "cancelled"]
    assert busy.seen == ["inhabit", "heed", "settle"] * 2 + ["watch"]
    assert record == []
    assert witnessing.told() == {"quiet": {"watches": "nothing"}, "busy": {"watches": "nothing"}}
    assert witnessing.total() == {"busy": {"counted": 3}}


@pytest.mark.parametrize("fails", ["inhabit", "heed", "settle", "watch"])
async def test_one_that_fails_is_on_record_once_and_the_others_go_on(fails):
    quiet = Quiet()
    busy = Busy(fails)
    _, record = await lived(quiet, busy)
    assert record == [
        (
            "witness.failed",
            "engine",
            {
                "witness": "busy",
                "error": f"ValueError: no {fails}",
                "technique": "sandbox-tamper",
                "level": "tampered",
                "what": "the witness 'busy' watches no more",
            },
        )
    ]
    assert busy.seen.count(fails) == 1
    assert quiet.seen[-2:] == ["watch", "cancelled"]


SCENARIO = loads('{"title": "Watched", "agents": {"ada": {}}}')


def grounds(tier, logs=()):
    return Grounds(RunId("r"), tier, SCENARIO, Path("/nowhere"), Path("/nowhere"), logs)


async def test_without_a_box_nobody_watches():
    assert witnesses(grounds("none"), Record()) == []


async def test_the_witnesses_of_a_run_have_names_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    names = [one.name for one in witnesses(grounds("bubblewrap"), Record())]
    assert names == ["calls", "processes", "settings"]
    logs = (("falco", tmp_path / "falco.json"),)
    assert witnesses(grounds("bubblewrap", logs), Record())[-1].name == "host-logs"


def test_a_host_log_is_named_with_its_tool(tmp_path):
    log = tmp_path / "x=y.json"
    log.touch()
    assert host_logs_of([f"falco={log}", f"auditd={log}"]) == (("falco", log), ("auditd", log))


TAKES = """\
--host-log takes TOOL=FILE, with one of auditd, falco, tetragon, not '{}'. \
For example: --host-log falco=/var/log/falco.json"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("tracee=/x", TAKES.format("tracee=/x")),
        ("falco", TAKES.format("falco")),
        (
            "falco=/nowhere/x",
            "--host-log: /nowhere/x is no file that you may read. Start the tool first, or run as its user",
        ),
    ],
)
def test_what_is_no_host_log_is_said(given, said):
    with pytest.raises(UsageError) as raised:
        host_logs_of([given])
    assert str(raised.value) == said
