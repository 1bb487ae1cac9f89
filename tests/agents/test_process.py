"""The agent's real process, with the test as its house."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents import mqtt
from agents.wire import (
    Ack,
    Hello,
    Intent,
    Offer,
    Result,
    Stop,
    ThinkRequest,
    Thought,
    TurnOver,
    Verdict,
    Welcome,
    unpack,
)

AGENTS = Path(__file__).resolve().parents[2] / "agents"


@pytest.fixture
def welcomed(agent, bus):
    """The process after its greeting."""
    bus.accept()
    bus.send(Welcome("ada", "hall", ["say", "shell"]), re=bus.expect("hello").id)
    return agent


def offer(bus, turn=1, id=None):
    body = Offer(turn=turn, upto=10 * turn, room="hall", seconds=60.0, thinks=8)
    return bus.send(body, id=id)


def call(bus, command, turn=1):
    """Offer a turn and let the model ask for a shell command; up to the verdict."""
    offer(bus, turn)
    calls = [{"id": "c1", "tool": "shell", "args": {"command": command}}]
    bus.send(Thought(turn, "", calls), re=bus.expect("think.request").id)
    intent = bus.expect("action.intent")
    assert unpack(intent) == Intent(turn, "c1", "shell", {"command": command})
    return bus.send(Verdict(turn, "c1", allowed=True, run=True), re=intent.id)


def result(bus):
    """The next result without its seconds, and its envelope."""
    envelope = bus.expect("action.result")
    body = unpack(envelope)
    return envelope, Result(body.turn, body.call, body.ok, body.output, body.exit, 0.0, body.cut)


def end(agent):
    """The exit code and what was written to stderr."""
    _, errors = agent.communicate(timeout=10)
    return agent.returncode, errors


def test_it_says_hello_once_its_subscription_stands(agent, bus):
    connect, filters = bus.accept()
    assert connect == mqtt.Connect("ada", keep_alive=30)
    assert filters == [("br/run/in/ada", 0)]
    hello = bus.expect("hello")
    version = ".".join(map(str, sys.version_info[:3]))
    assert unpack(hello) == Hello("ada", agent.pid, version)
    assert hello.id.endswith("-1")


def test_a_turn_with_a_command_in_the_box(welcomed, bus, home):
    (home / "note").write_text("hi")
    verdict = call(bus, "cat note; pwd")
    envelope, body = result(bus)
    assert envelope.re == verdict
    assert body == Result(1, "c1", ok=True, output=f"hi{home}\n", exit=0)
    bus.send(Ack(), re=envelope.id)
    think = bus.expect("think.request")
    assert (unpack(think), think.re) == (ThinkRequest(1, 10), None)
    bus.send(Thought(1, "I see."), re=think.id)
    intent = bus.expect("action.intent")
    assert unpack(intent) == Intent(1, "text", "say", {"text": "I see."})
    bus.send(Verdict(1, "text", allowed=True, over=True), re=intent.id)
    stop = bus.send(Stop("turns"))
    assert bus.expect("ack").re == stop
    assert bus.message() is None
    assert bus.seen == [mqtt.DISCONNECT]
    assert end(welcomed) == (0, "")


def test_a_link_that_breaks_in_the_middle_of_a_turn(welcomed, bus):
    offered = offer(bus)
    think = bus.expect("think.request")
    bus.vanish()
    bus.come_back()
    bus.accept()
    again = bus.expect("think.request")
    assert again == think
    hello = bus.expect("hello")
    bus.send(Welcome("ada", "hall", []), re=hello.id)
    offer(bus, id=offered)  # the house too sends again what it has seen no answer to
    assert bus.expect("think.request") == think
    bus.send(Thought(1, "Still here."), re=think.id)
    assert unpack(bus.expect("action.intent")).args == {"text": "Still here."}


def test_what_a_command_did_while_the_link_was_down_is_reported(welcomed, bus, home):
    call(bus, "echo once >> log; cat log; kill -USR1 $$")
    bus.hang_up()
    bus.accept()
    kinds = {}
    while "action.result" not in kinds:
        _, envelope = bus.message()
        kinds[envelope.kind] = envelope
    body = unpack(kinds["action.result"])
    assert (body.output, body.exit) == ("once\n", -signal.SIGUSR1)
    assert (home / "log").read_text() == "once\n"


def test_a_broker_that_speaks_something_else_is_left_and_tried_again(agent, bus):
    bus.accept()
    bus.expect("hello")
    bus.send_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    bus.accept()
    assert bus.expect("hello").id.endswith("-1")


def test_a_turn_that_is_over_ends_its_command(welcomed, bus, home, gone):
    os.mkfifo(home / "ready")
    call(bus, "echo $$ > ready; exec sleep 60")
    pid = (home / "ready").read_text()
    over = bus.send(TurnOver(1, "deadline"))
    assert bus.expect("ack").re == over
    assert gone(pid)
    call(bus, "echo next", turn=2)
    _, body = result(bus)
    assert body == Result(2, "c1", ok=True, output="next\n", exit=0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_all_that_its_tools_started(welcomed, bus, home, gone, number):
    call(bus, "sleep 60 & echo $!")
    envelope, in_background = result(bus)
    bus.send(Ack(over=True), re=envelope.id)
    os.mkfifo(home / "ready")
    call(bus, "echo $$ > ready; sleep 60", turn=2)
    in_foreground = (home / "ready").read_text()
    welcomed.send_signal(number)
    assert end(welcomed) == (0, "")
    assert gone(in_background.output)
    assert gone(in_foreground)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ([], "--run is missing"),
        (["--run", "r", "--agent", "a", "--bus", "b"], "--home is missing"),
        (["--run"], "--run needs a value"),
        (["--color", "red"],
         "unknown option '--color'; known are --run, --agent, --bus, --home, --control, --limits, --filter, --asking-filter, --exec-only"),  # noqa: E501
        (["--run", "r", "--agent", "a", "--bus", "b", "--home", "h", "--limits", "as=1,nproc"],
         "--limits takes NAME=NUMBER,..., not 'nproc'"),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_be(argv, why):
    command = [sys.executable, "-m", "agents", *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"agents: {why}\n")


def test_a_start_imports_nothing_heavy():
    heavy = {"argparse", "asyncio", "logging", "pathlib", "queue", "subprocess", "threading"}
    code = f"import agents.loop, sys; print({heavy} & set(sys.modules))"
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=AGENTS.parent)
    assert done.stdout == "set()\n"
