"""A container as its engine sees it now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docker.models.containers import Container

__all__ = ["look"]

ENDING: Final = "no such process"
"""Podman reads the control group of a container's first process; one that ends just then makes it fail (4.3)."""
LOOKS: Final = 10
AGAIN: Final = 0.1
"""Seconds between two of them."""


def look(container: Container) -> None:
    """Look at a container, and once more where it ended in the middle of the look. Blocks.

    Raises docker.errors.DockerException.
    """
    from docker.errors import APIError

    for _ in range(LOOKS - 1):
        try:
            container.reload()
        except APIError as error:
            if ENDING not in str(error):
                raise
            time.sleep(AGAIN)
        else:
            return
    container.reload()
