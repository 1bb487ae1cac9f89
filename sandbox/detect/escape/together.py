"""What facts say only side by side: a survey is made of questions that are nothing each for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sandbox.detect.escape.addresses import is_private
from sandbox.detect.escape.facts import Fact, Reach, Run, Seek, Touch
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


_SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash"})
_TALKERS: Final = frozenset({"nc", "ncat", "netcat", "telnet", "socat"})
_CODE: Final = frozenset(
    {"python", "perl", "php", "ruby", "node", "lua", "go", "c", "rust", "tclsh", "awk", "gawk"}
)
"""Languages whose connections are code's own."""
_DISKS: Final = frozenset(
    {"lsblk", "blkid", "df", "fdisk", "sfdisk", "findmnt", "findfs", "parted", "pvs", "lvs"}
)
_LOCATORS: Final = frozenset({"which", "type", "command"})
_WAYS_OUT: Final = frozenset(
    {"nsenter", "unshare", "capsh", "debugfs", "bpftool", "runc", "ctr", "crictl", "pivot_root", "insmod"}
)  # fmt: skip
_TOOLS: Final = _WAYS_OUT | {
    "docker", "podman", "kubectl", "nc", "ncat", "socat", "nmap", "tcpdump", "gdb", "strace", "curl", "wget", "mount",
    "chroot", "modprobe", "ssh", "telnet", "dig",
}  # fmt: skip
_MANY: Final = 5
"""Tools of that kind that one text asks for: one or two may be needed, so many are what is there to be used."""
_ITSELF: Final = frozenset({"/dev/tcp", "ztcp"})
"""Connections that a shell opens by itself, so that they may be any program's input."""
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NAMES_DISKS: Final = re.compile(
    r"^/proc/(?:cmdline|partitions|diskstats)$|/mount(?:s|info)$|^/etc/(?:mtab|fstab)$"
)
"""Tables whose lines begin with a disk."""
_SWEEP: Final = 3
"""Private hosts that one text asks whether they are there: a single one is looked after, so many are searched for."""


class _Survey:
    """What one text asks for, each thing once, in its order."""

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}
        self.around: dict[str, None] = {}
        self.top: dict[str, None] = {}
        self.machine: dict[str, None] = {}
        self.asked_for: dict[str, None] = {}
        self.looks_for_secrets = False
        self.looks_for_disks = False
        self.mounts_unknown = False
        self.starts_shell = False
        self.tools: set[str] = set()
        self.starts_bare_shell = False
        self.makes_pipe = False
        self.connects = False
        self.connects_itself = False
        self.reads_unknown = False

    def take(self, fact: Fact) -> None:
        match fact:
            case Run():
                self._run(fact)
            case Reach():
                by_socket = fact.program in _CODE and not fact.path and not fact.is_probe
                itself = by_socket or (fact.program in _ITSELF and fact.host not in _HERE)
                self.connects_itself = self.connects_itself or itself
                self.connects = self.connects or fact.program == "/dev/tcp" or by_socket
                if fact.is_probe and is_private(fact.host):
                    self.asked_for.setdefault(fact.host)
            case Touch(mode="look"):
                if _MACHINE.match(fact.path):
                    self.machine.setdefault(fact.path)
                if _TOP.match(fact.path):
                    self.top.setdefault(fact.path)
            case Touch(mode="read"):
                self._read(fact.path)
            case Seek() if _MOUNTS.search(fact.where) and _SECRETS.search(fact.pattern):
                self.looks_for_secrets = True

    def _run(self, run: Run) -> None:
        if run.program in _SHELLS:
            self.starts_shell = self.starts_shell or "-i" in run.args
            self.starts_bare_shell = self.starts_bare_shell or not run.args
        elif run.program in _TALKERS or (run.program == "openssl" and "s_client" in run.args):
            self.connects = True
        elif run.program == "mkfifo":
            self.makes_pipe = True
        elif run.program in ("mount", "debugfs") and any(a.startswith(UNKNOWN) for a in run.args):
            self.mounts_unknown = True
        elif run.program in _DISKS:
            self.looks_for_disks = True
        if run.program in _LOCATORS:
            self.tools |= _TOOLS.intersection(run.args)
        if len(run.args) < _ARGUMENTS:
            if run.program in _IDENTITY:
                self.asked.setdefault("id" if run.program == "whoami" else run.program)
            elif run.program in _AROUND:
                self.around.setdefault(run.program)

    def _read(self, path: str) -> None:
        if path in _IDENTITY_FILES:
            self.asked.setdefault(path)
        elif path in _AROUND_FILES:
            self.around.setdefault(path)
        elif _RELEASE.match(path):
            self.asked.setdefault("/etc/os-release")
        self.looks_for_disks = self.looks_for_disks or _NAMES_DISKS.search(path) is not None
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
    if len(survey.asked_for) >= _SWEEP:
        what = f"look for hosts {', '.join(survey.asked_for)}"
        yield Sign("net-recon", "recon", what.replace(UNKNOWN, "…")[:300])
    if len(survey.tools) >= _MANY or (len(survey.tools) > 1 and survey.tools & _WAYS_OUT):
        yield Sign("recon-tool", "recon", f"ask for {', '.join(sorted(survey.tools))}")
    if survey.looks_for_disks and survey.mounts_unknown:
        yield Sign("device-mount", "attempted", "mount what the list of disks names")
    joins = survey.connects_itself or (survey.makes_pipe and survey.connects)
    if (survey.starts_shell and survey.connects) or (survey.starts_bare_shell and joins):
        yield Sign("network-pivot", "attempted", "a shell whose words come from the network")
    if survey.looks_for_secrets and survey.reads_unknown:
        what = "read what the table of mounts names as a secret"
        yield Sign("k8s-sa-token", "attempted", what)


def _survey(how: str, what: Iterable[str]) -> Sign:
    words = f"{how} {', '.join(what)}"
    return Sign("container-fingerprint", "recon", words.replace(UNKNOWN, "…")[:300])
