"""A broker of our own on a private port: started, watched, restarted when it dies, and removed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import IO, Final, Self

from sandbox.bus.leftovers import kill_leftover_broker, remember
from sandbox.bus.recipe import Access, Program, find_program
from sandbox.bus.upstream import Upstream, probe
from sandbox.clock import Clock, SystemClock
from sandbox.errors import BrokerError

__all__ = ["EmbeddedBroker", "free_port"]

_READY_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 2.0
_TRIES: Final = 3
"""Starts with another port each: between choosing a port and using it another program may take it."""
_PROBE_EVERY: Final = 0.005
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 1.0
"""Between restarts of a broker that dies again at once; the pause doubles."""

# Runs before the broker in its process: die with the engine's thread, also if that was killed.
# A hook between fork and exec would do the same but may deadlock in a process with threads.
_LAUNCH: Final = """\
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the engine is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedBroker:
    """An async context manager: inside, a broker answers at ``upstream``.

    It listens on loopback alone, lets nobody in but with the random credentials in ``upstream``, and
    ends with this process whatever happens to that. If it dies it is started again on the same port
    with the same credentials; who was connected comes back and repeats.

    Args:
        folder: for the broker alone: made here with mode 0700, removed when it is left. A broker
            that an engine left there when it was killed is ended first.
        program: which broker; the first that is found if None (see ``find_program``).
        clock: for the pauses between restarts.
    """

    def __init__(
        self, folder: Path, *, program: Program | None = None, clock: Clock | None = None
    ) -> None:
        self.folder = folder
        self._program = program
        self._clock = clock or SystemClock()
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = asyncio.TaskGroup()
        self._watch: asyncio.Task[None] | None = None
        self._log: IO[bytes] | None = None
        self._argv: tuple[str, ...] = ()
        self._upstream: Upstream | None = None
        self.restarts = 0
        """How often it died and was started again."""

    @property
    def upstream(self) -> Upstream:
        """Where it is and how it lets us in."""
        assert self._upstream is not None, "the broker has not been started"
        return self._upstream

    @property
    def pid(self) -> int:
        """The broker's process, as it is now."""
        assert self._process is not None, "the broker has not been started"
        return self._process.pid

    async def __aenter__(self) -> Self:
        program = self._program or find_program()
        kill_leftover_broker(self.folder)
        self.folder.mkdir(mode=0o700, parents=True)
        self._log = (self.folder / "broker.log").open("ab")
        try:
            version = await _version(program)
            for attempt in range(1, _TRIES + 1):
                try:
                    await self._first_start(program, version)
                    break
                except BrokerError:
                    await self._stop()
                    if attempt == _TRIES:
                        raise
        except BaseException:
            await self._clean()
            raise
        await self._tasks.__aenter__()
        self._watch = self._tasks.create_task(self._keep_up(), name="broker-watch")
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._watch is not None
        self._watch.cancel()
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            await self._clean()

    async def _first_start(self, program: Program, version: str) -> None:
        access = Access(free_port(), "backrooms", secrets.token_hex(16))
        recipe = program.recipe(program.path, self.folder, access)
        for name, text in recipe.files.items():
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        self._argv = recipe.argv
        self._upstream = Upstream(
            host="127.0.0.1",
            port=access.port,
            user=access.user,
            password=access.password,
            kind=program.kind,
            version=version,
        )
        await self._start()

    async def _start(self) -> None:
        """Start the process and wait until it has let us in."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *self._argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=_environment(),
                start_new_session=True,  # Ctrl+C is for the engine, which then ends it in order
            )
        except OSError as error:
            raise BrokerError(
                f"The broker {self._argv[0]} cannot be started: {error.strerror}."
                " Free memory or processes."
            ) from None
        remember(self.folder, self._process.pid)
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._until_ready(self._process)
        except TimeoutError:
            raise BrokerError(
                f"The broker {self._argv[0]} did not answer within {_READY_SECONDS:g} s."
                f" Its last words: {self._last_words()}"
            ) from None

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        while True:
            try:
                await probe(self.upstream, client=f"probe-{secrets.token_hex(5)}")
            except BrokerError:
                if process.returncode is not None:
                    raise BrokerError(
                        f"The broker {self._argv[0]} ended at its start with code"
                        f" {process.returncode}. Its last words: {self._last_words()}"
                    ) from None
                await asyncio.sleep(_PROBE_EVERY)
            else:
                return

    async def _keep_up(self) -> None:
        while True:
            assert self._process is not None
            await self._process.wait()
            pause = _FIRST_PAUSE
            while True:
                self.restarts += 1
                try:
                    await self._start()
                    break
                except BrokerError:
                    await self._stop()
                    await self._clock.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _clean(self) -> None:
        try:
            await self._stop()
        finally:
            if self._log is not None:
                self._log.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            words = (self.folder / "broker.log").read_bytes()[-400:]
            if text := words.decode("utf-8", "replace").strip():
                return text
        return "none"


def free_port() -> int:
    """Choose a TCP port of loopback that is free at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """What a broker needs of our environment: how programs and libraries are found, and nothing of keys."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


async def _version(program: Program) -> str:
    """Ask the program for its version: the first line it prints."""
    try:
        process = await asyncio.create_subprocess_exec(
            *program.version_argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise BrokerError(
            f"The broker {program.path} cannot be run: {error.strerror}. Install it again."
        ) from None
    out, _ = await process.communicate()
    return out.decode("utf-8", "replace").partition("\n")[0].strip()
