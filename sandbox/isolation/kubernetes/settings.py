"""Where Pods go and what they are made of, as the environment says it; checked before anything is asked."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.errors import TierUnavailable
from sandbox.isolation.box import ImageKind

__all__ = ["GVISOR", "IMAGE", "NAMESPACE", "Settings", "read_namespace", "read_settings"]

NAMESPACE: Final = "backrooms-sandbox"
GVISOR: Final = "gvisor"
"""The name of the RuntimeClass that Kubernetes' and gVisor's own instructions make for it."""
MACHINES: Final[Mapping[str, str]] = {"amd64": "x86_64", "arm64": "aarch64"}
IMAGE: Final = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,200}@sha256:[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What every Pod of this house has in common. ``image`` is named by digest, never by a tag."""

    image: str
    namespace: str = NAMESPACE
    runtime_class: str | None = None
    own_users: bool = True
    """Whether a Pod's users are none of the node's (``hostUsers: false``)."""
    arch: str = "amd64"
    """The nodes' kind, as Kubernetes calls it: a seccomp filter is made for one."""

    @property
    def machine(self) -> str:
        """The nodes' kind as ``os.uname`` calls it."""
        return MACHINES[self.arch]

    @property
    def own_kernel(self) -> bool:
        """Whether the box's kernel must be gVisor's."""
        return self.runtime_class == GVISOR


def read_settings(
    kind: ImageKind = "plain", environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read ``BACKROOMS_K8S_*``, for boxes with this kind of image.

    Raises TierUnavailable for what is missing or cannot be.
    """
    variable = "BACKROOMS_K8S_IMAGE" if kind == "plain" else f"BACKROOMS_K8S_{kind.upper()}_IMAGE"
    image = environment.get(variable, "")
    if not IMAGE.fullmatch(image):
        raise TierUnavailable(
            "kubernetes",
            f"the image of its boxes is not named by digest ({variable}={image!r:.120})",
            "Build it from the Dockerfile, push it to a registry that the cluster's nodes reach, and set "
            f"{variable}=registry/name@sha256:<64 digits>. docs/kubernetes.md has each step.",
        )
    runtime_class = environment.get("BACKROOMS_K8S_RUNTIME_CLASS") or None
    if runtime_class is not None:
        _named("BACKROOMS_K8S_RUNTIME_CLASS", runtime_class)
    arch = environment.get("BACKROOMS_K8S_ARCH") or "amd64"
    if arch not in MACHINES:
        raise TierUnavailable(
            "kubernetes",
            f"no seccomp filter is known for nodes of the kind {arch!r:.40}",
            f"Set BACKROOMS_K8S_ARCH to one of {', '.join(MACHINES)}.",
        )
    return Settings(
        image=image,
        namespace=read_namespace(environment),
        runtime_class=runtime_class,
        # Another kernel keeps users of its own, and gVisor's runtime takes no mapping from Kubernetes.
        own_users=runtime_class is None and not environment.get("BACKROOMS_K8S_HOST_USERS"),
        arch=arch,
    )


def read_namespace(environment: Mapping[str, str] = os.environ) -> str:
    """Read where Pods go. Raises TierUnavailable for what is no name."""
    return _named(
        "BACKROOMS_K8S_NAMESPACE", environment.get("BACKROOMS_K8S_NAMESPACE") or NAMESPACE
    )


def _named(variable: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise TierUnavailable(
            "kubernetes",
            f"{name!r:.80} is no name that Kubernetes takes",
            f"Set {variable} to lower-case letters, digits and hyphens.",
        )
    return name
