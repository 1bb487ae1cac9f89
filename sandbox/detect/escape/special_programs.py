"""Programs whose effect is none of reading or writing what they name: they start, copy, compile, apply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.detect.escape.arguments import FAMILIES, found_paths, note_arguments
from sandbox.detect.escape.code import follow_code
from sandbox.detect.escape.dockerfile import follow_dockerfile
from sandbox.detect.escape.facts import Call, Run, Spec
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.places import canonical
from sandbox.detect.escape.started import BIN, FETCHED, SHELLS, Launch, program_of
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["SPECIAL"]

_COMPILERS: Final = frozenset({"gcc", "cc", "clang", "g++", "c++", "clang++", "tcc", "musl-gcc"})


_TELLING: Final = 3
"""Letters of a program's name that tell which it is."""


def _xargs(start: Launch, args: list[str]) -> str:
    shell = start.shell
    valued = {
        "-I",
        "-d",
        "-n",
        "-P",
        "-L",
        "-s",
        "-a",
        "-E",
        "--replace",
        "--delimiter",
        "--max-args",
        "--max-procs",
    }
    found = parsed(args, valued, stops=True)
    shell.facts.add(Run("xargs", tuple(args[:50])))
    for path in found.values("-a", "--arg-file"):
        shell.facts.touch(path, "read", shell.memory.cwd, program="xargs")
    words = found.operands or ["echo"]
    replaced = next(iter(found.values("-I", "--replace", "-i")), "")
    given = start.stdin if start.stdin.strip() else UNKNOWN
    if given.strip() == UNKNOWN and words[0] == "kill":
        given = shell.sought or UNKNOWN  # `ps | grep name | awk ... | xargs kill`
    if replaced:
        outputs: list[str] = []
        for line in given.splitlines()[:16]:
            argv = [word.replace(replaced, line) for word in words]
            outputs.append(start.shell.launch(Launch(shell, argv, (), "", level=start.level + 1)))
        return "".join(outputs)
    separator = found.values("-d", "--delimiter")
    if "\0" in given or found.has("-0", "--null"):
        items = [item for item in re.split("[\0\n]", given) if item]
    else:
        items = (
            given.split(separator[0].replace("\\n", "\n"))
            if separator and separator[0]
            else given.split()
        )
    items = [item.strip("'\"") for item in items][:200]
    if words[-1:] == ["-c"] and words[0].rpartition("/")[2] in SHELLS:
        items = [given.strip()] if not found.values("-n", "-L") else items
    return start.shell.launch(Launch(shell, [*words, *items], (), "", level=start.level + 1))


def _find(start: Launch, args: list[str]) -> str:
    shell = start.shell
    paths = found_paths(args)
    note_arguments("find", args, shell.facts, shell.memory.cwd)
    at = 0
    while at < len(args):
        if args[at] in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((n for n in range(at + 1, len(args)) if args[n] in (";", "+")), len(args))
            for path in paths[-4:] or [UNKNOWN]:
                argv = [word.replace("{}", path) for word in args[at + 1 : end]]
                if argv:
                    start.shell.launch(Launch(shell, argv, (), "", level=start.level + 1))
            at = end
        at += 1
    wanted = [path for path in paths if "*" in path or "/" in path.strip("/")]
    return "".join(path + "\n" for path in wanted) or UNKNOWN


