"""Where a key may be sent: the one rule, for every provider."""

from __future__ import annotations

import os
import re
from typing import Final

from sandbox.errors import KeyRefused
from sandbox.models.key_store import file_path, read_key_file

__all__ = ["HOMES", "URL_VARIABLES", "home_of", "key_may_go", "origin"]

HOMES: Final = {
    "anthropic": "https://api.anthropic.com",
    "mistral": "https://api.mistral.ai",
    "openai": "https://api.openai.com/v1",
}
"""Where each maker answers."""

URL_VARIABLES: Final = {
    "anthropic": "ANTHROPIC_BASE_URL",
    "mistral": "MISTRAL_BASE_URL",
    "openai": "OPENAI_BASE_URL",
}
"""The environment variable with which a person names another address for a provider."""

# So narrow that no two parsers of addresses can differ on which host is meant: no backslash, no
# space, no control character, no escape in the host, and one @ at most before it.
_ADDRESS: Final = re.compile(
    r"(https?)://(?:[A-Za-z0-9._~!$&'()*+,;=:%-]*@)?"
    r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:[/?#][!-\[\]-~]*)?",
    re.IGNORECASE,
)


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; None for one that cannot be read without doubt."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return None
    scheme, host = match[1].lower(), match[2].lower()
    return scheme, host, int(match[3]) if match[3] else {"http": 80, "https": 443}[scheme]


def home_of(provider: str) -> str:
    """Where a provider is asked if nobody says otherwise: the person's own address, else the maker's."""
    url = os.environ.get(URL_VARIABLES[provider]) or HOMES[provider]
    return url.rstrip("/")


def key_may_go(provider: str, url: str) -> bool:
    """Whether the key of ``provider`` may be sent to ``url``.

    A scenario file may come from anywhere, so the address in it says nothing. The key goes to the
    maker, to the address in the person's own environment, and to those that ``may_go_to`` in
    ``keys.toml`` lists: same scheme, same host, same port.

    Raises:
        KeyRefused: ``keys.toml`` is not ours alone or is wrong.
    """
    asked = origin(url)
    if asked is None or provider not in HOMES:
        return False
    if asked in {origin(HOMES[provider]), origin(home_of(provider))}:
        return True
    listed = read_key_file().get(provider, {}).get("may_go_to", [])
    assert isinstance(listed, list)  # read_key_file has looked
    origins = {each: origin(each) for each in listed}
    for each, its in origins.items():
        if its is None:
            raise KeyRefused(
                f"{file_path()}: {provider}.may_go_to: {each!r:.100} is no address such as https://proxy.example"
            )
    return asked in origins.values()
