"""An agent that means harm, in a real box, over the real gate and broker: the run lives, all is on record.

Mallory is a scripted model with a shell; what its shell runs is the attack. Bo is a witness: its
turns must come and go as if nothing had happened.
"""

import json
import os
import pty
import re
import signal
import subprocess

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats", "bubblewrap")]

SCENARIO = """
title: Mallory
agents:
  mallory:
    tools: [talk, shell]
    script:
      - do: [{shell: {command: %s, seconds: 20}}]
      - say: Nothing happened.
  bo:
    script: [{say: "One."}, {say: "Two."}, {say: "Three."}]
    after_script: loop
limits: {turns: %d, turn_seconds: %d}
"""

CLIENT = """
import os, socket, sys, time
sys.path.insert(0, "/opt/backrooms")
from agents import mqtt
link = socket.socket(socket.AF_UNIX)
link.connect("/run/backrooms/bus.sock")
link.sendall(mqtt.connect(mqtt.Connect("mallory")))
print("connack", link.recv(64).hex())
run = __import__("json").load(open("/run/backrooms/me.json"))["run"]
"""


@pytest.fixture
def attack(house):
    """Let mallory's shell run a command (or Python, given as lines) and give the events of the run."""

    def strike(command=None, python=None, turns=4, turn_seconds=30):
        if python is not None:
            command = "python3 -I -S - <<'EOF'\n" + CLIENT + python + "\nEOF"
        text = SCENARIO % (json.dumps(command), turns, turn_seconds)
        house("run", house.scenario(text), "--plain", "--tier", "bubblewrap")
        events = house.events()
        house("verify", "last")
        assert events[-1]["kind"] == "run.ended"
        assert events[-1]["data"]["reason"] == "turns"
        bo = [e["data"]["text"] for e in events if e["kind"] == "say" and e["actor"] == "bo"]
        assert bo[:2] == ["One.", "Two."]
        return events

    return strike


def of(events, kind):
    return [e["data"] for e in events if e["kind"] == kind]


def refusals(events):
    return {(r["what"], r["topic"]) for r in of(events, "gate.refused")}


def output(events):
    return of(events, "action.result")[0]["output"]


def test_it_subscribes_to_everything_and_hears_nothing(attack):
    events = attack(
        python="""
for filter in ("#", "br/#", "+/+/in/bo", "$SYS/#", "$share/x/br/#"):
    link.sendall(mqtt.subscribe(7, [(filter, 0)]))
    print(filter, link.recv(64).hex())
link.settimeout(1)
try:
    print("leak", link.recv(4096))
except TimeoutError:
    print("silence")
"""
    )
    assert output(events).splitlines()[1:] == [
        f"{pattern} 9003000780" for pattern in ("#", "br/#", "+/+/in/bo", "$SYS/#", "$share/x/br/#")
    ] + ["silence"]
    assert "subscribe" in {what for what, _ in refusals(events)}


def test_it_publishes_as_another_and_nobody_believes_it(attack):
    events = attack(
        python="""
link.sendall(mqtt.publish(f"br/{run}/out/bo", b'{"id":"x","kind":"hello","body":{}}'))
link.sendall(mqtt.publish(f"br/{run}/peer/bo/mallory", b"hi"))
link.sendall(mqtt.publish(f"br/{run}/in/bo", b"{}"))
time.sleep(1.2)
"""
    )
    run = events[0]["run"]
    first = next(r for r in of(events, "gate.refused") if r["what"] == "publish")
    assert first["topic"] == f"br/{run}/out/bo"
    assert sum(r["count"] for r in of(events, "gate.refused") if r["what"] == "publish") == 3
    assert of(events, "peer.message") == []


def test_a_message_of_two_megabytes_cuts_the_line_that_sent_it(attack):
    events = attack(
        python="""
try:
    link.sendall(mqtt.publish(f"br/{run}/out/mallory", b"x" * 2_000_000))
    print("then", link.recv(64))
except OSError as error:
    print("cut", type(error).__name__)
"""
    )
    assert "size" in {what for what, _ in refusals(events)}


def test_ten_thousand_messages_a_second_are_slowed_down(attack):
    events = attack(
        python="""
link.settimeout(2)
packet = mqtt.publish(f"br/{run}/out/mallory", b'{"id":"x","kind":"noise","body":{}}')
sent, until = 0, time.monotonic() + 2
try:
    while time.monotonic() < until:
        link.sendall(packet * 100)
        sent += 100
except TimeoutError:
    pass
print("sent", sent)
"""
    )
    assert "rate" in {what for what, _ in refusals(events)}
    noise = of(events, "message.refused")
    assert 1 <= len(noise) <= 10


def test_malformed_json_is_counted_with_a_sample(attack):
    events = attack(
        python="""
for payload in (b"{", b"\\xff\\xfe", b"[]", b"", b'{"id":"1","kind":"nonsense","body":{}}'):
    link.sendall(mqtt.publish(f"br/{run}/out/mallory", payload))
time.sleep(1.2)
"""
    )
    refused = of(events, "message.refused")
    assert sum(r["count"] for r in refused) == 5
    assert "{" in {r["sample"] for r in refused}


def test_it_dies_and_the_others_go_on(attack):
    events = attack(command="kill -9 $PPID; sleep 5")
    assert [e["actor"] for e in events if e["kind"] == "agent.died"] == ["mallory"]
    assert ("died", "mallory") in {(t["reason"], t["agent"]) for t in of(events, "turn.ended")}


def test_it_hangs_and_its_turn_is_ended_at_the_deadline(attack):
    events = attack(command="kill -STOP $PPID; sleep 60", turns=4, turn_seconds=3)
    assert [(t["reason"], t["agent"]) for t in of(events, "turn.ended")] == [
        ("deadline", "mallory"),
        ("spoke", "bo"),
    ] * 2


def test_terminal_escapes_reach_no_terminal(house):
    evil = "\\e]0;owned\\a\\e[2J\\e]52;c;ZWNobyBoaQ==\\a\\e[31mred\\r\\u202Egnp"
    text = SCENARIO.replace("say: Nothing happened.", f'say: "{evil}"') % (
        f"\"printf '{evil}'\"",
        4,
        30,
    )
    house.scenario(text)
    shown = in_a_terminal(house, "run", "scenario.yaml", "--tier", "bubblewrap")

    assert "owned" in shown
    ours = re.compile(r"\x1b\[[0-9;?]*[mKhlABCDGJ]")  # colour, and the status line's own moves
    rest = ours.sub("", shown)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", rest), repr(rest)
    assert "\x1b[2J" not in shown
    replayed = house("replay", "last", "--plain", "--speed", "max")
    assert "\x1b" not in replayed


def in_a_terminal(house, *args):
    """Run with a real terminal as output and give every character that was written to it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        house.argv(args), cwd=house.folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:
            break
        if not block:
            break
        written += block
    os.close(ours)
    assert process.wait() == 0
    return written.decode()


def test_ctrl_c_ends_the_run_in_order(house, leftovers):
    process = house.start("run", "long-corridor", "--json", "--tier", "bubblewrap")
    for line in process.stdout:
        if '"turn":20' in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    events = house.events()
    assert process.returncode == 130
    assert [e["kind"] for e in events[-3:]] == ["operator.stop", "turn.ended", "run.ended"]
    house("verify", "last")
    assert leftovers(events[0]["run"]) == []