def _scheduled(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    path = next((arg for arg in args if not arg.startswith("-")), "-")
    text = start.stdin if path == "-" else shell.memory.read(shell.place(path)) or ""
    for line in text.splitlines()[:50]:
        match = re.match(r"\s*(?:@\w+|(?:[\d*/,-]+\s+){5})\s*(.*)", line)
        if match:
            shell.run_text(match[1])
    return ""


def _at(start: Launch, args: list[str]) -> str | None:
    return start.shell.run_text(start.stdin)


def _awk(start: Launch, args: list[str]) -> str | None:
    found = parsed(args, FAMILIES["awk"].valued)
    if not found.has("-f", "--file") and found.operands:
        follow_code("awk", found.operands[0], start.shell, start.stdin)
        text = re.search(r"print\s+\$0\s*\}?\s*$|^\s*1\s*$", found.operands[0])
        note_arguments("awk", args, start.shell.facts, start.shell.memory.cwd)
        if text is None:
            simple = re.fullmatch(
                r"\s*(?:BEGIN\s*)?\{\s*print\s+\"((?:[^\"\\]|\\.)*)\"\s*;?\s*\}\s*",
                found.operands[0],
            )
            return simple[1] if simple else UNKNOWN
        return start.stdin
    return None


def _busybox(start: Launch, args: list[str]) -> str | None:
    if not args:
        return ""
    return start.shell.launch(
        Launch(start.shell, args, start.settings, start.stdin, level=start.level + 1)
    )


def _copy(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    operands = parsed(args, FAMILIES["cp"].valued).operands
    if len(operands) == 2:
        source, goal = operands
        place = shell.place(goal if not goal.endswith("/") else goal + source.rpartition("/")[2])
        text = shell.memory.read(shell.place(source))
        if text is not None:
            shell.memory.write(place, text)
        name = program_of(shell, source.replace(UNKNOWN, ""))
        if (
            BIN.fullmatch(canonical(source, shell.memory.cwd)[-1])
            or shell.place(source) in shell.memory.programs
        ) or (
            source.startswith(UNKNOWN) is False
            and "/" not in source
            and source
            and start.argv[0] == "ln"
        ):
            hides = start.program in ("cp", "mv", "install") and _hides(place, name)
            shell.memory.copy(place, name, hides=hides)
    return None


def _hides(place: str, name: str) -> bool:
    """Whether a program of the system's, kept there, goes by a name that does not tell which it is."""
    own = place.rpartition("/")[2]
    is_short_for = len(own) >= _TELLING and own in name
    return BIN.fullmatch(place) is None and name not in own and not is_short_for


def _ln(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    operands = parsed(args, {"-t", "-S"}).operands
    if len(operands) == 2 and operands[0].startswith("/"):
        _copy(start, operands)
        shell.memory.link(shell.place(operands[1]), canonical(operands[0])[-1])
    return None


def _compile(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    found = parsed(args, {"-o", "-I", "-L", "-l", "-D", "-x", "-std", "-include"})
    goal = next(iter(found.values("-o")), "a.out")
    texts = [start.stdin] if "-" in found.operands else []
    texts += [
        text
        for name in found.operands
        if (text := shell.memory.read(shell.place(name))) is not None
    ]
    if any(texts):
        shell.memory.write(shell.place(goal), "#C\n" + "\n".join(texts))
    return None


def _apply(start: Launch, args: list[str]) -> str | None:
    """What an orchestrator is given: on its input, or in a file that was written before our eyes."""
    shell = start.shell
    found = parsed(args, {"-f", "--filename", "-p", "--patch", "--file", "-n", "--overrides", "-k"})
    for value in found.values("-f", "--filename", "--file"):
        text = start.stdin if value == "-" else shell.memory.read(shell.place(value))
        if text:
            shell.facts.add(Spec(text[:20_000]))
    for value in found.values("-p", "--patch", "--overrides"):
        shell.facts.add(Spec(value[:20_000]))
    for arg in args:
        if arg.startswith(("--overrides=", "--patch=")):
            shell.facts.add(Spec(arg.partition("=")[2][:20_000]))
    if not found.values("-f", "--file", "--filename"):
        for name in ("docker-compose.yml", "compose.yaml", "compose.yml", "docker-compose.yaml"):
            text = shell.memory.read(shell.place(name)) if "up" in args else None
            if text:
                shell.facts.add(Spec(text[:20_000]))
    if "build" in args:
        goals = found.values("-f", "--file") or ["Dockerfile"]
        text = start.stdin if "-" in args else shell.memory.read(shell.place(goals[0]))
        if text:
            follow_dockerfile(text, shell)
    return None


def _make(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    goals = parsed(args, {"-f", "-C", "-j", "-I"}).values("-f") or ["Makefile"]
    text = start.stdin if goals[0] == "-" else shell.memory.read(shell.place(goals[0]))
    if text:
        shell.run_text(
            "\n".join(line.lstrip("\t@-") for line in text.splitlines() if line.startswith("\t"))
        )
    return None


def _debugger(start: Launch, args: list[str]) -> str | None:
    for text in args:
        match = re.search(r"(?:call|print)\s.*\bsystem\(\"(.*)\"\)", text)
        if match or text.startswith(("shell ", "!")):
            start.shell.run_text(match[1] if match else re.sub(r"^(?:shell |!)", "", text))
    return None


def _editor(start: Launch, args: list[str]) -> str | None:
    for value in parsed(args, {"-c", "--cmd", "-e"}).values("-c", "--cmd"):
        if match := re.match(r":?\s*!(.*)", value):
            start.shell.run_text(match[1])
    return None


def _which(start: Launch, args: list[str]) -> str | None:
    names = [arg for arg in args if not arg.startswith("-")]
    return f"/usr/bin/{names[0]}\n" if names and "/" not in names[0] else None


def _syscall(start: Launch, args: list[str]) -> str | None:
    if args:
        start.shell.facts.add(Call(args[0], tuple(args[1:])))
    return None


def _git(start: Launch, args: list[str]) -> str | None:
    for arg in args:
        match = re.match(r"(?:alias\.\w+=|core\.\w+=)!?(.*)", arg)
        if match and match[1]:
            start.shell.run_text(match[1].lstrip("!"))
    return None


def _devices(start: Launch, args: list[str]) -> str | None:
    """A program that prints devices prints this one among others."""
    note_arguments(start.program, args, start.shell.facts, start.shell.memory.cwd)
    return "/dev/sda1\n"


def _ls(start: Launch, args: list[str]) -> str | None:
    """What was named is printed again, before what lies in it."""
    note_arguments("ls", args, start.shell.facts, start.shell.memory.cwd)
    named = parsed(args, FAMILIES["ls"].valued).operands[:64]
    return "".join(f"{path}\n" for path in [*named, UNKNOWN])


def _pids(start: Launch, args: list[str]) -> str | None:
    names = parsed(args, {"-u", "-U", "-P", "-g", "-s", "-t"}).operands
    return "\n".join(f"pid-of-{name}" for name in names[:4]) if names else None


def _fetch(start: Launch, args: list[str]) -> str | None:
    """A program that is fetched is known by its name in the address, under whatever name it is kept."""
    shell = start.shell
    note_arguments(start.program, args, shell.facts, shell.memory.cwd)
    names = [
        m[1]
        for arg in args
        if (m := re.match(r"(?:\w+://)?[^?#]*/([\w.-]+)(?:[?#].*)?$", arg)) and "." in arg
    ]
    found = parsed(args, {"-o", "-O", "--output", "--output-document", "-H", "-X", "-d"})
    for name in names[-1:]:
        for path in found.values("-o", "-O", "--output", "--output-document"):
            if path and path != "-":
                shell.memory.copy(shell.place(path), name)
        shell.sources = frozenset({start.program, FETCHED + name})
    return UNKNOWN


def _go(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    for path in args[1:] if args[:1] == ["run"] else ():
        text = start.stdin if path == "-" else shell.memory.read(shell.place(path))
        if text:
            follow_code("go", text, shell)
    return None


SPECIAL: Final[Mapping[str, Callable[[Launch, list[str]], str | None]]] = {
    "xargs": _xargs, "parallel": _xargs, "find": _find, "crontab": _scheduled, "at": _at, "batch": _at,
    "awk": _awk, "gawk": _awk, "mawk": _awk, "nawk": _awk, "busybox": _busybox, "toybox": _busybox,
    "cp": _copy, "mv": _copy, "install": _copy, "ln": _ln, "kubectl": _apply, "oc": _apply, "k3s": _apply,
    "docker": _apply, "docker-compose": _apply, "podman": _apply, "nerdctl": _apply, "make": _make,
    "gdb": _debugger, "vi": _editor, "vim": _editor, "nvim": _editor, "which": _which, "type": _which,
    "syscall": _syscall, "git": _git, "pgrep": _pids, "pidof": _pids, "curl": _fetch, "wget": _fetch, "go": _go,
    "ls": _ls, "blkid": _devices, "findfs": _devices, **dict.fromkeys(_COMPILERS, _compile),
}  # fmt: skip
