"""The HTTP client that models are asked with, and what its failures mean.

Imported where a model is asked first: httpx2 costs 0.1 s that no other command should pay.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeVar

import httpx2

from sandbox.errors import AnswerMalformed, ModelError, ModelUnavailable, TimedOut, Unreachable
from sandbox.models.endpoint import Endpoint
from sandbox.models.failures import quoted
from sandbox.models.sse import TooLong

__all__ = ["BROKEN", "LONGEST_ANSWER", "connection_error", "open_client"]

CONNECT_SECONDS: Final = 5.0
LONGEST_ANSWER: Final = 16 << 20
"""Bytes of a whole stream: a bound against a server that never ends, a hundred times the longest
answer that models give."""

BROKEN: Final = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, TooLong)
"""Everything that ``connection_error`` can name."""

Client = TypeVar("Client", bound=httpx2.AsyncClient)


def open_client(kind: type[Client], silent_seconds: float) -> Client:
    """A client that bounds what it reads and follows no redirect, which could lead the key elsewhere.

    ``silent_seconds`` is how long a server may say nothing.
    """
    # No proxy leads to this machine itself, and small servers on it close a connection at any time
    # after an answer: each question gets a new one.
    here = httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_keepalive_connections=0))
    return kind(
        timeout=httpx2.Timeout(silent_seconds, connect=CONNECT_SECONDS),
        mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]"), here),
        event_hooks={"response": [_bound]},
        headers={"accept-encoding": "identity"},
        follow_redirects=False,
    )


async def _bound(response: httpx2.Response) -> None:
    # Plain bytes were asked for; what comes compressed all the same has no bound and is not unpacked.
    response.headers.pop("content-encoding", None)
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream)
    if response.is_redirect:
        await response.aread()  # Mistral's SDK stumbles over a redirect that was not read


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > LONGEST_ANSWER:
                raise TooLong(f"one answer has more than {LONGEST_ANSWER:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def connection_error(error: BaseException | None, endpoint: Endpoint) -> ModelError:
    """The error that a failure of the connection stands for; one of ``BROKEN``, or what holds one."""
    why = endpoint.hush(quoted(str(error or ""))) or type(error).__name__
    match error:
        case TooLong():
            return AnswerMalformed(f"{endpoint.who} sent what is not of its format: {why}")
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return ModelUnavailable(
                f"{endpoint.who} is no address ({why}). {endpoint.if_unreachable}"
            )
        case httpx2.ConnectError() | httpx2.ConnectTimeout():
            if _refused(error):
                why = "connection refused"
            return Unreachable(
                f"{endpoint.who} cannot be reached ({why}). {endpoint.if_unreachable}"
            )
        case httpx2.TimeoutException():
            return TimedOut(f"{endpoint.who} said nothing for too long")
        case _:
            return Unreachable(f"{endpoint.who}: the connection broke ({why})")


def _refused(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None
