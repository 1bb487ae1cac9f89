"""Stepping in and watching from elsewhere: two processes and a real broker between them."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.bus.control import Frame, new_nonce, seal, topic_control
from sandbox.bus.link import MqttBus
from sandbox.bus.watcher import Recorded, Watcher
from sandbox.engine.registry import find_live

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SLOW = """
title: Slow
agents:
  ada: {script: [{say: One., seconds: 0.05}], after_script: loop}
  bo: {script: [{say: Uno., seconds: 0.05}], after_script: loop}
limits: {turns: 4000}
"""


def start(house, *args):
    """Start the command with a file for what it prints: nobody reads along, and it waits for nobody."""
    path = house.folder / f"{len(house.started)}.out"
    with path.open("wb") as file:
        process = subprocess.Popen(house.argv(args), cwd=house.folder, stdout=file)
    house.started.append(process)
    return process, path


def begin(house, *args, text=SLOW, turns=2):
    """A run that plays, once so many turns have ended, and what is known of it."""
    process, out = start(house, "run", house.scenario(text), "--json", "--tier", "none", *args)
    until(lambda: out.read_bytes().count(b'"kind":"turn.ended"') >= turns)
    live = find_live(json.loads(out.read_bytes().splitlines()[0])["run"])
    assert live is not None
    return process, live


def watch(house, live):
    """A watcher in a process of its own, once it has seen something."""
    process, out = start(house, "watch", live.run, "--json")
    until(lambda: out.stat().st_size)
    return process, out


def until(is_so, seconds=20):
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.01)


@contextmanager
def mosquitto(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    log = subprocess.DEVNULL
    broker = subprocess.Popen([program, "-c", config], stdout=log, stderr=log)
    try:
        give_up = time.monotonic() + 5
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
            except OSError:
                time.sleep(0.005)
            else:
                break
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        broker.kill()
        broker.wait()


def record(live):
    return (live.folder / "events.jsonl").read_bytes()


def kinds(live):
    return [json.loads(line)["kind"] for line in record(live).splitlines()]


def act_on(house, live):
    tell = lambda *args, code=0: house("tell", live.run, *args, code=code)  # noqa: E731
    assert "Paused" in tell("pause")
    assert json.loads(tell("--json", "pause", code=1))["text"] == "it is paused already"
    tell("step")
    tell("hold", "--agent", "ada", "--words", "one")
    tell("go")
    assert "hear it" in tell("say", "lobby", "Who", "is", "there?")
    tell("whisper", "bo", "Psst.")
    tell("mute", "bo")
    tell("unmute", "bo")
    until_held(tell, 1)
    assert "your words" in tell("edit", "1", "Two.")
    until_held(tell, 2)
    tell("unhold", "1")
    tell("drop", "2")
    tell("limit", "turns=3000", "money=2.5")
    assert tell("stop") == "It ends.\n"


def until_held(tell, id):
    until(lambda: [m["id"] for m in json.loads(tell("held", "--json"))["data"]["held"]] == [id])


@pytest.mark.parametrize(
    "broker", ["embedded", pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto"))]
)
def test_every_act_is_recorded_watched_proved_and_repeated(house, leftovers, broker):
    with (
        mosquitto(house.folder)
        if broker == "mosquitto"
        else contextmanager(lambda: iter([None]))() as url
    ):
        process, live = begin(house, *(() if url is None else ("--bus", url)))
        alive = [json.loads(x)["id"] for x in house("runs", "--live", "--json").splitlines()]
        assert live.run in alive  # others of this machine may play as well
        watching, seen = watch(house, live)
        act_on(house, live)
        assert process.wait(timeout=30) in (0, 130)
        assert watching.wait(timeout=30) == 0
    events = [json.loads(line) for line in record(live).splitlines()]
    mine = [e["kind"] for e in events if e["kind"].startswith("operator.")]
    assert mine == [
        "operator.pause", "operator.step", "operator.hold", "operator.go", "operator.say",
        "operator.whisper", "operator.mute", "operator.unmute", "operator.edit", "operator.unhold",
        "operator.drop", "operator.limit", "operator.limit", "operator.stop",
    ]  # fmt: skip
    assert all(e["data"]["author"] for e in events if e["kind"] in mine)
    assert seen.read_bytes() == record(live)
    turns = [e["data"]["turn"] for e in events if e["kind"] == "turn.ended"]
    assert turns == list(range(1, len(turns) + 1))
    for agent in ("ada", "bo"):
        house("show", live.run, "--saw", agent)
    house("verify", live.run)
    assert "The same:" in house("rerun", live.run, "--plain")
    assert leftovers(live.run) == []
    assert "is not alive" in refused(house, "tell", live.run, "go")
    assert house("watch", live.run, "--json").encode() == record(live)


def refused(house, *args):
    done = subprocess.run(
        house.argv(args), cwd=house.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    return done.stderr


def test_a_run_that_nobody_knows_is_said_so(house):
    house("run", house.scenario(SLOW.replace("4000", "1")), "--plain", "--tier", "none")
    assert "no run in transcripts is called 'nosuch'" in refused(house, "tell", "nosuch", "go")
    assert "not 'turns'" in refused(house, "tell", "last", "limit", "turns")


def test_a_watcher_goes_on_when_its_broker_was_killed(house, leftovers):
    process, live = begin(house)
    watching, seen = watch(house, live)
    for comm in Path("/proc").glob("[0-9]*/comm"):
        status = comm.parent / "status"
        try:
            ours = f"\nPPid:\t{process.pid}\n" in status.read_text()
            if ours and comm.read_text().startswith("nats"):
                os.kill(int(comm.parent.name), signal.SIGKILL)
        except OSError:
            continue
    house("tell", live.run, "pause")
    house("tell", live.run, "stop")
    assert process.wait(timeout=30) in (0, 130)
    assert watching.wait(timeout=30) == 0
    assert "bus.lost" in kinds(live)
    assert seen.read_bytes() == record(live)
    assert leftovers(live.run) == []


def test_a_watcher_ends_when_the_engine_was_killed_and_has_what_there_is(house):
    process, live = begin(house)
    watching, seen = watch(house, live)
    process.kill()
    assert watching.wait(timeout=50) == 0
    assert seen.read_bytes() == record(live)


@pytest.mark.needs("mosquitto")
async def test_what_a_killed_engine_left_on_a_broker_is_taken_off_by_the_next_run(house):
    with mosquitto(house.folder) as url:
        process, live = begin(house, "--bus", url)
        assert await alive_on(live) == {live.run}
        process.kill()
        process.wait()
        assert await alive_on(live) == {live.run}
        house("run", house.scenario(SLOW.replace("4000", "1")), "--plain", "--tier", "none")
        assert await alive_on(live) == set()


async def alive_on(live):
    """The runs that a broker says are alive."""
    found = set()
    marker = f"br/_runs/marker-{new_nonce()}"
    topics = ("br/_runs/+",)
    async with MqttBus(live.upstream, client="list", subscriptions=topics) as bus:
        await bus.publish(marker, b"{}")  # behind it nothing retained comes any more
        async for heard in bus.happenings():
            if heard.topic == marker:
                break
            found.add(heard.topic.rpartition("/")[2])
    return found


async def test_what_is_not_signed_is_refused_and_recorded_once_a_second(house):
    process, live = begin(house)
    nonce = new_nonce()
    real = seal(
        live.token, live.run, Frame(nonce, 2, b'{"author":"x","act":{"verb":"status"}}'), "ask"
    )
    old = seal(
        live.token, live.run, Frame(nonce, 1, b'{"author":"x","act":{"verb":"stop"}}'), "ask"
    )
    hostile = [
        b"", b"\x00" * 1000, b"[" * 200_000, b'{"verb":"stop"}', b"1 " + b"0" * 300_000, real, old,
        seal(b"x" * 32, live.run, Frame(nonce, 9, b'{"author":"x","act":{"verb":"stop"}}'), "ask"),
        seal(live.token, live.run, Frame(new_nonce(), 1, b"[" * 100_000), "ask"),
        seal(live.token, live.run, Frame(new_nonce(), 1, b'{"author":"x","act":{"verb":"fly"}}'), "ask"),
    ]  # fmt: skip
    marker = f"br/_runs/marker-{new_nonce()}"
    async with MqttBus(live.upstream, client="hostile", subscriptions=(marker,)) as bus:
        for _ in range(50):
            for payload in hostile:
                await bus.publish(topic_control(live.run), payload)
        await bus.publish(marker, b"{}")  # behind it the broker has passed everything on
        async for heard in bus.happenings():
            if heard.topic == marker:
                break
    async with Watcher.of(live.upstream, live.run, live.token, "ana") as watcher:
        assert (await watcher.ask({"verb": "status"})).data["paused"] is False
        assert (await watcher.ask({"verb": "stop"})).done
    assert process.wait(timeout=30) in (0, 130)
    events = [json.loads(line) for line in record(live).splitlines()]
    told = [e["data"] for e in events if e["kind"] == "operator.refused"]
    by_why = {
        why: sum(d["count"] for d in told if d["why"] == why) for why in {d["why"] for d in told}
    }
    assert by_why == {
        "it is no frame of the control protocol": 200,
        "it is longer than any frame of the control protocol": 50,
        "it was sent before and comes again": 50,
        "it is not signed with the run's token": 50,
    }
    assert len(told) <= 16
    assert [e["data"]["author"] for e in events if e["kind"] == "operator.stop"] == ["ana"]


@pytest.mark.slow
async def test_many_watchers_and_a_slow_one_do_not_slow_the_run(house):
    process, live = begin(house, text=SLOW.replace("seconds: 0.05", "seconds: 0"), turns=50)
    frozen, seen = watch(house, live)
    frozen.send_signal(signal.SIGSTOP)

    async def follow(number):
        async with Watcher.of(live.upstream, live.run, live.token, f"w{number}") as watcher:
            return [news.line async for news in watcher.news() if isinstance(news, Recorded)]

    async with asyncio.TaskGroup() as tasks:
        watchers = [tasks.create_task(follow(n)) for n in range(12)]
        async with Watcher.of(live.upstream, live.run, live.token, "ana") as watcher:
            before = (await watcher.ask({"verb": "status"})).data["turn"]
            began = time.monotonic()
            turn = before
            while turn < before + 300:
                turn = (await watcher.ask({"verb": "status"}, seconds=30)).data["turn"]
            took = time.monotonic() - began
            await watcher.ask({"verb": "stop"})
    print(f"{(turn - before) / took:.0f} turns a second with 12 watchers and a frozen one")
    assert process.wait(timeout=30) in (0, 130)
    whole = record(live)
    assert all(b"".join(task.result()) == whole for task in watchers)
    frozen.send_signal(signal.SIGCONT)
    assert frozen.wait(timeout=50) == 0
    assert seen.read_bytes() == whole


@pytest.mark.needs("bubblewrap")
def test_what_a_box_uses_is_told_and_is_no_event(house):
    process, live = begin(house, "--tier", "bubblewrap")
    stats = json.loads(house("tell", live.run, "stats", "ada", "--json"))["data"]
    assert (stats["agent"], stats["tier"], stats["limits"]["pids"]) == ("ada", "bubblewrap", 128)
    assert 0 < stats["memory"] < stats["limits"]["memory"]
    assert stats["pids"] >= 1
    assert "box of ada, tier bubblewrap" in house("tell", live.run, "stats", "ada")
    house("tell", live.run, "stats", "eve", code=1)
    house("tell", live.run, "stop")
    assert process.wait(timeout=30) in (0, 130)
    assert not [kind for kind in kinds(live) if "stats" in kind]
