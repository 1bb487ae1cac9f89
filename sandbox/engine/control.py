"""The engine's end of the control topic: frames in, acts done by the core, answers out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeAlias

import orjson

from sandbox.bus.control import Frame, Guard, topic_reply
from sandbox.bus.seam import Bus
from sandbox.clock import Clock
from sandbox.engine.core import Core
from sandbox.engine.gauging import Gauging
from sandbox.engine.operator import Answer
from sandbox.engine.operator_acts import Query, Stats, Status, read_order
from sandbox.engine.step import Step
from sandbox.errors import BorderError, LinkDown, TranscriptError
from sandbox.transcript.codec import make_safe
from sandbox.transcript.record import Record

__all__ = ["Control", "OpenRecord"]

BLOCK: Final = 192 * 1024
"""Bytes of the record in one answer."""
PAUSE: Final = 0.01
"""Seconds between two such answers, whoever they are for: watchers never slow a run."""
WAITING: Final = 256
"""Questions that wait, for the record or for boxes; whoever asked an older one asks again."""

OpenRecord: TypeAlias = Callable[[], Record]
"""Opens the record of the run."""


class Control:
    """Serves operators and watchers of one run.

    Args:
        run: its id.
        token: what their frames are signed with.
        core: does what they ask for.
        bus: for the answers.
        clock: for the pauses.
        past: opens the record, when somebody first asks for it.
    """

    def __init__(
        self, run: str, token: bytes, core: Core, *, bus: Bus, clock: Clock, past: OpenRecord
    ) -> None:
        self._run = run
        self._guard = Guard(token, run)
        self._core = core
        self._bus = bus
        self._clock = clock
        self._past = past
        self.gauging: Gauging | None = None
        """Reads boxes for whoever asks; None where there are none."""
        self._durable = 0
        self._answers: dict[str, bytes] = {}
        self._due: list[tuple[Frame, bytes]] = []
        self._queries: deque[tuple[Frame, Query]] = deque(maxlen=WAITING)
        self._asked = asyncio.Event()
        self._gauges: asyncio.Queue[tuple[Frame, str]] = asyncio.Queue(WAITING)

    def take(self, payload: bytes, now: float) -> Step:
        """Take in what came on the control topic; whatever it is, nothing is raised."""
        try:
            frame, new = self._guard.admit(payload)
        except BorderError as error:
            sample = payload[:200].decode("utf-8", "backslashreplace")
            self._core.refuse("operator", str(error), sample, now)
            return Step()
        try:
            order = read_order(frame.body)
        except BorderError as error:
            self._answer(frame, Answer(False, str(error)))
            return Step()
        act = order.act
        if isinstance(act, Query):
            self._queries.append((frame, act))
            self._asked.set()
            return Step()
        if isinstance(act, Stats):
            with suppress(asyncio.QueueFull):  # whoever asked asks again
                self._gauges.put_nowait((frame, act.agent))
            return Step()
        if isinstance(act, Status):
            self._answer(frame, Answer(True, "", self._core.hand.status()))
            return Step()
        if not new:  # done already; it is the answer that was lost
            if frame.nonce in self._answers:
                self._due.append((frame, self._answers[frame.nonce]))
            return Step()
        step, answer = self._core.operate(act, order.author, now)
        self._answers[frame.nonce] = self._answer(frame, answer)
        return step

    def _answer(self, frame: Frame, answer: Answer) -> bytes:
        body = _told(answer)
        self._due.append((frame, body))
        return body

    async def answer(self, durable: int) -> None:
        """Send what is due, once what it tells is durable up to event ``durable``."""
        self._durable = durable
        due, self._due = self._due, []
        for frame, body in due:
            await self._send(frame, body)

    async def serve(self) -> None:
        """Read the record and the boxes for whoever asks, for ever; to be cancelled when the run is over."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._serve_record(), name="engine.record")
            # A box may be slow to answer: who follows the record never waits for one.
            tasks.create_task(self._serve_boxes(), name="engine.gauges")

    async def _serve_boxes(self) -> None:
        while True:
            frame, agent = await self._gauges.get()
            answer = Answer(False, "this run has no boxes to ask")
            if self.gauging is not None:
                answer = await self.gauging.read(agent, self._core.state)
            await self._send(frame, _told(answer))

    async def _serve_record(self) -> None:
        record: Record | None = None
        try:
            while True:
                while not self._queries:
                    self._asked.clear()
                    await self._asked.wait()
                frame, query = self._queries.popleft()
                try:
                    record = self._past() if record is None else record
                    head, block = self._read(record, query)
                except (TranscriptError, OSError) as error:
                    head, block = {"done": False, "text": str(error), "data": {}}, b""
                await self._send(frame, orjson.dumps(head) + b"\n" + block)
                await self._clock.sleep(PAUSE)
        finally:
            if record is not None:
                record.close()

    def _read(self, record: Record, query: Query) -> tuple[dict[str, Any], bytes]:
        record.refresh()
        block = record.block(query.from_seq, query.offset, self._durable, BLOCK)
        data = {"from_seq": query.from_seq, "offset": query.offset, "last": self._durable}
        return {"done": True, "text": "", "data": data}, block

    async def _send(self, frame: Frame, body: bytes) -> None:
        try:
            await self._bus.publish(
                topic_reply(self._run, frame.nonce), self._guard.answer(frame, body)
            )
        except LinkDown:
            return  # whoever waits for it asks again


def _told(answer: Answer) -> bytes:
    told = {"done": answer.done, "text": answer.text, "data": dict(answer.data)}
    return orjson.dumps(make_safe(told))
