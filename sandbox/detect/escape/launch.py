"""One simple command: which program it is in truth, and what it does with words and input."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.arguments import FAMILIES, note_arguments, valued_of
from sandbox.detect.escape.facts import Run, Seek
from sandbox.detect.escape.given_commands import given_commands
from sandbox.detect.escape.interpreters import CODE, run_file, run_interpreter, run_shell
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.pure import PURE, printed
from sandbox.detect.escape.shell_builtins import BUILTINS
from sandbox.detect.escape.special_programs import SPECIAL
from sandbox.detect.escape.started import (
    BIN,
    SHELLS,
    Launch,
    given_files,
    named_places,
    note_setting,
    program_of,
    set_positional,
)
from sandbox.detect.escape.unknown import UNKNOWN
from sandbox.detect.escape.wrappers import is_loader, unwrapped

__all__ = ["launch"]


def launch(start: Launch) -> str:
    """Follow one command; what it prints as far as that is known."""
    shell, argv = start.shell, start.argv
    shell.budget.step()
    invoked = argv[0].replace(UNKNOWN, "")
    if invoked in shell.aliases and start.level < 4:
        rest = " ".join(_requoted(arg) for arg in argv[1:])
        return shell.run_text(f"{shell.aliases.pop(invoked)} {rest}", start.stdin)
    if invoked in shell.functions:
        return _function(start, invoked)
    program = start.program = program_of(shell, invoked)
    start.sources = shell.sources
    args = argv[1:]
    if program in BUILTINS:
        return BUILTINS[program](start, args)
    shell.facts.add(Run(program, tuple(arg[:4_000] for arg in args[:200]), start.settings, invoked))
    if "/" in invoked:
        if not shell.memory.renamed.keys().isdisjoint(named_places(shell, invoked)):
            shell.facts.add(Run("renamed-program", (program, invoked)))
        shell.facts.touch(invoked, "run", shell.memory.cwd, program=program)
        own = shell.memory.read(shell.place(invoked))
        if own is not None:
            return run_file(start, own, args)
    for setting in start.settings:
        note_setting(start, setting)
    return _follow(start, program, args)


def _follow(start: Launch, program: str, args: list[str]) -> str:
    shell = start.shell
    _flow(start, program, args)
    if program in SHELLS:
        return run_shell(start, program, args)
    if program in CODE:
        return run_interpreter(start, program, args)
    special = SPECIAL.get(program)
    if special is not None:
        done = special(start, args)
        if done is not None:
            return done
    for command in given_commands(program, args) if shell.budget.depth < 8 else ():
        shell.run_text(command)
    inner = unwrapped(program, args) if start.level < 8 else None
    if inner is not None:
        note_arguments(program, args, shell.facts, shell.memory.cwd)
        if not inner.argv:
            is_shell = program in _START_SHELLS and start.stdin.strip() not in ("", UNKNOWN)
            return shell.run_text(start.stdin) if is_shell else UNKNOWN
        shell.facts.touch(inner.argv[0], "run", shell.memory.cwd) if "/" in inner.argv[0] else None
        if program == "exec" and args[:1] == ["-a"]:
            shell.facts.add(Run("masked-program", (program_of(shell, inner.argv[0]), *args[:2])))
        if is_loader(program) and BIN.fullmatch(shell.place(inner.argv[0])):
            name = program_of(shell, inner.argv[0])
            shell.facts.add(Run("loaded-program", (name, *inner.argv[1:20])))
        return launch(
            Launch(
                shell, inner.argv, (*start.settings, *inner.settings), start.stdin, start.level + 1
            )
        )
    note_arguments(program, args, shell.facts, shell.memory.cwd)
    return _output(start, program, args)


_RENDERERS: Final = frozenset({"kustomize", "helm", "ytt", "jsonnet", "cue", "kompose"})
"""What makes descriptions out of those that its words name."""
_START_SHELLS: Final = frozenset(
    {
        "sudo",
        "su",
        "doas",
        "runuser",
        "chroot",
        "unshare",
        "nsenter",
        "newgrp",
        "sg",
        "pkexec",
        "script",
        "env",
    }
)
"""What starts a shell on its own input where it is given no command."""
_SEEKERS: Final = frozenset(
    {"grep", "egrep", "fgrep", "rg", "ag", "ugrep", "awk", "gawk", "mawk", "sed", "look"}
)


def _flow(start: Launch, program: str, args: list[str]) -> None:
    """Note what is looked for in what, and from where the output comes."""
    shell = start.shell
    found = parsed(args, valued_of(program))
    given = given_files(shell, program, args) if program in FAMILIES else []
    places = frozenset(shell.place(path) for path in given[:16])
    if program in _SEEKERS:
        patterns = found.values("-e", "--regexp", "--expression") or found.operands[:1]
        inverts = "grep" in program and found.has("-v", "--invert-match")
        if "grep" in program:
            shell.sought = patterns[0][:200] if patterns else ""
        for where in sorted(places or shell.sources):
            for pattern in patterns[:4]:
                shell.facts.add(Seek(where, ("not " if inverts else "") + pattern[:500]))
    if places:
        shell.sources = places
    elif (program not in PURE or "s_client" in args[:8]) and program not in _SEEKERS:
        shell.sources = frozenset({program, *(found.operands[:4] if program in _RENDERERS else ())})


def _output(start: Launch, program: str, args: list[str]) -> str:
    shell = start.shell
    stdin = start.stdin
    if program in PURE:
        given = given_files(shell, program, args)
        if given:
            known = [shell.memory.read(shell.place(path)) for path in given]
            kept = [text for text in known if text is not None]
            if program == "dd" and not kept:  # what is copied is known by its name at least
                shell.sources = frozenset({shell.place(given[0])})
                for path in _kept(program, args):
                    shell.deliver(path, UNKNOWN)
            if not kept and program not in ("echo", "printf", "tr", "tee"):
                return UNKNOWN
            stdin = "".join(kept) if kept else stdin
        for path in _kept(program, args):
            shell.deliver(path, stdin, appends="-a" in args)
        output = printed(program, args, stdin)
        return UNKNOWN if output is None else output
    return UNKNOWN


def _kept(program: str, args: list[str]) -> list[str]:
    """The files in which a filter keeps what flows through it."""
    match program:
        case "tee" | "sponge":
            return parsed(args).operands
        case "dd":
            return [arg[3:] for arg in args if arg.startswith("of=")]
        case "split":
            prefix = parsed(args, {"-l", "-b", "-n", "-a", "-C"}).operands[1:] or ["x"]
            return [f"{prefix[0]}aa"]
        case _:
            return []


def _function(start: Launch, name: str) -> str:
    shell = start.shell
    if shell.budget.depth > 8:
        return UNKNOWN
    shell.budget.depth += 1
    kept = {key: shell.variables.get(key) for key in "123456789@*"}
    set_positional(shell, start.argv[1:])
    try:
        return shell.run(shell.functions[name], start.stdin)
    finally:
        shell.budget.depth -= 1
        for key, values in kept.items():
            if values is None:
                shell.variables.pop(key, None)
            else:
                shell.variables[key] = values


def _requoted(arg: str) -> str:
    return "'" + arg.replace("'", "'\\''") + "'"
