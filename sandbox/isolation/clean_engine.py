"""Containers and images that are ours, in an engine, and in nobody's use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.clock import SystemClock
from sandbox.isolation.clean import Find, Use
from sandbox.isolation.engine import RUN_LABEL, EngineName, remove_container
from sandbox.isolation.image_list import our_images
from sandbox.isolation.layout import SOCKETS

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["of_engine"]

LONG: Final = 3600
"""Seconds: a container that is not running is removed by its house at once; by then there is no house."""


def of_engine(
    client: DockerClient, engine: EngineName, use: Use, *, everything: bool = False
) -> Iterator[Find]:
    """Find them, containers first; blocks. While a run lives, no image: it may be about to need one.

    Raises docker.errors.DockerException.
    """
    ended = []
    for one in client.api.containers(all=True, filters={"label": RUN_LABEL}):
        if _is_left(client, one, use):
            ended.append(one["Id"])
            name = f"{engine}: {str(one['Names'][0]).lstrip('/')}"
            yield Find("container", name, 0, partial(remove_container, client, one["Id"]))
    if use.living:
        return
    states = {"old", "part", "current", "base"} if everything else {"old", "part"}
    for image in our_images(client, engine, ended=ended):
        if image.state in states:
            name = f"{engine}: {image.tag or image.id[:19]}"
            yield Find(
                "image", name, image.alone, partial(client.api.remove_image, image.tag or image.id)
            )


def _is_left(client: DockerClient, container: dict[str, Any], use: Use) -> bool:
    """Whether its house is gone. Other users have houses too, so a run that is not ours is no proof."""
    from docker.errors import APIError, NotFound

    run = container["Labels"][RUN_LABEL]
    if run in use.living:
        return False
    if run in use.killed:
        return True
    resting = container["State"] not in {"running", "paused", "restarting"}
    if resting and SystemClock().now() - int(container["Created"]) > LONG:
        return True
    try:
        mounts = client.api.inspect_container(container["Id"])["Mounts"]
        sources = [Path(one["Source"]) for one in mounts if one["Destination"] == SOCKETS]
        # The folder that a house makes before the container, and takes away after it.
        return bool(sources) and not any(source.exists() for source in sources)
    except (NotFound, PermissionError):
        return False  # its house has just removed it; or is another user's
    except APIError as error:  # so Podman says that it has just been removed
        if "no such container" not in str(error):
            raise
        return False
