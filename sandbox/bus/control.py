r"""Signed frames between an operator and the engine, over a bus that others may write to.

A frame is one line and what follows it: ``1 <nonce> <n> <mac>\n<body>``. The nonce is a watcher's own for
as long as it lives, ``n`` counts its frames from 1, and the mac is HMAC-SHA256 by the run's token over
direction, run, nonce, ``n`` and body. An answer has the nonce and the ``n`` of what it answers. Nothing
of a frame is read before its mac is known to be right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sandbox.errors import BorderError

__all__ = [
    "FRAME_BYTES",
    "VERSION",
    "Frame",
    "Guard",
    "new_nonce",
    "new_token",
    "open_frame",
    "seal",
    "topic_alive",
    "topic_control",
    "topic_reply",
]

VERSION: Final = 1
FRAME_BYTES: Final = 256 << 10
"""The longest frame of an operator; an edited message is at most 20,000 characters."""
WATCHERS: Final = 65_536
"""Nonces remembered over a run. None is ever forgotten: its frames could be sent once more."""

_HEAD: Final = re.compile(rb"(\d{1,4}) ([0-9a-f]{32}) (\d{1,15}) ([0-9a-f]{64})\n")

Direction: TypeAlias = Literal["ask", "answer"]


def topic_control(run: str) -> str:
    """Where operators write to the engine. No agent's rights cover it."""
    return f"br/{run}/control"


def topic_alive(run: str) -> str:
    """Where a retained message says how far a run is, for as long as it lives."""
    return f"br/_runs/{run}"


def topic_reply(run: str, nonce: str) -> str:
    """Where the engine answers one watcher."""
    return f"br/{run}/reply/{nonce}"


def new_token() -> bytes:
    """Make the token of a run."""
    return secrets.token_bytes(32)


def new_nonce() -> str:
    """Make the nonce of a watcher."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Frame:
    """What came in a frame whose mac is right."""

    nonce: str
    n: int
    body: bytes


def seal(token: bytes, run: str, frame: Frame, direction: Direction) -> bytes:
    """Write a frame."""
    mac = _mac(token, run, frame, direction)
    return b"%d %b %d %b\n%b" % (VERSION, frame.nonce.encode(), frame.n, mac.encode(), frame.body)


def open_frame(token: bytes, run: str, payload: bytes, direction: Direction) -> Frame:
    """Read a frame.

    Raises:
        BorderError: it is none, or was not made with this token for this run and direction. There are
            few such sentences, whatever comes.
    """
    head = _HEAD.match(payload[:128])
    if head is None:
        raise BorderError("it is no frame of the control protocol")
    version, nonce, n, mac = head.groups()
    if int(version) != VERSION:
        raise BorderError("it is a frame of another version")
    frame = Frame(nonce.decode(), int(n), payload[head.end() :])
    if not hmac.compare_digest(mac, _mac(token, run, frame, direction).encode()):
        raise BorderError("it is not signed with the run's token")
    return frame


def _mac(token: bytes, run: str, frame: Frame, direction: Direction) -> str:
    made = hmac.new(token, digestmod=hashlib.sha256)
    made.update(f"backrooms {VERSION} {direction} {run} {frame.nonce} {frame.n}\n".encode())
    made.update(frame.body)
    return made.hexdigest()


class Guard:
    """Lets each frame in once: a watcher's frames must count up."""

    def __init__(self, token: bytes, run: str, *, watchers: int = WATCHERS) -> None:
        self._token = token
        self._run = run
        self._most = watchers
        self._last: dict[str, int] = {}

    def admit(self, payload: bytes) -> tuple[Frame, bool]:
        """Read a frame, and tell whether it is new; the last one of a watcher may come again.

        Raises:
            BorderError: it is not to be taken: one plain sentence says why.
        """
        if len(payload) > FRAME_BYTES:
            raise BorderError("it is longer than any frame of the control protocol")
        frame = open_frame(self._token, self._run, payload, "ask")
        last = self._last.get(frame.nonce, 0)
        if frame.n < max(last, 1):
            raise BorderError("it was sent before and comes again")
        if not last and len(self._last) >= self._most:
            raise BorderError("there were too many watchers in this run")
        self._last[frame.nonce] = frame.n
        return frame, frame.n > last

    def answer(self, frame: Frame, body: bytes) -> bytes:
        """Write the answer to a frame."""
        return seal(self._token, self._run, Frame(frame.nonce, frame.n, body), "answer")
