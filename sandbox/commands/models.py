"""``backrooms models``: which models there are here, and fetching small ones that need no key."""

from __future__ import annotations

import argparse
from typing import TypedDict

__all__ = ["add_parser", "main"]

_ABOUT = """\
scripted/NAME   plays the lines of the scenario file
local/NAME      a small model on this machine, once fetched
openai/NAME     any server that speaks OpenAI's format: the agent's base_url, else OPENAI_BASE_URL
"""


class _Row(TypedDict):
    model: str
    family: str
    licence: str
    bytes: int | None
    state: str


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "models",
        help="list models, fetch small ones",
        description="List the models there are here, or fetch small ones that need no key.",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="which models there are, and what each still needs")
    listing.add_argument("--json", action="store_true", help="a JSON object a line")
    fetching = actions.add_parser(
        "fetch", help="fetch the weights of local models, checked by hash"
    )
    fetching.add_argument("names", nargs="*", metavar="NAME", help="for example smollm2, qwen")
    fetching.add_argument("--all", action="store_true", help="every local model")


def main(args: argparse.Namespace) -> int:
    """Do what was asked; errors are raised."""
    if args.action == "fetch":
        return _fetch(args.names, everything=args.all)
    return _list(as_json=args.json)


def _list(*, as_json: bool) -> int:
    rows = _rows()
    if as_json:
        import json

        for row in rows:
            print(json.dumps(row))
        return 0
    table = [("MODEL", "FAMILY", "SIZE", "LICENCE", "STATE")]
    table += [
        (
            row["model"],
            row["family"],
            "" if row["bytes"] is None else f"{row['bytes'] / 1e6:.0f} MB",
            row["licence"],
            row["state"],
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _rows() -> list[_Row]:
    from importlib.util import find_spec

    from sandbox.models.catalog import catalog, models_folder

    rows = [_Row(model="scripted/NAME", family="NAME", licence="", bytes=None, state="ready")]
    for weights in catalog().values():
        path = models_folder() / weights.file
        if not (path.is_file() and path.stat().st_size == weights.size):
            state = f"not fetched: backrooms models fetch {weights.name}"
        elif find_spec("xllamacpp") is None:
            state = "fetched; llama.cpp is missing: pip install 'backrooms[local]'"
        else:
            state = f"ready: {path}"
        rows.append(
            _Row(
                model=f"local/{weights.name}",
                family=weights.family,
                licence=weights.licence,
                bytes=weights.size,
                state=state,
            )
        )
    rows.append(
        _Row(model="openai/NAME", family="by name", licence="", bytes=None, state=_openai_state())
    )
    return rows


def _openai_state() -> str:
    import os

    from sandbox.models.openai_compatible import OPENAI, without_password

    url = without_password(os.environ.get("OPENAI_BASE_URL") or OPENAI)
    if os.environ.get("OPENAI_API_KEY"):
        return f"the key in OPENAI_API_KEY goes to {url}"
    return f"no OPENAI_API_KEY for {url}; a local server by base_url needs none"


def _fetch(names: list[str], *, everything: bool) -> int:
    import sys

    from sandbox.errors import UsageError
    from sandbox.models.catalog import catalog, weights_of
    from sandbox.models.fetch import fetch

    chosen = [*catalog()] if everything else [name.removeprefix("local/") for name in names]
    if not chosen:
        raise UsageError(f"name what to fetch, or --all; there are: {', '.join(catalog())}")
    for name in chosen:
        weights_of(name)  # a wrong name is said before an hour of fetching the right ones
    for name in chosen:
        print(fetch(name, progress=lambda line: print(line, file=sys.stderr, flush=True)))
    return 0
