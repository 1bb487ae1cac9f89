"""Provider ``recorded``: plays back what an agent's model answered in an earlier run, offline.

``recorded/RUN`` takes the agent of the same name, ``recorded/RUN:AGENT`` any other. An answer is
given only to the request that it answered then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from sandbox.errors import ModelUnavailable, UnknownModel
from sandbox.models.chat_body import messages
from sandbox.models.desync import Desync
from sandbox.models.player import Player
from sandbox.models.provider import Mode, Part, Request
from sandbox.models.recording import Recording
from sandbox.transcript.event import Event
from sandbox.transcript.runs import find_run

if TYPE_CHECKING:
    from sandbox.engine.cast import CastMember
    from sandbox.scenario.schema import Scenario

__all__ = ["Recorded", "name_records"]


def name_records(scenario: Scenario, root: Path) -> Scenario:
    """Write every ``recorded/RUN`` out as ``recorded/ID:AGENT``: ``last`` is another run tomorrow.

    Raises:
        NoSuchRun: there is no such run in ``root``.
    """
    agents = dict(scenario.agents)
    for agent, spec in scenario.agents.items():
        provider, _, model = spec.model.partition("/")
        if provider == "recorded":
            run, named = _parts(model)
            folder = find_run(root, run)
            at = folder.name if folder.parent == root else str(folder)
            whole = f"recorded/{at}:{named or agent}"
            agents[agent] = spec.model_copy(update={"model": whole})
    return scenario.model_copy(update={"agents": agents})


class Recorded:
    """Plays back the agents of earlier runs, found in ``root``.

    Families and ways to act are those of the recorded agent, whatever its model was; so a model is
    asked for by name of an agent (``name_records``).
    """

    name = "recorded"

    def __init__(self, root: Path = Path("transcripts")) -> None:
        self._root = root
        self._recordings: dict[str, Recording] = {}
        self._players: dict[tuple[str, str], Player] = {}

    def family(self, model: str) -> str:
        return self._member(model).family

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return self._member(model).mode

    def body(self, request: Request) -> bytes:
        """The request as it is compared; nothing goes over a wire."""
        return orjson.dumps(messages(request.system, request.turns))

    async def ready(self, model: str) -> None:
        self._member(model)

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        async for part in self._player(request).play(request):
            yield part

    def recall(self, request: Request, answer: Event) -> None:
        """Go on behind the answer that was given; of what is not in the record there was none."""
        if answer.data.get("stop") != "given" and answer.data.get("kind") != Desync.__name__:
            self._player(request).recall(request)

    def _player(self, request: Request) -> Player:
        run, named = _parts(request.model)
        agent = named or request.agent
        self._checked(run, agent)
        player = self._players.get((run, request.agent))
        if player is None:
            player = self._players[run, request.agent] = Player(self._recording(run), agent)
        return player

    async def close(self) -> None:
        self._players.clear()
        while self._recordings:
            self._recordings.popitem()[1].close()

    def _member(self, model: str) -> CastMember:
        run, named = _parts(model)
        return self._checked(run, named)

    def _checked(self, run: str, agent: str) -> CastMember:
        """The agent of that name, or the only one."""
        cast = self._recording(run).cast
        if not agent and len(cast) == 1:
            agent = next(iter(cast))
        if agent not in cast:
            raise ModelUnavailable(
                f"there is no agent {agent!r:.60} in the run {run:.200}; its agents are "
                f"{', '.join(cast)}. Name one: recorded/{run:.200}:{next(iter(cast))}"
            )
        return cast[agent]

    def _recording(self, run: str) -> Recording:
        if run not in self._recordings:
            self._recordings[run] = Recording(find_run(self._root, run))
        return self._recordings[run]


def _parts(model: str) -> tuple[str, str]:
    run, _, agent = model.rpartition(":") if ":" in model else (model, "", "")
    if not run:
        raise UnknownModel(
            f"'recorded/{model:.80}' names no run: write recorded/RUN, where RUN is the start of a "
            "run's id, a folder, or 'last'"
        )
    return run, agent
