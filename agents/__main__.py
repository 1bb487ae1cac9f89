"""Start an agent's process: ``python3 -I -S .../agents/__main__.py --run RUN --agent AGENT ...``.

``--bus SOCKET`` and ``--home FOLDER`` are needed too. ``--control SOCKET`` starts the shim first,
under ``--limits NAME=NUMBER,...`` as setrlimit names them and a seccomp ``--filter BASE64``;
``--exec-only FOLDER:...`` lets programs start from these folders alone.
"""

from __future__ import annotations

import binascii
import gc
import os
import sys
from typing import TYPE_CHECKING, Final

if not __package__:  # started as a file or a folder: its modules must not be found by bare names
    _here = os.path.dirname(os.path.abspath(__file__))
    _others = [entry for entry in sys.path if os.path.abspath(entry) != _here]
    sys.path[:] = [os.path.dirname(_here), *_others]

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "options"]

NEEDED: Final = ("--run", "--agent", "--bus", "--home")
KNOWN: Final = (*NEEDED, "--control", "--limits", "--filter", "--exec-only")


def main(argv: Sequence[str]) -> int:
    """Run one agent to its end; returns the exit code, 2 for a command line that cannot be."""
    gc.disable()  # nothing that starting makes is garbage; looking for it costs 1.5 ms
    from agents.loop import Loop, Whoami

    try:
        given = options(argv)
        limits = _limits(given.get("--limits", ""))
    except ValueError as error:
        sys.stderr.write(f"agents: {error}\n")
        return 2
    if "--control" in given:
        from agents import shim

        if "--exec-only" in given:
            from agents.noexec import start_only_from

            start_only_from(given["--exec-only"].split(":"))
        program = binascii.a2b_base64(given.get("--filter", ""))
        shim.start(given["--control"], limits, given["--home"], program)
    loop = Loop(Whoami(given["--run"], given["--agent"], given["--bus"], given["--home"]))
    gc.freeze()
    gc.enable()
    loop.run()
    return 0


def options(argv: Sequence[str]) -> dict[str, str]:
    """Read ``--name value`` pairs. Raises ValueError for an unknown, missing or halved one.

    By hand, as argparse would take a third of the time to the agent's hello.
    """
    given = dict(zip(argv[::2], argv[1::2], strict=False))
    unknown = next((name for name in argv[::2] if name not in KNOWN), None)
    if unknown is not None:
        raise ValueError(f"unknown option {unknown!r}; known are {', '.join(KNOWN)}")
    if len(argv) % 2:
        raise ValueError(f"{argv[-1]} needs a value")
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    return given


def _limits(text: str) -> dict[str, int]:
    limits = {}
    for pair in filter(None, text.split(",")):
        name, _, number = pair.partition("=")
        if not name or not number.isdecimal():
            raise ValueError(f"--limits takes NAME=NUMBER,..., not {pair!r}")
        limits[name] = int(number)
    return limits


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
