"""Programs that run a text they are given, in a file, as an argument or on their input."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sandbox.detect.escape.arguments import note_arguments, note_given
from sandbox.detect.escape.decode import decoded
from sandbox.detect.escape.facts import Run, Seek
from sandbox.detect.escape.options import Parsed, parsed
from sandbox.detect.escape.pure import printed
from sandbox.detect.escape.started import FETCHED, VERSIONED, Launch, set_positional
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["CODE", "run_file", "run_interpreter", "run_script", "run_shell"]

CODE: Final[Mapping[str, frozenset[str]]] = {
    program: frozenset(options.split())
    for programs, options in {
        "python python2 python3 pypy pypy3 ipython ipython3": "-c --command",
        "perl": "-e -E",
        "ruby jruby": "-e",
        "node nodejs": "-e -p -pe --eval --print",
        "deno crystal": "eval",
        "bun": "-e -p --eval --print",
        "php php-cli": "-r -B -R",
        "lua luajit": "-e",
        "Rscript R littler": "-e",
        "octave": "--eval",
        "julia": "-e -E --eval --print",
        "gnuplot": "-e",
        "groovy scala scala-cli kotlin": "-e",
        "jrunscript jjs": "-e",
        "elixir iex": "-e --eval -r --rpc-eval",
        "erl": "-eval",
        "osascript": "-e",
        "tclsh wish jimsh expect": "-c",
        "guile": "-c -e",
        "racket csi": "-e -p",
        "sbcl ccl": "--eval",
        "ecl": "-eval",
        "clisp": "-x",
        "emacs": "--eval -eval --execute",
        "clojure clj bb": "-e --eval",
        "ocaml ghc": "-e",
        "runghc runhaskell": "",
        "swipl": "-g",
        "jshell irb java": "",
    }.items()
    for program in programs.split()
}
"""Interpreters, and the options whose value is code."""

_VALUED: Final = frozenset(
    ["-m", "-W", "-X", "-I", "-r", "-M", "-E", "-p", "--eval", "-0", "-t", "-f"]
)
_PIPES: Final = frozenset({"-", "/dev/stdin", "/proc/self/fd/0"})
_FLAGS: Final = frozenset({"perl", "ruby"})
"""Interpreters that run their code for each line of what they read, if a flag says so."""


_COMPILED: Final = re.compile(r"#compiled (\w+)\n")
"""How a program is remembered whose source was compiled before our eyes."""


def run_shell(start: Launch, program: str, args: list[str]) -> str:
    """Run a shell: its ``-c`` text, a script, or its input."""
    shell = start.shell
    if program in ("pwsh", "powershell", "powershell.exe"):
        return _power_shell(start, args)
    found = parsed(args, {"-c", "-O", "+O", "--rcfile", "--init-file", "-o"}, stops=True)
    if any(name == "-c" for name, _ in found.options):
        rest = args[_after_c(args) :]
        set_positional(shell, rest[2:])
        if len(rest) > 1:
            shell.variables["0"] = [rest[1]]
        return shell.run_text(rest[0] if rest else "", start.stdin)
    if found.operands and not found.has("-s"):
        return run_script(start, found.operands[0], found.operands[1:])
    if start.stdin in ("", UNKNOWN) and start.sources & _FAR:
        shell.facts.add(Run(program, ("-i",)))
    for source in start.sources if start.stdin in ("", UNKNOWN) else ():
        if source.startswith(FETCHED):
            shell.facts.add(
                Run(source.removeprefix(FETCHED), tuple(found.operands), start.settings)
            )
    return shell.run_text(start.stdin)


_FAR: Final = frozenset({"nc", "ncat", "netcat", "telnet", "socat", "openssl"})
"""Programs whose output is what another machine says."""


def _power_shell(start: Launch, args: list[str]) -> str:
    for at, arg in enumerate(args[:-1]):
        name = arg.lower().lstrip("-/")
        if name and "encodedcommand".startswith(name) and name.startswith("e"):
            data = decoded("base64", args[at + 1].encode("utf-8", "replace"))
            text = data.decode("utf-16-le", "replace") if data is not None else ""
            return start.shell.run_text(text)
        if name and "command".startswith(name):
            return start.shell.run_text(" ".join(args[at + 1 :]))
    return start.shell.run_text(start.stdin)


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
        note_given(name, args, shell.facts, shell.memory.cwd)
        return UNKNOWN
    set_positional(shell, args)
    return shell.run_text(text, start.stdin)


def run_file(start: Launch, text: str, args: Sequence[str]) -> str:
    """Run a file by what it begins with."""
    shell = start.shell
    if (compiled := _COMPILED.match(text)) is not None:
        from sandbox.detect.escape.code import follow_code

        return follow_code(compiled[1], text[compiled.end() :], shell, start.stdin, args)
    first = text[: text.find("\n")] if "\n" in text else text
    if first.startswith("#!"):
        if "/proc/self/exe" in first:
            shell.facts.add(Run("#!/proc/self/exe", ()))
        name = re.split(r"[\s/]+", first[2:].strip())
        kinds = [VERSIONED.sub(r"\1", part) for part in name if part and part not in ("env", "-S")]
        for kind in kinds:
            if kind in CODE:
                from sandbox.detect.escape.code import follow_code

                return follow_code(kind, text, shell, start.stdin, args)
    set_positional(shell, args)
    return shell.run_text(text, start.stdin)


def run_interpreter(start: Launch, program: str, args: list[str]) -> str:
    """Run another language's interpreter in the same way."""
    from sandbox.detect.escape.code import follow_code

    shell = start.shell
    found = parsed(args, _valued(program), stops=True)
    codes, words = found.values(*CODE[program], "-E", "--eval"), found.operands
    if CODE[program] == {"eval"} and args[:1] in (["eval"], ["run"]):
        words = [arg for arg in args[1:] if not arg.startswith("-")]
        codes, words = (words[:1], words[1:]) if args[0] == "eval" else ([], words)
    if any(codes):
        if program == "perl" and _FROM_HEX.search(" ".join(codes)[:400]):
            return printed("xxd", ["-r", "-p"], start.stdin) or UNKNOWN
        codes = _told(start, program, codes, found)
        outputs = [follow_code(program, each, shell, start.stdin, words) for each in codes if each]
        return "".join(outputs)
    if found.has("-m"):
        return _module(start, found, args)
    if not words or words[0] in _PIPES:
        return follow_code(program, start.stdin, shell, "", words[1:])
    path = words[0]
    shell.facts.touch(path, "run", shell.memory.cwd)
    shell.facts.add(Run(path.rpartition("/")[2], tuple(words[1:]), start.settings, path))
    text = shell.memory.read(shell.place(path))
    if text is None:
        note_given(path.rpartition("/")[2], words[1:], shell.facts, shell.memory.cwd)
        return UNKNOWN
    return follow_code(program, text, shell, start.stdin, words[1:])


