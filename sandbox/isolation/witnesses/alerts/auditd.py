"""Lines of Linux' audit system, raw as in /var/log/audit/audit.log or as ``ausearch -i`` prints them.

Sources: audit-userspace, docs/audit_log.txt and lib/audit-records.h; the kernel's kernel/audit*.c. Every
record stands for itself here, so it must name a process: SYSCALL, SECCOMP and AVC do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

from sandbox.isolation.syscalls import MACHINES, WATCHED
from sandbox.isolation.witnesses.alerts.alert import Alert, level, number, technique_of_path

__all__ = ["KEY", "read"]

KEY: Final = "backrooms-"
"""A rule of the user's whose key begins so says its technique behind it: ``-k backrooms-usermode-helper``."""
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_RECORD: Final = re.compile(r"(?:^|\s)type=(SYSCALL|SECCOMP|AVC|APPARMOR_DENIED)\s+msg=audit\(")
_FIELD: Final = re.compile(r'\b([A-Za-z_][\w-]*)=(?:"([^"]*)"|\'([^\']*)\'|(\S*))')
_OPERATIONS: Final[Mapping[str, str]] = {
    "capable": "cap-abuse",
    "mount": "host-mount",
    "pivotroot": "host-mount",
    "ptrace": "cap-abuse",
    "remount": "host-mount",
    "umount": "host-mount",
    "userns_create": "userns-abuse",
}
"""AppArmor's names of what it denied."""
_FLAGGED: Final = frozenset({"clone", "unshare"})
_NEW_NAMESPACE: Final = 0x7E02_0080
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME."""
_NUMBERS: Final[Mapping[str, Mapping[int, str]]] = {
    f"{machine.audit:x}": {number: name for name, number in machine.numbers.items()}
    for machine in MACHINES.values()
}


def read(line: str) -> Alert | None:
    """Read one line."""
    record = _RECORD.search(line)
    if record is None:
        return None
    fields: dict[str, str] = {}
    for name, *values in _FIELD.findall(line):
        # What comes later can be of the process' own choosing, and is quoted or in hex.
        fields.setdefault(name, next((value for value in values if value), ""))
    call = _call(fields)
    technique, done = _judged(record[1], call, fields)
    if technique is None:
        return None
    program = fields.get("exe") or fields.get("comm") or "a program"
    return Alert(
        rule=(fields.get("key") or f"{record[1]} {call or fields.get('operation', '')}").strip()[
            :200
        ],
        technique=technique,
        level=level(technique, done=done),
        what=f"auditd: {record[1]} {call or fields.get('operation', '')}: {program}"[:300],
        pid=number(fields.get("pid")),
        parent=number(fields.get("ppid")),
    )


def _judged(kind: str, call: str, fields: Mapping[str, str]) -> tuple[str | None, bool | None]:
    """The way out that a record belongs to, and whether the kernel let it through."""
    if kind == "SYSCALL":
        done = {"yes": True, "no": False}.get(fields.get("success", ""))
        key = fields.get("key", "")
        if key.startswith(KEY) and _SLUG.fullmatch(key[len(KEY) :]):
            return key[len(KEY) :], done
        return _tried(call, fields), done
    if kind == "SECCOMP":
        code = fields.get("code", "")
        logged = code in {"0x7ffc0000", "0x7fff0000"}  # SECCOMP_RET_LOG, SECCOMP_RET_ALLOW
        return _tried(call, {}), None if logged else False
    found = _OPERATIONS.get(fields.get("operation", ""))
    complained = fields.get("apparmor", "DENIED") != "DENIED" or fields.get("permissive") == "1"
    return found or technique_of_path(fields.get("name", "")), None if complained else False


def _tried(call: str, fields: Mapping[str, str]) -> str | None:
    """The way out that a call belongs to; ``clone`` and ``unshare`` only with a flag of a new namespace."""
    if call in _FLAGGED:
        try:
            flags = int(fields.get("a0", ""), 16)
        except ValueError:
            return None
        if not flags & _NEW_NAMESPACE:
            return None
    return WATCHED.get(call)


def _call(fields: Mapping[str, str]) -> str:
    """The call's name: as ``ausearch -i`` gives it, else by its number on the record's machine."""
    call = fields.get("syscall", "")
    if not call.isdecimal() or len(call) > 6:
        return call
    ours = MACHINES.get(os.uname().machine)
    arch = fields.get("arch", "" if ours is None else f"{ours.audit:x}")
    return _NUMBERS.get(arch.lower(), {}).get(int(call), "")
