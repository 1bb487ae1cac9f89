"""The command ``bus`` that lies in every box."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from agents import mqtt, wire
from agents.client import USAGE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def start(bus):
    """Start the command in an environment that names bus, run and agent."""
    started = []

    def start(*argv, program=ROOT / "agents/bin/bus", **env):
        who = {"BR_RUN": "run", "BR_AGENT": "ada", "BR_BUS": str(bus.path)}
        process = subprocess.Popen(
            [program, *argv],
            env={"PATH": os.environ["PATH"], **who, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process):
    """Exit code, output, errors."""
    output, errors = process.communicate(timeout=10)
    return process.returncode, output, errors


def test_help_names_the_topics_and_urges_nothing(start):
    assert end(start("--help")) == (0, USAGE, "")
    assert end(start()) == (0, USAGE, "")
    assert "br/RUN/peer/FROM/TO" in USAGE


def test_it_knows_who_is_here(start, bus):
    assert end(start("whoami")) == (0, f"ada in run run, on {bus.path}\n", "")


def test_it_sends_to_another_agent(start, bus):
    process = start("send", "bo", "are", "you", "there?")
    bus.accept(subscribed=False)
    topic, envelope = bus.message()
    assert topic == "br/run/peer/ada/bo"
    assert wire.unpack(envelope) == wire.Peer("are you there?")
    assert bus.message() is None
    assert bus.seen == [mqtt.PINGREQ, mqtt.DISCONNECT]
    code, output, errors = end(process)
    assert (code, errors) == (0, "")
    assert output.endswith(" bytes sent to br/run/peer/ada/bo\n")


def test_it_sends_anything_anywhere(start, bus):
    process = start("raw", "br/run/in/bo", "no", "message")
    bus.accept(subscribed=False)
    packet = bus.packet()
    assert mqtt.read_publish(packet) == mqtt.Publish("br/run/in/bo", b"no message")
    assert bus.message() is None
    assert end(process) == (0, "10 bytes sent to br/run/in/bo\n", "")


def test_it_prints_what_arrives(start, bus):
    process = start("listen", "--seconds", "0.3")
    _, filters = bus.accept()
    assert filters == [("br/run/in/ada", 0)]
    bus.send(wire.Peer("I am"))
    code, output, errors = end(process)
    topic, _, payload = output.partition(" ")
    assert (code, topic, errors) == (0, "br/run/in/ada", "")
    assert json.loads(payload)["body"] == {"text": "I am"}


def test_a_bus_that_hangs_up_is_named(start, bus):
    process = start("listen")
    bus.accept()
    bus.hang_up()
    assert end(process) == (1, "", "bus: the bus closed the connection\n")


def test_no_bus(start, tmp_path):
    missing = str(tmp_path / "none")
    why = f"bus: no bus at {missing}: No such file or directory\n"
    assert end(start("raw", "a", "b", BR_BUS=missing)) == (1, "", why)


def test_nobody_knows_who_is_here(start):
    code, output, errors = end(start("whoami", BR_AGENT=""))
    assert (code, output) == (1, "")
    assert errors.startswith("bus: who is here cannot be read from /run/backrooms/me.json: ")


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["dance"], "bus does not know 'dance'; see bus --help"),
        (["send", "bo"], "bus does not know 'send bo'; see bus --help"),
        (["listen", "--seconds", "x"], "--seconds takes a number from 0 to 3600, not 'x'"),
    ],
)
def test_a_command_line_that_cannot_be(start, argv, why):
    assert end(start(*argv)) == (2, "", f"bus: {why}\n")


def test_it_lies_beside_the_package_in_a_box(start, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "agents").symlink_to(ROOT / "agents")
    copy = tmp_path / "bin/bus"
    copy.write_bytes((ROOT / "agents/bin/bus").read_bytes())
    copy.chmod(0o755)
    assert end(start("--help", program=copy)) == (0, USAGE, "")
