"""One question to a server that speaks OpenAI's format, over HTTP: every failure becomes a ModelError."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

from sandbox.errors import AnswerMalformed, ModelError, ModelUnavailable, Transient
from sandbox.models.chat_stream import ChatStream
from sandbox.models.endpoint import Endpoint
from sandbox.models.failures import quoted, status_error
from sandbox.models.provider import Part

if TYPE_CHECKING:
    import httpx2

__all__ = ["post", "probe", "settled"]

LONGEST_ERROR: Final = 64 << 10
"""Bytes of an error page that are read."""


async def post(
    client: httpx2.AsyncClient, endpoint: Endpoint, path: str, body: bytes, model: str
) -> AsyncGenerator[Part, None]:
    """Send ``body`` and give the parts of the answer as they come.

    Raises:
        ModelUnavailable: the server refuses the key or the model.
        ModelFailed: anything else that is not a whole answer.
    """
    from sandbox.models.connection import BROKEN, connection_error  # brings httpx2

    reader = ChatStream(endpoint, model)
    try:
        async with client.stream(
            "POST", endpoint.url + path, content=body, headers=endpoint.headers
        ) as response:
            if response.status_code != 200:
                raise await _refusal(response, endpoint, model)
            kind = response.headers.get("content-type", "")
            if "event-stream" not in kind:
                raise AnswerMalformed(
                    f"{endpoint.who} answered with {endpoint.hush(quoted(kind))!r}, not a stream"
                )
            async for chunk in response.aiter_raw():
                for part in reader.feed(chunk):
                    yield part
            sent = response.request.content
    except BROKEN as error:
        raise connection_error(error, endpoint) from None
    for part in reader.end(sent):
        yield part


async def probe(client: httpx2.AsyncClient, endpoint: Endpoint, model: str) -> None:
    """Check that a server is there and takes our key, by its list of models.

    Raises:
        ModelUnavailable: it is not, or it does not.
    """
    from sandbox.models.connection import BROKEN, connection_error  # brings httpx2

    try:
        async with client.stream(
            "GET", f"{endpoint.url}/models", headers=endpoint.headers
        ) as response:
            # Not every server lists its models, so only a refused key says anything.
            if response.status_code in {401, 402, 403}:
                raise await _refusal(response, endpoint, model)
    except BROKEN as error:
        raise settled(connection_error(error, endpoint)) from None


def settled(error: ModelError) -> ModelError:
    """The same failure where nobody asks again: what may pass later is not available now."""
    return ModelUnavailable(str(error)) if isinstance(error, Transient) else error


async def _refusal(response: httpx2.Response, endpoint: Endpoint, model: str) -> ModelError:
    said = bytearray()
    async for chunk in response.aiter_bytes():
        said += chunk
        if len(said) > LONGEST_ERROR:
            break
    return status_error(response.status_code, bytes(said), endpoint, model, response.headers)
