"""One question to a server that speaks OpenAI's format, over HTTP: every failure becomes a ModelError."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox.errors import ModelFailed, ModelUnavailable
from sandbox.models.chat_stream import ChatStream
from sandbox.models.failures import quoted, status_error
from sandbox.models.provider import Part

if TYPE_CHECKING:
    import httpx2

__all__ = ["Endpoint", "post", "probe"]

LONGEST_ERROR: Final = 64 << 10
"""Bytes of an error page that are read."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. ``who`` names it in errors; the remedies are whole sentences."""

    url: str
    who: str
    if_unreachable: str
    if_key_refused: str
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Plain bytes are asked for: a compressed answer has no bound."""
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        return headers | ({"authorization": f"Bearer {self.key}"} if self.key else {})

    def hush(self, text: str) -> str:
        """The text without the key, which some servers repeat in their errors."""
        return text.replace(self.key, "(the key)") if self.key else text


async def post(
    client: httpx2.AsyncClient, endpoint: Endpoint, path: str, body: bytes, model: str
) -> AsyncGenerator[Part, None]:
    """Send ``body`` and give the parts of the answer as they come.

    Raises:
        ModelUnavailable: the server is not there, or refuses the key or the model.
        ModelFailed: anything else that is not a whole answer.
    """
    import httpx2  # 0.1 s that no other command should pay

    reader = ChatStream(endpoint.who)
    try:
        async with client.stream(
            "POST", endpoint.url + path, content=body, headers=endpoint.headers
        ) as response:
            if response.status_code != 200:
                raise await _refusal(response, endpoint, model)
            kind = response.headers.get("content-type", "")
            if "event-stream" not in kind:
                raise ModelFailed(f"{endpoint.who} answered with {quoted(kind)!r}, not a stream")
            async for chunk in response.aiter_raw():
                for part in reader.feed(chunk):
                    yield part
    except httpx2.ConnectError as error:
        raise _unreachable(endpoint, error) from None
    except httpx2.TimeoutException:
        raise ModelFailed(f"{endpoint.who} said nothing for too long") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise ModelFailed(
            f"{endpoint.who}: the connection broke ({endpoint.hush(quoted(str(error)))})"
        ) from None
    for part in reader.end(body):
        yield part


async def probe(client: httpx2.AsyncClient, endpoint: Endpoint, model: str) -> None:
    """Check that a server is there and takes our key, by its list of models.

    Raises:
        ModelUnavailable: it is not, or it does not.
    """
    import httpx2

    try:
        async with client.stream(
            "GET", f"{endpoint.url}/models", headers=endpoint.headers
        ) as response:
            # Not every server lists its models, so only a refused key says anything.
            if response.status_code in {401, 403}:
                raise await _refusal(response, endpoint, model)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _unreachable(endpoint, error) from None


async def _refusal(response: httpx2.Response, endpoint: Endpoint, model: str) -> Exception:
    said = bytearray()
    async for chunk in response.aiter_raw():
        said += chunk
        if len(said) > LONGEST_ERROR:
            break
    return status_error(
        response.status_code,
        endpoint.hush(quoted(bytes(said))).rstrip("."),
        who=endpoint.who,
        model=model,
        remedy=endpoint.if_key_refused,
        wait=response.headers.get("retry-after"),
    )


def _unreachable(endpoint: Endpoint, error: Exception) -> ModelUnavailable:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ConnectionRefusedError):
        cause = cause.__cause__ or cause.__context__
    said = "connection refused" if cause is not None else str(error)
    why = endpoint.hush(quoted(said)) or type(error).__name__
    return ModelUnavailable(f"{endpoint.who} cannot be reached ({why}). {endpoint.if_unreachable}")
