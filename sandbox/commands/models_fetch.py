"""``backrooms models fetch``: bring the weights of local models here, with a progress bar in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.models.catalog import Weights

__all__ = ["main"]


def main(args: argparse.Namespace) -> int:
    """Fetch ``args.names``; the paths go to standard output, all else to standard error."""
    from sandbox.errors import UsageError
    from sandbox.models.catalog import catalog, weights_of
    from sandbox.models.fetch import fetch

    names = [*catalog()] if args.all else [name.removeprefix("local/") for name in args.names]
    if not names:
        raise UsageError(f"name what to fetch, or --all; there are: {', '.join(catalog())}")
    chosen = [weights_of(name) for name in names]  # a wrong name is said before an hour of fetching
    for weights in chosen:
        with _progress(weights) as (say, moved):
            path = fetch(weights.name, progress=say, source=args.source, moved=moved)
        print(path)
    return 0


@contextmanager
def _progress(weights: Weights) -> Iterator[tuple[Callable[[str], None], Callable[[int], None]]]:
    """What takes the fetch's sentences, and what takes its bytes."""
    if not sys.stderr.isatty():
        yield (lambda line: print(line, file=sys.stderr, flush=True)), (lambda done: None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from sandbox.console.neutral import neutralise

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True, highlight=False, markup=False)
    with Progress(
        *columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task(weights.name, total=weights.size)
        yield (
            lambda line: bar.console.print(neutralise(line, newlines=False)),
            lambda done: bar.update(task, completed=done),
        )
