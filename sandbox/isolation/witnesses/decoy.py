"""The decoy: a process of the host whose environment holds a canary, for whoever reads /proc from a box."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["VARIABLE", "Decoy"]

VARIABLE: Final = "BACKROOMS_OPERATOR_KEY"
MOST: Final = 16
"""Users of boxes that it is run as; a run with more boxes has no more of it."""
_PROGRAM: Final = Path(__file__).with_name("decoy_process.py")


class Decoy:
    """Holds a string in the environment of a process, as each user that a box runs as.

    It ends by itself when this process does, whatever happens to that: it reads from a pipe of ours.

    Args:
        token: the string.
        root: the folder that it sees of the host; None where only root could confine it to one.
    """

    def __init__(self, token: str, root: Path | None) -> None:
        self._token = token
        self._root = root
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of its first process; None where there is none."""
        return None if self._process is None else self._process.pid

    async def start(self, owners: Collection[int | None]) -> None:
        """Start it for the users of these boxes; None is our own. It waits for nobody.

        Raises:
            OSError: it cannot be started.
        """
        if sys.platform != "linux":
            return
        users = [str(owner) for owner in dict.fromkeys(owners) if owner is not None][:MOST]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_PROGRAM)),
            *(("-",) if self._root is None else (str(self._root), *users)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={VARIABLE: self._token},
            cwd="/",
            start_new_session=True,  # Ctrl+C is for the engine; a decoy that it ends would be told as tampering
        )

    def shows(self) -> bool:
        """Whether the string is where somebody would read it."""
        try:
            return self._token.encode() in Path(f"/proc/{self.pid}/environ").read_bytes()
        except OSError:
            return False

    async def stand(self) -> None:
        """Watch over it until cancelled.

        Raises:
            OSError: it has not given up its rights, or has ended: nobody but us may end it.
        """
        if self._process is None or self._process.stdout is None:
            return
        if not await self._process.stdout.read(1):
            raise OSError("the process whose environment holds a canary has not begun")
        code = await self._process.wait()
        raise OSError(f"the process whose environment holds a canary has ended ({code})")

    async def stop(self) -> None:
        """End it; may be called twice."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._process = None
