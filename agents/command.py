"""One program run to its end or to its deadline, with bounded output."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from agents import started

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["Outcome", "kill_group", "run"]

GLANCE: Final = 0.05
"""Seconds between looks at a silent program: its pipes may be held open by what it left behind."""
READ: Final = 64 << 10
PIPE_MOST: Final = 1 << 20
"""Bytes that a pipe holds at most, by Linux' default for users."""


class Outcome(NamedTuple):
    """What the program did; ``code`` is negative for a signal and None past the deadline."""

    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool
    cut: int


class _Output:
    """One stream of the program: its first ``limit`` bytes, and how many more there were."""

    def __init__(self, pipe: IO[bytes] | None, limit: int) -> None:
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self.pipe = pipe
        self.limit = limit
        self.kept = bytearray()
        self.cut = 0

    def read(self) -> int | None:
        """Take in what is there: how many bytes, 0 at the end of the stream, None if nothing waits."""
        try:
            data = os.read(self.pipe.fileno(), READ)
        except BlockingIOError:
            return None
        taken = data[: self.limit - len(self.kept)]
        self.kept += taken
        self.cut += len(data) - len(taken)
        return len(data)

    def drain(self) -> None:
        """Take in what the pipe still holds; never more, as somebody may keep writing."""
        for _ in range(PIPE_MOST // READ):
            if not self.read():
                return


def run(
    argv: Sequence[str], *, stdin: bytes, seconds: float, limit: int, folder: str, groups: set[int]
) -> Outcome:
    """Run a program in ``folder``; when it ends, and at the deadline, its whole process group is killed.

    While it runs its group is in ``groups``, for whoever must end everything at once.
    Raises OSError if it cannot be started, ValueError for a NUL byte in ``argv``.
    """
    import subprocess  # only checks need it, and an agent's start is counted in milliseconds

    began = time.monotonic()
    with subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        start_new_session=True,
    ) as process:
        groups.add(process.pid)
        try:
            stdout, stderr = _Output(process.stdout, limit), _Output(process.stderr, limit)
            ended = _follow(process, (stdout, stderr), memoryview(stdin), began + seconds)
        finally:
            kill_group(process.pid)
            groups.discard(process.pid)
        stdout.drain()
        stderr.drain()
    code, took = process.returncode if ended else None, time.monotonic() - began
    started.note(argv, folder, process.pid, code, took)
    return Outcome(
        code=code,
        stdout=bytes(stdout.kept),
        stderr=bytes(stderr.kept),
        seconds=took,
        timed_out=not ended,
        cut=stdout.cut + stderr.cut,
    )


def _follow(
    process: Popen[bytes], outputs: Sequence[_Output], stdin: memoryview, deadline: float
) -> bool:
    """Feed and read the program until it has ended; False if the deadline came first."""
    import selectors

    assert process.stdin is not None
    with selectors.DefaultSelector() as selector:
        for output in outputs:
            selector.register(output.pipe, selectors.EVENT_READ, output)
        if stdin:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        still_open = len(outputs)
        while still_open:
            if process.poll() is not None:
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for key, _ in selector.select(min(left, GLANCE)):
                if isinstance(key.data, _Output):
                    if key.data.read() == 0:
                        selector.unregister(key.fileobj)
                        still_open -= 1
                elif not (stdin := _write(key.fd, stdin)):
                    selector.unregister(key.fileobj)
                    process.stdin.close()
    return _wait(process, deadline - time.monotonic())


def _wait(process: Popen[bytes], seconds: float) -> bool:
    from subprocess import TimeoutExpired

    try:
        process.wait(max(seconds, 0))
    except TimeoutExpired:
        return False
    return True


def _write(descriptor: int, data: memoryview) -> memoryview:
    """Write what the pipe takes; the rest is empty when the reader has gone."""
    try:
        return data[os.write(descriptor, data[:READ]) :]
    except BlockingIOError:
        return data
    except BrokenPipeError:
        return data[:0]


def kill_group(group: int) -> None:
    """Kill every process of a group that there still is."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all gone, or (as macOS says it) only zombies left
