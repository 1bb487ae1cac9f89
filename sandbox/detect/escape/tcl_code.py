"""Tcl and expect: commands of words, in which brackets are commands again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.addresses import target
from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.facts import Reach
from sandbox.detect.escape.shell_quotes import escapes
from sandbox.detect.escape.started import Launch
from sandbox.detect.escape.unknown import UNKNOWN

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_tcl"]

_MOST: Final = 500
"""Commands that are followed."""
_NESTED: Final = 8
_TO: Final = re.compile(r"[<>|&@\d]*[<>]+&?@?.*|[|&]+")
_EVALUATES: Final = frozenset(
    {"eval", "uplevel", "after", "catch", "time", "if", "while", "foreach", "for", "proc", "try", "expect"}
)  # fmt: skip
"""Commands whose words are scripts."""
_FILES: Final = frozenset(
    {"exists", "readable", "stat", "lstat", "type", "readlink", "isfile", "isdirectory"}
)


def follow_tcl(code: str, shell: Shell, args: Sequence[str] = ()) -> str:
    """Follow a script; what it prints as far as that is known."""
    return _Follower(shell, args).script(code, 0)


class _Follower:
    def __init__(self, shell: Shell, args: Sequence[str]) -> None:
        self._shell = shell
        self._values: dict[str, str] = {"argv": " ".join(args), "argv0": "tclsh"}
        self._left = _MOST
        self._printed: list[str] = []

    def script(self, text: str, depth: int) -> str:
        """Follow commands one after the other; what the last one gives."""
        at = 0
        while at < len(text) and depth <= _NESTED and self._left > 0:
            words, at = self._command(text, at, depth)
            if words:
                self._left -= 1
                self._shell.budget.step()
                self._run(words, depth)
        return "".join(self._printed) if depth == 0 else ""

    def _command(self, text: str, at: int, depth: int) -> tuple[list[str], int]:
        words: list[str] = []
        while at < len(text):
            character = text[at]
            if character in " \t" or text.startswith("\\\n", at):
                at += 1 if character in " \t" else 2
            elif character in ";\n\r":
                return words, at + 1
            elif character == "#" and not words:
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
            else:
                word, at = self._word(text, at, depth)
                words.append(word)
        return words, at

    def _word(self, text: str, at: int, depth: int) -> tuple[str, int]:
        if text[at] == "{":
            end = _closing(text, at, "{", "}")
            return text[at + 1 : end - 1], end
        quoted = text[at] == '"'
        at += quoted
        found: list[str] = []
        while at < len(text):
            character = text[at]
            if (quoted and character == '"') or (not quoted and character in " \t;\n\r"):
                return "".join(found), at + quoted
            if character == "\\":
                found.append(escapes(text[at : at + 2]))
                at += 2
            elif character == "[":
                end = _closing(text, at, "[", "]")
                found.append(self._substituted(text[at + 1 : end - 1], depth))
                at = end
            elif character == "$" and (
                match := re.compile(r"\$(?:\{(\w+)\}|(\w+)(?:\((\w+)\))?)").match(text, at)
            ):
                name = match[1] or match[2]
                found.append(self._variable(name, match[3]))
                at = match.end()
            else:
                found.append(character)
                at += 1
        return "".join(found), at

    def _variable(self, name: str, key: str | None) -> str:
        if name == "env" and key:
            values = self._shell.variables.get(key)
            return values[0] if values else UNKNOWN
        return self._values.get(name, UNKNOWN)

    def _substituted(self, text: str, depth: int) -> str:
        at = 0
        given = UNKNOWN
        while at < len(text) and depth < _NESTED and self._left > 0:
            words, at = self._command(text, at, depth + 1)
            if words:
                self._left -= 1
                given = self._run(words, depth + 1)
        return given

    def _run(self, words: list[str], depth: int) -> str:  # noqa: C901, PLR0912  # one branch for each command
        """Follow one command; what it gives."""
        name, args = words[0].removeprefix("::"), words[1:]
        match name:
            case "set" if args:
                if len(args) > 1:
                    self._values[args[0]] = args[1]
                return self._values.get(args[0], UNKNOWN)
            case "lindex" if len(args) == 2 and (at := decimal(args[1])) is not None:
                items = args[0].split()
                return items[at] if at < len(items) else UNKNOWN
            case "join" | "string" | "format" | "list" | "concat" | "subst":
                return " ".join(args[1:] if name in ("string", "format") else args)
            case "exec" | "spawn" | "system" | "log_user" | "bgexec" | "exp_spawn":
                return self._started(name, args)
            case "open" if args:
                return self._opened(args)
            case "socket":
                self._connected([arg for arg in args if not arg.startswith("-")])
            case "source" if args:
                self._shell.facts.touch(args[-1], "run", self._shell.memory.cwd)
            case "file" | "glob" if args:
                for path in args if name == "glob" else args[1:] if args[0] in _FILES else ():
                    self._shell.facts.touch(path, "look", self._shell.memory.cwd)
            case "puts" | "send_user":
                self._printed.append(args[-1] + "\n" if args else "")
            case _ if name in _EVALUATES:
                for arg in args:
                    self.script(arg, depth + 1)
        return UNKNOWN

    def _started(self, name: str, args: list[str]) -> str:
        argv = [arg for arg in args if not _TO.fullmatch(arg)]
        while argv and argv[0].startswith("-"):
            argv.pop(0)
        if not argv:
            return UNKNOWN
        if name == "system":
            return self._shell.run_text(" ".join(argv))
        return self._shell.launch(Launch(self._shell, argv, (), ""))

    def _opened(self, args: list[str]) -> str:
        if args[0].startswith("|"):
            return self._shell.run_text(args[0][1:].strip())
        writes = len(args) > 1 and any(mark in args[1] for mark in ("w", "a", "+"))
        self._shell.facts.touch(args[0], "write" if writes else "read", self._shell.memory.cwd)
        return UNKNOWN

    def _connected(self, args: list[str]) -> None:
        there = target(args[0]) if args else None
        if there is not None:
            port = (decimal(args[1]) or 0) if args[1:] else 0
            self._shell.facts.add(Reach(there.host, port, program="tclsh"))


def _closing(text: str, at: int, opens: str, closes: str) -> int:
    """Where the text goes on behind the bracket that opens here."""
    depth = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == opens:
            depth += 1
        elif text[at] == closes:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(text) + 1
