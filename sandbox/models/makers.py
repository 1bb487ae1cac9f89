"""Who makes models, what each still needs here, and whether it answers."""

from __future__ import annotations

from typing import Final, TypedDict

__all__ = ["PACKAGES", "Maker", "hosted", "missing", "reach", "weights_state"]

PACKAGES: Final = {"anthropic": "anthropic", "mistral": "mistralai", "local": "xllamacpp"}
"""The package that a provider needs."""


class Maker(TypedDict):
    """A provider: whose key, where it goes, and what is still missing. Never the key itself."""

    provider: str
    key: str | None
    address: str | None
    reachable: str | None
    state: str


def hosted(provider: str) -> Maker:
    """What is known of a provider that is asked over the network, without asking it."""
    from sandbox.errors import ModelError
    from sandbox.models.endpoint import without_password
    from sandbox.models.key_address import home_of
    from sandbox.models.keys import VARIABLES, key_for

    address = without_password(home_of(provider))
    maker = Maker(provider=provider, key=None, address=address, reachable=None, state="")
    try:
        key = key_for(provider)
    except ModelError as error:
        maker["state"] = str(error)
        return maker
    if key is not None:
        maker["key"] = key.source
        maker["state"] = f"the key from {key.source} goes to {address}"
    elif provider == "openai":
        maker["state"] = (
            f"no {VARIABLES[provider]} for {address}; a local server by base_url needs none"
        )
    else:
        maker["state"] = (
            f"no key: set {VARIABLES[provider]}, or: backrooms models key set {provider}"
        )
    if (absent := missing(provider)) is not None:
        maker["state"] = f"{absent}; {maker['state']}"
    return maker


def missing(provider: str) -> str | None:
    """What a provider lacks here, and how to get it; None where it lacks nothing."""
    from importlib.util import find_spec

    package = PACKAGES.get(provider)
    if package is None or find_spec(package) is not None:
        return None
    if provider == "local":
        return "llama.cpp is missing: pip install 'backrooms[local]'"
    return f"its package is missing: pip install {package}"


async def reach(provider: str, base_url: str | None = None) -> str:
    """Whether a provider answers and takes the key, by its list of models, which costs nothing.

    The answer begins with ``yes`` or ``no``. ``base_url`` is another address, as an agent's.
    """
    import httpx2

    from sandbox.models.key_address import home_of, key_may_go
    from sandbox.models.keys import key_for

    home = home_of(provider) if base_url is None else base_url.rstrip("/")
    url = f"{home}/models" if home.endswith("/v1") else f"{home}/v1/models"
    key = key_for(provider) if key_may_go(provider, url) else None
    # As Anthropic's own SDK sends it; the others do not mind.
    headers = {"anthropic-version": "2026-10-21"}
    if key is not None:
        headers["authorization"] = f"Bearer {key.reveal()}"
    try:
        async with (
            httpx2.AsyncClient(timeout=10, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            status = response.status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return f"no ({type(error).__name__})"
    if status in {401, 403}:
        return "yes, but it refuses the key" if key is not None else "yes; it wants a key"
    return "yes" if status == 200 else f"yes (status {status})"


def weights_state(name: str, local: str) -> str:
    """Whether a local model's weights are here, and how to get them; ``local`` is the state of what runs them."""
    from sandbox.models.catalog import models_folder, weights_of

    weights = weights_of(name)
    path = models_folder() / weights.file
    if not (path.is_file() and path.stat().st_size == weights.size):
        return f"not fetched ({weights.megabytes} MB): backrooms models fetch {name}"
    if not local.startswith("ready"):
        return f"fetched; {local}"
    return f"ready: {path}"
