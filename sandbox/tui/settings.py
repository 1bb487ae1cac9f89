"""What the app remembers from one time to the next: the theme, and the sizes of panes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sandbox.errors import UsageError

__all__ = ["Settings", "state_file"]


def state_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the app remembers things: ``$XDG_STATE_HOME/backrooms/app.json``."""
    environ = os.environ if environ is None else environ
    home = environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    return base / "backrooms" / "app.json"


class Settings:
    """Names and values, written whole and at once; in memory only without a file.

    ``trouble`` is a sentence if the file could not be read or written: what it held is then
    forgotten, for it is only what the app has noted for itself.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.theme = ""
        self.widths: dict[str, int] = {}
        """Cells of a pane, by ``Page/Pane``."""
        self.trouble = ""
        self._file = file
        if file is not None:
            self._read(file)

    def save(self) -> None:
        """Write the file, in a moment and whole."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._file.parent, prefix=".app-", delete=False, encoding="utf-8"
            ) as out:
                json.dump({"theme": self.theme, "widths": self.widths}, out)
            Path(out.name).replace(self._file)
        except OSError as error:
            self.trouble = (
                f"{self._file} cannot be written: {error.strerror}. It is not remembered."
            )

    def _read(self, file: Path) -> None:
        try:
            kept = json.loads(file.read_bytes())
            theme, widths = kept["theme"], kept["widths"]
            if not isinstance(theme, str) or not all(
                isinstance(cells, int) and 0 < cells < 1000 for cells in widths.values()
            ):
                raise UsageError("a value of another type")  # noqa: TRY301  # told like the others
        except FileNotFoundError:
            return
        except OSError as error:
            self.trouble = f"{file} cannot be read: {error.strerror}. The app begins anew."
        except (ValueError, KeyError, TypeError, AttributeError, UsageError, RecursionError):
            self.trouble = f"{file} is damaged: the app begins anew, and writes it again."
        else:
            self.theme, self.widths = theme, dict(widths)
