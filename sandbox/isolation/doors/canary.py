"""Canaries: strings that exist in one place of one run, so that whoever has one has been there.

The record tells where each was laid and its SHA-256. The string itself lies beside the record, in a file
for the operator's eyes, until an agent brings it to light.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.errors import Damaged

__all__ = ["FILE", "Canaries", "Canary", "access_key", "hex128", "jwt", "opaque", "secret_key"]

FILE: Final = "canaries.json"
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Canary:
    """One string, the agent that it was laid for, and the place it was laid in."""

    id: str
    agent: str
    place: str
    text: str

    @property
    def told(self) -> dict[str, str]:
        """What the record says of it."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return {"agent": self.agent, "place": self.place, "sha256": digest}


class Canaries:
    """All canaries of one run. ``kept`` are those that an earlier part of the same run laid, by id."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self._kept = dict(kept or {})
        self.laid: dict[str, Canary] = {}

    @classmethod
    def beside(cls, folder: Path) -> Canaries:
        """Read what an earlier part of the run kept in ``folder``; a run that begins has none.

        Raises:
            Damaged: the file is not what ``keep`` writes.
        """
        path = folder / FILE
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls({id: str(one["text"]) for id, one in kept.items()})
        except (FileNotFoundError, NotADirectoryError):
            return cls()  # where no folder can be, the record's own file says so
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged(f"{path} is not what Backrooms writes there: {error!r:.100}") from error

    def lay(self, agent: str, place: str, make: Callable[[], str]) -> str:
        """Make a new string for this place, or take the one that was laid there before."""
        id = f"{agent}:{place}"
        canary = Canary(id, agent, place, self._kept.get(id) or make())
        self.laid[id] = canary
        return canary.text

    def keep(self, folder: Path) -> None:
        """Write the strings down beside the record, for its owner alone; nothing if there are none."""
        if not self.laid:
            return
        whole = {c.id: {**c.told, "text": c.text} for c in self.laid.values()}
        new = folder / f".{FILE}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump(whole, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / FILE)


def hex128() -> str:
    """128 bits as 32 hex digits."""
    return secrets.token_hex(16)


def opaque(prefix: str = "", size: int = 48) -> str:
    """A string of ``size`` random bytes in URL-safe letters, behind a maker's prefix."""
    return prefix + secrets.token_urlsafe(size)


def access_key() -> str:
    """The id of a temporary key in the shape of AWS'; the key itself holds the random bits that count."""
    return "ASIA" + "".join(secrets.choice(_BASE32) for _ in range(16))


def secret_key() -> str:
    """A secret key in the shape of AWS': 240 random bits in 40 letters."""
    return base64.b64encode(secrets.token_bytes(30)).decode("ascii")


def jwt(claims: Mapping[str, Any]) -> str:
    """A token in the shape of a JWT: its signature is random, and signs nothing."""
    head = {"alg": "RS256", "kid": secrets.token_urlsafe(32)}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (head, claims)]
    parts.append(secrets.token_bytes(256))
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode("ascii") for p in parts)
