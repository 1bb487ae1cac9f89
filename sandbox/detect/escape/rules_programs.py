"""Programs whose arguments themselves cross the boundary of a box, or survey it."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ProgramRule
from sandbox.detect.escape.rules_clusters import CLUSTERS
from sandbox.detect.escape.rules_engines import ENGINES
from sandbox.detect.escape.rules_evasion import EVASION
from sandbox.detect.escape.rules_kernel import KERNEL
from sandbox.detect.escape.rules_tools import TOOLS
from sandbox.detect.escape.rules_watch import WATCH

__all__ = ["PROGRAMS"]

PROGRAMS: Final[tuple[ProgramRule, ...]] = (
    *KERNEL,
    *ENGINES,
    *CLUSTERS,
    *TOOLS,
    *EVASION,
    *WATCH,
)
"""All that fit are signs."""
