"""Programs that run a text they are given, in a file, as an argument or on their input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sandbox.detect.escape.arguments import note_arguments
from sandbox.detect.escape.facts import Run
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.started import FETCHED, VERSIONED, Launch, set_positional
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["CODE", "run_file", "run_interpreter", "run_script", "run_shell"]

CODE: Final[Mapping[str, str]] = {
    "python": "-c", "python2": "-c", "python3": "-c", "pypy": "-c", "pypy3": "-c", "perl": "-e", "ruby": "-e",
    "node": "-e", "nodejs": "-e", "deno": "eval", "bun": "-e", "php": "-r", "lua": "-e", "luajit": "-e",
    "Rscript": "-e", "R": "-e", "octave": "--eval", "gnuplot": "-e",
    "groovy": "-e", "elixir": "-e",
    "osascript": "-e", "tclsh": "", "expect": "-c", "ipython": "-c", "julia": "-e", "guile": "-c",
}  # fmt: skip


def run_shell(start: Launch, program: str, args: list[str]) -> str:
    """Run a shell: its ``-c`` text, a script, or its input."""
    shell = start.shell
    found = parsed(args, {"-c", "-O", "+O", "--rcfile", "--init-file", "-o"}, stops=True)
    if any(name == "-c" for name, _ in found.options):
        rest = args[_after_c(args) :]
        set_positional(shell, rest[2:])
        if len(rest) > 1:
            shell.variables["0"] = [rest[1]]
        return shell.run_text(rest[0] if rest else "", start.stdin)
    if found.operands and not found.has("-s"):
        return run_script(start, found.operands[0], found.operands[1:])
    for source in start.sources if start.stdin in ("", UNKNOWN) else ():
        if source.startswith(FETCHED):
            shell.facts.add(
                Run(source.removeprefix(FETCHED), tuple(found.operands), start.settings)
            )
    return shell.run_text(start.stdin)


def _after_c(args: list[str]) -> int:
    at = 0
    while at < len(args) and args[at].startswith(("-", "+")):
        is_last = "c" in args[at][1:] and not args[at].startswith("--")
        at += 2 if args[at] in ("-O", "+O", "--rcfile", "--init-file", "-o") else 1
        if is_last:
            while at < len(args) and args[at].startswith(("-", "+")) and len(args[at]) < 4:
                at += 1
            return at
    return at


def run_script(start: Launch, path: str, args: Sequence[str]) -> str:
    """Run a file as a shell's script: its content if it is known."""
    shell = start.shell
    if path in ("/dev/stdin", "/proc/self/fd/0", "-"):
        return shell.run_text(start.stdin)
    shell.facts.touch(path, "run", shell.memory.cwd)
    name = shell.memory.programs.get(shell.place(path), path.rpartition("/")[2])
    shell.facts.add(Run(name, tuple(args), start.settings, path))
    text = shell.memory.read(shell.place(path))
    if text is None:
        return UNKNOWN
    set_positional(shell, args)
    return shell.run_text(text, start.stdin)


def run_file(start: Launch, text: str, args: Sequence[str]) -> str:
    """Run a file by what it begins with."""
    shell = start.shell
    if text.startswith("#C\n"):
        from sandbox.detect.escape.code import follow_code

        return follow_code("c", text[3:], shell)
    first = text[: text.find("\n")] if "\n" in text else text
    if first.startswith("#!"):
        if "/proc/self/exe" in first:
            shell.facts.add(Run("#!/proc/self/exe", ()))
        name = re.split(r"[\s/]+", first[2:].strip())
        kinds = [VERSIONED.sub(r"\1", part) for part in name if part and part not in ("env", "-S")]
        for kind in kinds:
            if kind in CODE:
                from sandbox.detect.escape.code import follow_code

                return follow_code(kind, text, shell)
    set_positional(shell, args)
    return shell.run_text(text, start.stdin)


def run_interpreter(start: Launch, program: str, args: list[str]) -> str:
    """Run another language's interpreter in the same way."""
    from sandbox.detect.escape.code import follow_code

    shell = start.shell
    flag = CODE[program]
    found = parsed(args, {flag, "-m", "-W", "-X", "-I", "-r", "-M", "-E", "-p", "--eval", "-0"} - {""}
                   if program != "perl" else {"-e", "-E", "-M", "-I"}, stops=True)  # fmt: skip
    codes = found.values(flag, "-E", "--eval", "-p", "-pe", "-ne", "-print")
    if flag == "eval" and args[:1] == ["eval"]:
        codes = args[1:2]
    if codes and any(codes):
        if program in ("perl", "ruby") and any(
            "n" in a or "p" in a for a in args[:1] if a.startswith("-")
        ):
            for path in found.operands:
                shell.facts.touch(path, "read", shell.memory.cwd, program=program)
        return "".join(follow_code(program, code, shell, start.stdin) for code in codes if code)
    if found.has("-m"):
        for module in found.values("-m")[:1]:
            name = module.rpartition(".")[2]
            shell.facts.add(Run(name, tuple(found.operands), start.settings))
            note_arguments(name, found.operands, shell.facts, shell.memory.cwd)
        return UNKNOWN
    if not found.operands or found.operands[0] in ("-", "/dev/stdin"):
        return follow_code(program, start.stdin, shell)
    path = found.operands[0]
    shell.facts.touch(path, "run", shell.memory.cwd)
    shell.facts.add(Run(path.rpartition("/")[2], tuple(found.operands[1:]), start.settings, path))
    text = shell.memory.read(shell.place(path))
    if text is None:
        return UNKNOWN
    return follow_code(program, text, shell)
