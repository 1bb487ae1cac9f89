"""What the providers on a maker's own SDK have in common: where they ask, with which key, by what."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import orjson

from sandbox.errors import KeyRefused, ModelError, Transient
from sandbox.models.chat_post import settled
from sandbox.models.endpoint import Endpoint, without_password
from sandbox.models.family import family_of
from sandbox.models.provider import Mode, Part, Request

if TYPE_CHECKING:
    from sandbox.models.capabilities import Capabilities

__all__ = ["Hosted", "Sdk"]

SILENT_SECONDS: Final = 300.0
"""How long a server may say nothing; a large model on a small machine reads its prompt that long."""


class Sdk(Protocol):
    """A maker's SDK at one address. Neither method asks twice."""

    def ask(self, body: bytes, model: str) -> AsyncGenerator[Part, None]:
        """Send the body and give the parts of the answer as they come."""

    async def probe(self, model: str) -> None:
        """Ask for the list of models."""

    async def close(self) -> None:
        """Let go of connections."""


class Hosted(ABC):
    """Asks a maker's models through the maker's SDK, which is loaded where it is first needed.

    The address is the agent's ``base_url``, else ``default_url``, else the maker's own; none ends in
    ``/v1``. The key goes where ``may_have_key`` allows it (to ``default_url`` alone, if None): a scenario
    file may name an address, but never where a key is sent. ``addresses`` tells ``ready`` where each
    model is asked; ``capabilities`` tells of ``provider/model`` which settings it takes.
    """

    name: ClassVar[str]
    maker_url: ClassVar[str]
    sdk_module: ClassVar[str]
    """Has ``connect(endpoint, silent_seconds)``."""
    seed_name: ClassVar[str] = "seed"

    def __init__(
        self,
        *,
        key: str | None = None,
        default_url: str | None = None,
        addresses: Mapping[str, Sequence[str | None]] | None = None,
        capabilities: Callable[[str], Capabilities] | None = None,
        may_have_key: Callable[[str], bool] | None = None,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._key = key or None
        self._default = _root(default_url or self.maker_url)
        self._addresses = addresses or {}
        self._capabilities = capabilities
        self._may_have_key = may_have_key or (lambda url: url == self._default)
        self._may_have_key = may_have_key or (lambda url: url == self._default)
        self._silent = silent_seconds
        self._sdks: dict[str, Sdk] = {}

    def family(self, model: str) -> str:
        return family_of(model)

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return "tools"

    def body(self, request: Request) -> bytes:
        return orjson.dumps(self.plain_body(request))

    @abstractmethod
    def plain_body(self, request: Request) -> dict[str, Any]:
        """The body before it is bytes."""

    async def ready(self, model: str) -> None:
        for address in dict.fromkeys(self._addresses.get(model) or (None,)):
            endpoint = self._endpoint(_root(address or self._default))
            if endpoint.url == self.maker_url and endpoint.key is None:
                raise KeyRefused(
                    f"{endpoint.who} needs a key. Set {self._variable('API_KEY')}, or give the agent "
                    "the base_url of another server"
                )
            sdk = await self._sdk(endpoint)
            try:
                await sdk.probe(model)
            except (KeyRefused, Transient) as error:
                raise settled(error) from None
            except ModelError:
                continue  # not every server lists its models: that one does not says nothing

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        sdk = await self._sdk(self._endpoint(self._url(request)))
        async with aclosing(sdk.ask(self.body(request), request.model)) as answer:
            async for part in answer:
                yield part

    async def close(self) -> None:
        while self._sdks:
            _, sdk = self._sdks.popitem()
            await sdk.close()

    def settings(self, request: Request) -> dict[str, float]:
        """The request's temperature and seed by the maker's names, as far as the model takes them."""
        asked = {"temperature": request.temperature, "seed": request.seed}
        return {
            self.seed_name if setting == "seed" else setting: value
            for setting, value in asked.items()
            if value is not None and self._takes(request.model, setting)
        }

    def takes_by_default(self, model: str) -> bool:  # noqa: ARG002 - what makers differ in
        """Whether a model of which nothing is known is sent a temperature and a seed."""
        return True

    def _takes(self, model: str, setting: str) -> bool:
        known = None
        if self._capabilities is not None:
            known = getattr(self._capabilities(f"{self.name}/{model}"), setting)
        return self.takes_by_default(model) if known is None else bool(known)

    def _url(self, request: Request) -> str:
        return _root(str(request.options.get("base_url") or self._default))

    def _variable(self, what: str) -> str:
        return f"{self.name.upper()}_{what}"

    def _endpoint(self, url: str) -> Endpoint:
        key, base = self._variable("API_KEY"), self._variable("BASE_URL")
        ours = self._may_have_key(url)
        return Endpoint(
            url=url,
            who=f"the model server at {without_password(url)}",
            if_unreachable=f"Start it, or correct the agent's base_url or {base}."
            if url != self.maker_url
            else "Check the network, or give the agent the base_url of another server.",
            if_key_refused=f"Set {key} to a valid key."
            if ours
            else f"{key} is sent to {base} alone: set that to this address.",
            if_not_found="See which models it lists",
            key=self._key if ours else None,
        )

    async def _sdk(self, endpoint: Endpoint) -> Sdk:
        if endpoint.url not in self._sdks:
            # Up to 1.4 s of processor time: agents that are at work meanwhile must not wait for it.
            module = await asyncio.to_thread(import_module, self.sdk_module)
            if endpoint.url not in self._sdks:
                self._sdks[endpoint.url] = module.connect(endpoint, self._silent)
        return self._sdks[endpoint.url]


def _root(url: str) -> str:
    """The address without the version, which the SDKs put behind it themselves."""
    return url.rstrip("/").removesuffix("/v1")
