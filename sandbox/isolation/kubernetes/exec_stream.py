"""A program in a Pod, spoken to by ``pods/exec``: one websocket, whose messages begin with a channel.

Channels 0 to 2 are the program's own, 3 says how it ended. Version 5 of the protocol differs from
version 4 in closing a channel alone, which nobody here needs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import BoxError
from sandbox.isolation.control import printable
from sandbox.isolation.kubernetes.pod import CONTAINER
from sandbox.isolation.process import TAIL

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse
    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.stream import WsApiClient

__all__ = ["ExecStream"]

PROTOCOLS: Final = "v5.channel.k8s.io, v4.channel.k8s.io"
HEARTBEAT: Final = 30.0
"""Seconds between signs of life: a way that has silently broken is noticed, and no proxy finds it idle."""
_INPUT, _OUTPUT, _ERRORS, _STATUS = 0, 1, 2, 3


class ExecStream:
    """The input and output of a program that was started by ``open``."""

    def __init__(self, client: WsApiClient, link: ClientWebSocketResponse) -> None:
        self._client = client
        self._link = link
        self._errors = ""
        self._ended = ""

    @classmethod
    async def open(cls, found: Configuration, path: str, argv: Sequence[str]) -> ExecStream:
        """Start the program. Raises BoxError."""
        from aiohttp import ClientError, WSServerHandshakeError
        from kubernetes_asyncio.stream import WsApiClient

        client = WsApiClient(found, heartbeat=HEARTBEAT)
        query = [
            ("container", CONTAINER),
            ("stdin", "true"),
            ("stdout", "true"),
            ("stderr", "true"),
        ]
        try:
            link = await client.call_api(
                path,
                "GET",
                query_params=[*query, *(("command", word) for word in argv)],
                header_params={"sec-websocket-protocol": PROTOCOLS},
                auth_settings=["BearerToken"],
                _preload_content=False,
                _return_http_data_only=True,
            )
            return cls(client, await link)
        except WSServerHandshakeError as error:
            await client.close()
            raise BoxError(
                f"the API server refused to run a program in the Pod ({error.status}): the account needs "
                "'create' and 'get' on pods/exec. `backrooms kubernetes manifests` prints what an "
                "administrator applies"
            ) from None
        except (ClientError, OSError, TimeoutError) as error:
            await client.close()
            raise BoxError(f"the API server does not answer GET {path}: {error!s:.200}") from None
        except BaseException:
            await client.close()
            raise

    @property
    def last_words(self) -> str:
        return " ".join(filter(None, [self._errors.strip(), self._ended]))[-TAIL:]

    async def read(self) -> bytes:
        from aiohttp import WSMsgType

        while True:
            message = await self._link.receive()
            if message.type != WSMsgType.BINARY:
                if message.type == WSMsgType.ERROR:
                    raise BoxError(f"the link to the Pod broke: {message.data!s:.200}")
                return b""  # closed, from either end
            channel, data = message.data[:1], message.data[1:]
            if channel == bytes([_OUTPUT]) and data:
                return bytes(data)
            if channel == bytes([_ERRORS]):
                self._errors = (self._errors + data.decode("utf-8", "replace"))[-TAIL:]
            elif channel == bytes([_STATUS]):
                self._ended = _how(data)

    async def write(self, data: bytes) -> None:
        from aiohttp import ClientError

        try:
            await self._link.send_bytes(bytes([_INPUT]) + data)
        except (ClientError, OSError) as error:
            raise BoxError(f"the link to the Pod broke: {error!s:.200}") from None

    async def close(self) -> None:
        await self._link.close()
        await self._client.close()


def _how(data: bytes) -> str:
    """How the program ended, where that was not well."""
    try:
        status: Any = json.loads(data)
        return "" if status["status"] == "Success" else printable(str(status["message"]))[:400]
    except (ValueError, KeyError, TypeError):
        return ""
