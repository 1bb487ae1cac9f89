"""Commands that a program is given as the value of an option, to run them along the way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

__all__ = ["given_commands"]

_MARKED: Final[Mapping[str, re.Pattern[str]]] = {
    program: re.compile(pattern, re.DOTALL)
    for programs, pattern in {
        "tar": r"--checkpoint-action=exec=(.+)|--(?:to-command|use-compress-program|rsh-command)=(.+)",
        "ssh scp sftp": r"(?:Proxy|Local)Command[= ](.+)",
        "mysql mariadb psql": r"\\!\s*(.+)",
        "sqlite3": r"^\.(?:shell|system)\s+(.+)",
        "zip": r"^--unzip-command=(.+)",
        "less more vi vim nvim ex view": r"^\+(?:\d*r\s*)?!(.+)",
        "make gmake": r"--eval=.*\$\(shell\s+(.+)\)",
        "swipl": r"\bshell\(\s*[\"'](.+?)[\"']",
        "nmap": r"os\.execute\([\"'](.+?)[\"']\)",
        "socat": r"(?i:^(?:exec|system):)['\"]?(.+)",
        "apt apt-get": r"-Invoke(?:::)?=(.+)",
        "emacs osascript": r"(?:shell-command(?:-to-string)?|do shell script)\s+\"(.+)\"",
        "ansible": r"^(?:cmd=)?(.+\s.+)$",
    }.items()
    for program in programs.split()
}
"""What stands before a command inside of one argument."""

_AFTER: Final[Mapping[str, frozenset[str]]] = {
    program: frozenset(options.split())
    for programs, options in {
        "rsync": "-e --rsh",
        "man": "-P --pager",
        "zip": "-TT --unzip-command",
        "nc ncat netcat": "-c --sh-exec",
        "npm npx": "-c --call",
        "nix-shell": "--run --command",
        "xterm gnome-terminal konsole urxvt": "-e -x",
        "tcpdump": "-z",
        "emacsclient": "--eval",
    }.items()
    for program in programs.split()
}
"""Options whose value is a command."""


def given_commands(program: str, args: Sequence[str]) -> list[str]:
    """The commands among a program's arguments."""
    found: list[str] = []
    pattern = _MARKED.get(program)
    for arg in args[:64] if pattern is not None else ():
        match = pattern.search(arg[:4_096]) if pattern is not None else None
        if match is not None:
            found.append(next((group for group in match.groups() if group), ""))
    options = _AFTER.get(program, frozenset())
    found += [value for option, value in pairwise(args) if option in options]
    return found[:8]
