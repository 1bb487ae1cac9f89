"""One child process per local model, from the house's side: start, address, end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from sandbox.errors import ModelFailed, ModelUnavailable, Unreachable
from sandbox.models.failures import quoted
from sandbox.models.keys import without_keys

__all__ = ["EngineProcess"]

START_SECONDS: Final = 120.0
"""Half a gigabyte from a slow disk; 0.5 to 6 s were seen."""
NOTICE_SECONDS: Final = 0.2


class EngineProcess:
    """A llama.cpp server in a process of its own, on a Unix socket in a folder that only we can enter.

    The socket needs no key and opens no port. The process ends when this one does, even by a kill.
    """

    def __init__(self, model: str, weights: Path, context: int) -> None:
        self._model = model
        self._weights = weights
        self._context = context
        self._folder: Path | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> str:
        """The path of the socket it serves on."""
        assert self._folder is not None
        return str(self._folder / "llama.sock")

    @property
    def alive(self) -> bool:
        """Whether the process runs, as far as is known."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process, for measurements."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process and wait until it serves; leaves nothing behind if it does not.

        Raises:
            ModelUnavailable: it ended, or did not serve in ``START_SECONDS``.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="backrooms-model-"))
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        assert self._folder is not None
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "sandbox.models.llama_child"),
                *(str(self._weights), self.socket, str(self._context)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**without_keys(dict(os.environ)), "OMP_WAIT_POLICY": "PASSIVE"},
                start_new_session=True,
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                word = await self._process.stdout.readline()
        except TimeoutError:
            raise ModelUnavailable(
                f"local/{self._model} was not loaded within {START_SECONDS:g} s: {self._last_words()}"
            ) from None
        if not word.startswith(b"ready"):
            raise ModelUnavailable(f"local/{self._model} cannot be loaded: {self._last_words()}")

    def _last_words(self) -> str:
        assert self._folder is not None
        log = (self._folder / "log").read_bytes().strip()
        return quoted(log.rpartition(b"\n")[2]) or "its process ended without a word"

    async def ended(self) -> ModelFailed | None:
        """The error to raise if the process has gone away under a question."""
        if self._process is None:
            return None
        # The link breaks a moment before the process is known to be dead.
        with suppress(TimeoutError):
            async with asyncio.timeout(NOTICE_SECONDS):
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return None
        how = f"exit {code}" if code >= 0 else f"signal {-code}"
        return Unreachable(f"the process of local/{self._model} has ended ({how}); it starts again")

    async def stop(self) -> None:
        """End the process and remove its folder; may be called at any time, and twice."""
        process, self._process = self._process, None
        try:
            if process is not None and process.returncode is None:
                process.kill()  # it keeps nothing that would have to be saved
                await process.wait()
        finally:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
