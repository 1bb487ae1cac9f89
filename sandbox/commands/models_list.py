"""``backrooms models list``: who can be asked, what each still needs, what each takes and costs."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import TypedDict

__all__ = ["main"]

PACKAGES = {"anthropic": "anthropic", "mistral": "mistralai", "local": "xllamacpp"}
"""The package that a provider needs."""


class Maker(TypedDict):
    """A provider: whose key, where it goes, and what is still missing. Never the key itself."""

    provider: str
    key: str | None
    address: str | None
    reachable: str | None
    state: str


class Row(TypedDict):
    """A model: figures are null where they are unknown. ``bytes`` are those of local weights."""

    model: str
    family: str
    context: int | None
    max_output: int | None
    input: float | None
    output: float | None
    source: str | None
    on: str | None
    ends: str | None
    bytes: int | None
    licence: str | None
    state: str


def main(args: argparse.Namespace) -> int:
    """Print providers, then models."""
    makers = asyncio.run(_makers(probe=args.probe))
    rows = [*_rows({each["provider"]: each for each in makers})]
    if args.json:
        for each in (*makers, *rows):
            print(json.dumps(each))
        return 0
    if args.probe:
        _table(
            ("PROVIDER", "REACHABLE", "STATE"),
            [(m["provider"], m["reachable"] or "", m["state"]) for m in makers],
        )
    else:
        _table(("PROVIDER", "STATE"), [(m["provider"], m["state"]) for m in makers])
    print()
    _table(
        ("MODEL", "CONTEXT", "OUTPUT", "$ IN", "$ OUT", "STATE"),
        [
            (
                row["model"],
                _tokens(row["context"]),
                _tokens(row["max_output"]),
                _dollars(row["input"], row["source"]),
                _dollars(row["output"], row["source"]),
                row["state"],
            )
            for row in rows
            if not row["state"].startswith("retired")
        ],
    )
    print(
        "\n$: USD per million tokens; ~ not the maker's own word; ? unknown. --json has the days,"
    )
    print("and models that are retired. Your own figures: see docs/models.md.")
    return 0


async def _makers(*, probe: bool) -> list[Maker]:
    from sandbox.models.keys import VARIABLES

    makers = [_hosted(provider) for provider in VARIABLES]
    if probe:
        for maker in makers:
            if maker["key"] is not None or maker["provider"] == "openai":
                maker["reachable"] = await _probe(maker["provider"])
    state = _missing("local") or "ready: no key, no network"
    makers.append(Maker(provider="local", key=None, address=None, reachable=None, state=state))
    for name, about in (
        ("scripted", "ready: the lines of the scenario file"),
        ("recorded", "ready: the answers of a recorded run"),
        ("human", "ready: asks you"),
    ):
        makers.append(Maker(provider=name, key=None, address=None, reachable=None, state=about))
    return makers


def _hosted(provider: str) -> Maker:
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
    if (missing := _missing(provider)) is not None:
        maker["state"] = f"{missing}; {maker['state']}"
    return maker


def _missing(provider: str) -> str | None:
    from importlib.util import find_spec

    package = PACKAGES.get(provider)
    if package is None or find_spec(package) is not None:
        return None
    if provider == "local":
        return "llama.cpp is missing: pip install 'backrooms[local]'"
    return f"its package is missing: pip install {package}"


async def _probe(provider: str) -> str:
    """Whether a provider answers and takes the key, by its list of models, which costs nothing."""
    import httpx2

    from sandbox.models.key_address import home_of, key_may_go
    from sandbox.models.keys import key_for

    home = home_of(provider)
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


def _rows(makers: dict[str, Maker]) -> Iterator[Row]:
    from sandbox.models.capabilities import capabilities
    from sandbox.models.catalog import catalog
    from sandbox.models.family import family_of
    from sandbox.models.known import known, known_models, today
    from sandbox.models.prices import price

    day = today()
    for name in known_models():
        provider, _, model = name.partition("/")
        found, able, paid = known(name), capabilities(name), price(name)
        weights = catalog().get(model) if provider == "local" else None
        if found.ends is not None and found.ends <= day:
            state = f"retired on {found.ends}: write {provider}/{found.successor}"
        elif weights is not None:
            state = _weights(weights.name, makers["local"])
        else:
            state = "ready" if provider in makers and makers[provider]["key"] else "no key"
            if found.ends is not None:
                state += f"; ends on {found.ends}"
        yield Row(
            model=name,
            family=weights.family if weights is not None else family_of(model),
            context=able.context,
            max_output=able.max_output,
            input=paid.input if paid is not None else None,
            output=paid.output if paid is not None else None,
            source=paid.source if paid is not None else None,
            on=str(paid.on) if paid is not None and paid.on is not None else None,
            ends=str(found.ends) if found.ends is not None else None,
            bytes=weights.size if weights is not None else None,
            licence=weights.licence if weights is not None else None,
            state=state,
        )


def _weights(name: str, local: Maker) -> str:
    from sandbox.models.catalog import models_folder, weights_of

    weights = weights_of(name)
    path = models_folder() / weights.file
    if not (path.is_file() and path.stat().st_size == weights.size):
        return f"not fetched ({weights.megabytes} MB): backrooms models fetch {name}"
    if not local["state"].startswith("ready"):
        return f"fetched; {local['state']}"
    return f"ready: {path}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _tokens(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _dollars(amount: float | None, source: str | None) -> str:
    if amount is None:
        return "?"
    return f"{'~' if source == 'stated' else ''}{amount:.2f}"
