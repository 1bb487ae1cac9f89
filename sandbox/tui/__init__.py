"""The app: choose a scenario, watch it being played, stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.run import run_app

__all__ = ["run_app"]


def __getattr__(name: str) -> object:
    # Lazy: Textual takes longer to import than most commands take to run.
    if name == "run_app":
        from sandbox.tui.run import run_app

        return run_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
