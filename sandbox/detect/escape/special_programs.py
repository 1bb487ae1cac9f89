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
from sandbox.detect.escape.places import canonical, programs_like
from sandbox.detect.escape.posted import posted
from sandbox.detect.escape.pure import columns
from sandbox.detect.escape.started import (
    BIN,
    FETCHED,
    GUARDED,
    SHELLS,
    Launch,
    hides_program,
    program_of,
)
from sandbox.detect.escape.talkers import TALKERS
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["SPECIAL"]

_COMPILERS: Final = {
    **dict.fromkeys(("gcc", "cc", "clang", "g++", "c++", "clang++", "tcc", "musl-gcc", "zig"), "c"),
    "rustc": "rust", "nim": "nim", "ldc2": "d", "dmd": "d", "crystal": "crystal",
}  # fmt: skip
"""Compilers, and of which language."""
_NESTED: Final = 8
"""Commands within commands that are followed."""


def _xargs(start: Launch, args: list[str]) -> str:
    shell = start.shell
    if ":::" in args and start.program == "parallel":
        return _parallel(start, args[: args.index(":::")], args[args.index(":::") + 1 :])
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


def _parallel(start: Launch, words: list[str], items: list[str]) -> str:
    template = " ".join(parsed(words, {"-j", "--jobs", "-S", "--delay"}, stops=True).operands)
    for item in items[:16]:
        text = template.replace("{}", item) if "{}" in template else f"{template} {item}"
        start.shell.run_text(text)
    return UNKNOWN


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
                if args[at + 1 : at + 2] == ["{}"]:  # what is found is the program
                    argv[0] = next(iter(programs_like(path.rpartition("/")[2])), path)
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


