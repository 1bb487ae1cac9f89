"""The gate between boxes and broker: one Unix socket per agent, and the socket is the identity."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from sandbox.bus.crossing import Crossing, Side
from sandbox.bus.notice import Notice, Refusals
from sandbox.bus.rate import Allowance, Limits
from sandbox.bus.rights import Permits, Rights
from sandbox.bus.upstream import Upstream, tls_context
from sandbox.errors import BusError
from sandbox.ids import AgentId

__all__ = ["SOCKET", "Gate"]

SOCKET: Final = "bus.sock"
"""The name of the socket in an agent's folder."""

_BACKLOG: Final = 8
_ACCEPT_COST: Final = 10
"""Messages that a new connection counts for: it costs about that much more than one."""
_PATH_BYTES: Final = 107
"""What the kernel takes as the path of a Unix socket, less its closing NUL."""


@dataclass(slots=True)
class _Entry:
    """One agent's socket, and the task that accepts on it."""

    side: Side
    path: Path
    listener: socket.socket
    task: asyncio.Task[None]

    def shut(self) -> list[Crossing]:
        """Take the socket away and end its connections; the listener is closed when the task is."""
        self.path.unlink(missing_ok=True)
        self.task.cancel()
        crossings = list(self.side.crossings)
        for crossing in crossings:
            crossing.end("the gate was closed")
        self.side.refusals.flush()
        return crossings


class Gate:
    """Lets each agent reach the broker through a socket of its own, within its rights and limits.

    Whatever a client says it is, the broker sees the gate's credentials, the client id
    ``<agent>-<random>`` and a clean session. What is refused goes to ``notices``, which is called
    in the event loop and must not block; nothing that an agent does raises.

    Args:
        upstream: the broker.
        notices: takes what the gate has to tell.
        limits: what one agent may use.
    """

    def __init__(
        self, upstream: Upstream, *, notices: Callable[[Notice], None], limits: Limits | None = None
    ) -> None:
        self._upstream = upstream
        self._tell = notices
        self._limits = limits or Limits()
        self._tls = tls_context(upstream)
        self._entries: dict[AgentId, _Entry] = {}
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        entries = list(self._entries.values())
        self._entries.clear()
        crossings = [crossing for entry in entries for crossing in entry.shut()]
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            for entry in entries:
                entry.listener.close()
        if crossings:
            await asyncio.wait([crossing.gone for crossing in crossings])

    async def open(
        self, agent: AgentId, folder: Path, rights: Rights, *, owner_uid: int | None = None
    ) -> None:
        """Make the agent's socket, ``folder/bus.sock``, and let the agent in.

        The folder is the agent's alone and belongs to the house: an agent that could write to it
        could fill the host's disk and put links where the house follows them. For another uid the
        folder becomes passable (0711) but never listable or writable, and the socket is that uid's
        alone. Not started by root the gate cannot give files away; the socket is then open to
        whoever reaches it, and the folder above must be closed to others.

        Args:
            agent: who speaks on this socket.
            folder: exists, and is the one that is mounted into the box.
            rights: what the agent may publish and hear, until ``grant`` changes it.
            owner_uid: the host's uid of the box; None for our own.

        Raises:
            BusError: the socket cannot be made there safely; nothing is left behind.
        """
        if agent in self._entries:
            raise BusError(f"The gate is already open for agent {agent!r}. Close it first.")
        listener, path = _listen(folder, owner_uid)
        loop = asyncio.get_running_loop()
        side = Side(
            agent=agent,
            upstream=self._upstream,
            tls=self._tls,
            limits=self._limits,
            permits=Permits(rights),
            allowance=Allowance(self._limits, loop.time()),
            refusals=Refusals(agent, self._tell, loop.call_later),
            tell=self._tell,
            tasks=self._tasks,
            name=lambda: f"{agent}-{secrets.token_hex(5)}",
        )
        task = self._tasks.create_task(_accept(side, listener), name=f"gate-accept-{agent}")
        self._entries[agent] = _Entry(side, path, listener, task)

    def grant(self, agent: AgentId, rights: Rights) -> None:
        """Change an agent's rights, from its next message on and in both directions.

        A subscription beyond the new rights delivers nothing from now on; if the right comes back
        it delivers again.

        Raises:
            KeyError: the gate is not open for this agent.
        """
        self._entries[agent].side.permits.grant(rights)

    def links(self, agent: AgentId) -> int:
        """Count the agent's open connections."""
        entry = self._entries.get(agent)
        return 0 if entry is None else len(entry.side.crossings)

    async def close(self, agent: AgentId) -> None:
        """Remove the agent's socket and end its connections; nothing happens if there is none."""
        entry = self._entries.pop(agent, None)
        if entry is None:
            return
        crossings = entry.shut()
        await asyncio.wait([entry.task])
        entry.listener.close()
        if crossings:
            await asyncio.wait([crossing.gone for crossing in crossings])


async def _accept(side: Side, listener: socket.socket) -> None:
    """Accept as fast as the agent's allowance lets it; what comes faster waits in the kernel."""
    loop = asyncio.get_running_loop()
    while True:
        # What is waited for is time itself.
        while wait := side.allowance.wait(loop.time(), _ACCEPT_COST):  # noqa: ASYNC110
            await asyncio.sleep(wait)
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError as error:
            # No descriptor is free, or the peer is gone: the rest of the house goes on meanwhile.
            side.refusals.add("connections", sample=str(error).encode())
            await asyncio.sleep(0.1)
            continue
        side.allowance.spend(0, _ACCEPT_COST)
        if len(side.crossings) >= side.limits.links:
            side.refusals.add("connections", sample=b"over %d at once" % side.limits.links)
            connection.close()
        else:
            await loop.connect_accepted_socket(lambda: Crossing(side), connection)


def _listen(folder: Path, owner_uid: int | None) -> tuple[socket.socket, Path]:
    path = folder / SOCKET
    if len(os.fsencode(path)) > _PATH_BYTES:
        raise BusError(
            f"The socket's path is longer than {_PATH_BYTES} bytes: {path}. Use a shorter folder."
        )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        _check_folder(folder, owner_uid)
        if path.is_socket():  # left by an engine that was killed
            path.unlink()
        listener.bind(str(path))
        _open_to(folder, path, owner_uid)
        # Only now: until it listens nobody can connect, whatever the umask made of its mode.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise BusError(
            f"The socket {path} cannot be made: {error.strerror}. Check the folder."
        ) from None
    except BaseException:
        listener.close()
        raise
    return listener, path


def _check_folder(folder: Path, owner_uid: int | None) -> None:
    us = os.geteuid()
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != us or facts.st_mode & 0o022:
        raise BusError(
            f"The folder {folder} must be a folder of uid {us} that nobody else can write to."
        )
    if owner_uid not in (None, us) and us != 0 and folder.parent.stat().st_mode & 0o077:
        raise BusError(
            f"The folder {folder.parent} must have mode 0700: a socket for uid {owner_uid} that"
            " is not made by root is open to all who reach it."
        )


def _open_to(folder: Path, path: Path, owner_uid: int | None) -> None:
    us = os.geteuid()
    if owner_uid in (None, us):
        path.chmod(0o600)
        return
    folder.chmod(0o711)
    if us == 0:
        path.chmod(0o600)
        os.chown(path, owner_uid, -1, follow_symlinks=False)
    else:
        path.chmod(0o666)
