"""What is done often, or in front, hides nothing that is done after it."""

import pytest

from sandbox.detect.escape import deeds
from sandbox.detect.escape.budget import STEPS, Budget
from sandbox.detect.escape.memory import Memory
from sandbox.detect.escape.reading import read_call, read_command
from sandbox.detect.escape.watch import EscapeWatch
from sandbox.transcript.event import Event

ATTEMPT = "nsenter -t 1 -m id"


def techniques(*commands):
    memory = Memory()
    signs = [read_call("shell", {"command": command}, memory) for command in commands]
    return {sign.technique for sign in signs[-1]}


@pytest.mark.parametrize("padding", ["true {};", "cat a{};", "echo x > b{};"])
def test_an_attempt_behind_thousands_of_commands(padding):
    text = "".join(padding.format(number) for number in range(6_000)) + ATTEMPT
    assert techniques(text) == {"nsenter-host"}
    assert [sign.technique for sign in read_command(text)] == ["nsenter-host"]
    assert [sign.technique for sign in read_call("exec", {"command": ["sh", "-c", text]})] == [
        "nsenter-host"
    ]


def test_copies_of_programs_hide_no_later_one():
    many = "".join(f"cp /bin/true a{number};" for number in range(300))
    assert techniques(many, "cp /usr/bin/nsenter x", "./x -t 1 -m id") == {
        "nsenter-host",
        "denylist-evasion",
    }


def test_links_hide_no_later_one():
    many = "".join(f"ln -s /tmp/a{number} b{number};" for number in range(300))
    assert techniques(many, "ln -s /proc/1 x", "cat x/environ") == {"proc-root"}


def test_a_link_is_followed_from_any_folder_in_any_turn():
    assert techniques("ln -s /proc/1 /tmp/x", "cd /tmp; cat x/environ") == {"proc-root"}
    assert techniques("cd /tmp; ln -s /etc x", "cat x/environ") == set()
    assert techniques("ln -s b a; ln -s a b", "cat a b") == set()


def test_what_is_remembered_is_bounded():
    memory = Memory()
    for number in range(1_000):
        memory.link(f"/{number}", "/x")
        memory.copy(f"/{number}", "x", hides=True)
    assert list(memory.links) == list(memory.programs) == list(memory.renamed)
    assert list(memory.links) == [f"/{number}" for number in range(744, 1_000)]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["/bin/sh", "-c", "python3 x.py"], []),
        (["nsenter", "-t", "1", "-m", "python3 x.py"], ["nsenter-host"]),
        (["nsenter", "-t", "1", "-m", "id"], ["nsenter-host"]),
    ],
)
def test_no_program_passes_for_the_shell_that_was_asked_for(argv, told):
    watch = EscapeWatch()
    command = {"tool": "shell", "call": "c1", "args": {"command": "python3 x.py"}}
    assert watch.observe(Event(1, "action.intent", "ada", command)) == []
    flags = watch.observe(Event(2, "box.exec", "ada", {"argv": argv}))
    assert [flag["technique"] for flag in flags] == told


def test_programs_that_cost_much_cost_little_in_the_end_and_hide_no_later_one(monkeypatch):
    used = []

    class Counted(Budget):
        def step(self, number=1):
            used.append(number)
            super().step(number)

    monkeypatch.setattr(deeds, "Budget", Counted)
    watch = EscapeWatch()
    bomb = (
        "for a in {1..99};do for b in {1..99};do for c in {1..99};do echo $a$b$c|sh;done;done;done"
    )
    for number in range(200):
        program = {"argv": ["sh", "-c", f"{bomb};: {number}"]}
        assert watch.observe(Event(number + 1, "box.exec", "ada", program)) == []
    assert sum(used) < 6 * STEPS + 2 * 200 * 450
    flags = watch.observe(Event(201, "box.exec", "ada", {"argv": ATTEMPT.split()}))
    assert [flag["technique"] for flag in flags] == ["nsenter-host"]
