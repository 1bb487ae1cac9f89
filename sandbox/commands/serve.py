"""``backrooms serve``: the app in a browser."""

from __future__ import annotations

import argparse
import errno
import sys
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from sandbox.tui.serve.door import Door

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Open the app in a browser on this machine. The address that is printed holds a token, fresh each time; whoever
has it can do what you can: play scenarios, open shells in their boxes, read all transcripts. Nothing is loaded
from anywhere else. Each tab is an app of its own; several may watch one run.

Closing a tab ends its app as closing a terminal does: what it plays is stopped in order. To let a run go on,
leave the app by q and answer "leave it running". Ctrl+C here ends everything, twice at once.
"""

_EPILOG: Final = """\
examples:
  backrooms serve                        print an address; open it
  backrooms serve --port 8123            always at the same port
  ssh -L 8123:127.0.0.1:8123 machine     reach it from elsewhere: safe, and no option is needed here

links, behind the address, once the token was seen:
  /?replay=RUN&turn=12     the replay of a run, at turn 12 (or &seq=240)
  /?watch=RUN              a run that is being played
  /?flags=RUN&seq=214      a flag
"""

_EXPOSED: Final = (
    "{host} can be reached from other machines: whoever gets hold of the address can play scenarios here, which "
    "runs programs, and read all transcripts, and the address travels unencrypted. `ssh -L` needs nothing of this. "
    "If it is what you want all the same, add --exposed."
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "serve",
        help="open the app in a browser",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_dir(parser)
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="HOST", help="where to listen (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the port (default: any that is free)"
    )
    parser.add_argument(
        "--tabs", type=_count, default=8, metavar="N", help="tabs open at once (default: 8)"
    )
    parser.add_argument(
        "--exposed", action="store_true", help="allow a host that other machines can reach"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r:.20} is no port: use 1 to 65535, or 0")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r:.20} is no number of tabs: use 1 to 1000")
    return int(text)


def main(args: argparse.Namespace) -> int:
    """Serve until Ctrl+C."""
    import asyncio
    from importlib.util import find_spec

    from sandbox.errors import BackroomsError, UsageError

    if any(find_spec(name) is None for name in ("aiohttp", "textual_serve")):
        raise UsageError("the app's browser part is not installed: pip install 'backrooms[web]'.")
    from sandbox.tui.serve.door import is_loopback
    from sandbox.tui.serve.server import serve

    if not is_loopback(args.host) and not args.exposed:
        raise UsageError(_EXPOSED.format(host=repr(args.host)[:80]))
    try:
        asyncio.run(serve(args.host, args.port, args.dir, args.tabs, _tell))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise BackroomsError(
            f"port {args.port} of {args.host} is taken: choose another by --port."
        ) from None
    return 0


def _tell(door: Door) -> None:
    print(door.address, flush=True)
    print(
        "This address lets in whoever has it: keep it to yourself. Ctrl+C ends the server and all its tabs.",
        file=sys.stderr,
    )
