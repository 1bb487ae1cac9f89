"""A text in the reader's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from sandbox.errors import BackroomsError, UsageError
from sandbox.scenario.yaml import MAX_BYTES, decode

__all__ = ["edit_outside", "editor"]


def editor() -> list[str]:
    """The command of the reader's editor: ``VISUAL``, ``EDITOR``, else what is there.

    Raises:
        UsageError: there is none.
    """
    for variable in ("VISUAL", "EDITOR"):
        try:
            command = shlex.split(os.environ.get(variable, ""))
        except ValueError:
            raise UsageError(f"{variable} cannot be read: a quote is open. Set it anew.") from None
        if command:
            return command
    for name in ("sensible-editor", "nano", "vim", "vi"):
        if shutil.which(name):
            return [name]
    raise UsageError("There is no editor. Set EDITOR, for example to nano.")


def edit_outside(text: str, name: str) -> str:
    """Give a text to the reader's editor, and come back with what it was left as; blocks.

    It gets a copy of its own, so that nothing is written before the reader saves here.

    Raises:
        UsageError: the editor could not be started.
        BackroomsError: it failed, or left no text.
    """
    command = editor()
    with tempfile.TemporaryDirectory(prefix="backrooms-") as folder:
        copy = Path(folder) / name
        copy.write_bytes(text.encode())
        try:
            code = subprocess.run([*command, str(copy)], check=False).returncode
        except OSError as error:
            raise UsageError(
                f"{command[0]!r} cannot be started: {error.strerror}. Set EDITOR to another one."
            ) from None
        if code:
            raise BackroomsError(f"{command[0]!r} ended with {code}, so nothing was taken over.")
        with copy.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    left = decode(data, name, [])
    if left is None:
        raise BackroomsError(
            "What the editor left is no UTF-8 or larger than 1 MiB, so nothing was taken over."
        )
    return left
