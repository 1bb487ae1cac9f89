"""What /proc shows: of processes of our own, and of a /proc made by hand."""

import os
import subprocess
import sys

import pytest

from sandbox.isolation.witnesses.mark import VARIABLE, Mark
from sandbox.isolation.witnesses.sight import (
    bystanders,
    carriers,
    members,
    namespaces,
    root,
    see,
    who_runs,
)

WAIT = [sys.executable, "-c", "print(flush=True); input()", "an argument"]


@pytest.fixture
def started():
    """Starts a process that waits; all end with the test."""
    processes = []

    def start(environment=None, argv=WAIT):
        process = subprocess.Popen(
            argv,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        process.stdout.readline()
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.communicate()


def test_a_process_is_seen_as_the_kernel_keeps_it(started):
    process = started()
    seen = see(process.pid)
    assert (seen.pid, seen.uid) == (process.pid, os.geteuid())
    assert seen.namespaces == namespaces("self")
    assert see(os.getpid()).groups == seen.groups
    named = who_runs(process.pid)
    assert named["program"] == os.path.realpath(sys.executable)
    assert named["command"].endswith("input() an argument")


def test_a_process_that_has_ended_is_not_there(started):
    process = started()
    process.communicate()
    assert see(process.pid) is None
    assert who_runs(process.pid) == {"program": None, "command": None}


def test_a_zombie_is_not_there(tmp_path):
    folder = tmp_path / "7"
    (folder / "ns").mkdir(parents=True)
    (folder / "status").write_text("Name:\tx\nState:\tZ (zombie)\nUid:\t0\t0\t0\t0\n")
    (folder / "cgroup").write_text("0::/\n")
    assert see(7, tmp_path) is None


@pytest.mark.parametrize("status", ["", "State:\tS\nUid:\n", "State:\tS\nUid:\tx\tx\n"])
def test_what_cannot_be_read_is_not_there(tmp_path, status):
    (tmp_path / "7" / "ns").mkdir(parents=True)
    (tmp_path / "7" / "status").write_text(status)
    (tmp_path / "7" / "cgroup").write_text("")
    assert see(7, tmp_path) is None


def test_the_members_of_a_box_are_all_that_descend_from_its_first(started):
    process = started(argv=["/bin/sh", "-c", "sleep 60 & echo; read line; kill $!"])
    first = root(process.pid)
    assert first.group is None, "a process of ours has no control group of its own"
    assert len(members(first)) == 2
    process.communicate()
    assert members(first) == []


def test_the_carrier_of_a_mark_is_found_and_its_agent_named(started):
    known = bystanders()
    mark = Mark(["ada", "bo"])
    process = started({VARIABLE: mark.of("bo")})
    spoken = started(argv=[*WAIT, mark.of("ada")])
    started()
    assert sorted(carriers(mark, known, frozenset())) == sorted(
        [(process.pid, "bo"), (spoken.pid, "ada")]
    )
    assert carriers(mark, known, frozenset({process.pid})) == [(spoken.pid, "ada")]


def test_who_was_there_before_is_not_looked_at_again(started):
    mark = Mark(["ada"])
    process = started({VARIABLE: mark.of("ada")})
    assert carriers(mark, {}, frozenset()) == [(process.pid, "ada")]
    assert carriers(mark, bystanders(), frozenset()) == []
