"""An operator's questions to one live run, over a link that is made when the first is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from sandbox.bus.control import new_nonce, topic_reply
from sandbox.bus.link import MqttBus
from sandbox.bus.watcher import Answered, Watcher
from sandbox.engine.registry import LiveRun
from sandbox.errors import BackroomsError, UsageError

__all__ = ["Asking"]

_MOST: Final = 32
"""Questions that wait for those before them; nobody types so fast."""

_Question: TypeAlias = tuple[Mapping[str, Any], "asyncio.Future[Answered]"]


class Asking:
    """Asks one question after the other; who only asks hears nothing of the run.

    Args:
        reach: finds the run, and raises NoSuchRun if it is not alive.
        author: the login name of whoever asks.
    """

    def __init__(self, reach: Callable[[], LiveRun], author: str) -> None:
        self._reach = reach
        self._author = author
        self._questions: asyncio.Queue[_Question] = asyncio.Queue(_MOST)
        self._sitting: asyncio.Task[None] | None = None

    async def __call__(self, act: Mapping[str, Any]) -> Answered:
        """Ask, and wait for the answer. Raises BusError, NoSuchRun, UsageError."""
        if self._sitting is None or self._sitting.done():
            # One task from connecting to leaving: a link belongs to the task that made it.
            self._sitting = asyncio.create_task(self._sit(), name="asking")
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        try:
            self._questions.put_nowait((act, answer))
        except asyncio.QueueFull:
            raise UsageError("the engine has not answered yet what it was asked before.") from None
        return await answer

    async def close(self) -> None:
        """Leave; may be called twice."""
        if self._sitting is not None:
            self._sitting.cancel()
            with suppress(asyncio.CancelledError):
                await self._sitting

    async def _sit(self) -> None:
        try:
            live, nonce = self._reach(), new_nonce()
            topics = (topic_reply(live.run, nonce),)
            bus = MqttBus(live.upstream, client=f"ask-{nonce[:8]}", subscriptions=topics)
            seat = Watcher(live.run, live.token, self._author, bus=bus, nonce=nonce)
            async with seat as watcher:
                while True:
                    await self._answer(watcher)
        except BackroomsError as error:
            while not self._questions.empty():
                _fail(self._questions.get_nowait()[1], error)

    async def _answer(self, watcher: Watcher) -> None:
        act, answer = await self._questions.get()
        try:
            answered = await watcher.ask(act)
        except BackroomsError as error:
            _fail(answer, error)
        except asyncio.CancelledError:
            answer.cancel()
            raise
        else:
            if not answer.done():
                answer.set_result(answered)


def _fail(answer: asyncio.Future[Answered], error: BackroomsError) -> None:
    if not answer.done():
        answer.set_exception(error)
