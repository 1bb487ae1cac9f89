"""The command ``backrooms``: finds the subcommand and turns errors into one sentence and an exit code.

Nothing heavy is imported before a subcommand is chosen.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from keyword import iskeyword
from types import ModuleType
from typing import Final, TextIO

from sandbox import __version__
from sandbox.command_line import CommandLine
from sandbox.errors import BackroomsError, UsageError

__all__ = ["main"]

_COMMANDS: Final = (
    "run",
    "check",
    "new",
    "runs",
    "show",
    "replay",
    "search",
    "watch",
    "serve",
    "tell",
    "resume",
    "fork",
    "tree",
    "rerun",
    "diff",
    "verify",
    "shell",
    "repair",
    "flags",
    "verdict",
    "detect",
    "note",
    "notes",
    "import",
    "export",
    "eval",
    "models",
    "peek",
    "doctor",
    "image",
    "clean",
    "kubernetes",
)

_OPTIONS: Final = ("-h", "--help", "--version")

_EPILOG: Final = """\
backrooms                       open the app
backrooms run demo              play the demonstration: no key, no model, no Docker needed
backrooms run two-strangers --turns 12 --model ada=local/smollm2 --model bo=local/qwen
backrooms show last --saw ada   exactly what ada's model was sent
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (the process's own if None) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _make_streams_safe()
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()  # here, where a full disk can still be told
    except BackroomsError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _silence(sys.stdout)
        sys.stderr.close()  # the reader has gone: nobody is there to be told
        return 141
    except OSError as error:
        _silence(sys.stdout)
        where = "" if error.filename is None else f": {os.fsdecode(error.filename)}"
        _complain(f"{error.strerror or error}{where}")
        return 1


def _run(arguments: Sequence[str]) -> int:
    if not arguments:
        return _app()
    if arguments[0] == "help":
        arguments = [*(word for word in arguments if word != "help"), "--help"]
    chosen = [name for name in _COMMANDS if name == arguments[0]]
    if not chosen and not any(option.startswith(arguments[0]) for option in _OPTIONS):
        raise _no_command(arguments[0])
    behind: Sequence[str] = ()
    if chosen == ["shell"] and "--" in arguments:
        # A command of its own, which argparse would look through for options.
        at = arguments.index("--")
        arguments, behind = arguments[:at], arguments[at + 1 :]
    args = _parser(chosen or _COMMANDS).parse_args(arguments)
    args.behind = behind
    return int(_command(args.command).main(args))


def _no_command(name: str) -> UsageError:
    from sandbox.scenario.suggest import nearest  # needed after a fault only

    option = name.startswith("-")
    near = nearest(name, _OPTIONS if option else (*_COMMANDS, "help"))
    remedy = f"Did you mean '{near}'?" if near else "`backrooms --help` lists those there are."
    what = "option of all commands" if option else "command"
    return UsageError(f"there is no {what} {name[:64]!r}. {remedy}")


def _command(name: str) -> ModuleType:
    """The module of a subcommand: its name, but for names that Python keeps for itself."""
    return import_module(f"sandbox.commands.{name}{'_' if iskeyword(name) else ''}")


def _make_streams_safe() -> None:
    """A closed stream swallows what it is given, and one that is not UTF-8 shows escapes."""
    if None in (sys.stdin, sys.stdout, sys.stderr):  # Python's word for a closed one
        # All three, or a socket of ours would get the number and somebody's words.
        while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(fd, True)
        os.close(fd)
        sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
        sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
        sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _complain(what: str) -> None:
    """Say what went wrong; names of files, agents and runs in it may be hostile."""
    from sandbox.console.neutral import neutralise  # needed after a fault only

    with suppress(OSError):  # there is no other place to say it
        print(f"backrooms: {neutralise(what)}", file=sys.stderr)


def _silence(stream: TextIO) -> None:
    """Python flushes at its end once more, and would complain there."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _app() -> int:
    if not sys.stdout.isatty():
        _parser(_COMMANDS).print_help()
        return 2
    from sandbox.tui import run_app

    return run_app()


def _parser(names: Sequence[str]) -> CommandLine:
    parser = CommandLine(
        prog="backrooms",
        description="Put language models together in rooms, in sealed boxes, and see what they do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"backrooms {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        _command(name).add_parser(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
