"""What a supervisor reads, counts and writes down, without a box: values, bounds, and this process' own memory."""

import ctypes
import hashlib
import os
import re
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ShimError
from sandbox.isolation.supervisor import denied, started
from sandbox.isolation.supervisor.caller import NOBODY, Caller, caller
from sandbox.isolation.supervisor.denied import Denied, DeniedCalls, is_harmless, words_of
from sandbox.isolation.supervisor.memory import memory_of
from sandbox.isolation.supervisor.notification import (
    Notification,
    unpack,
)
from sandbox.isolation.supervisor.program import FILE, Allowance, Digests, find, identity
from sandbox.isolation.supervisor.sight import Told, told_by
from sandbox.isolation.supervisor.started import Started, StartedPrograms
from sandbox.isolation.supervisor.support import why_not
from sandbox.isolation.syscalls import RULES, WATCHED

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux'")
PYTHON = Caller("/usr/bin/python3", "python3 x.py")


def test_a_question_of_the_kernels():
    data = struct.pack("=QIIiIQ6Q", 7, 41, 0, 272, 0xC000003E, 1 << 40, 1 << 28, 0, 3, 0, 0, 6)
    assert unpack(data) == Notification(7, 41, 272, (1 << 28, 0, 3, 0, 0, 6))
    with pytest.raises(struct.error):
        unpack(data[:-1])


def test_every_watched_call_has_a_rule_a_shape_and_a_technique_of_the_docs():
    assert set(WATCHED) <= {rule.call for rule in RULES}
    assert {call for call in WATCHED if not words_of(call, (0,) * 6, None)} == set()
    told = (ROOT / "docs/detectors.md").read_text(encoding="utf-8")
    assert {slug for slug in WATCHED.values() if f"| `{slug}` |" not in told} == set()


@pytest.mark.parametrize(
    ("args", "technique"),
    [
        (("none", "/mnt", "tmpfs", "0x0", "0x0"), "host-mount"),
        (("/dev/sda1", "/mnt", "ext4", "0x0", "0x0"), "device-mount"),
        (("none", "/mnt", "cgroup", "0x0", "0x0"), "cgroup-release-agent"),
        (("none", "/mnt", "debugfs", "0x0", "0x0"), "ebpf"),
        ((None, None, None, "0x0", "0x0"), "host-mount"),
        ((), "host-mount"),
    ],
)
def test_a_mount_is_told_by_what_is_mounted(args, technique):
    one = Denied("mount", args, 7, PYTHON)
    assert (one.technique, one.what) == (
        technique,
        "python3 called mount, and the kernel denied it",
    )


def test_to_be_looked_at_by_ones_own_parent_is_no_way_out():
    assert is_harmless("ptrace", (0, 0, 0, 0, 0, 0))
    assert not is_harmless("ptrace", (16, 1, 0, 0, 0, 0))
    assert not is_harmless("unshare", (0, 0, 0, 0, 0, 0))


def test_calls_are_counted_by_program_and_technique():
    calls = DeniedCalls()
    for pid, who in ((7, PYTHON), (8, PYTHON), (9, NOBODY)):
        calls.add(Denied("setns", ("0x3",), pid, who))
    calls.add(Denied("mount", ("/dev/sda", "/mnt", "ext4"), 7, PYTHON))
    calls.add(Denied("mount", ("none", "/mnt", "cgroup"), 7, PYTHON))
    assert calls.take() == [
        Denied("setns", ("0x3",), 7, PYTHON, 2),
        Denied("setns", ("0x3",), 9, NOBODY),
        Denied("mount", ("/dev/sda", "/mnt", "ext4"), 7, PYTHON),
        Denied("mount", ("none", "/mnt", "cgroup"), 7, PYTHON),
    ]
    assert calls.take() == []


def test_who_calls_often_is_looked_at_no_more_and_still_counted():
    calls = DeniedCalls()
    looks = 0
    for _ in range(1000):
        if not calls.again(7, "unshare"):
            looks += 1
            calls.add(Denied("unshare", ("0x0",), 7, PYTHON))
    assert not calls.again(8, "unshare")
    assert looks == denied.MANY
    assert calls.take() == [Denied("unshare", ("0x0",), 7, PYTHON, 1000)]


def test_of_processes_without_end_the_last_are_known():
    calls = DeniedCalls()
    for pid in range(10 * denied.CALLERS):
        calls.add(Denied("unshare", (), pid, PYTHON))
    known = [pid for pid in range(10 * denied.CALLERS) if calls.again(pid, "unshare")]
    assert known == list(range(9 * denied.CALLERS, 10 * denied.CALLERS))


@given(st.lists(st.tuples(st.sampled_from(["setns", "bpf"]), st.integers(0, 300)), max_size=900))
def test_no_number_of_programs_is_too_much(made):
    calls = DeniedCalls()
    for call, number in made:
        calls.add(Denied(call, (), number, Caller(f"/tmp/{number}", None)))
    found = calls.take()
    assert len(found) <= denied.KINDS + 2
    assert sum(one.count for one in found) == len(made)


