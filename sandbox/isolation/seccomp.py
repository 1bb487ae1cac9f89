"""A seccomp filter, assembled: classic BPF that turns the rules of sandbox.isolation.syscalls into errors.

A call from another machine's table kills the process; a call of x32 does not exist; a call that a
rule names fails; every other call is allowed. Of several filters the strictest answer counts, and an error
is stricter than a question: what a supervisor is to be asked about, no other filter may deny.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from sandbox.isolation.syscalls import EXECS, MACHINES, RULES, WATCHED, Machine, When

__all__ = ["Watch", "memfd", "program"]

Watch: TypeAlias = Literal["no", "ask", "leave"]
"""What becomes of the calls in ``WATCHED``: they fail as by their rule, a supervisor is asked about them and
told of programs that start, or they are left to another filter that asks."""

# linux/bpf_common.h and linux/seccomp.h
_LOAD: Final = 0x20
_AND: Final = 0x54
_JUMP_EQUAL: Final = 0x15
_JUMP_ANY_BIT: Final = 0x45
_JUMP_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_KILL_PROCESS: Final = 0x8000_0000
_FAIL: Final = 0x0005_0000
_ASK: Final = 0x7FC0_0000
_ALLOW: Final = 0x7FFF_0000
_NUMBER_AT: Final = 0
_MACHINE_AT: Final = 4
_ARGS_AT: Final = 16
_X32: Final = 0x4000_0000
_X86_64: Final = 0xC000_003E


def program(machine: str, watch: Watch = "no") -> bytes:
    """Assemble the filter for a machine as ``os.uname`` names it. Raises KeyError for one we have no table of."""
    return b"".join(_program(MACHINES[machine], watch))


def memfd(machine: str, watch: Watch = "no") -> int:
    """Put the filter into a file in memory, to be passed to a process by its descriptor; close it then."""
    descriptor = os.memfd_create("seccomp", os.MFD_CLOEXEC)
    os.write(descriptor, program(machine, watch))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _program(machine: Machine, watch: Watch) -> Iterator[bytes]:
    yield _step(_LOAD, _MACHINE_AT)
    yield _step(_JUMP_EQUAL, machine.audit, yes=1)
    yield _step(_RETURN, _KILL_PROCESS)
    yield _step(_LOAD, _NUMBER_AT)
    if machine.audit == _X86_64:
        yield _step(_JUMP_AT_LEAST, _X32, no=1)
        yield _step(_RETURN, _FAIL | errno.ENOSYS)
    for rule in RULES:
        watched = watch != "no" and rule.call in WATCHED
        number = machine.numbers.get(rule.call)
        if number is None or (watched and watch == "leave"):
            continue
        steps = [*_condition(rule.when), _step(_RETURN, _ASK if watched else _FAIL | rule.error)]
        if rule.when is not None:
            steps.append(_step(_RETURN, _ALLOW))
        yield _step(_JUMP_EQUAL, number, no=len(steps))
        yield from steps
    for call in EXECS if watch == "ask" else ():
        yield _step(_JUMP_EQUAL, machine.numbers[call], no=1)
        yield _step(_RETURN, _ASK)
    yield _step(_RETURN, _ALLOW)


def _condition(when: When | None) -> Iterator[bytes]:
    """Test an argument: go on to the next step, the error, or jump over it."""
    if when is None:
        return
    yield _step(_LOAD, _ARGS_AT + 8 * when.arg)
    if when.test == "any":
        yield _step(_JUMP_ANY_BIT, when.mask, no=1)
        return
    yield _step(_AND, when.mask)
    for left, value in zip(range(len(when.values) - 1, -1, -1), when.values, strict=True):
        if when.test == "in":
            yield _step(_JUMP_EQUAL, value, yes=left, no=0 if left else 1)
        else:
            yield _step(_JUMP_EQUAL, value, yes=left + 1)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
