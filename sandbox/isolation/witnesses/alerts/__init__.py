"""Lines of other systems that watch the host, read into one form: Falco, Tetragon, auditd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.isolation.witnesses.alerts import auditd, falco, tetragon
from sandbox.isolation.witnesses.alerts.alert import Alert
from sandbox.isolation.witnesses.seam import Tool

__all__ = ["TOOLS", "Alert"]

TOOLS: Final[Mapping[Tool, Callable[[str], Alert | None]]] = {
    "auditd": auditd.read,
    "falco": falco.read,
    "tetragon": tetragon.read,
}
"""Each reads one line: what it alerts to, or None if that is no way out of a box, or the line is none of its own."""
