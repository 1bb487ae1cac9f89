"""Programs that take commands of their own on their input or as arguments, some of which start a shell's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.detect.escape.arguments import note_arguments
from sandbox.detect.escape.code import follow_code
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.pure import sed_parts
from sandbox.detect.escape.started import Launch
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["TALKERS"]

_BANG: Final = re.compile(
    r"^[ \t]*(?:[%.\d,$]*r?[ \t]*!+|\\!|\.(?:shell|system)[ \t]|system[ \t]|shell[ \t])[ \t]*(.+)$",
    re.MULTILINE,
)
_READ: Final = 4_000
"""Characters of what such a program is told that are read."""
_FILES: Final = re.compile(
    r"(?:pg_read_(?:binary_)?file|lo_import|load_file|readfile|load_extension|fsdir|pg_ls_dir)\s*\(\s*'(/[^']+)'"
    r"|\bINFILE\s+'(/[^']+)'|\bFROM\s+'(/[^']+)'|^\.(?:import|read)\s+(/\S+)",
    re.IGNORECASE | re.MULTILINE,
)
_PROGRAM: Final = re.compile(
    r"\bPROGRAM\s+'((?:[^']|'')+)'|\bsys_(?:exec|eval)\s*\(\s*'([^']+)'", re.IGNORECASE
)


def _bangs(start: Launch, args: list[str]) -> str | None:
    """Lines that begin with a mark are a shell's."""
    for text in (start.stdin, *args):
        for match in list(_BANG.finditer(text[:_READ]))[:20] if text != UNKNOWN else ():
            start.shell.run_text(match[1])
    return None


def _database(start: Launch, args: list[str]) -> str | None:
    """Statements that read files of the server's, or start programs there."""
    _bangs(start, args)
    for text in (start.stdin, *args):
        for match in list(_FILES.finditer(text[:_READ]))[:20]:
            path = next(group for group in match.groups() if group)
            start.shell.facts.touch(path, "read", program=start.program)
        for match in list(_PROGRAM.finditer(text[:_READ]))[:20]:
            start.shell.run_text((match[1] or match[2]).replace("''", "'"))
    return None


def _debugger(start: Launch, args: list[str]) -> str | None:
    for text in (*args, *start.stdin.splitlines()[:50]):
        match = re.search(r"(?:call|print|expr\w*)\s.*\bsystem\(\"(.*)\"\)", text)
        plain = re.match(r"\s*(?:(?:platform )?shell |!)(.*)", text)
        if match or plain:
            start.shell.run_text((match or plain or [""])[1])
        if script := re.match(r"\s*(?:python|pi|script)\s+(.*)", text, re.DOTALL):
            follow_code("python", script[1], start.shell)
    return None


def _sed(start: Launch, args: list[str]) -> str | None:
    """A script of sed's may read and write files, and run what it has put together."""
    shell = start.shell
    found = parsed(args, {"-e", "-f", "--expression", "--file", "-l"})
    scripts = found.values("-e", "--expression") or found.operands[:1]
    for script in scripts[:8]:
        parts = sed_parts(script[:4_000])
        for path in parts.reads:
            shell.facts.touch(path, "read", shell.memory.cwd, program="sed")
        for path in parts.writes:
            shell.facts.touch(path, "write", shell.memory.cwd, program="sed")
        for command in parts.runs:
            shell.run_text(command)
        if parts.runs_result and start.stdin.strip() not in ("", UNKNOWN):
            from sandbox.detect.escape.pure import printed

            shell.run_text(printed("sed", args, start.stdin) or "")
    return None


def _fetched_elsewhere(start: Launch, args: list[str]) -> str | None:
    """PowerShell's own clients of the network."""
    note_arguments(
        "curl",
        [arg for arg in args if not arg.startswith("-")],
        start.shell.facts,
        start.shell.memory.cwd,
    )
    return UNKNOWN


TALKERS: Final[Mapping[str, Callable[[Launch, list[str]], str | None]]] = {
    **dict.fromkeys(("ed", "ex", "dc", "ftp", "sftp", "lftp", "mail", "mailx", "mutt", "gnuplot", "telnet",
                     "cdrecord", "w3m", "slsh"), _bangs),
    **dict.fromkeys(("sqlite3", "psql", "mysql", "mariadb", "duckdb"), _database),
    **dict.fromkeys(("gdb", "lldb", "rust-gdb", "cgdb"), _debugger),
    "sed": _sed,
    **dict.fromkeys(("Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm"), _fetched_elsewhere),
}  # fmt: skip
"""Followed for what they run along the way; None: their words are read as usual afterwards."""
