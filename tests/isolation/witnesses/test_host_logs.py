"""Logs of other systems are followed while a run is on, and only what is of its boxes counts."""

import json
import os
import subprocess

import pytest

from sandbox.clock import ManualClock
from sandbox.isolation.box import BoxFacts
from sandbox.isolation.witnesses import host_logs
from sandbox.isolation.witnesses.host_logs import HostLogs
from sandbox.isolation.witnesses.kin import Kin
from sandbox.isolation.witnesses.tail import LINE, Tail


@pytest.fixture
def process():
    one = subprocess.Popen(["/bin/sleep", "60"])
    yield one
    one.kill()
    one.wait()


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(host_logs, "BEHIND", 0.0)


def alert(pid, **fields):
    told = {"rule": "Change thread namespace", "output": "x"}
    return (
        json.dumps(told | {"output_fields": {"proc.pid": pid, "container.id": "host", **fields}})
        + "\n"
    )


def append(path, text):
    with path.open("a") as file:
        file.write(text)


async def test_what_is_of_a_box_is_recorded_and_the_rest_is_counted(tmp_path, told, process):
    log = tmp_path / "falco.json"
    log.write_text(alert(process.pid))
    witness = HostLogs([("falco", log)], told)
    assert witness.told() == {"logs": [{"tool": "falco", "path": str(log)}]}
    witness.inhabit("ada", BoxFacts("bubblewrap", process.pid, 0))
    append(
        log, alert(process.pid) + alert(1) + "nonsense\n" + alert(2, **{"proc.ppid": process.pid})
    )
    await witness.settle("ada")
    line = alert(process.pid).strip()
    (first, second) = told.events
    assert first == (
        "host.alert",
        "ada",
        {
            "tool": "falco",
            "rule": "Change thread namespace",
            "line": line,
            "pid": process.pid,
            "technique": "nsenter-host",
            "level": "attempted",
            "what": "Falco: Change thread namespace: x",
        },
    )
    assert second[2]["pid"] == 2
    assert witness.total() == {"skipped": 2}


async def test_a_rule_that_is_noise_is_told_so_often_and_no_more(tmp_path, told, process):
    log = tmp_path / "falco.json"
    log.touch()
    witness = HostLogs([("falco", log)], told)
    witness.inhabit("ada", BoxFacts("bubblewrap", process.pid, 0))
    append(log, alert(process.pid) * 300)
    await witness.settle("ada")
    assert (len(told.events), witness.total()) == (256, {"skipped": 44})


def test_a_process_is_known_for_a_while_after_its_end(process):
    clock = ManualClock()
    kin = Kin(clock)
    kin.add("ada", process.pid)
    process.kill()
    process.wait()
    clock.advance(59)
    kin.look()
    assert (kin.of_process(process.pid), kin.of_process(None)) == ("ada", None)
    clock.advance(2)
    kin.look()
    assert kin.of_process(process.pid) is None


@pytest.mark.needs("docker")
def test_a_container_is_known_by_the_beginning_of_its_id(container):
    name, pid = container()
    kin = Kin()
    kin.add("bo", pid)
    assert [kin.of_container(name[:size]) for size in (64, 31, 12, 11, 0)] == ["bo"] * 3 + [
        None
    ] * 2
    assert kin.of_container("0" * 12) is None


def test_a_tail_gives_whole_lines_that_came_since(tmp_path):
    path = tmp_path / "log"
    path.write_text("before\n")
    tail = Tail(path)
    append(path, "one\ntwo\nthr")
    assert list(tail.lines()) == ["one", "two"]
    append(path, "ee\n\n")
    assert list(tail.lines()) == ["three"]
    assert list(tail.lines()) == []
    tail.close()
    tail.close()


def test_a_tail_follows_a_file_that_is_turned_over_or_emptied(tmp_path):
    path = tmp_path / "log"
    path.write_text("a long beginning\n")
    tail = Tail(path)
    path.rename(tmp_path / "log.1")
    append(tmp_path / "log.1", "last\n")
    path.write_text("first\n")
    assert list(tail.lines()) == ["last"]
    assert list(tail.lines()) == []
    assert list(tail.lines()) == ["first"]
    os.truncate(path, 0)
    append(path, "anew\n")
    assert list(tail.lines()) == ["anew"]
    tail.close()


def test_a_tail_waits_for_a_file_and_passes_over_endless_lines(tmp_path):
    path = tmp_path / "log"
    tail = Tail(path)
    assert list(tail.lines()) == []
    path.write_text("x" * (LINE + 1))
    assert list(tail.lines()) == []
    append(path, "still the same line\nnext\n")
    assert list(tail.lines()) == ["next"]
    tail.close()
