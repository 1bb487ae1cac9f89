"""A work folder as it comes out of a box: a tar that is hostile until it has been looked through."""

from __future__ import annotations

import io
import tarfile

from sandbox.errors import ShimError

__all__ = ["checked"]


def checked(tar: bytes) -> bytes:
    """Give back a tar that holds regular files and folders only, none of them absolute or going up.

    Raises ShimError for anything else, and for what is no tar.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
            for member in archive:
                _check(member)
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise ShimError(f"snapshot: the box sent no sound tar: {error}") from None
    return tar


def _check(member: tarfile.TarInfo) -> None:
    plain = member.type in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE}
    if not plain or member.issparse():
        raise ShimError(f"snapshot: {member.name!r:.200} is neither a file nor a folder")
    if member.name.startswith("/") or ".." in member.name.split("/"):
        raise ShimError(f"snapshot: {member.name!r:.200} leads out of the work folder")
