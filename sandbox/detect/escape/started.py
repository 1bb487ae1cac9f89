"""A command about to be followed, and what it is in truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.arguments import FAMILIES, valued_of
from sandbox.detect.escape.facts import Run
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.places import canonical, own_root

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = [
    "BIN",
    "FETCHED",
    "GUARDED",
    "SHELLS",
    "VERSIONED",
    "Launch",
    "given_files",
    "hides_program",
    "named_places",
    "note_setting",
    "program_of",
    "set_positional",
]

SHELLS: Final = frozenset(
    {"sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "rbash", "fish", "csh", "tcsh", "yash", "elvish", "nu", "xonsh",
     "pwsh", "powershell", "powershell.exe"}
)  # fmt: skip


FETCHED: Final = "fetched:"


_NAME: Final = 1_024
"""Characters that a path to a program may have; Linux allows 255 in one name."""

BIN: Final = re.compile(r"(?:/usr(?:/local)?)?/s?bin/([^/]+)")


VERSIONED: Final = re.compile(r"(python|perl|ruby|php|lua|node|pypy|gcc|clang|g\+\+)[\d.]*\d")


_OF_KIND: Final = re.compile(
    r"(u?mount)\.[\w-]+|microk8s\.(kubectl|ctr|helm3?)|(docker(?:-compose)?|podman|nerdctl|kubectl|oc|helm|crictl|ctr)\.exe"
)
"""``mount.ext4`` and kin, the clients that a distribution names after itself, and those of another system's."""


@dataclass(slots=True)
class Launch:
    """A command about to be followed."""

    shell: Shell
    argv: list[str]
    settings: tuple[str, ...]
    stdin: str
    level: int = 0
    program: str = ""
    sources: frozenset[str] = frozenset()


def named_places(shell: Shell, path: str) -> tuple[str, str]:
    """A path as it stands, and where it leads."""
    return canonical(path, shell.memory.cwd or "/home/agent")[-1], shell.place(path)


def program_of(shell: Shell, invoked: str) -> str:
    """Which program a command's first word names, through paths, links and copies."""
    path = invoked[:_NAME]
    if "/" in path:
        for place in named_places(shell, path):
            copied = shell.memory.programs.get(place)
            if copied is not None:
                return copied
        path = own_root(canonical(shell.memory.resolved(path), shell.memory.cwd)[0])
        match = BIN.fullmatch(path)
        path = match[1] if match else path.rpartition("/")[2]
    match = VERSIONED.fullmatch(path) or _OF_KIND.fullmatch(path)
    return next(group for group in match.groups() if group) if match else path


_TELLING: Final = 3
"""Letters of a program's name that tell which it is."""
GUARDED: Final = frozenset(
    {"docker", "podman", "nerdctl", "kubectl", "oc", "ctr", "crictl", "runc", "crun", "nsenter", "unshare", "chroot",
     "insmod", "modprobe", "mount", "umount", "mknod", "debugfs", "bpftool", "capsh", "setcap", "machinectl"}
)  # fmt: skip
"""Programs that a list of forbidden ones holds, if there is one."""


def hides_program(place: str, name: str) -> bool:
    """Whether a program of the system's, kept there, goes by a name that does not tell which it is."""
    own = place.rpartition("/")[2]
    is_short_for = len(own) >= _TELLING and own in name
    is_other = own in GUARDED  # one engine's client under another's name is no secret
    return BIN.fullmatch(place) is None and name not in own and not is_short_for and not is_other


_WITHOUT_FILES: Final = frozenset(
    {"echo", "printf", "tr", "seq", "basename", "dirname", "tee", "openssl", "sponge", "split", "jq", "envsubst"}
)  # fmt: skip
"""Filters whose words are no files to read."""


def given_files(shell: Shell, program: str, args: list[str]) -> list[str]:
    """The files that a filter reads instead of its input."""
    if program in _WITHOUT_FILES:
        return []
    if program == "dd":
        return [arg[3:] for arg in args if arg.startswith("if=")]
    found = parsed(args, valued_of(program))
    family = FAMILIES.get(program)
    operands = found.operands
    if family is not None and family.skips and not found.has(*family.instead):
        operands = operands[family.skips :]
    return [operand for operand in operands if operand != "-"]


def set_positional(shell: Shell, args: Sequence[str]) -> None:
    """Set ``$1`` and on, as for a script or a function."""
    for number in range(1, 10):
        shell.variables.pop(str(number), None)
    for number, arg in enumerate(args[:9], 1):
        shell.variables[str(number)] = [arg]
    shell.variables["@"] = list(args)
    shell.variables["*"] = list(args)


_COMMANDS: Final = frozenset(
    {"PROMPT_COMMAND", "PAGER", "MANPAGER", "GIT_PAGER", "SYSTEMD_PAGER", "EDITOR", "VISUAL", "GIT_EDITOR",
     "GIT_SSH_COMMAND", "GIT_SSH", "GIT_EXTERNAL_DIFF", "GIT_SEQUENCE_EDITOR", "LESSOPEN", "LESSCLOSE", "BROWSER",
     "SUDO_ASKPASS", "SSH_ASKPASS", "FZF_DEFAULT_COMMAND", "RSYNC_RSH", "CVS_RSH"}
)  # fmt: skip
"""Variables whose value programs run."""
_NAME_FILES: Final = frozenset(
    {"KUBECONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"}
)  # fmt: skip
"""Variables whose value is a file that programs read."""
_NESTED: Final = 8


def note_setting(start: Launch, setting: str) -> None:
    """Take in a variable by which other code gets into a program."""
    name, _, value = setting.partition("=")
    if name in ("LD_PRELOAD", "BASH_ENV", "ENV", "PROMPT_COMMAND") and value:
        start.shell.facts.add(Run("export", (setting,)))
    if name in _NAME_FILES and value:
        start.shell.facts.touch(value, "read", start.shell.memory.cwd)
    if name in _COMMANDS and value and start.shell.budget.depth < _NESTED:
        start.shell.run_text(value)
    elif name in ("BASH_ENV", "ENV") and start.shell.budget.depth < _NESTED:
        start.shell.run_text(start.shell.memory.read(start.shell.place(value)) or "")
