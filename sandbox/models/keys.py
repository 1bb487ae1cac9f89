"""Keys of model makers: a ``Key`` never shows itself, and ``key_for`` finds it where the person keeps it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final, NoReturn

from sandbox.errors import KeyRefused

__all__ = ["VARIABLES", "Key", "key_for", "without_keys"]

VARIABLES: Final = {
    "anthropic": "ANTHROPIC_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
}
"""The environment variable of each provider that has a key."""

_SOUND: Final = re.compile(r"[!-~]{1,4096}")
"""What may stand in a header: an HTTP client quotes a header it refuses, key and all."""


class Key:
    """A secret with its ``provider`` and its ``source``; only ``reveal`` gives it away.

    It cannot be copied, pickled or made into JSON, and two are equal only if they are one.
    """

    __slots__ = ("_reveal", "provider", "source")

    def __init__(self, secret: str, provider: str, source: str) -> None:
        """Take a secret; space around it is dropped.

        Raises:
            KeyRefused: it holds what no key holds; the key is not in the message.
        """
        sound = secret.strip()
        if _SOUND.fullmatch(sound) is None:
            raise KeyRefused(
                f"the key of {provider} from {source} is empty, longer than 4,096 characters, or holds a "
                "space, a control character or one outside ASCII. Set it again"
            )
        self.provider = provider
        self.source = source
        # In a closure, so that neither vars() nor a debugger's list of attributes has it.
        self._reveal: Callable[[], str] = lambda: sound

    def reveal(self) -> str:
        """The secret itself, for the one header it is sent in."""
        return self._reveal()

    def hush(self, text: str) -> str:
        """The text without the key, which some servers repeat in their errors."""
        return text.replace(self.reveal(), "(the key)")

    def __repr__(self) -> str:
        return f"<key of {self.provider} from {self.source}>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is not copied, pickled or written down")


def key_for(provider: str) -> Key | None:
    """The key of a provider: from its environment variable, else the system's keyring, else ``keys.toml``.

    None where there is none, or the provider needs none.

    Raises:
        KeyRefused: the keyring is locked, ``keys.toml`` is not ours alone or is wrong, or what lies
            there is no key.
    """
    variable = VARIABLES.get(provider)
    if variable is None:
        return None
    if secret := os.environ.get(variable):
        return Key(secret, provider, variable)
    from sandbox.models.key_store import from_file, from_keyring

    return from_keyring(provider) or from_file(provider)


def without_keys(environment: dict[str, str]) -> dict[str, str]:
    """An environment for a child process, without any maker's key."""
    hidden = frozenset(VARIABLES.values())
    return {name: value for name, value in environment.items() if name not in hidden}