@given(st.lists(st.integers(0, 500), max_size=900))
def test_no_number_of_command_lines_is_too_much(made):
    programs = StartedPrograms()
    for number in made:
        programs.add(Started((str(number),), "/bin/echo", "/", 7))
    found, left_out = programs.take()
    assert len(found) == min(len(set(made)), started.OF_ONE)
    assert sum(one.count for one in found) + left_out == len(made)
    assert programs.take() == ([], 0)


def test_a_program_that_is_started_often_hides_no_other():
    programs = StartedPrograms()
    for number in range(1_000):
        programs.add(Started((str(number),), "/bin/true", "/", 7))
    for number in range(1_000):
        programs.add(Started(("x",), f"/tmp/{number}", "/", 7))
    found, left_out = programs.take()
    assert [one.program for one in found[99:102]] == ["/bin/true", "/tmp/0", "/tmp/1"]
    assert (len(found), left_out) == (started.ROWS, 1_800)


@linux
@given(st.lists(st.binary(max_size=200).map(lambda word: word.replace(b"\0", b"")), max_size=80))
def test_a_command_line_is_read_from_memory(words):
    array = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    with memory_of(os.getpid()) as memory:
        found = memory.texts(ctypes.addressof(array))
    assert found is not None
    assert len(found) <= 64
    assert sum(map(len, found)) <= 4096
    whole = [word.decode("utf-8", "replace") for word in words]
    for read, written in zip(found[:-1], whole, strict=False):
        assert read == written
    if sum(map(len, words)) + len(words) <= 4096 and len(words) <= 64:
        assert found == whole


@linux
@pytest.mark.parametrize("address", [0, 1, 1 << 46, (1 << 63) - 1, (1 << 64) - 1])
def test_memory_that_is_not_there(address):
    with memory_of(os.getpid()) as memory:
        assert (memory.text(address), memory.texts(address)) == (None, None)


@linux
def test_arguments_are_texts_and_numbers():
    path = ctypes.create_string_buffer(b"/mnt\xff" + b"x" * 500)
    with memory_of(os.getpid()) as memory:
        found = words_of("umount2", (ctypes.addressof(path), 2, 9, 9, 9, 9), memory)
    assert found == ("/mnt\N{REPLACEMENT CHARACTER}" + "x" * 251, "0x2")
    assert words_of("umount2", (1, 2), None) == (None, "0x2")


@linux
def test_a_program_is_found_within_the_root_of_its_process_and_read_once(tmp_path):
    program = tmp_path / "tool"
    program.write_bytes(b"#!/bin/sh\n")
    assert digest_of(program) is None  # nobody may start it
    program.chmod(0o755)
    link = tmp_path / "link"
    link.symlink_to(program)
    wanted = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert (digest_of(link), digest_of(tmp_path)) == (wanted, None)
    program.write_bytes(b"#!/bin/bash\n")
    assert digest_of(program) == hashlib.sha256(b"#!/bin/bash\n").hexdigest()
    with pytest.raises(OSError, match="No such file"):
        find(os.getpid(), b"/nowhere")
    with pytest.raises(OSError, match="symbolic link"):
        find(os.getpid(), b"/proc/self/exe")  # which would be the house's own
    program.write_bytes(b"")
    os.truncate(program, FILE + 1)
    assert digest_of(program) is None


DIGESTS = Digests()


def digest_of(path: Path) -> str | None:
    descriptor = find(os.getpid(), os.fsencode(path))
    try:
        file = identity(descriptor)
        return None if file is None else DIGESTS.of(file, descriptor, Allowance()).result(10)
    finally:
        os.close(descriptor)


@linux
def test_who_calls():
    seen = caller(os.getpid())
    assert seen.program == os.path.realpath(sys.executable)
    assert seen.command is not None
    assert caller(0) == NOBODY


ONE = {"argv": ["sh", "-c", "id"], "cwd": "/home/agent", "pid": 9, "exit": 0, "seconds": 0.5}


def test_what_a_box_says_it_ran():
    assert told_by([ONE, ONE | {"exit": None}]) == [
        Told(("sh", "-c", "id"), "/home/agent", 9, 0, 0.5),
        Told(("sh", "-c", "id"), "/home/agent", 9, None, 0.5),
    ]
    for wrong in (None, [ONE] * 41, [1], [ONE | {"argv": [1]}], [ONE | {"seconds": -1}], [{}]):
        with pytest.raises(ShimError, match=re.compile("^started: the shim answered with ")):
            told_by(wrong)


def test_why_calls_are_not_supervised():
    assert why_not("gvisor") == "a box has a kernel of its own, gVisor's, which asks nobody outside"
    assert why_not("kubernetes") == "a Pod runs on another machine, whose kernel asks nobody here"
    assert why_not("none") == "there is no box"
