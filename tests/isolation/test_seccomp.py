"""The filter, run by a small machine of its own: what each call gets on each architecture."""

import errno
import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.isolation.seccomp import memfd, program
from sandbox.isolation.syscalls import EXECS, MACHINES, RULES, WATCHED

ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
ASK = 0x7FC00000
EPERM, ENOSYS = FAIL | errno.EPERM, FAIL | errno.ENOSYS


WATCHES = ("no", "ask", "leave")
PROGRAMS = {(machine, watch): program(machine, watch) for machine in MACHINES for watch in WATCHES}


def run(code: bytes, audit: int, number: int, args: tuple[int, ...] = ()) -> int:
    """Do what the kernel does with a filter."""
    data = struct.pack("=iIQ6Q", number, audit, 0, *args, *[0] * (6 - len(args)))
    at, value = 0, 0
    while True:
        op, yes, no, k = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        match op:
            case 0x20:
                (value,) = struct.unpack_from("=I", data, k)
            case 0x54:
                value &= k
            case 0x15:
                at += yes if value == k else no
            case 0x45:
                at += yes if value & k else no
            case 0x35:
                at += yes if value >= k else no
            case 0x06:
                return k
            case _:
                raise AssertionError(f"no instruction {op:#x}")


def call(machine: str, name: str, *args: int, watch: str = "no") -> int:
    known = MACHINES[machine]
    return run(PROGRAMS[machine, watch], known.audit, known.numbers[name], args)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_rule_without_a_condition_fails_with_its_error(machine):
    rules = [rule for rule in RULES if rule.when is None and rule.call in MACHINES[machine].numbers]
    assert {rule.call: call(machine, rule.call) for rule in rules} == {
        rule.call: FAIL | rule.error for rule in rules
    }


@pytest.mark.parametrize("machine", MACHINES)
def test_conditions(machine):
    namespaces = [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
    assert [call(machine, "clone", 17 | flag) for flag in namespaces] == [EPERM] * 7
    thread = 0x3D0F00
    assert [call(machine, "clone", flags) for flags in (17, thread)] == [ALLOW] * 2
    assert call(machine, "clone3") == ENOSYS

    families = {af: call(machine, "socket", af, 1, 0) for af in range(64)}
    assert families == {af: ALLOW if af in {1, 2, 10} else EPERM for af in range(64)}
    assert call(machine, "socketpair", 1) == ALLOW
    assert call(machine, "socket", 1 | 1 << 32) == ALLOW  # the kernel reads an int

    assert call(machine, "ioctl", 0, 0x5412) == EPERM
    assert call(machine, "ioctl", 0, 0x541C) == EPERM
    assert call(machine, "ioctl", 0, 0x5412 | 1 << 32) == EPERM
    assert call(machine, "ioctl", 0, 0x5413) == ALLOW

    kinds = {
        "fifo": 0o010644,
        "char": 0o020644,
        "block": 0o060644,
        "file": 0o100644,
        "plain": 0o644,
    }
    made = {kind: call(machine, "mknodat", 0, 0, mode) for kind, mode in kinds.items()}
    assert made == dict.fromkeys(kinds, ALLOW) | {"char": EPERM, "block": EPERM}


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_watched_is_asked_about_by_one_filter_and_left_by_the_other(machine):
    known = MACHINES[machine].numbers
    plain = [rule for rule in RULES if rule.when is None and rule.call in known]
    for watch, watched in (("ask", ASK), ("leave", ALLOW)):
        assert {rule.call: call(machine, rule.call, watch=watch) for rule in plain} == {
            rule.call: watched if rule.call in WATCHED else FAIL | rule.error for rule in plain
        }
        flags = (17 | 0x10000000, 17, 0x3D0F00)
        assert [call(machine, "clone", flag, watch=watch) for flag in flags] == [
            watched,
            ALLOW,
            ALLOW,
        ]
        modes = (0o020644, 0o060644, 0o100644)
        made = [call(machine, "mknodat", 0, 0, mode, watch=watch) for mode in modes]
        assert made == [watched, watched, ALLOW]
        assert call(machine, "socket", 16, watch=watch) == EPERM
    assert [call(machine, name, watch="ask") for name in EXECS] == [ASK] * 2
    assert [call(machine, name, watch="leave") for name in EXECS] == [ALLOW] * 2


@pytest.mark.parametrize("machine", MACHINES)
def test_no_filter_that_asks_is_weaker_than_the_one_that_denies(machine):
    """Whatever the one denies, the other denies or asks about: and asked about, it is denied."""
    audit = MACHINES[machine].audit
    for number in range(500):
        for args in ((), (0x10000000,), (16, 0x5412, 0o020000), (0, 1026, 0o060000)):
            before = run(PROGRAMS[machine, "no"], audit, number, args)
            now = run(PROGRAMS[machine, "ask"], audit, number, args)
            assert before in (now, ALLOW) or now == ASK


@pytest.mark.parametrize("watch", WATCHES)
def test_machines_do_not_mix(watch):
    x86, arm = MACHINES["x86_64"], MACHINES["aarch64"]
    assert run(program("x86_64", watch), arm.audit, 0) == KILL
    assert run(program("aarch64", watch), x86.audit, 0) == KILL
    assert run(program("x86_64", watch), 0x40000003, 0) == KILL  # 32-bit calls
    assert run(program("x86_64", watch), x86.audit, 0x40000000) == ENOSYS  # x32
    assert run(program("x86_64", watch), x86.audit, -1) == ENOSYS


@given(st.integers(0, 500), st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_a_call_that_no_rule_names_is_allowed(number, args):
    for machine, known in MACHINES.items():
        if number not in known.numbers.values():
            assert run(PROGRAMS[machine, "no"], known.audit, number, args) == ALLOW


def test_every_rule_has_a_number():
    assert {rule.call for rule in RULES} | {*EXECS} == set(MACHINES["x86_64"].numbers)


def test_a_jump_and_the_program_have_the_kernels_sizes():
    for machine in MACHINES:
        assert len(program(machine)) // 8 < 4096


def test_no_filter_for_a_machine_without_a_table():
    with pytest.raises(KeyError, match="riscv64"):
        program("riscv64")


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="files in memory are Linux'")
def test_the_file_is_read_from_its_start():
    descriptor = memfd("x86_64")
    try:
        assert os.read(descriptor, 1 << 20) == program("x86_64")
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)