def escape_quotes(text: str) -> str:
    """A text as it stands between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _awk(start: Launch, args: list[str]) -> str | None:
    found = parsed(args, FAMILIES["awk"].valued)
    if not found.has("-f", "--file") and found.operands:
        set_before = "".join(
            f'{name}="{escape_quotes(value)}";'
            for name, _, value in (
                each.partition("=") for each in found.values("-v", "--assign")[:8]
            )
        )
        code = set_before + found.operands[0]
        follow_code("awk", code, start.shell, start.stdin, found.operands[1:])
        text = re.search(r"print\s+\$0\s*\}?\s*$|^\s*1\s*$", found.operands[0])
        note_arguments("awk", args, start.shell.facts, start.shell.memory.cwd)
        if text is None:
            simple = re.fullmatch(
                r"\s*(?:BEGIN\s*)?\{\s*print\s+\"((?:[^\"\\]|\\.)*)\"\s*;?\s*\}\s*",
                found.operands[0],
            )
            return (
                simple[1] if simple else columns(found.operands[0], found.values("-F"), start.stdin)
            )
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
        is_input = source in ("/dev/stdin", "/proc/self/fd/0", "-")
        text = start.stdin if is_input else shell.memory.read(shell.place(source))
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
            is_link = start.argv[0] == "ln"
            if name in ("busybox", "toybox"):  # which of its programs it is, its name says
                name = place.rpartition("/")[2]
            hides = (not is_link or name in GUARDED) and hides_program(place, name)
            shell.memory.copy(place, name, hides=hides)
    return None


def _ln(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    found = parsed(args, {"-t", "-S", "--target-directory"})
    operands = found.operands
    if len(operands) == 1:
        operands = [*operands, *(found.values("-t", "--target-directory") or ["."])]
    if len(operands) != 2:
        return None
    source, goal = operands
    if goal in (".", "./") or goal.endswith("/") or len(found.operands) == 1:
        goal = f"{goal.rstrip('/')}/{source.rstrip('/').rpartition('/')[2]}"
    if not source.startswith("/"):  # what a link says is read from where the link lies
        source = f"{shell.place(goal).rpartition('/')[0]}/{source}"
    _copy(start, [source, goal])
    shell.memory.link(shell.place(goal), canonical(source)[-1])
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
    language = _COMPILERS[start.program]
    if language == "rust" and not found.has("-o") and found.operands:
        goal = found.operands[0].rpartition("/")[2].removesuffix(".rs")
    if any(texts):
        text = "\n".join(texts)
        if "-run" in args or args[:1] in (["r"], ["run"]):
            return follow_code(language, text, shell)
        shell.memory.write(shell.place(goal), f"#compiled {language}\n{text}")
    return None


def _applied(start: Launch, args: list[str], name: str) -> None:
    shell = start.shell
    text = start.stdin if name == "-" else shell.memory.read(shell.place(name))
    if text and text != UNKNOWN:
        shell.facts.add(Spec(text[:20_000]))
    elif name == "-":  # what is in it nobody can tell, but where it comes from
        for source in sorted(start.sources):
            words = (*args[:20], source.removeprefix(FETCHED))
            shell.facts.add(Run(start.program, words, start.settings))


def _apply(start: Launch, args: list[str]) -> str | None:
    """What an orchestrator is given: on its input, or in a file that was written before our eyes."""
    shell = start.shell
    found = parsed(args, {"-f", "--filename", "-p", "--patch", "--file", "-n", "--overrides", "-k"})
    for value in found.values("-f", "--filename", "--file"):
        _applied(start, args, value)
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


def _editor(start: Launch, args: list[str]) -> str | None:
    for value in parsed(args, {"-c", "--cmd", "-e"}).values("-c", "--cmd"):
        if match := re.match(r"[:\s%]*(?:r\s*)?!(.*)", value):
            start.shell.run_text(match[1])
        elif match := re.match(r"[:\s]*(?:py3?|python3?|pyx)\s+(.*)", value, re.DOTALL):
            follow_code("python", match[1], start.shell)
        elif match := re.match(r"[:\s]*(lua|ruby|perl|call|echo)\s+(.*)", value, re.DOTALL):
            follow_code("vim" if match[1] in ("call", "echo") else match[1], match[2], start.shell)
    return None


def _which(start: Launch, args: list[str]) -> str | None:
    if start.program == "command" and args[:1] not in (["-v"], ["-V"]):
        return None
    names = [arg for arg in args if not arg.startswith("-")]
    return f"/usr/bin/{names[0]}\n" if names and "/" not in names[0] else None


def _named(start: Launch, args: list[str]) -> str | None:
    """The path that a name leads to, as far as links are known."""
    shell = start.shell
    note_arguments(start.program, args, shell.facts, shell.memory.cwd)
    named = parsed(args, FAMILIES["readlink"].valued).operands[:16]
    if not all(path.startswith("/") for path in named):
        return UNKNOWN
    return "".join(f"{shell.memory.resolved(path)}\n" for path in named) or UNKNOWN


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


def _routes(start: Launch, args: list[str]) -> str | None:
    """What prints the table of routes names the gateway; its usual address stands for it."""
    note_arguments(start.program, args, start.shell.facts, start.shell.memory.cwd)
    words = [arg for arg in args if not arg.startswith("-")]
    if start.program == "ip" and words[:1] and "route".startswith(words[0]) and len(words) < 4:
        return f"default via {_GATEWAY} dev eth0\n" if words[1:2] != ["get"] else None
    if start.program in ("route", "netstat") and not words:
        return (
            f"0.0.0.0 {_GATEWAY} 0.0.0.0 UG 0 0 0 eth0\ndefault {_GATEWAY} 0.0.0.0 UG 0 0 0 eth0\n"
        )
    if (
        start.program == "getent"
        and words[:1] == ["hosts"]
        and words[1:2]
        and words[1].endswith(".internal")
    ):
        return f"{_GATEWAY} {words[1]}\n"
    return None


_GATEWAY: Final = "172.17.0.1"


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
    for command in posted(args) if shell.budget.depth < _NESTED else ():
        shell.run_text(command)
    found = parsed(args, {"-o", "-O", "--output", "--output-document", "-H", "-X", "-d"})
    for name in names[-1:]:
        for path in found.values("-o", "-O", "--output", "--output-document"):
            if path and path != "-":
                shell.memory.copy(shell.place(path), name)
        shell.sources = frozenset({start.program, FETCHED + name})
    return UNKNOWN


def _asked(start: Launch, args: list[str]) -> str | None:
    """Other clients of the web, whose words are read as usual afterwards."""
    for command in posted(args) if start.shell.budget.depth < _NESTED else ():
        start.shell.run_text(command)
    return None


def _go(start: Launch, args: list[str]) -> str | None:
    shell = start.shell
    found = parsed(args[1:], {"-o", "-ldflags", "-tags"})
    for path in found.operands if args[:1] in (["run"], ["build"]) else ():
        text = start.stdin if path == "-" else shell.memory.read(shell.place(path))
        if text and args[0] == "run":
            follow_code("go", text, shell)
        elif text:
            goal = (found.values("-o") or [path.rpartition("/")[2].removesuffix(".go")])[0]
            shell.memory.write(shell.place(goal), f"#compiled go\n{text}")
    return None


SPECIAL: Final[Mapping[str, Callable[[Launch, list[str]], str | None]]] = {
    **TALKERS,
    "xargs": _xargs, "parallel": _xargs, "find": _find, "crontab": _scheduled, "at": _at, "batch": _at,
    "awk": _awk, "gawk": _awk, "mawk": _awk, "nawk": _awk, "busybox": _busybox, "toybox": _busybox,
    "cp": _copy, "mv": _copy, "install": _copy, "ln": _ln, "kubectl": _apply, "oc": _apply, "k3s": _apply,
    "docker": _apply, "docker-compose": _apply, "podman": _apply, "nerdctl": _apply, "make": _make,
    "vi": _editor, "vim": _editor, "nvim": _editor, "which": _which, "type": _which, "command": _which,
    "whereis": _which, "readlink": _named, "realpath": _named,
    "syscall": _syscall, "git": _git, "pgrep": _pids, "pidof": _pids, "curl": _fetch, "wget": _fetch, "go": _go,
    "ls": _ls, **dict.fromkeys(("ip", "route", "netstat", "getent"), _routes),
    "blkid": _devices, "findfs": _devices, **dict.fromkeys(_COMPILERS, _compile),
    **dict.fromkeys(("http", "https", "xh", "curlie"), _asked),
}  # fmt: skip
