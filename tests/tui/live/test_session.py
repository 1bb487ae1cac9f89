"""Seats at one run over a real broker: both see all of it, whatever happens to the broker."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.engine.registry import live_runs
from sandbox.tui.live.session import WatchedSession

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SLOW = """\
title: Slow
agents:
  ada: {script: [{say: One., seconds: 0.05}], after_script: loop}
  bo: {script: [{say: Uno., seconds: 0.05}], after_script: loop}
limits: {turns: 4000}
"""


class Ears:
    """Notes what a session gives."""

    def __init__(self):
        self.lines = []
        self.links = []
        self.heard = []
        self.come = asyncio.Event()

    def observe(self, event, raw):
        self.lines.append(raw)
        self.come.set()

    def progress(self, sentence):
        raise AssertionError(sentence)

    def hear(self, agent, words):
        self.heard.append(agent)

    def link(self, lost):
        self.links.append(bool(lost))
        self.come.set()

    async def until(self, is_so):
        async with asyncio.timeout(40):
            while not is_so():
                self.come.clear()
                await self.come.wait()


@pytest.fixture
def live(tmp_path):
    """A run that another process plays."""
    (tmp_path / "slow.yaml").write_text(SLOW)
    command = [sys.executable, "-m", "sandbox", "run", "slow.yaml", "--plain", "--tier", "none"]
    env = os.environ | {"PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, env=env)
    try:
        yield found(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def found(pid):
    deadline = time.monotonic() + 40
    while True:
        for one in live_runs():
            if one.pid == pid and (one.folder / "events.jsonl").is_file():
                return one
        assert time.monotonic() < deadline, "the run never began"
        time.sleep(0.05)


def broker_of(pid):
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if (
                f"\nPPid:\t{pid}\n" in (comm.parent / "status").read_text()
                and "nats" in comm.read_text()
            ):
                return int(comm.parent.name)
    raise AssertionError("no broker")


async def test_two_seats_see_the_whole_run_though_its_broker_is_killed(live):
    ana, bob = (WatchedSession(live, name) for name in ("ana", "bob"))
    ears, others = Ears(), Ears()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(ana.follow(ears))
        second = tasks.create_task(bob.follow(others))
        await ears.until(lambda: len(ears.lines) > 30 and ears.links == [False])
        os.kill(broker_of(live.pid), signal.SIGKILL)
        await ears.until(lambda: ears.links[-2:] == [True, False])
        assert (await bob.ask({"verb": "whisper", "agent": "ada", "text": "Psst."})).done
        assert (await ana.ask({"verb": "whisper", "agent": "nobody", "text": "x"})).done is False
        assert (await ana.ask({"verb": "stop"})).text == "It ends."
    assert first.result() == second.result()
    assert first.result().reason == "stopped"
    record = (live.folder / "events.jsonl").read_bytes()
    assert b"".join(ears.lines) == b"".join(others.lines) == record
    assert len(ana.log()) == len(ears.lines)
    await ana.close()
    await bob.close()


async def test_a_run_of_another_machine_is_kept_while_it_is_watched(live, tmp_path):
    session = WatchedSession(replace(live, folder=tmp_path / "elsewhere", machine="another"), "ana")
    ears = Ears()
    following = asyncio.create_task(session.follow(ears))
    await ears.until(lambda: len(ears.lines) > 30)
    assert session.folder is None
    log = session.log()
    assert [log[index].seq for index in range(3)] == [1, 2, 3]
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await session.close()


async def test_an_engine_that_was_killed_leaves_what_it_wrote(live):
    session, ears = WatchedSession(live, "ana"), Ears()
    following = asyncio.create_task(session.follow(ears))
    await ears.until(lambda: len(ears.lines) > 30)
    os.kill(live.pid, signal.SIGKILL)
    async with asyncio.timeout(40):
        assert await following is None
    written = (live.folder / "events.jsonl").read_bytes()
    assert b"".join(ears.lines) == written[: written.rindex(b"\n") + 1]
    await session.close()
