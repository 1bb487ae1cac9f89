"""Where a person's own settings lie."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["config_folder"]


def config_folder() -> Path:
    """``backrooms`` in ``XDG_CONFIG_HOME``, else in ``~/.config``; it may not be there."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "backrooms"
