"""The parser of the command line: argparse, whose complaints say in plain words what is wrong and what to do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

__all__ = ["CommandLine"]


class CommandLine(argparse.ArgumentParser):
    """Reads arguments; what it does not know is a mistake in the command that was given, not in all of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.register("type", int, _whole)
        self.register("type", float, _number)

    def parse_known_args(  # type: ignore[override]  # the library has overloads for what a namespace may be
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Read them, and let nothing be left over. The library asks each subcommand's parser by this."""
        read, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(self._unknown(unknown[0]))
        return read, unknown

    def error(self, message: str) -> NoReturn:
        """Say it, below how the command is used, and end with 2."""
        self.print_usage(sys.stderr)
        end = "" if message.endswith((".", "?")) else "."
        self.exit(2, f"{self.prog}: {message}{end} `{self.prog} --help` says more.\n")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            from sandbox.scenario.suggest import remedy  # needed after a fault only

            known = [str(choice) for choice in action.choices]
            what = f"there is no {str(value)[:64]!r}. {remedy(str(value), known, 'There are')}"
            raise argparse.ArgumentError(action, what)

    def _unknown(self, word: str) -> str:
        from sandbox.scenario.suggest import nearest  # needed after a fault only

        if not word.startswith("-"):
            return f"{word[:64]!r} is one argument too many; a name with spaces needs quotes"
        name = word.partition("=")[0]
        near = nearest(name, [option for option in self._option_string_actions if option != "-h"])
        if near:
            return f"there is no option {name[:64]!r}. Did you mean {near!r}?"
        return f"there is no option {name[:64]!r}; a text that begins with '-' goes behind '--'"


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:64]!r} is no whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:64]!r} is no number") from None
