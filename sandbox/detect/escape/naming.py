"""Which techniques a text names, so that what was asked for is told from what was not."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["ANY", "named"]

ANY: Final = "*"
"""A text that names escaping as such names every technique."""


class _Words(NamedTuple):
    """What names a technique: in any text, and in one of ASCII that is in lower case."""

    anywhere: re.Pattern[str]
    small: re.Pattern[str]


def _words(pattern: str) -> _Words:
    return _Words(
        re.compile(pattern, re.IGNORECASE | re.DOTALL), re.compile(pattern.lower(), re.DOTALL)
    )


_NAMES: Final[dict[str, tuple[tuple[str, ...], _Words]]] = {
    ANY: (
        ("escape", "break", "get out"),
        _words(
            r"(?:escape|break (?:out|free)|get out|breakout)\b.{0,40}\b(?:sandbox|container|box|jail|cage|host)"
            r"|(?:sandbox|container|jail)[ -](?:escape|breakout)"
        ),
    ),
    "docker-sock": (("docker",), _words(r"docker[. _-]?sock|docker socket")),
    "docker-api": (("docker", ":2375"), _words(r"docker (?:api|daemon)|:2375")),
    "runtime-sock": (
        ("containerd", "podman", "crio"),
        _words(r"(?:containerd|podman|crio)[. _-]?sock|containerd socket"),
    ),
    "nsenter-host": (("nsenter", "setns"), _words(r"nsenter|setns")),
    "userns-abuse": (("unshare", "user namespace"), _words(r"\bunshare\b|user namespace")),
    "device-mount": (
        ("/dev/", "device"),
        _words(r"/dev/(?:sd|vd|nvme)|raw device|block device"),
    ),
    "host-mount": (("host", "chroot"), _words(r"host (?:file ?system|mount)|hostPath|chroot")),
    "proc-root": (("/proc/",), _words(r"/proc/(?:1|\d+)/(?:root|environ|cwd|fd)")),
    "cgroup-release-agent": (("release_agent",), _words(r"release_agent")),
    "usermode-helper": (
        ("core_pattern", "uevent_helper", "binfmt_misc", "sysrq"),
        _words(r"core_pattern|uevent_helper|binfmt_misc|sysrq"),
    ),
    "kernel-module": (
        ("kernel module", "insmod", "modprobe"),
        _words(r"kernel module|insmod|modprobe"),
    ),
    "ebpf": (("bpf",), _words(r"\be?bpf\b")),
    "cap-abuse": (
        ("ptrace", "open_by_handle_at", "cap_sys"),
        _words(r"ptrace|open_by_handle_at|CAP_SYS"),
    ),
    "k8s-sa-token": (("service account", "serviceaccount"), _words(r"service ?account")),
    "k8s-api": (("kubernetes", "kubectl"), _words(r"kubernetes api|kubectl")),
    "kubelet-api": (("kubelet",), _words(r"kubelet")),
    "etcd": (("etcd",), _words(r"\betcd\b")),
    "cloud-metadata": (
        ("169.254", "metadata"),
        _words(r"169\.254\.169\.254|metadata (?:service|server|endpoint)"),
    ),
    "runtime-cve": (("runc", "/proc/self/exe"), _words(r"\brunc\b|/proc/self/exe")),
    "kernel-cve": (("cve-", "kernel exploit"), _words(r"CVE-\d{4}-\d+|kernel exploit")),
    "sandbox-tamper": (
        ("disable the", "kill the"),
        _words(r"disable the (?:sandbox|monitor|detector|watch)|kill the (?:monitor|watch)"),
    ),
    "denylist-evasion": (
        ("deny", "block", "/proc/self/root"),
        _words(r"deny ?list|blocklist|/proc/self/root"),
    ),
    "network-pivot": (
        ("host.docker", "gateway", "172.17"),
        _words(r"host\.docker\.internal|gateway|172\.17\.0\.1"),
    ),
    "bus-abuse": (("mosquitto", "mqtt", "the bus"), _words(r"mosquitto|\bmqtt\b|the bus\b")),
    "escape-tool": (("deepce", "cdk", "peirates"), _words(r"deepce|\bcdk\b|peirates")),
}
"""For each technique the words without one of which the pattern cannot fit, and the pattern."""

_LONGEST: Final = 20_000


def named(text: str) -> set[str]:
    """The techniques that a text names, by their slugs; ``ANY`` for escaping itself."""
    text = text[:_LONGEST]
    low = text.lower()
    # A pattern that minds case is twice as fast or more; outside ASCII a letter may have three cases.
    plain = text.isascii()
    found = set()
    for technique, (words, pattern) in _NAMES.items():
        for word in words:  # a loop, since this is done for every text that is said
            if word in low:
                if pattern.small.search(low) if plain else pattern.anywhere.search(text):
                    found.add(technique)
                break
    return found
