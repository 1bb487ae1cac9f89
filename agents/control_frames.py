"""Frames of the control socket: 4 bytes of length, big-endian, then one JSON object.

The guest speaks first: ``{"kind": "hello", ...}``. Then the house asks, ``{"id": 7, "op": "get", ...}``,
and the guest answers under the same id, ``{"id": 7, "ok": true, ...}`` or ``{"id": 7, "error": "..."}``,
in any order. Bytes that belong to a message travel before it under its id, in as many frames
``{"id": 7, "part": "<base64>"}`` as they need, so that no frame is large.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

__all__ = ["FRAME", "HEADER", "PART", "FrameError", "length", "pack", "parts", "payload", "unpack"]

Message: TypeAlias = dict[str, Any]

FRAME: Final = 1 << 20
"""Bytes of the largest frame that either side takes."""
HEADER: Final = 4
PART: Final = 512 << 10
"""Bytes of one part; base64 makes them two thirds of a frame."""


class FrameError(ValueError):
    """What came over the control socket is no frame of this protocol."""


def pack(message: Mapping[str, Any]) -> bytes:
    """Write one frame. Raises FrameError if the message is too large for one."""
    body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > FRAME:
        raise FrameError(f"a message of {len(body)} bytes; a frame holds {FRAME}")
    return len(body).to_bytes(HEADER, "big") + body


def length(header: bytes) -> int:
    """Read how many bytes follow a header. Raises FrameError if that is more than a frame holds."""
    size = int.from_bytes(header, "big")
    if size > FRAME:
        raise FrameError(f"a frame of {size} bytes; at most {FRAME} are taken")
    return size


def unpack(body: bytes) -> Message:
    """Read one frame without its header. Raises FrameError if it is no JSON object."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"no JSON: {error}") from None
    if not isinstance(message, dict):
        raise FrameError(f"a message is a JSON object, this is {type(message).__name__}")
    return message


def parts(ident: int, data: bytes) -> Iterator[bytes]:
    """Write the frames that carry the bytes of message ``ident``; none for no bytes."""
    for start in range(0, len(data), PART):
        text = binascii.b2a_base64(data[start : start + PART], newline=False).decode("ascii")
        yield pack({"id": ident, "part": text})


def payload(part: object) -> bytes:
    """Read the bytes of one part. Raises FrameError if they are no base64."""
    if not isinstance(part, str):
        raise FrameError(f"a part is a text, this is {type(part).__name__}")
    try:
        return binascii.a2b_base64(part, strict_mode=True)
    except ValueError as error:  # binascii.Error, or a character beyond ASCII
        raise FrameError(f"no base64: {error}") from None
