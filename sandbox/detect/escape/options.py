"""Arguments of a program, split into options with their values and what is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

__all__ = ["Parsed", "parsed"]


@dataclass(slots=True)
class Parsed:
    """Options in order as (name, value), and the operands; ``end`` is where the operands begin."""

    options: list[tuple[str, str]] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)
    end: int = 0

    def values(self, *names: str) -> list[str]:
        """The values of options of any of these names."""
        return [value for name, value in self.options if name in names]

    def has(self, *names: str) -> bool:
        """Whether an option of any of these names is there."""
        return any(name in names for name, _ in self.options)


def parsed(args: Sequence[str], valued: Collection[str] = (), *, stops: bool = False) -> Parsed:
    """Split arguments.

    Args:
        args: without the program's name.
        valued: the options that take a value, each with its dashes.
        stops: the first operand ends the options, as in ``timeout 5 ls -l``.
    """
    found = Parsed()
    at = 0
    while at < len(args):
        arg = args[at]
        at += 1
        if arg == "--":
            found.end = at if not found.operands else found.end
            found.operands += args[at:]
            return found
        if arg.startswith("--"):
            name, equals, value = arg.partition("=")
            if not equals and name in valued and at < len(args):
                value = args[at]
                at += 1
            found.options.append((name, value))
        elif arg.startswith("-") and len(arg) > 1:
            at = _short(arg, args, at, valued, found)
        else:
            if not found.operands:
                found.end = at - 1
            found.operands.append(arg)
            if stops:
                found.operands += args[at:]
                return found
    if not found.operands:
        found.end = len(args)
    return found


def _short(arg: str, args: Sequence[str], at: int, valued: Collection[str], into: Parsed) -> int:
    if arg in valued:  # also long words behind one dash, as in `find -name`
        into.options.append((arg, args[at] if at < len(args) else ""))
        return at + 1
    for place, letter in enumerate(arg[1:17], 1):
        name = "-" + letter
        if name in valued:
            value = arg[place + 1 :]
            if not value and at < len(args):
                value = args[at]
                at += 1
            into.options.append((name, value))
            break
        into.options.append((name, ""))
    return at
