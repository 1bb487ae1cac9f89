"""Falco's JSON lines (``json_output: true``), by the rules it ships.

Sources: falcosecurity/rules, its three files of rules; Falco's documentation of output fields. A rule says
what was tried: whether the kernel did it is told by ``evt.res``, which a rule's output has if it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.isolation.witnesses.alerts.alert import Alert, level, number, technique_of_path, text

__all__ = ["RULES", "read"]

RULES: Final[Mapping[str, str]] = {
    "BPF Program Not Profiled": "ebpf",
    "Change namespace privileges via unshare": "userns-abuse",
    "Change thread namespace": "nsenter-host",
    "Contact EC2 Instance Metadata Service From Container": "cloud-metadata",
    "Contact K8S API Server From Container": "k8s-api",
    "Contact cloud metadata service from container": "cloud-metadata",
    "Container Access to Host Sensitive Paths": "host-mount",
    "Debugfs Launched in Privileged Container": "device-mount",
    "Detect release_agent File Container Escapes": "cgroup-release-agent",
    "Exfiltrating Artifacts via Kubernetes Control Plane": "k8s-api",
    "Fileless execution via memfd_create": "denylist-evasion",
    "Kubernetes Client Tool Launched in Container": "k8s-api",
    "Linux Kernel Module Injection Detected": "kernel-module",
    "Modify Container Entrypoint": "runtime-cve",
    "Mount Launched in Privileged Container": "host-mount",
    "PTRACE attached to process": "cap-abuse",
    "Packet socket created in container": "network-pivot",
    "Privileged Container Device Access": "device-mount",
    "Unprivileged Delegation of Page Faults Handling to a Userspace Process": "kernel-cve",
}
"""The rules of Falco's own that mean a way out of a box. The others are ordinary life in one: a build starts
programs that it has just made, a test reads files below /etc."""
_TO_HOST: Final = "T1611"
"""MITRE ATT&CK, 'Escape to Host': the tag by which a rule of the user's own says what it means."""


def read(line: str) -> Alert | None:
    """Read one line."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    rule, found = text(told, "rule"), told.get("output_fields")
    fields: Mapping[str, Any] = found if isinstance(found, dict) else {}
    tags = told.get("tags")
    technique = RULES.get(rule)
    if technique is None and isinstance(tags, list) and _TO_HOST in tags:
        technique = technique_of_path(text(fields, "fd.name")) or "escape-tool"
    if technique is None:
        return None
    container = text(fields, "container.id")
    return Alert(
        rule=rule,
        technique=technique,
        level=level(technique, done=_done(fields)),
        what=f"Falco: {rule}: {text(fields, 'proc.cmdline') or text(told, 'output')}"[:300],
        pid=number(fields.get("proc.pid")),
        parent=number(fields.get("proc.ppid")),
        container="" if container == "host" else container,
    )


def _done(fields: Mapping[str, Any]) -> bool | None:
    result = fields.get("evt.res")
    if isinstance(result, str) and result:
        return result == "SUCCESS"
    failed = fields.get("evt.failed")
    return None if not isinstance(failed, bool) else not failed
