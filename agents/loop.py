"""The agent's loop: brings the link, the courier, the mind and its hands together."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from agents.courier import Courier
from agents.link import Link
from agents.mind import Abandon, Action, End, Mind, Run, Send
from agents.wire import Hello, Welcome, topic_in, topic_out

if TYPE_CHECKING:
    from agents.worker import Worker

__all__ = ["Loop", "Whoami"]


class Whoami(NamedTuple):
    """What an agent's process is told about itself."""

    run: str
    agent: str
    bus: str
    home: str


class Loop:
    """One agent's process, in the main thread, until the house says stop or SIGTERM comes."""

    def __init__(self, me: Whoami) -> None:
        self._me = me
        self._topic = topic_out(me.run, me.agent)
        self._link = Link(me.bus, topic_in(me.run, me.agent), me.agent)
        self._courier = Courier(os.urandom(4).hex(), time.time() - time.monotonic())
        self._mind = Mind()
        self._worker: Worker | None = None
        self._over = False
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)

    def run(self) -> None:
        """Live: returns when the run is over; then nothing that the tools started is left."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.set_wakeup_fd(self._rope, warn_on_full_buffer=False)
        try:
            while not self._over:
                self._step()
        finally:
            signal.set_wakeup_fd(-1)
            if self._worker is not None:
                self._worker.close()
            self._link.close()

    def _step(self) -> None:
        """Wait for the next thing to happen, and deal with it."""
        link, courier = self._link, self._courier
        descriptor = link.descriptor
        reads = [self._bell] if descriptor is None else [self._bell, descriptor]
        writes = [descriptor] if descriptor is not None and link.sending else []
        readable, writable, _ = select.select(reads, writes, [], self._pause())
        now = time.monotonic()
        if self._bell in readable:
            self._answer_bell()
        if descriptor in writable:
            link.write(now)
        if descriptor in readable:
            self._read(now)
        link.tick(now)
        if link.up:
            courier.repeat(now)
        self._flush(now)

    def _pause(self) -> float:
        """Seconds until the link or the courier has something to do of its own accord."""
        due = self._link.due()
        repeat = self._courier.due() if self._link.up else None
        if repeat is not None and repeat < due:
            due = repeat
        return max(0.0, due - time.monotonic())

    def _read(self, now: float) -> None:
        up, payloads = self._link.read(now)
        if up:
            self._courier.repeat(now, all_of_them=True)
            if not self._courier.awaits(Welcome):
                hello = Hello(self._me.agent, os.getpid(), sys.version.split(maxsplit=1)[0])
                self._courier.post(hello, now=now)
        for payload in payloads:
            arrival = self._courier.receive(payload, now)
            if arrival is not None:
                self._do(self._mind.receive(*arrival), now)

    def _do(self, actions: list[Action], now: float) -> None:
        for action in actions:
            match action:
                case Send():
                    self._courier.post(action.body, now=now, re=action.re)
                case Run():
                    self._hands().start(action)
                case Abandon():
                    self._courier.forget()
                    if self._worker is not None:
                        self._worker.interrupt()
                case End():
                    self._over = True

    def _hands(self) -> Worker:
        if self._worker is None:
            from agents.worker import Worker  # threads and queues, for agents that use tools

            self._worker = Worker(self._me.home, self._ring)
        return self._worker

    def _flush(self, now: float) -> None:
        for payload in self._courier.take():
            self._link.publish(self._topic, payload, now)

    def _ring(self) -> None:
        """Wake the loop from another thread."""
        try:
            os.write(self._rope, b"\0")
        except BlockingIOError:
            return  # it has been rung often enough

    def _answer_bell(self) -> None:
        os.read(self._bell, 4096)
        if self._worker is None:
            return
        for run, outcome in self._worker.finished():
            self._do(self._mind.ran(run, outcome), time.monotonic())

    def _stop(self, _number: int, _frame: object) -> None:
        self._over = True
