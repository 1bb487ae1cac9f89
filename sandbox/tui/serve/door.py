"""Who is let in: by a token in the printed address, then by a cookie; from our own pages only."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Door", "is_loopback"]

_BITS: Final = 128
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # named to be recognised, not bound
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _secret() -> str:
    return secrets.token_hex(_BITS // 8)


@dataclass(frozen=True, slots=True)
class Door:
    """The address that is listened at, and its two secrets, fresh each time.

    A page of another site that has its name point here (DNS rebinding) asks for us by that name, and one that
    connects from elsewhere says so in ``Origin``: neither is answered.
    """

    host: str
    port: int
    token: str = field(default_factory=_secret)
    cookie: str = field(default_factory=_secret)

    @property
    def cookie_name(self) -> str:
        """A browser keeps cookies by host, whatever the port: two servers must not share one."""
        return f"backrooms-{self.port}"

    @property
    def address(self) -> str:
        """What is printed."""
        host = socket.gethostname() if self.host in _EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/?token={self.token}"

    def knows_host(self, header: str | None) -> bool:
        """Whether a request's ``Host`` names us, at whatever port a tunnel has."""
        name = _name(header or "")
        if is_loopback(self.host):
            return name in _LOOPBACK
        if self.host in _EVERYWHERE:
            return _is_address(name) or name in {socket.gethostname().lower(), "localhost"}
        return name == self.host.lower()

    def knows_origin(self, origin: str | None, host: str | None) -> bool:
        """Whether ``Origin`` is the very page that we gave out at this ``Host``."""
        return origin is not None and origin == f"http://{host}"

    def has_token(self, given: str) -> bool:
        """Whether it is the token, told in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def has_cookie(self, given: str | None) -> bool:
        """The same for the cookie."""
        return hmac.compare_digest((given or "").encode(), self.cookie.encode())


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host."""
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name(header: str) -> str:
    """The host of a ``Host`` header, without its port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.rpartition(":")[0].lower() if header.count(":") == 1 else header.lower()
