"""What went wrong with a model server: which error it is, in plain sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import orjson

from sandbox.errors import (
    ContextOverflow,
    CutShort,
    KeyRefused,
    ModelError,
    ModelFailed,
    ModelUnavailable,
    Overloaded,
    RateLimited,
    RequestRefused,
    TimedOut,
)

if TYPE_CHECKING:
    from sandbox.models.endpoint import Endpoint

__all__ = ["event_error", "quoted", "retry_after", "status_error"]

LONGEST_QUOTE: Final = 300

_OVERFLOW: Final = re.compile(
    r"prompt is too long"  # Anthropic
    r"|exceed context limit"  # Anthropic, with max_tokens counted in
    r"|context[ _](length|size|window)"  # OpenAI, vLLM, OpenRouter, llama.cpp, LM Studio, Mistral
    r"|maximum model length",  # vLLM, where one message is longer
    re.IGNORECASE,
)

_STATUS: Final[Mapping[str, int]] = {
    "api_error": 500,
    "authentication_error": 401,
    "billing_error": 402,
    "context_length_exceeded": 400,
    "exceed_context_size_error": 400,
    "insufficient_quota": 402,
    "invalid_request_error": 400,
    "not_found_error": 404,
    "overloaded_error": 529,
    "permission_error": 403,
    "rate_limit_error": 429,
    "request_too_large": 413,
    "server_error": 500,
    "timeout_error": 408,
    "unavailable_error": 503,
}
"""The status that a maker's word for an error goes with; within a stream there is the word alone."""


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


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until a maker wants to be asked again; None where it does not say.

    A date is measured against the answer's own ``date``, so that no clock of ours need be right.
    """
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            wait = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        seconds = wait.total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def status_error(
    status: int,
    said: bytes | str,
    endpoint: Endpoint,
    model: str,
    headers: Mapping[str, str] | None = None,
) -> ModelError:
    """The error that an HTTP status other than 200 stands for; ``said`` is the answer's body."""
    who = endpoint.who
    words = endpoint.hush(quoted(said)).rstrip(".")
    because = f": {words}" if words else ""
    wait = retry_after(headers or {})
    if 300 <= status < 400:
        return ModelUnavailable(
            f"{who} sends us elsewhere (status {status}): give the final address"
        )
    if status == 404:
        return ModelUnavailable(
            f"{who} knows no model {model!r:.80} or has no such path{because}. "
            f"{endpoint.if_not_found}"
        )
    if status == 401:
        return KeyRefused(f"{who} does not accept the key{because}. {endpoint.if_key_refused}")
    if status == 402 or (status == 429 and "insufficient_quota" in _kinds(said)):
        return KeyRefused(f"{who} wants to be paid first{because}. {endpoint.if_key_refused}")
    if status == 403:
        return KeyRefused(
            f"{who} does not allow {model!r:.80} with this key{because}. {endpoint.if_key_refused}"
        )
    if status == 408:
        return TimedOut(f"{who} took too long{because}", retry_after=wait)
    if status == 429:
        pause = f"; it asks to wait {wait:g} s" if wait is not None else ""
        return RateLimited(f"{who} was asked too often{because}{pause}", retry_after=wait)
    if status >= 500:
        return Overloaded(f"{who} failed with status {status}{because}", retry_after=wait)
    if status < 300:
        return ModelFailed(f"{who} answered with status {status}{because}")
    if _OVERFLOW.search(words) or not _kinds(said).isdisjoint(
        {"context_length_exceeded", "exceed_context_size_error"}
    ):
        return ContextOverflow(f"{who} finds the request longer than the model's context{because}")
    return RequestRefused(f"{who} refused the request with status {status}{because}")


def event_error(said: bytes | str, endpoint: Endpoint, model: str) -> ModelError:
    """The error that a server reports within a stream, where no status can be given any more."""
    kinds = _kinds(said)
    for kind in sorted(kinds):
        status = _STATUS.get(kind) or (int(kind) if re.fullmatch(r"[45]\d\d", kind) else None)
        if status is not None:
            return status_error(status, said, endpoint, model)
    words = endpoint.hush(quoted(said)).rstrip(".")
    return CutShort(f"{endpoint.who} broke off with an error: {words}")


def _kinds(said: bytes | str) -> set[str]:
    """What the server calls the error: the values of ``type`` and ``code``, as texts."""
    try:
        found = orjson.loads(said)
    except ValueError:
        return set()
    if isinstance(found, dict) and isinstance(found.get("error"), dict):
        found = found["error"]
    if not isinstance(found, dict):
        return set()
    return {str(found[key]) for key in ("type", "code") if isinstance(found.get(key), str | int)}
