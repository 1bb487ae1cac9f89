"""Trials of a box that cost something, for the doctor and for CI; at a run's start they would be in the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from sandbox.errors import ShimError

if TYPE_CHECKING:
    from sandbox.isolation.box import Box, ExecResult
    from sandbox.isolation.examine import Check

__all__ = ["HARDSHIPS"]

Hardship: TypeAlias = Callable[["Box"], Awaitable["Check"]]

_FORKS: Final = """
import os, signal, sys
children = []
try:
    for _ in range(1000):
        pid = os.fork()
        if pid == 0:
            signal.pause()
        children.append(pid)
except OSError:
    pass
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
print(len(children))
"""
_MEMORY: Final = "held = bytearray(1 << 30); print(len(held))"
_DISK: Final = """
written = 0
try:
    with open('/home/agent/filled', 'wb') as file:
        while written < 100 << 20:
            written += file.write(bytes(1 << 20)); file.flush()
except OSError:
    pass
import os; os.unlink('/home/agent/filled'); print(written)
"""
_NAMES: Final = """
import socket
try:
    print(socket.getaddrinfo('example.com', 80)[0][4][0])
except OSError:
    print('nothing')
"""


async def processes(box: Box) -> Check:
    """Start a thousand processes: it must end at the box's limit."""
    return await _tried(box, "a thousand processes", _FORKS, lambda out: int(out) < 1000)


async def memory(box: Box) -> Check:
    """Ask for a gigabyte: it must not be had."""
    return await _tried(box, "a gigabyte of memory", _MEMORY, lambda out: out == "")


async def disk(box: Box) -> Check:
    """Write a hundred megabytes: they must not fit."""
    name = "a hundred megabytes of files"
    return await _tried(box, name, _DISK, lambda out: int(out) < 100 << 20)


async def names(box: Box) -> Check:
    """Ask for the address of a name: nobody may answer."""
    return await _tried(box, "a name looked up on a network", _NAMES, lambda out: out == "nothing")


async def _tried(box: Box, name: str, code: str, held: Callable[[str], bool]) -> Check:
    from sandbox.isolation.examine import Check

    try:
        done: ExecResult = await box.exec(["python3", "-I", "-S", "-c", code], seconds=60)
    except ShimError as error:
        # Short of memory, gVisor ends the box whole: that holds, too.
        return Check(name, passed="hung up" in str(error), detail="it ended the box")
    out = done.stdout.decode("utf-8", "replace").strip()
    if done.timed_out:
        return Check(name, passed=False, detail="no end to it within a minute")
    try:
        passed = held(out)
    except ValueError:  # the program was ended before it could tell
        passed = done.code != 0
    return Check(name, passed=passed, detail=f"got as far as {out[:60]}" if out else "got nothing")


HARDSHIPS: Final[tuple[Hardship, ...]] = (processes, disk, names, memory)
"""The last may end the box."""
