"""Tier ``kubernetes``: boxes that are Pods, where one machine is too small."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.isolation.kubernetes.box import KubernetesBox
    from sandbox.isolation.kubernetes.pod import pod_of
    from sandbox.isolation.kubernetes.pod_rules import refuse
    from sandbox.isolation.kubernetes.provision import manifests
    from sandbox.isolation.kubernetes.settings import Settings, read_namespace, read_settings

__all__ = [
    "KubernetesBox",
    "Settings",
    "manifests",
    "pod_of",
    "read_namespace",
    "read_settings",
    "refuse",
]

_HOMES = {
    "KubernetesBox": "box",
    "Settings": "settings",
    "manifests": "provision",
    "pod_of": "pod",
    "read_namespace": "settings",
    "read_settings": "settings",
    "refuse": "pod_rules",
}


def __getattr__(name: str) -> object:
    # Lazy: the command that prints manifests needs no client, and a box no YAML.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
