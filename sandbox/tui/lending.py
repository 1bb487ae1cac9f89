"""The terminal lent to another program: the app steps aside, and its keys are that program's alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from textual.app import App

__all__ = ["lent", "lent_out"]

_LENT: Final[set[App[None]]] = set()


@contextmanager
def lent_out(app: App[None]) -> Iterator[None]:
    """Give the terminal away until the block ends.

    Raises:
        SuspendNotSupported: there is no terminal to give, as in a browser.
    """
    # In a batch nothing is drawn, whatever happens to the run: the terminal is the other program's.
    with app.batch_update(), app.suspend():
        _LENT.add(app)
        try:
            yield
        finally:
            _LENT.discard(app)


def lent(app: App[None]) -> bool:
    """Whether another program has the terminal: Ctrl+C is then meant for it."""
    return app in _LENT
