"""The names of the tiers, for command lines: without what makes boxes, which is heavy."""

from __future__ import annotations

from typing import Final

__all__ = ["TIERS"]

TIERS: Final = ("none", "bubblewrap", "docker", "podman", "gvisor", "kubernetes")
"""Weakest first, and last the one whose strength its cluster decides; a test holds it to ``STRENGTH``."""
