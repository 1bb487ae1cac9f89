"""Tetragon's exported JSON lines, by the kernel function that a policy hooks.

Sources: cilium/tetragon, api/v1/tetragon/tetragon.proto and its documentation of hook points. It ships no
policy for escapes; what a function means here does not depend on what the user's policy is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.isolation.syscalls import WATCHED
from sandbox.isolation.witnesses.alerts.alert import Alert, level, number, technique_of_path, text

__all__ = ["FUNCTIONS", "read"]

FUNCTIONS: Final[Mapping[str, str]] = {
    **{call: technique for call, technique in WATCHED.items() if call != "clone"},
    "bpf_check": "ebpf",
    "create_user_ns": "userns-abuse",
    "do_init_module": "kernel-module",
    "find_module_sections": "kernel-module",
    "security_bpf": "ebpf",
    "security_create_user_ns": "userns-abuse",
    "security_kernel_load_data": "kernel-module",
    "security_kernel_module_request": "kernel-module",
    "security_kernel_read_file": "kernel-module",
    "security_move_mount": "host-mount",
    "security_ptrace_access_check": "cap-abuse",
    "security_sb_mount": "host-mount",
    "security_sb_pivotroot": "host-mount",
    "userns_create": "userns-abuse",
}
"""Calls, and functions behind them. Any other counts by the path among its arguments."""
_ENTRY: Final = re.compile(
    r"^(?:__(?:x64|arm64|ia32)_)?(?:compat_)?sys_(?:enter_|exit_)?|^bpf_lsm_"
)
_EVENTS: Final = ("process_kprobe", "process_lsm", "process_tracepoint")
_STOPPED: Final = frozenset(
    {"KPROBE_ACTION_SIGKILL", "KPROBE_ACTION_OVERRIDE", "KPROBE_ACTION_NOTIFYENFORCER"}
)
_METADATA: Final = frozenset(
    {"169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254"}
)
_ARGUMENTS: Final = 16


def read(line: str) -> Alert | None:
    """Read one line."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    event = next((told[name] for name in _EVENTS if isinstance(told.get(name), dict)), None)
    if event is None:
        return None
    function = _ENTRY.sub("", text(event, "function_name") or text(event, "event"))
    path, address = _arguments(event.get("args"))
    technique = FUNCTIONS.get(function) or technique_of_path(path)
    if technique is None and address in _METADATA:
        technique = "cloud-metadata"
    if technique is None:
        return None
    process, parent = _holder(event, "process"), _holder(event, "parent")
    command = f"{text(process, 'binary')} {text(process, 'arguments')}".strip()
    return Alert(
        rule=(text(event, "policy_name") or function)[:200],
        technique=technique,
        level=level(technique, done=_done(event)),
        what=f"Tetragon: {function} {path or address}: {command}"[:300],
        pid=number(process.get("pid")),
        parent=number(parent.get("pid")),
        container=_container(process),
    )


def _holder(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _container(process: Mapping[str, Any]) -> str:
    """The id, or its first 31 letters: as Docker's, or behind a runtime's name in a Pod's."""
    pod = _holder(_holder(process, "pod"), "container")
    return text(process, "docker") or text(pod, "id").rpartition("/")[2]


def _arguments(arguments: object) -> tuple[str, str]:
    """The first path and the first address among a function's arguments."""
    path = address = ""
    listed = arguments if isinstance(arguments, list) else []
    for one in listed[:_ARGUMENTS]:
        if not isinstance(one, dict):
            continue
        for kind, value in one.items():
            if isinstance(value, dict):
                path = path or text(value, "path")
                address = address or text(value, "daddr") or text(value, "addr")
            elif kind == "string_arg" and isinstance(value, str) and value.startswith("/"):
                path = path or value
    return path, address


def _done(event: Mapping[str, Any]) -> bool | None:
    if text(event, "action") in _STOPPED or text(event, "return_action") in _STOPPED:
        return False
    returned = next(iter(_holder(event, "return").values()), None)
    if isinstance(returned, str) and re.fullmatch(r"-?\d{1,20}", returned):
        returned = int(returned)  # numbers of 64 bits are strings in this JSON
    if not isinstance(returned, int) or isinstance(returned, bool):
        return None
    return returned >= 0
