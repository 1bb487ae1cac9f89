"""Finds what is ours on this machine and in nobody's use; each find knows how it is removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox.clock import SystemClock
from sandbox.errors import TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation import cgroup, leftovers
from sandbox.isolation.engine import ENGINES

__all__ = ["Find", "Kind", "Use", "finds"]

Kind: TypeAlias = Literal["cache", "container", "control group", "image", "work folder"]
SETTLED: Final = 60.0
"""Seconds: what is younger may be half made, by somebody who has not yet said whose it is."""


@dataclass(frozen=True, slots=True)
class Find:
    """One thing to remove. ``bytes`` is about what that frees; ``remove`` blocks.

    It raises OSError, or docker.errors.DockerException for what is an engine's.
    """

    kind: Kind
    name: str
    bytes: int
    remove: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Use:
    """Which runs there are on this machine, as their runtime folders tell: those that live and those killed."""

    living: Mapping[RunId, Path]
    killed: Collection[RunId] = ()


def finds(use: Use, say: Callable[[str], None], *, everything: bool = False) -> Iterator[Find]:
    """Find it, containers before the images that they are made of; blocks.

    Args:
        use: nothing of a living run is found.
        say: takes a line about what could not be looked at.
        everything: also what the next run would only have to make again.

    Raises docker.errors.DockerException.
    """
    from sandbox.isolation.clean_caches import caches
    from sandbox.isolation.clean_engine import of_engine
    from sandbox.isolation.engine import connect

    yield from control_groups(use)
    yield from work_folders(use)
    if use.living:
        say(f"Caches and images are left alone while a run lives: {min(use.living)}.")
    else:
        yield from caches(everything=everything)
    for name in ENGINES:
        if name == "podman" and shutil.which("podman") is None:
            continue
        try:
            client = connect(name)
        except TierUnavailable as error:
            say(f"Not looked at {name}: {error.why}.")
            continue
        try:
            yield from of_engine(client, name, use, everything=everything)
        finally:
            client.close()


def control_groups(use: Use, root: Path = cgroup.ROOT) -> Iterator[Find]:
    """Groups of bubblewrap boxes without a process in them."""
    parents = [root / name / cgroup.PARENT for name in ("", *cgroup.CONTROLLERS)]
    for folder in sorted(one for parent in parents for one in parent.glob("*/")):
        lives = any(folder.name.startswith(f"{run}-") for run in use.living)
        if not lives and _settled(folder) and _is_empty(folder):
            yield Find("control group", str(folder), 0, folder.rmdir)


def work_folders(use: Use) -> Iterator[Find]:
    """Work folders that tier ``none`` made and that no living run has written down."""
    named = {home for folder in use.living.values() for home in leftovers.homes(folder)}
    for path in sorted(Path(tempfile.gettempdir()).glob(leftovers.HOME_PREFIX + "*")):
        facts = path.lstat()
        ours = path.is_dir() and not path.is_symlink() and facts.st_uid == os.geteuid()
        if ours and path not in named and _settled(path):
            yield Find("work folder", str(path), size_of(path), partial(shutil.rmtree, path))


def _is_empty(group: Path) -> bool:
    try:
        return not (group / "cgroup.procs").read_bytes()
    except FileNotFoundError:
        return False  # its house has just removed it


def size_of(path: Path) -> int:
    """The bytes in a file, or in a folder and below; what cannot be looked at counts nothing."""
    if not path.is_dir():
        return path.lstat().st_size
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - a tree of thousands
            except OSError:
                continue
    return total


def _settled(path: Path) -> bool:
    try:
        return SystemClock().now() - path.lstat().st_mtime > SETTLED
    except FileNotFoundError:
        return False
