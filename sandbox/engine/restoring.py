"""Work folders put back into new boxes, before their agents go on."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from sandbox.engine.engine import Kept
from sandbox.engine.past import Past
from sandbox.engine.step import Noted, Save
from sandbox.engine.workspaces import SECONDS, Workspaces
from sandbox.errors import BoxError, TranscriptError

__all__ = ["Restoring"]


class Restoring:
    """What is put into each agent's box once it has started; nothing in a run that begins."""

    def __init__(self, workspaces: Workspaces, past: Past | None) -> None:
        self._workspaces = workspaces
        self._folders = {} if past is None else dict(past.folders)
        self._turn = 0 if past is None else past.perception.state.turn
        self._seq = 0 if past is None or past.last is None else past.last.seq + 1

    async def put_back(self, agent: str, *, box: bool) -> Kept | None:
        """Put the agent's folder back, if it had one; ``box`` is False where its box did not start.

        What comes of it must be told to the engine, which gives the agent no turn before.
        """
        manifest = self._folders.get(agent)
        if manifest is None:
            return None
        noted = await self._put(agent, manifest) if box else None
        return Kept(Save(agent, self._turn, self._seq), [] if noted is None else [noted])

    async def _put(self, agent: str, manifest: str) -> Noted:
        try:
            async with asyncio.timeout(SECONDS):
                done = await self._workspaces.restore(agent, manifest)
        except TimeoutError:
            why = f"the box did not take it within {SECONDS:g} s"
        except (BoxError, TranscriptError) as error:
            why = str(error)
        else:
            return Noted("workspace.restored", asdict(done))
        return Noted("workspace.failed", {"turn": self._turn, "error": why})
