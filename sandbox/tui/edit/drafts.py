"""What was written and not saved, kept so that no crash takes it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

__all__ = ["Drafts", "state_folder"]


class Drafts:
    """One draft for each file, in a folder of the user's own; what cannot be kept is no error here.

    The name of a draft is a digest of where its file lies; a text without a file has ``untitled``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def keep(self, path: Path | None, text: str) -> bool:
        """Keep a draft in the place of the one before; says whether that could be done."""
        place = self._place(path)
        new = place.with_suffix(".new")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(
                os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(text.encode(errors="surrogatepass"))
            new.replace(place)
        except OSError:
            return False
        return True

    def find(self, path: Path | None) -> str | None:
        """The draft that was left behind, if there is one."""
        try:
            return self._place(path).read_bytes().decode(errors="surrogatepass")
        except (OSError, UnicodeDecodeError):
            return None

    def drop(self, path: Path | None) -> None:
        """Forget the draft: it was saved, or is not wanted."""
        with suppress(OSError):
            self._place(path).unlink(missing_ok=True)

    def _place(self, path: Path | None) -> Path:
        folder = self._folder or state_folder() / "drafts"
        if path is None:
            return folder / "untitled.yaml"
        digest = hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()  # noqa: PTH100  # links stay links
        return folder / f"{digest[:24]}.yaml"


def state_folder() -> Path:
    """Where what is worth keeping between two starts lies: ``backrooms`` in the user's state folder."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "backrooms"
