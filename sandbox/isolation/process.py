"""A guest that the house starts as a process of its own machine: its start, last words and end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sandbox.isolation.box import BoxExit

__all__ = ["TAIL", "GuestProcess"]

TAIL: Final = 4000
"""Characters that are kept of what the guest wrote to stderr."""
READ: Final = 64 << 10
GRACE: Final = 0.5
WAITING: Final = ("/bin/sh", "-c", 'read -r _ && exec "$@" </dev/null', "sh")
"""Becomes the program once it is told to: until then it starts nothing, and if the house dies it ends."""
PAUSE: Final = 0.05
"""Seconds between two reads of stderr: a guest that floods it waits, and costs the house nothing."""


class GuestProcess:
    """One started process; it leads a session of its own."""

    def __init__(self, process: asyncio.subprocess.Process, stderr: int) -> None:
        self._process = process
        self._stderr = stderr
        self._tail = b""
        self._watch()

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        user: int | None = None,
        pass_fds: Sequence[int] = (),
        join: Sequence[Path] = (),
    ) -> GuestProcess:
        """Start it with nothing but ``env``; as ``user``, with that number as its only group, if one is given.

        Before it is what it is, its number is written into the files ``join``: so it enters a control group.

        Raises OSError if it cannot be started, or not be entered there.
        """
        ours, theirs = os.pipe()
        drop: dict[str, Any] = {}
        if user is not None:
            drop = {"user": user, "group": user, "extra_groups": ()}
        try:
            process = await asyncio.create_subprocess_exec(
                *(WAITING if join else ()),
                *argv,
                stdin=asyncio.subprocess.PIPE if join else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=theirs,
                env=dict(env),
                cwd=folder,
                start_new_session=True,
                pass_fds=pass_fds,
                **drop,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        os.set_blocking(ours, False)
        started = cls(process, ours)
        try:
            await asyncio.to_thread(_enter, process.pid, join)
            if process.stdin is not None:
                process.stdin.write(b"\n")
                process.stdin.close()
        except BaseException:
            process.kill()
            await started.end()
            raise
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> BoxExit:
        """Come back when the process has ended."""
        code = await self._process.wait()
        self._read()
        tail = self._tail.decode("utf-8", "replace")[-TAIL:]
        if code < 0:
            return BoxExit(code=None, signal=-code, tail=tail)
        return BoxExit(code=code, tail=tail)

    async def end(self) -> None:
        """Give the process, which was hung up on, a moment to end; then kill it with its group."""
        # Not wait_for: until Python 3.12 it loses a cancellation that comes as the process ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self.wait()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self.wait()
        if self._stderr >= 0:
            asyncio.get_running_loop().remove_reader(self._stderr)
            os.close(self._stderr)
            self._stderr = -1

    def _watch(self) -> None:
        if self._stderr >= 0:
            asyncio.get_running_loop().add_reader(self._stderr, self._read_and_pause)

    def _read_and_pause(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._stderr)
        if self._read():
            loop.call_later(PAUSE, self._watch)

    def _read(self) -> bool:
        """Take in what is there; False at the end of the stream."""
        if self._stderr < 0:
            return False
        try:
            data = os.read(self._stderr, READ)
        except BlockingIOError:
            return True
        self._tail = (self._tail + data)[-4 * TAIL :]
        return bool(data)


def _enter(pid: int, join: Sequence[Path]) -> None:
    # By the house: with version 2 the process' own user would need rights over the groups above, too.
    for path in join:
        path.write_text(str(pid), encoding="ascii")
