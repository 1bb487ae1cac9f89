"""kill -9 of the broker at twenty moments of a run: nothing lost, nothing doubled, back in two seconds."""

import os
import shutil
import signal
import socket
import subprocess
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KILLS = 20


def check(events):
    """Every turn once, each word once, in order; no pause over two seconds."""
    turns = [e["data"]["turn"] for e in events if e["kind"] == "turn.ended"]
    assert turns == list(range(1, 2001))
    says = [(e["parent"], e["data"]["text"]) for e in events if e["kind"] == "say"]
    assert len(says) == len({parent for parent, _ in says}) == 2000
    times = [datetime.fromisoformat(e["ts"]).timestamp() for e in events]
    gap = max(b - a for a, b in pairwise(times))
    lost = sum(e["kind"] == "bus.lost" for e in events)
    print(f"{lost} losses of the link, longest pause {gap:.2f} s")
    assert lost >= KILLS - 2
    assert gap <= 2.0


def follow(process, moments, strike):
    """Call ``strike`` when each of these turns has ended."""
    turns = 0
    for line in process.stdout:
        if '"kind":"turn.ended"' in line:
            turns += 1
            if turns in moments:
                strike()
    assert process.wait() == 0


@pytest.mark.needs("nats", "bubblewrap")
def test_the_embedded_broker(house):
    process = house.start("run", "long-corridor", "--json", "--durability", "process")

    def strike():
        for comm in Path("/proc").glob("[0-9]*/comm"):
            pid = int(comm.parent.name)
            try:
                ours = parent(pid) == process.pid and comm.read_text().startswith("nats")
            except OSError:
                continue
            if ours:
                os.kill(pid, signal.SIGKILL)

    follow(process, set(range(60, 2000, 95)), strike)
    check(house.events())


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.needs("mosquitto", "bubblewrap")
def test_mosquitto_without_persistence(house):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = house.folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
    )
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    brokers = []

    def begin():
        log = subprocess.DEVNULL
        brokers.append(subprocess.Popen([program, "-c", config], stdout=log, stderr=log))
        give_up = time.monotonic() + 5
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
            except OSError:
                time.sleep(0.005)
            else:
                return

    def strike():
        brokers[-1].kill()
        brokers[-1].wait()
        begin()

    begin()
    try:
        url = f"mqtt://127.0.0.1:{port}"
        process = house.start(
            "run", "long-corridor", "--json", "--bus", url, "--durability", "process"
        )
        follow(process, set(range(60, 2000, 95)), strike)
    finally:
        brokers[-1].kill()
        brokers[-1].wait()
    check(house.events())
