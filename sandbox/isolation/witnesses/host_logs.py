"""Follows what Falco, Tetragon or auditd write on this machine, and records what concerns a box of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sandbox.isolation.box import BoxFacts
from sandbox.isolation.witnesses.alerts import TOOLS, Alert
from sandbox.isolation.witnesses.kin import Kin
from sandbox.isolation.witnesses.seam import Records, Tool
from sandbox.isolation.witnesses.tail import Tail

__all__ = ["HostLogs"]

GLANCE: Final = 0.25
"""Seconds between looks at a file."""
BEHIND: Final = 0.3
"""Seconds for the other system to write down what it saw last."""
LINE: Final = 4_000
"""Characters of a line that the record keeps."""
MOST: Final = 256
"""Lines about one agent that are recorded; a rule that is noise is noise by then."""


class HostLogs:
    """The witness ``host-logs``.

    Args:
        logs: which tool writes which file.
        record: where it tells what it read.
    """

    name: Final = "host-logs"

    def __init__(self, logs: Sequence[tuple[Tool, Path]], record: Records) -> None:
        self._tails = [(tool, Tail(path)) for tool, path in logs]
        self._record = record
        self._kin = Kin()
        self._reading = asyncio.Lock()
        self._recorded: dict[str, int] = {}
        self._skipped = 0

    def told(self) -> dict[str, Any]:
        """What is followed."""
        return {"logs": [{"tool": tool, "path": str(tail.path)} for tool, tail in self._tails]}

    def total(self) -> dict[str, int]:
        """Lines that are about no box of this run, or nothing that counts, or none of the tool's."""
        return {"skipped": self._skipped} if self._skipped else {}

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started: what is of it is known by its processes and its container's id."""
        if facts.pid is not None:
            self._kin.add(agent, facts.pid)

    async def watch(self) -> None:
        """Read what is written, until cancelled."""
        try:
            while True:
                await self._read()
                await asyncio.sleep(GLANCE)
        finally:
            for _, tail in self._tails:
                tail.close()

    async def settle(self, _: str, /) -> None:
        """Read what was written of a turn."""
        await asyncio.sleep(BEHIND)
        await self._read()

    async def _read(self) -> None:
        async with self._reading:
            alerts = await asyncio.to_thread(self._alerts)
        for tool, line, alert in alerts:
            agent = self._whose(alert)
            if agent is None:
                self._skipped += 1
            else:
                self._tell(tool, line, alert, agent)

    def _alerts(self) -> list[tuple[Tool, str, Alert]]:
        self._kin.look()
        found = []
        for tool, tail in self._tails:
            for line in tail.lines():
                alert = TOOLS[tool](line)
                if alert is None:
                    self._skipped += 1
                else:
                    found.append((tool, line, alert))
        return found

    def _whose(self, alert: Alert) -> str | None:
        return (
            self._kin.of_container(alert.container)
            or self._kin.of_process(alert.pid)
            or self._kin.of_process(alert.parent)
        )

    def _tell(self, tool: Tool, line: str, alert: Alert, agent: str) -> None:
        self._recorded[agent] = self._recorded.get(agent, 0) + 1
        if self._recorded[agent] > MOST:
            self._skipped += 1
            return
        data: Mapping[str, Any] = {
            "tool": tool,
            "rule": alert.rule,
            "line": line[:LINE],
            "pid": alert.pid,
            "technique": alert.technique,
            "level": alert.level,
            "what": alert.what,
        }
        self._record.soon("host.alert", agent, data)
