"""The tool ``shell``: one command line in the box."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING, Final

from agents import started
from agents.tools.arguments import number, text
from agents.tools.excerpt import Excerpt
from agents.tools.outcome import Outcome, ToolError

if TYPE_CHECKING:
    from subprocess import Popen

    from agents.tools.job import Job
    from agents.wire import JsonObject

__all__ = ["shell"]

SECONDS: Final = 30.0
"""Time limit of a command that names none."""
MOST_SECONDS: Final = 120.0
KEPT: Final = 16 * 1024
"""Bytes of output that are kept."""
_SHELL: Final = "/bin/sh"
GLANCE: Final = 0.05
"""Seconds between looks at a silent command: its output may be held open by what it left behind."""


def shell(args: JsonObject, home: str, job: Job) -> Outcome:
    """Run ``command`` by /bin/sh; at the limit of ``seconds`` its process group is killed.

    It starts in ``home``. Standard output and error are one stream, in their order. What it leaves
    in the background lives on until the job is stopped, but its later output goes nowhere.
    """
    command = text(args, "command")
    limit = min(number(args, "seconds", SECONDS), MOST_SECONDS)
    excerpt = Excerpt(KEPT)
    began = time.monotonic()
    process = _start(command, home)
    job.leads(process.pid)
    try:
        ended = _follow(process, excerpt, began + limit)
    finally:
        if process.poll() is None:
            job.stop()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
    seconds = time.monotonic() - began
    code = process.returncode if ended else None
    started.note([_SHELL, "-c", command], home, process.pid, code, seconds)
    output, cut = excerpt.read()
    if not ended:
        return Outcome(
            False, _with_line(output, f"[stopped after {limit:g} s]"), None, seconds, cut
        )
    return Outcome(process.returncode == 0, output, process.returncode, seconds, cut)


def _start(command: str, home: str) -> Popen[bytes]:
    import subprocess  # costs 3 ms and 1 MB, which an agent that only talks never pays

    try:
        return subprocess.Popen(
            [_SHELL, "-c", command],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the command
        raise ToolError(f"the command cannot be started: {error}") from None


def _follow(process: Popen[bytes], excerpt: Excerpt, deadline: float) -> bool:
    """Read until the command has ended; False if the deadline came first."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    is_open = True
    while True:
        ended = process.poll() is not None
        if is_open:
            is_open = _drain(pipe, excerpt, deadline)
        if ended:
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        if is_open:
            select.select([pipe], [], [], min(left, GLANCE))
        else:
            _wait(process, left)


def _drain(pipe: int, excerpt: Excerpt, deadline: float) -> bool:
    """Read what is there now; False at the end of the stream."""
    while time.monotonic() < deadline:
        try:
            data = os.read(pipe, 65536)
        except BlockingIOError:
            return True
        if not data:
            return False
        excerpt.add(data)
    return True


def _wait(process: Popen[bytes], seconds: float) -> None:
    from subprocess import TimeoutExpired  # already loaded by _start

    try:
        process.wait(seconds)
    except TimeoutExpired:
        return


def _with_line(output: str, line: str) -> str:
    return f"{output.rstrip()}\n{line}" if output.strip() else line
