"""The commands of a shell that change the shell itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.detect.escape.facts import Run
from sandbox.detect.escape.interpreters import run_script
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.places import canonical
from sandbox.detect.escape.pure import printed
from sandbox.detect.escape.started import Launch, note_setting, program_of, set_positional
from sandbox.detect.escape.unknown import UNKNOWN
from sandbox.detect.escape.words import split_by

__all__ = ["BUILTINS"]


def _eval(start: Launch, args: list[str]) -> str:
    return start.shell.run_text(" ".join(args), start.stdin)


def _source(start: Launch, args: list[str]) -> str:
    return run_script(start, args[0], args[1:]) if args else ""


def _cd(start: Launch, args: list[str]) -> str:
    shell = start.shell
    operands = [arg for arg in args if not re.fullmatch(r"-[LPe]*", arg)]
    where = operands[0] if operands else "/home/agent"
    shell.facts.touch(where, "enter", shell.memory.cwd, program="cd")
    path = canonical(shell.memory.resolved(where), shell.memory.cwd)[0]
    shell.memory.cwd = path if path.startswith("/") else ""
    shell.variables["PWD"] = [shell.memory.cwd or UNKNOWN]
    return ""


def _pwd(start: Launch, args: list[str]) -> str:
    return (start.shell.memory.cwd or UNKNOWN) + "\n"


def _read(start: Launch, args: list[str]) -> str:
    variables = start.shell.variables
    found = parsed(args, {"-p", "-t", "-n", "-N", "-d", "-u", "-i", "-a"})
    stdin = start.stdin
    for number in found.values("-u"):
        stdin = start.shell.streams.inputs.get(number, stdin)
    text = stdin.rstrip("\n") or UNKNOWN
    values = split_by(variables.get("IFS", [" \t\n"])[0], text)
    for name in found.values("-a"):
        variables[name] = values[:256]
    names = found.operands
    for at, name in enumerate(names[:64]):
        rest = values[at:] if at == len(names) - 1 else values[at : at + 1]
        variables[name] = [" ".join(rest) if len(names) > 1 else text]
    return ""


def _mapfile(start: Launch, args: list[str]) -> str:
    found = parsed(args, {"-d", "-n", "-O", "-s", "-u", "-C", "-c"})
    lines = start.stdin.splitlines()[:256]
    start.shell.variables[(found.operands or ["MAPFILE"])[0]] = lines or [UNKNOWN]
    return ""


def _hash(start: Launch, args: list[str]) -> str:
    if args[:1] == ["-p"] and len(args) > 2:
        start.shell.aliases[args[2]] = args[1]
        name = program_of(start.shell, args[1])
        if args[2] != name:
            start.shell.facts.add(Run("masked-program", (name, args[2])))
    return ""


def _declare(start: Launch, args: list[str]) -> str:
    shell = start.shell
    shell.sources = frozenset({"env"})
    refers = any(re.fullmatch(r"-\w*n\w*", arg) for arg in args[:2]) and start.argv[0] != "export"
    for arg in args:
        name, equals, value = arg.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name):
            if refers and value != name and len(shell.words.references) < 64:
                shell.words.references[name] = value
            shell.variables[name] = [value]
            note_setting(start, arg)
            shell.facts.add(Run("export", (arg[:500],)))
    return ""


def _alias(start: Launch, args: list[str]) -> str:
    for arg in args:
        name, equals, value = arg.partition("=")
        if equals:
            start.shell.aliases[name] = value
    return ""


def _set(start: Launch, args: list[str]) -> str:
    start.shell.sources = frozenset({"env"})
    if "--" in args[:4]:
        operands = args[args.index("--") + 1 :]
    else:
        operands = [arg for arg in args if not arg.startswith(("-", "+"))]
    if operands:
        set_positional(start.shell, operands)
    return ""


def _shift(start: Launch, args: list[str]) -> str:
    set_positional(start.shell, start.shell.variables.get("@", [])[1:])
    return ""


def _printf(start: Launch, args: list[str]) -> str:
    if args[:1] == ["-v"] and len(args) > 2:
        start.shell.variables[args[1]] = [printed("printf", args[2:], "") or ""]
        return ""
    return printed("printf", args, "") or ""


def _trap(start: Launch, args: list[str]) -> str:
    return start.shell.run_text(args[0]) if len(args) > 1 and not args[0].startswith("-") else ""


def _nothing(start: Launch, args: list[str]) -> str:
    return ""


BUILTINS: Final[Mapping[str, Callable[[Launch, list[str]], str]]] = {
    "eval": _eval, "source": _source, ".": _source, "cd": _cd, "pushd": _cd, "pwd": _pwd, "read": _read,
    "declare": _declare, "export": _declare, "local": _declare, "typeset": _declare, "readonly": _declare,
    "alias": _alias, "set": _set, "shift": _shift, "printf": _printf, "trap": _trap, ":": _nothing,
    "true": _nothing, "false": _nothing, "return": _nothing, "hash": _hash,
    "mapfile": _mapfile, "readarray": _mapfile, "wait": _nothing,
}  # fmt: skip
