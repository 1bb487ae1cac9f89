"""What listens in a box, as its shim tells it: hostile, so read member by member."""

from __future__ import annotations

from typing import Final

from sandbox.errors import ShimError
from sandbox.isolation.box import Service

__all__ = ["services"]

MOST: Final = 64
PIDS: Final = 1 << 22
"""What Linux takes as the largest number of a process."""
PROGRAM: Final = 200


def services(told: object) -> list[Service]:
    """Read the shim's list, one service a port at most. Raises ShimError for anything that is none."""
    if not isinstance(told, list) or len(told) > MOST:
        raise ShimError(f"listening: the shim answered {told!r:.80}, not up to {MOST} services")
    found = {service.port: service for service in map(_service, told)}
    return [found[port] for port in sorted(found)]


def _service(told: object) -> Service:
    if isinstance(told, dict):
        port, pid, program = told.get("port"), told.get("pid"), told.get("program")
        port_fits = type(port) is int and 0 < port < 1 << 16
        pid_fits = pid is None or (type(pid) is int and 0 < pid <= PIDS)
        if port_fits and pid_fits and isinstance(program, str | None):
            assert isinstance(port, int)
            return Service(port, pid, None if program is None else program[:PROGRAM])
    raise ShimError(f"listening: the shim answered {told!r:.80}, which is no service")
