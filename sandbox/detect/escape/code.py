"""Code of other languages than the shell's: what it would run, open, reach and call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.detect.escape.budget import TEXT
from sandbox.detect.escape.unknown import UNKNOWN

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_code"]


def follow_code(
    language: str, code: str, shell: Shell, stdin: str = "", args: Sequence[str] = ()
) -> str:
    """Follow code in a language; what it prints as far as that is known. ``args`` are what it is given."""
    if not code or code == UNKNOWN:
        return UNKNOWN
    budget = shell.budget
    budget.depth += 1
    try:
        if budget.depth > 10:
            return UNKNOWN
        code = code[: TEXT // 2]
        budget.step(1 + len(code) // 500)
        if language.startswith(("python", "pypy", "ipython")):
            from sandbox.detect.escape.python_code import follow_python

            printed = follow_python(code, shell, stdin, args)
            if printed is not None:
                return printed
        if language in ("tclsh", "wish", "jimsh", "expect"):
            from sandbox.detect.escape.tcl_code import follow_tcl

            return follow_tcl(code, shell, args)
        from sandbox.detect.escape.other_code import follow_other

        return follow_other(language, code, shell, stdin, args)
    finally:
        budget.depth -= 1