def _valued(program: str) -> Collection[str]:
    if program in _FLAGS:
        return ("-e", "-E", "-M", "-I")
    return CODE[program] | _VALUED if CODE[program] else ()


def _told(start: Launch, program: str, codes: list[str], found: Parsed) -> list[str]:
    """The code as it is with what the interpreter's flags make of it."""
    shell = start.shell
    if program in _FLAGS and found.has("-n", "-p"):
        for path in found.operands:
            shell.facts.touch(path, "read", shell.memory.cwd, program=program)
            for pattern in _SOUGHT.findall(" ".join(codes)[:2_000])[:8]:
                shell.facts.add(Seek(shell.place(path), pattern))
    if program.startswith("ipython"):
        return [_NOTEBOOK.sub(r"shell(r'''\1''')", code) for code in codes]
    if program in ("node", "nodejs", "bun") and found.has("-p", "--print", "-pe"):
        return [f"console.log({code})" for code in codes]
    return codes


_SOUGHT: Final = re.compile(r"(?<![\w/])/([^/\s][^/]{1,80})/")
_FROM_HEX: Final = re.compile(r"s/\S+/\s*(?:chr|pack)\W*(?:\"C\"\W*)?hex\W*\$[1&]")
"""How one line of Perl makes characters of their numbers."""
_NOTEBOOK: Final = re.compile(r"^[ \t]*!+(.*)$", re.MULTILINE)
"""A command in a notebook's line."""


def _module(start: Launch, found: Parsed, args: list[str]) -> str:
    """A module that is run by its name."""
    shell = start.shell
    for module in found.values("-m")[:1]:
        name = module.rpartition(".")[2]
        given = args[args.index(module) + 1 :] if module in args else found.operands
        shell.facts.add(Run(name, tuple(given), start.settings))
        note_arguments(name, given, shell.facts, shell.memory.cwd)
        if name in _MODULES:
            return printed(name, given, start.stdin) or UNKNOWN
    return UNKNOWN


_MODULES: Final = frozenset({"base64", "gzip"})
"""Modules that do what the programs of the same name do."""
