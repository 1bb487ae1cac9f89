"""The guest's half of delivery at least once: repeat what is unanswered, handle arrivals once.

Sans-I/O: time comes in with each call, payloads go out through ``take``. The house's half is
sandbox.engine.courier.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from agents.wire import (
    Ack,
    Bid,
    Body,
    Envelope,
    Hello,
    Intent,
    Result,
    ThinkRequest,
    Thought,
    Verdict,
    Welcome,
    WireError,
    decode,
    encode,
    unpack,
)

__all__ = ["Arrival", "Courier"]

FIRST_REPEAT: Final = 1.0
"""Seconds until an unanswered message is sent again; doubles up to LAST_REPEAT."""
LAST_REPEAT: Final = 5.0
ACKED_REPEAT: Final = 10.0
"""Seconds between repeats once the house has said that it is working on the message."""
REMEMBERED: Final = 64
"""Ids kept: the house waits for each answer, so a repeat is never far from its original."""

_ANSWERED_BY: Final[dict[type[Body], type[Body]]] = {
    Hello: Welcome,
    ThinkRequest: Thought,
    Intent: Verdict,
    Result: Ack,
    Bid: Ack,
}
_ANSWERS: Final = frozenset(cls.KIND for cls in _ANSWERED_BY.values())


class Arrival(NamedTuple):
    """A message that is handled now, for the first and only time."""

    body: Body
    id: str


class _Waiting:
    """A message of ours that has had no answer yet."""

    __slots__ = ("answer", "due", "interval", "payload")

    def __init__(self, payload: bytes, answer: type[Body], now: float) -> None:
        self.payload = payload
        self.answer = answer
        self.interval = FIRST_REPEAT
        self.due = now + FIRST_REPEAT


class Courier:
    """Delivery to and from the house. Ids are ``<boot>-<n>``.

    ``boot`` is drawn anew by each process, so that no id comes back after a restart; ``epoch`` is
    what turns the ``now`` of each call (seconds, monotonic) into unix seconds.
    """

    def __init__(self, boot: str, epoch: float = 0.0) -> None:
        self._boot = boot
        self._epoch = epoch
        self._count = 0
        self._out: list[bytes] = []
        self._waiting: dict[str, _Waiting] = {}
        self._seen: dict[str, bytes | None] = {}  # id of a request -> our latest answer to it

    def post(self, body: Body, *, now: float, re: str | None = None) -> None:
        """Send a message, and repeat it if it is of a kind that is answered."""
        id = self._next_id()
        payload = encode(body, id=id, re=re, ts=self._epoch + now)
        if re in self._seen:
            self._seen[re] = payload
        answer = _ANSWERED_BY.get(type(body))
        if answer is not None:
            self._waiting[id] = _Waiting(payload, answer, now)
        self._out.append(payload)

    def receive(self, payload: bytes, now: float) -> Arrival | None:
        """Take in what arrived; None if it was handled before, is late, or is no message."""
        try:
            envelope = decode(payload)
            if envelope.kind in _ANSWERS:
                return self._receive_answer(envelope, now)
            return self._receive_request(envelope, now)
        except WireError:
            return None  # only the house writes here, and it repeats what matters

    def repeat(self, now: float, *, all_of_them: bool = False) -> None:
        """Send again what is due; ``all_of_them`` after the link was lost."""
        for waiting in self._waiting.values():
            if all_of_them:
                waiting.interval = FIRST_REPEAT
            elif now >= waiting.due:
                waiting.interval = min(waiting.interval * 2, max(LAST_REPEAT, waiting.interval))
            else:
                continue
            waiting.due = now + waiting.interval
            self._out.append(waiting.payload)

    def due(self) -> float | None:
        """When ``repeat`` has something to say; None if nothing awaits an answer."""
        return min((waiting.due for waiting in self._waiting.values()), default=None)

    def awaits(self, answer: type[Body]) -> bool:
        """Whether a message is out that is answered by this kind."""
        return any(waiting.answer is answer for waiting in self._waiting.values())

    def forget(self) -> None:
        """Await no answer any more, but for a greeting's."""
        self._waiting = {i: w for i, w in self._waiting.items() if w.answer is Welcome}

    def take(self) -> list[bytes]:
        """What is to be published now, in order; each payload is handed out once."""
        out, self._out = self._out, []
        return out

    def _receive_answer(self, envelope: Envelope, now: float) -> Arrival | None:
        waiting = self._waiting.get(envelope.re or "")
        if waiting is None:
            if envelope.kind == Welcome.KIND and envelope.re is None:
                self.repeat(now, all_of_them=True)  # the house was away, and missed what we said
            return None
        body = unpack(envelope)
        if not isinstance(body, waiting.answer) and not (isinstance(body, Ack) and body.over):
            if isinstance(body, Ack):
                waiting.interval = ACKED_REPEAT
                waiting.due = now + ACKED_REPEAT
            return None
        del self._waiting[envelope.re or ""]
        return Arrival(body, envelope.id)

    def _receive_request(self, envelope: Envelope, now: float) -> Arrival | None:
        if envelope.id in self._seen:
            answer = self._seen[envelope.id]
            if answer is None:
                self.post(Ack(), now=now, re=envelope.id)
            else:
                self._out.append(answer)
            return None
        arrival = Arrival(unpack(envelope), envelope.id)
        self._seen[envelope.id] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return arrival

    def _next_id(self) -> str:
        self._count += 1
        return f"{self._boot}-{self._count}"
