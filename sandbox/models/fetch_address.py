"""A whole file of weights from an http address, going on where an earlier try broke off."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import ModelUnavailable
from sandbox.models.catalog import Weights
from sandbox.models.failures import quoted

if TYPE_CHECKING:
    import httpx2

__all__ = ["download"]

SECONDS: Final = 30.0
"""How long a server may say nothing."""


def download(weights: Weights, url: str, target: Path, moved: Callable[[int], None]) -> None:
    """Bring the file at ``url`` to ``target``, of which a beginning may be there.

    ``url`` is that of the file, or of a folder that holds it under its name. Never more than the
    pinned size is written. What has come stays when the connection breaks.

    Raises:
        ModelUnavailable: the address cannot be asked, or what it gives is shorter or longer than pinned.
    """
    import httpx2  # 0.1 s that no other command should pay

    if not url.startswith(("http://", "https://")):
        raise ModelUnavailable(
            f"fetching {weights.name!r}: {url!r:.200} is neither a folder nor an http address"
        )
    if not url.partition("?")[0].endswith(f"/{weights.file}"):
        url = f"{url.rstrip('/')}/{weights.file}"
    try:
        with httpx2.Client(timeout=SECONDS, follow_redirects=True, max_redirects=5) as client:
            _ask(client, weights, url, target, moved)
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise ModelUnavailable(
            f"fetching {weights.name!r}: {url} failed ({quoted(str(error)) or type(error).__name__}). "
            "Try again: what has been fetched is kept"
        ) from None
    if (size := target.stat().st_size) != weights.size:
        if size > weights.size:
            target.unlink()
        raise ModelUnavailable(
            f"fetching {weights.name!r}: {url} gave {size} bytes, not {weights.size}. "
            + ("It is another file" if size > weights.size else "Try again: what has come is kept")
        )


def _ask(
    client: httpx2.Client, weights: Weights, url: str, target: Path, moved: Callable[[int], None]
) -> None:
    there = target.stat().st_size if target.is_file() else 0
    if there == weights.size:
        return
    # Plain bytes: a compressed answer has no ranges, and no bound.
    headers = {"accept-encoding": "identity"} | ({"range": f"bytes={there}-"} if there else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code not in {200, 206}:
            raise ModelUnavailable(
                f"fetching {weights.name!r}: {url} answered with status {response.status_code}"
            )
        if response.status_code == 200:
            there = 0  # this server knows no ranges
        elif not _goes_on(response, there):
            raise ModelUnavailable(
                f"fetching {weights.name!r}: {url} gave another range than was asked for"
            )
        with target.open("r+b" if there else "wb") as file:
            file.seek(there)
            for (
                block
            ) in response.iter_raw():  # as it comes: what has come must be kept when it breaks
                left = weights.size + 1 - there
                there += file.write(block[:left])
                moved(min(there, weights.size))
                if there > weights.size:
                    return


def _goes_on(response: httpx2.Response, there: int) -> bool:
    found = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    return found is not None and int(found[1]) == there
