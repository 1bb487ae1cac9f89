"""The first process of a box that has no init of its own: ``python3 -I -S .../agents/init.py --run RUN ...``.

It waits until the house has offered the control socket, starts the guest with the same options, and
reaps whatever else ends. It ends as the guest does, and the kernel then ends everything in the box.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

if not __package__:  # started as a file: its package is found from beside it
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["divide", "main"]

PATIENCE: Final = 120.0
"""Seconds until a box that no house has come to ends."""
GLANCE: Final = 0.02


def main(argv: Sequence[str]) -> int:
    """Run the guest; returns its exit code, 128 and the number for a signal, 3 if no house came."""
    from agents.__main__ import main as guest
    from agents.__main__ import options

    signal.signal(signal.SIGTERM, _leave)
    try:
        given = options(argv)
        control = given["--control"]
    except (ValueError, KeyError) as error:
        sys.stderr.write(f"init: {error}\n")
        return 2
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(control):
        if time.monotonic() > deadline:
            sys.stderr.write(f"init: no house has come within {PATIENCE:g} s\n")
            return 3
        time.sleep(GLANCE)
    _introduce(os.path.dirname(control), given)
    divide()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return guest(argv)


def divide(listener: int = -1) -> None:
    """Become two: this process stays the first of its box until the other ends, which alone comes back.

    Only that one keeps the descriptor ``listener``, if there is one.
    """
    child = os.fork()
    if child == 0:
        return
    if listener >= 0:
        os.close(listener)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    os._exit(_reap(child))


def _reap(child: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _introduce(folder: str, given: dict[str, str]) -> None:
    """Say who is here, where the client of the bus looks for it; elsewhere the house does."""
    with open(os.path.join(folder, "me.json"), "w", encoding="utf-8") as file:
        json.dump({"run": given["--run"], "agent": given["--agent"]}, file)


def _leave(_number: int, _frame: object) -> None:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
