"""What went wrong with a model server, in plain sentences."""

from __future__ import annotations

import re
from typing import Final

import orjson

from sandbox.errors import ModelError, ModelFailed, ModelUnavailable

__all__ = ["quoted", "status_error"]

LONGEST_QUOTE: Final = 300


def quoted(said: bytes | str) -> str:
    """What a server said, fit for a message: the error's own words, on one line, without control codes."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = re.sub(r"[\x00-\x20\x7f-\x9f]+", " ", _message(text)).strip()
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _message(text: str) -> str:
    """The words in ``{"error": {"message": ...}}`` and its kin; else the text itself."""
    try:
        found = orjson.loads(text)
    except ValueError:
        return text
    for key in ("error", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return found if isinstance(found, str) else text


def status_error(
    status: int, said: str, *, who: str, model: str, remedy: str, wait: str | None = None
) -> ModelError:
    """The error that an HTTP status other than 200 stands for.

    ``said`` is what the server gave as its reason, ``wait`` its ``retry-after``, ``remedy`` what to
    do about a key that it does not accept.
    """
    because = f": {said}" if said else ""
    if status == 401:
        return ModelUnavailable(f"{who} does not accept the key{because}. {remedy}")
    if status == 403:
        return ModelUnavailable(f"{who} does not allow {model!r} with this key{because}. {remedy}")
    if status == 404:
        return ModelUnavailable(
            f"{who} knows no model {model!r} or has no such path{because}. "
            "See which models it lists; a base URL mostly ends in /v1"
        )
    if status == 429:
        pause = f"; it asks to wait {quoted(wait)} s" if wait else ""
        return ModelFailed(f"{who} was asked too often or the quota is spent{because}{pause}")
    if status >= 500:
        return ModelFailed(f"{who} failed with status {status}{because}")
    if 300 <= status < 400:
        return ModelFailed(f"{who} sends us elsewhere (status {status}): give the final address")
    return ModelFailed(f"{who} refused the request with status {status}{because}")
