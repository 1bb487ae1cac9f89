"""The tree of a shell script, as far as it decides what is run with which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Arithmetic",
    "Assignment",
    "Command",
    "Coprocess",
    "Function",
    "Group",
    "Literal",
    "Loop",
    "Node",
    "Part",
    "Pipeline",
    "Redirect",
    "Script",
    "Substitution",
    "Variable",
    "Word",
]


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters as the shell sees them once quotes and backslashes are gone."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name`` or ``${name<operator><operand>}``; ``#name`` and ``!name`` keep their mark."""

    name: str
    operator: str = ""
    operand: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(...)`` and backticks (``mark`` empty), or a process: ``<(...)`` and ``>(...)``."""

    script: Script
    mark: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((...))``."""

    text: str


Part: TypeAlias = Literal | Variable | Substitution | Arithmetic
Word: TypeAlias = tuple[Part, ...]


@dataclass(slots=True)
class Redirect:
    """``fd<op>target``; for ``<<`` the target is the body of the here-document.

    Not frozen: a body stands after the line that names it, and is set when it has been read.
    """

    operator: str
    target: Word
    fd: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value``, ``name+=value``, ``name[index]=value``, or ``name=(values)``."""

    name: str
    values: tuple[Word, ...]
    appends: bool = False
    is_array: bool = False
    index: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``(...)``, ``{...}``, ``if``, ``while``, ``case``: what stands in it, in order."""

    script: Script
    redirects: tuple[Redirect, ...] = ()
    is_subshell: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """``for name in words``."""

    name: str
    words: tuple[Word, ...]
    script: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A definition, which runs nothing yet."""

    name: str
    script: Script


@dataclass(frozen=True, slots=True)
class Coprocess:
    """``coproc name command``: what is written to ``${name[1]}`` is its input."""

    name: str
    script: Script


Node: TypeAlias = Command | Group | Loop | Function | Coprocess
Pipeline: TypeAlias = tuple[Node, ...]
Script: TypeAlias = tuple[Pipeline, ...]
