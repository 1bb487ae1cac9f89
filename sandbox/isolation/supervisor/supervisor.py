"""Answers what a box's filter asks: a thread beside the house's loop, for one box.

Calls on ``WATCHED`` are denied, always; programs that start are looked at, and let go on. Whatever happens
here, the first is never allowed: when this thread ends, the kernel has no such calls for that box any more.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sandbox.isolation.supervisor import started
from sandbox.isolation.supervisor.caller import NOBODY, caller
from sandbox.isolation.supervisor.denied import (
    Denied,
    DeniedCalls,
    is_harmless,
    ordinary,
    target_of,
    words_of,
)
from sandbox.isolation.supervisor.memory import memory_of
from sandbox.isolation.supervisor.notification import (
    Notification,
    allow,
    deny,
    prefer_one_processor,
    receive,
    stands,
)
from sandbox.isolation.supervisor.started import Started, StartedPrograms
from sandbox.isolation.syscalls import EXECS, MACHINES

__all__ = ["Drilled", "Supervisor"]

DRILLED: Final = 64
"""Calls before the agent begins that are remembered; the check makes a dozen."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """A call that the house's own check of a box made."""

    call: str
    pid: int
    args: tuple[int, ...]


class Supervisor:
    """One box's. ``listener`` is its own from now on, and closed in the end.

    Until ``begin`` what it sees is the house's check, which it keeps for ``drilled``, and no agent's doing.
    """

    def __init__(self, listener: int, agent: str) -> None:
        numbers = MACHINES[os.uname().machine].numbers
        self._names = {number: call for call, number in numbers.items()}
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._there = asyncio.Event()
        self._stop, self._stopped = os.pipe()
        self._begun = False
        self._denied = DeniedCalls()
        self._started = StartedPrograms()
        self._ended = False
        self.drilled: list[Drilled] = []
        self._failure: Exception | None = None
        self._thread = threading.Thread(
            target=self._serve, name=f"supervisor of {agent}", daemon=True
        )
        self._thread.start()

    def begin(self) -> None:
        """From now on calls are the agent's."""
        self._begun = True

    async def denied(self) -> list[Denied]:
        """The calls that were denied since it was last asked: at least one, or none once it watches no more.

        Raises what ended it, if that was not ``stop``.
        """
        while not (found := self._denied.take()) and not self._ended:
            await self._there.wait()
            self._there.clear()
        if not found and self._failure is not None:
            raise self._failure
        return found

    def denied_now(self) -> list[Denied]:
        """The same without waiting: maybe none."""
        return self._denied.take()

    def started(self) -> tuple[list[Started], int]:
        """The programs that were started since it was last asked, and how many were not told apart."""
        return self._started.take()

    async def stop(self) -> None:
        """Watch no more; may be called twice."""
        if self._stopped >= 0:
            os.close(self._stopped)
            self._stopped = -1
            await asyncio.to_thread(self._thread.join)
            os.close(self._stop)

    def _serve(self) -> None:
        try:
            self._listen()
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            self._failure = error
        finally:
            os.close(self._listener)
            self._ended = True
            self._tell()

    def _listen(self) -> None:
        prefer_one_processor(self._listener)
        waiting = select.poll()
        waiting.register(self._listener, select.POLLIN)
        waiting.register(self._stop, select.POLLIN)
        while True:
            for descriptor, what in waiting.poll():
                if descriptor == self._stop or not what & select.POLLIN:
                    return  # asked to, or nobody is left who could ask
                asked = receive(self._listener)
                if asked is not None:
                    self._answer(asked)

    def _answer(self, asked: Notification) -> None:
        call = self._names.get(asked.number, "")
        if call in EXECS:
            try:
                self._see_start(asked, call)
            finally:
                allow(self._listener, asked)
            return
        try:
            self._see_denial(asked, call)
        finally:
            deny(self._listener, asked)

    def _see_start(self, asked: Notification, call: str) -> None:
        if not self._begun:
            return
        seen = started.look(asked, call, self._started.allowance)
        if seen is not None and stands(self._listener, asked):
            self._started.add(seen)

    def _see_denial(self, asked: Notification, call: str) -> None:
        if not self._begun:
            if len(self.drilled) < DRILLED:
                self.drilled.append(Drilled(call, asked.pid, asked.args))
            return
        target = target_of(call, asked.args)
        if is_harmless(call, asked.args) or self._denied.again(asked.pid, call, target):
            return
        seen, usual = caller(asked.pid), ordinary(call, asked.args, asked.pid)
        args = words_of(call, asked.args, None)
        with suppress(OSError), memory_of(asked.pid) as memory:
            args = words_of(call, asked.args, memory)
        if not stands(self._listener, asked):
            seen = NOBODY  # it was killed; that it asked is still true
            args, usual = words_of(call, asked.args, None), ""
        self._denied.add(Denied(call, args, asked.pid, seen, ordinary=usual), target)
        self._tell()

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(self._there.set)
