"""Debuggers and profilers in a box: what they do to what they started is no way out, and all else is one."""

import os
import subprocess
import sys

import pytest

from sandbox.isolation.supervisor.denied import Denied, DeniedCalls, ordinary, target_of
from tests.isolation.test_supervised import KINDS, python, watched
from tests.isolation.test_supervisor_parts import PYTHON, linux

DEBUGGER = """
import ctypes, os, signal
libc = ctypes.CDLL(None)
child = os.fork()
if child == 0:
    libc.ptrace(0, 0, 0, 0)
    signal.pause()
for _ in range(40):
    libc.ptrace(0x4206, child, 0, 0)
    libc.syscall(298, 0, child, -1, -1, 0)
    libc.syscall(298, 0, 0, -1, -1, 0)
    libc.syscall(425, 1, 0)
libc.ptrace(0x4206, os.getppid(), 0, 0)
libc.ptrace(0x4206, 1, 0, 0)
libc.syscall(298, 0, -1, 0, -1, 0)
libc.syscall(310, child, 0, 0, 0, 0, 0)
os.kill(child, 9)
"""


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_debugger_does_to_its_own_is_a_survey_and_the_rest_is_denied(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (_, _, written):
        assert (await box.exec(python(DEBUGGER))).code == 0
        found = await written.counted(4 * 40 + 4)
    counted: dict[tuple[str, str, str], int] = {}
    for one in found:
        key = one["call"], one["technique"], one["level"]
        counted[key] = counted.get(key, 0) + one["count"]
    assert counted == {
        ("ptrace", "debugging", "recon"): 40,
        ("perf_event_open", "debugging", "recon"): 80,
        ("process_vm_readv", "debugging", "recon"): 1,
        ("io_uring_setup", "io-uring", "recon"): 40,
        ("ptrace", "cap-abuse", "denied"): 2,
        ("perf_event_open", "ebpf", "denied"): 1,
    }
    told = {one["what"].partition(" ")[2] for one in found if one["technique"] == "debugging"}
    assert "called ptrace on a process of its own, and the kernel denied it" in told


@linux
def test_only_ones_own_child_is_ones_own():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert ordinary("ptrace", (0x4206, child.pid, 0, 0, 0, 0), os.getpid()) == "debugging"
        assert ordinary("ptrace", (0x4206, child.pid, 0, 0, 0, 0), child.pid) == ""
        assert ordinary("ptrace", (0x4206, os.getppid(), 0, 0, 0, 0), os.getpid()) == ""
        assert ordinary("process_vm_readv", (child.pid, 0, 0, 0, 0, 0), os.getpid()) == "debugging"
        assert ordinary("setns", (child.pid, 0, 0, 0, 0, 0), os.getpid()) == ""
    finally:
        child.communicate(b"\n")
    assert ordinary("ptrace", (0x4206, child.pid, 0, 0, 0, 0), os.getpid()) == ""


def test_the_process_that_a_call_is_about_is_a_number_with_a_sign():
    assert target_of("perf_event_open", (0, (1 << 64) - 1, 0, 0, 0, 0)) == -1
    assert target_of("ptrace", (16, 1 << 32 | 7, 0, 0, 0, 0)) == 7
    assert target_of("bpf", (5, 0, 0, 0, 0, 0)) == -1


def test_ordinary_calls_hide_no_other_of_the_same_process():
    calls = DeniedCalls()
    for _ in range(100):
        if not calls.again(7, "ptrace", 9):
            calls.add(Denied("ptrace", ("0x10",), 7, PYTHON, ordinary="debugging"), 9)
    assert not calls.again(7, "ptrace", 1)
    calls.add(Denied("ptrace", ("0x11",), 7, PYTHON), 1)
    assert [(one.technique, one.level, one.count) for one in calls.take()] == [
        ("debugging", "recon", 100),
        ("cap-abuse", "denied", 1),
    ]
