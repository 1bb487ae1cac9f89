"""The work folder as the house puts it back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from agents import workfolder

__all__ = ["clear", "fill"]


def clear(home: str) -> None:
    """Remove everything below ``home``. Raises OSError."""
    import shutil  # an agent's start never pays for it

    for name in os.listdir(home):
        path = os.path.join(home, name)
        if os.path.isdir(path) and not os.path.islink(path):
            _open_up(path)
            shutil.rmtree(path)
        else:
            os.unlink(path)


def fill(home: str, things: Sequence[Sequence[Any]], data: memoryview) -> None:
    """Put things below ``home``; what the files hold stands in a row in ``data``.

    ``things`` are as ``agents.snapshot.survey`` tells them. A folder that is there gets the mode.
    Raises OSError, PathRefused, or ValueError for what is no such thing.
    """
    start = 0
    for thing in things:
        match thing:
            case ["folder", str(path), int(mode)]:
                with workfolder.opened(home, workfolder.steps(path), make=True) as folder:
                    os.fchmod(folder, mode)
            case ["file", str(path), int(mode), int(size), *_]:
                workfolder.put(home, path, data[start : start + size], mode)
                start += size
            case ["link", str(path), str(target)]:
                *folders, name = workfolder.steps(path)
                with workfolder.opened(home, folders, make=True) as folder:
                    os.symlink(target, name, dir_fd=folder)
            case _:
                raise ValueError(f"{thing!r:.80} is nothing that lies in a work folder")


def _open_up(top: str) -> None:
    """Make every folder one's own again: what cannot be listed cannot be removed."""
    os.chmod(top, 0o700)
    for folder, names, _ in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
