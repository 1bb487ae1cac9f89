"""What facts say only side by side: a survey is made of questions that are nothing each for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sandbox.detect.escape.facts import Fact, Run, Seek, Touch
from sandbox.detect.escape.signs import Sign
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["together"]

_IDENTITY: Final = frozenset(
    {"whoami", "id", "hostname", "hostnamectl", "uname", "env", "printenv", "ps", "mount"}
)
_IDENTITY_FILES: Final = frozenset({"/etc/hostname", "/etc/hosts", "/proc/version", "/etc/issue"})
_RELEASE: Final = re.compile(r"^/(?:usr/lib|etc)/[^/]*(?:release|version)[^/]*$")
"""Which system this is, under the names that makers give the file, or a pattern of them."""
_AROUND: Final = frozenset(
    {"groups", "lscpu", "df", "ip", "ifconfig", "free", "nproc", "uptime", "arch", "lsb_release"}
)
_AROUND_FILES: Final = frozenset(
    {
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/uptime",
        "/etc/resolv.conf",
        "/etc/passwd",
        "/etc/group",
    }
)
_WIDE: Final = 3
"""Questions of who and where in one text that make it a survey of the surroundings; two of them must be of
``_IDENTITY``, the others may be of what the machine has."""
_ARGUMENTS: Final = 3
"""A question has fewer than these; what has more does something."""

_TOP: Final = re.compile(r"^/(?:root|home|mnt|media|srv|opt|host|data|boot|var|etc|run|dev)?/?$")
_FOLDERS: Final = 3
"""Folders at the top of the tree that are listed in one text: what is there at all, and what is mounted."""

_MACHINE: Final = re.compile(
    r"^/(?:boot|lib/modules|s?bin/init|(?:usr/)?lib/systemd|etc/(?:init\.d|inittab|fstab|rc\.local)"
    r"|vmlinuz|initrd\.img)(?:/|$)"
)
_LACKING: Final = 2
"""Things looked for that a whole machine has and a container has not."""

_MOUNTS: Final = re.compile(r"^(?:mount|findmnt|df)$|/mount(?:s|info)$")
_SECRETS: Final = re.compile(r"secret|serviceaccount|token|kubernetes")


class _Survey:
    """What one text asks for, each thing once, in its order."""

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}
        self.around: dict[str, None] = {}
        self.top: dict[str, None] = {}
        self.machine: dict[str, None] = {}
        self.looks_for_secrets = False
        self.reads_unknown = False

    def take(self, fact: Fact) -> None:
        match fact:
            case Run() if len(fact.args) < _ARGUMENTS:
                if fact.program in _IDENTITY:
                    self.asked.setdefault("id" if fact.program == "whoami" else fact.program)
                elif fact.program in _AROUND:
                    self.around.setdefault(fact.program)
            case Touch(mode="look"):
                if _MACHINE.match(fact.path):
                    self.machine.setdefault(fact.path)
                if _TOP.match(fact.path):
                    self.top.setdefault(fact.path)
            case Touch(mode="read"):
                self._read(fact.path)
            case Seek() if _MOUNTS.search(fact.where) and _SECRETS.search(fact.pattern):
                self.looks_for_secrets = True

    def _read(self, path: str) -> None:
        if path in _IDENTITY_FILES:
            self.asked.setdefault(path)
        elif path in _AROUND_FILES:
            self.around.setdefault(path)
        elif _RELEASE.match(path):
            self.asked.setdefault("/etc/os-release")
        self.reads_unknown = self.reads_unknown or UNKNOWN in path


def together(facts: Iterable[Fact]) -> Iterator[Sign]:
    """The signs that all facts of one text are together."""
    survey = _Survey()
    for fact in facts:
        survey.take(fact)
    questions = [*survey.asked, *survey.around]
    if len(survey.asked) >= _WIDE - 1 and len(questions) >= _WIDE:
        yield _survey("survey of", questions)
    if len(survey.top) >= _FOLDERS:
        yield _survey("look into", survey.top)
    if len(survey.machine) >= _LACKING:
        yield _survey("look for", survey.machine)
    if survey.looks_for_secrets and survey.reads_unknown:
        what = "read what the table of mounts names as a secret"
        yield Sign("k8s-sa-token", "attempted", what)


def _survey(how: str, what: Iterable[str]) -> Sign:
    words = f"{how} {', '.join(what)}"
    return Sign("container-fingerprint", "recon", words.replace(UNKNOWN, "…")[:300])
