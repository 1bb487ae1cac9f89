"""Addresses in one spelling: decimal, hexadecimal, octal and short forms, names that hold an address."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple
from unicodedata import normalize

from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["Target", "canonical_host", "is_private", "target", "targets"]

_EMBEDDED: Final = re.compile(
    r"(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](?:nip|sslip|xip"
    r"|traefik)\.(?:io|me)$"
)
_HEX_EMBEDDED: Final = re.compile(r"(?:^|\.)([0-9a-f]{8})\.(?:nip|sslip)\.io$")
_NUMBER: Final = re.compile(r"0x[0-9a-f]{1,8}|\d{1,12}")
_URL: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{1,10})://(?:[^/@\s]*@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+(?:%\w+)?\]"
    r"|[^/:?#\s\"'\\,;()<>]+)(?::(?P<port>\d{1,5}))?(?P<path>[/?#][^\s\"']*)?",
    re.IGNORECASE,
)
_PORTS: Final = {"http": 80, "https": 443, "ssh": 22, "mqtt": 1883, "redis": 6379, "tcp": 0}


class Target(NamedTuple):
    """Where a URL leads; port 0 where it does not say."""

    scheme: str
    host: str
    port: int
    path: str


def targets(text: str) -> list[Target]:
    """The URLs that stand in a text."""
    return [_of(match) for match in _URL.finditer(text[:8_192])]


def target(text: str) -> Target | None:
    """A URL, or what a client takes for one: ``host[:port][/path]``."""
    match = _URL.match(text)
    if match is not None:
        return _of(match)
    bare = re.match(r"(\[[0-9a-fA-F:.]+\]|[\w.\ue000-]+)(?::(\d{1,5}))?(/\S*)?$", text[:2_048])
    if bare is None:
        return None
    return Target("", canonical_host(bare[1]), int(bare[2] or 0), bare[3] or "")


def _of(match: re.Match[str]) -> Target:
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else _PORTS.get(scheme, 0)
    return Target(scheme, canonical_host(match["host"]), port, match["path"] or "")


@lru_cache(maxsize=2_048)
def canonical_host(host: str) -> str:
    """A host's one spelling; an address in any form becomes dotted, or a compressed IPv6."""
    if UNKNOWN in host and host[0].isdigit():
        host = host.partition(UNKNOWN)[0].rstrip(".")  # what follows an address is a path
    if (
        not host.isascii()
    ):  # a client makes ASCII of digits in circles, and of a full stop of any script
        host = normalize("NFKC", host).replace("\u3002", ".")
    host = host.strip("[]").lower().rstrip(".").partition("%")[0]
    for pattern in (_EMBEDDED, _HEX_EMBEDDED):
        if (match := pattern.search(host)) is not None:
            host = ".".join(match.groups()) if len(match.groups()) == 4 else "0x" + match[1]
    parts = host.split(".")
    if 1 <= len(parts) <= 4 and all(_NUMBER.fullmatch(part) for part in parts):
        return _dotted(parts) or host
    if ":" in host:
        return _version_6(host)
    return host


def _dotted(parts: list[str]) -> str | None:
    numbers = [
        int(p, 16) if p.startswith("0x") else int(p, 8) if re.fullmatch(r"0[0-7]+", p) else
        int(p) if not p.startswith("0") or p == "0" else -1
        for p in parts
    ]  # fmt: skip
    *heads, last = numbers
    if any(not 0 <= n < 256 for n in heads) or not 0 <= last < 256 ** (4 - len(heads)):
        return None
    value = last
    for place, number in enumerate(heads):
        value += number << (8 * (3 - place))
    return str(IPv4Address(value))


def _version_6(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def is_private(host: str) -> bool:
    """Whether a host is of a private network and not this machine itself."""
    match = re.match(r"(\d+\.\d+\.\d+\.\d+)", host)
    if match is None:
        return False
    try:
        address = ip_address(match[1])
    except ValueError:
        return False
    return address.is_private and not address.is_loopback and not address.is_unspecified
