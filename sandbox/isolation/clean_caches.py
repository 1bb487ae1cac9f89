"""Caches that no box of this version uses: guests and base images of earlier ones, and what was never finished."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import get_args

from sandbox.isolation.base_image_tar import TEMPORARY, tar_cache, tar_path
from sandbox.isolation.box import ImageKind
from sandbox.isolation.clean import Find, size_of
from sandbox.isolation.guest import cache_folder, guest_folder

__all__ = ["caches"]


def caches(*, everything: bool = False) -> Iterator[Find]:
    """Find them; with ``everything`` also those in use, all of which can be made again.

    Models' weights are none of these: to have them again takes a network.
    """
    kept = set() if everything else {guest_folder().name}
    for path in sorted(cache_folder().glob("guest-*/")):
        if path.name not in kept:
            yield _tree(path)
    for path in sorted(cache_folder().glob("bwrap-*/")):
        if everything or path.suffix == ".part":
            yield _tree(path)
    if _is_making():
        return
    tars = set() if everything else {tar_path(kind) for kind in get_args(ImageKind)}
    for path in sorted(tar_cache().glob("base-*")):
        if path.suffix in {".part", ".tar"} and path not in tars:
            yield Find("cache", str(path), size_of(path), path.unlink)
    for path in sorted(Path(tempfile.gettempdir()).glob(TEMPORARY + "*/")):
        if path.lstat().st_uid == os.geteuid():
            yield _tree(path)


def _tree(path: Path) -> Find:
    return Find("cache", str(path), size_of(path), partial(shutil.rmtree, path))


def _is_making() -> bool:
    """Whether a base is being made now: its maker holds a lock."""
    for lock in tar_cache().glob("base-*.lock"):
        with lock.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False
