"""What a key, a path, an address looks like: the shapes by which values are found that nobody named.

The shapes of keys are those that their makers publish for secret scanning; what has no shape (a
Mistral key is 32 letters) is found by what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = ["GENERIC_USERS", "Found", "Tag", "addresses", "is_secret_name", "keys", "paths"]

Tag: TypeAlias = Literal["name", "mail", "key", "path", "user", "host", "ip"]


class Found(NamedTuple):
    """A value, what it is, and where it stands in the text that was looked through."""

    tag: Tag
    value: str
    start: int
    end: int


GENERIC_USERS: Final[frozenset[str]] = frozenset(
    {
        "admin", "agent", "app", "debian", "guest", "home", "linux", "me", "node", "nobody", "root",
        "runner", "sandbox", "shared", "ubuntu", "user", "username", "vagrant", "you",
    }
)  # fmt: skip
"""Names of users that name nobody; their home folders are replaced all the same."""

_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{12,}"  # Anthropic, OpenAI, OpenRouter, DeepSeek
    r"|(?:gh[oprsu]_|github_pat_|glpat-|hf_|npm_|gsk_|xai-|pplx-|r8_|dckr_pat_|pypi-)[A-Za-z0-9_-]{12,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{8,}"  # Slack
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # AWS
    r"|AIza[A-Za-z0-9_-]{30,}"  # Google
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{12,}"  # Stripe
    # A JSON Web Token. Its head is short: without a bound, a text of heads alone takes a day.
    r"|eyJ[A-Za-z0-9_-]{8,2000}+\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"
    r")",
    re.DOTALL,
)
_IN_URL: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]*:([^\s/@\"'<>]{1,200})@", re.IGNORECASE
)
_BEARER: Final = re.compile(r"\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
_CALLED: Final = (
    r"(?:api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|auth[_-]?key|secret|token"
    r"|passw(?:or)?d|passwd|pwd|passphrase|credentials?)"
)
_NAMED: Final = re.compile(
    _CALLED + r"[\"']?\s{0,3}(?P<sign>[:=])\s{0,3}"
    r"(?:\"(?P<double>[^\"\n]{4,200})\"|'(?P<single>[^'\n]{4,200})'|(?P<bare>[^\s\"'`,;<>{}()\[\]]{4,200}))",
    re.IGNORECASE,
)
_HOLDS_SECRET: Final = re.compile(rf"{_CALLED}$", re.IGNORECASE)
_STANDS_FOR: Final = re.compile(
    r"\$|<|\{|\*+$|\.{3}|…|(?:none|null|true|false|redacted)$", re.IGNORECASE
)
"""Begins of values that are none: variables, fill-ins, stars."""

_HOME: Final = re.compile(
    r"(?<![\w.])(?:/(?:var/|usr|export/)?home/|/Users/|/mnt/[a-z]/Users/|[A-Za-z]:(?:\\+|/)Users(?:\\+|/))"
    r"([^\s/\\:;,\"'`<>|()\[\]{}$*?!&=]{1,64})"
)
_BOX_HOME: Final = "/home/agent"
"""The same for everyone: it tells nothing."""

_MAIL: Final = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"
)
_USER_OF_URL: Final = re.compile(r"://[^\s/@]*:\Z")
_IP4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IP6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")


def keys(text: str) -> Iterator[Found]:
    """Find keys, tokens, passwords and private key blocks."""
    for match in _KEY.finditer(text):
        yield Found("key", match[0], *match.span())
    for pattern in (_IN_URL, _BEARER):
        for match in pattern.finditer(text):
            yield Found("key", match[1], *match.span(1))
    for match in _NAMED.finditer(text):
        group = match.lastgroup or "bare"
        value = match[group]
        # In words a secret is talked about ("the token: nothing"); a digit tells a value from a word.
        talked = group == "bare" and match["sign"] == ":" and not re.search(r"\d", value)
        short = len(value) < 6 and value.isdigit()
        if not talked and not short and not _STANDS_FOR.match(value):
            yield Found("key", value, *match.span(group))


def is_secret_name(name: str) -> bool:
    """Whether a member of a JSON object by this name holds a key or a password."""
    return _HOLDS_SECRET.search(name) is not None


def paths(text: str) -> Iterator[Found]:
    """Find home folders, and the names of the users that they belong to."""
    for match in _HOME.finditer(text):
        if match[0] == _BOX_HOME:
            continue
        # However often a backslash is doubled, it is the same folder.
        yield Found("path", re.sub(r"\\+", r"\\", match[0]), *match.span())
        yield Found("user", match[1], *match.span(1))


def addresses(text: str) -> Iterator[Found]:
    """Find e-mail and network addresses, but for those that every machine has."""
    if "@" in text:
        for match in _MAIL.finditer(text):
            if _USER_OF_URL.search(text, max(0, match.start() - 200), match.start()):
                continue  # its first part is a password
            yield Found("mail", match[0], *match.span())
    for pattern in (_IP4, _IP6):
        for match in pattern.finditer(text):
            try:
                address = ip_address(match[0])
            except ValueError:
                continue
            if not (address.is_loopback or address.is_unspecified):
                yield Found("ip", match[0], *match.span())
