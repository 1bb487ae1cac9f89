"""The command ``backrooms``: finds the subcommand and turns errors into one sentence and an exit code.

Nothing heavy is imported before a subcommand is chosen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from sandbox import __version__
from sandbox.errors import BackroomsError

__all__ = ["main"]

_COMMANDS: Final = ("run", "check", "runs", "show", "replay", "rerun", "verify", "models")

_EPILOG: Final = """\
backrooms                       open the app
backrooms run demo              play the demonstration: no key, no model, no Docker needed
backrooms run two-strangers --turns 12 --model ada=local/smollm2 --model bo=local/qwen
backrooms show last --saw ada   exactly what ada's model was sent
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (the process's own if None) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if not arguments:
            return _app()
        chosen = [name for name in _COMMANDS if name == arguments[0]]
        args = _parser(chosen or _COMMANDS).parse_args(arguments)
        command = import_module(f"sandbox.commands.{args.command}")
        return int(command.main(args))
    except BackroomsError as error:
        print(f"backrooms: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: nobody is there to be told
        return 141


def _app() -> int:
    if not sys.stdout.isatty():
        _parser(_COMMANDS).print_help()
        return 2
    from sandbox.tui import run_app

    return run_app()


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="backrooms",
        description="Put language models together in rooms, in sealed boxes, and see what they do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"backrooms {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        import_module(f"sandbox.commands.{name}").add_parser(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
