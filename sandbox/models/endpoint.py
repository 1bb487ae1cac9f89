"""Where a model answers, and how that is told in errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Endpoint", "without_password"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. ``who`` names it in errors; the remedies are whole sentences."""

    url: str
    who: str
    if_unreachable: str
    if_key_refused: str
    if_not_found: str = "See which models it lists; a base URL mostly ends in /v1"
    key: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Plain bytes are asked for: a compressed answer has no bound."""
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        return headers | ({"authorization": f"Bearer {self.key}"} if self.key else {})

    def hush(self, text: str) -> str:
        """The text without the key, which some servers repeat in their errors."""
        if not self.key:
            return text
        text = text.replace(self.key, "(the key)")
        # A quotation that was cut short may end within the key.
        whole = text.removesuffix("...")
        for length in range(len(self.key) - 1, 7, -1):
            if whole.endswith(self.key[:length]):
                return f"{whole[:-length]}(the key)..."
        return text


def without_password(url: str) -> str:
    """The address as it may be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return url.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1) if "@" in parts.netloc else url
