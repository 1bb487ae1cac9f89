"""A long text in the reader's own pager, while the app steps aside."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil

from textual.app import App, SuspendNotSupported

from sandbox.tui.lending import lent_out

__all__ = ["show_in_pager"]


async def show_in_pager(app: App[None], text: str) -> str:
    """Show a neutral text; gives a sentence if that cannot be, else nothing."""
    command = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    if shutil.which(command[0]) is None:
        return f"there is no pager {command[0]!r}: set PAGER to one that is installed"
    try:
        with lent_out(app):
            process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
            await process.communicate(text.encode())
    except SuspendNotSupported:
        return "a browser has no terminal to give"
    return ""
