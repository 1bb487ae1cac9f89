"""Start an agent's process: ``python3 -I -S .../agents/__main__.py --run RUN --agent AGENT ...``.

``--bus SOCKET`` and ``--home FOLDER`` are needed too. ``--control SOCKET`` starts the shim first,
under ``--limits NAME=NUMBER,...`` as setrlimit names them and a seccomp ``--filter BASE64``, or one
that asks the house, ``--asking-filter BASE64`` (of zlib); ``--exec-only FOLDER:...`` lets programs start from
these folders alone. As process 1 it sees off what ends in its box, and the agent is its first child.
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
    from collections.abc import Mapping, Sequence

__all__ = ["main", "options"]

NEEDED: Final = ("--run", "--agent", "--bus", "--home")
KNOWN: Final = (*NEEDED, "--control", "--limits", "--filter", "--asking-filter", "--exec-only")


def main(argv: Sequence[str]) -> int:
    """Run one agent to its end; returns the exit code, 2 for a command line that cannot be."""
    gc.disable()  # nothing that starting makes is garbage; looking for it costs 1.5 ms
    try:
        given = options(argv)
        limits = _limits(given.get("--limits", ""))
    except ValueError as error:
        sys.stderr.write(f"agents: {error}\n")
        return 2
    # Before anything else, and before there is a second process that would be without.
    listener = _confine(given)
    if os.getpid() == 1:
        from agents.init import divide

        divide(listener)
    from agents.loop import Loop, Whoami

    if "--control" in given:
        from agents import shim

        if "--exec-only" in given:
            from agents.noexec import start_only_from

            start_only_from(given["--exec-only"].split(":"))
        shim.start(given["--control"], limits, given["--home"], listener)
    loop = Loop(Whoami(given["--run"], given["--agent"], given["--bus"], given["--home"]))
    gc.freeze()
    gc.enable()
    loop.run()
    return 0


def _confine(given: Mapping[str, str]) -> int:
    """Take the filter on, if one is given; returns the descriptor by which the house is asked, or -1."""
    if "--asking-filter" in given:
        import zlib

        from agents.confine import confine_asking

        return confine_asking(zlib.decompress(binascii.a2b_base64(given["--asking-filter"])))
    if "--filter" in given:
        from agents.confine import confine

        confine(binascii.a2b_base64(given["--filter"]))
    return -1


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
