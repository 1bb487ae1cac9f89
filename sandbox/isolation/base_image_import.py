"""Hands a base image that was made here to an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import GuestBuildError
from sandbox.isolation.base_image import HOME_MADE
from sandbox.isolation.box import ImageKind
from sandbox.isolation.engine import ROLE_LABEL
from sandbox.isolation.image_build import Progress

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["MADE_LABEL", "import_base"]

MADE_LABEL: Final = "backrooms.base"
"""The name of the tar, by which one that was made of other packages is known."""


def import_base(client: DockerClient, kind: ImageKind, tar: Path, progress: Progress) -> str:
    """Import the tar unless the engine has it; blocks, some seconds. Returns the image's name.

    Raises GuestBuildError, and docker.errors.DockerException if the engine fails otherwise.
    """
    from docker.errors import ImageNotFound

    name = HOME_MADE[kind]
    try:
        if client.images.get(name).labels.get(MADE_LABEL) == tar.stem:
            progress(f"the engine has {name}")
            return name
    except ImageNotFound:
        pass
    progress(f"importing {tar} as {name}")
    # Named afterwards: Podman's service takes no name with a version along.
    client.api.tag(_imported(client, tar), *name.split(":"))
    return name


def _imported(client: DockerClient, tar: Path) -> str:
    """Import it without a name; its id."""
    from docker.errors import APIError

    labels = [f"LABEL {ROLE_LABEL}=base", f"LABEL {MADE_LABEL}={tar.stem}"]
    try:
        said = client.api.import_image_from_file(str(tar), changes=labels)
        answer = json.loads(said.splitlines()[-1])
        error = answer.get("error")
    except APIError as failure:
        error = failure.explanation or str(failure)
    if error:
        raise GuestBuildError(
            f"the engine cannot import '{tar}': {error:.300}. Remove that file to have it made anew"
        )
    return str(answer["status"])
