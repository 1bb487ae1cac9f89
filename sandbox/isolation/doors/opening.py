"""The doors of a run: what the scenario leaves ajar, made ready for each box, served, and told of in the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sandbox.errors import BoxError
from sandbox.isolation.box import BoxFacts, BoxSpec, Fittings
from sandbox.isolation.doors.asked import Reply, at_once
from sandbox.isolation.doors.canary import Canaries
from sandbox.isolation.doors.docker_api import DockerEngine
from sandbox.isolation.doors.environment import environment
from sandbox.isolation.doors.kubernetes import ApiServer
from sandbox.isolation.doors.metadata import Lay, metadata
from sandbox.isolation.doors.models import Behind, Models, Served
from sandbox.isolation.doors.planted import lay_files, plant
from sandbox.isolation.doors.tally import Tally
from sandbox.isolation.doors.threshold import Record, Threshold
from sandbox.isolation.doors.watched import Watched
from sandbox.isolation.doors.witness import Inhabited
from sandbox.isolation.layout import SOCKETS
from sandbox.scenario.schema import DoorSpec, DoorsSpec, MetadataDoor, ModelsDoor

__all__ = ["Doors", "served"]

_CERTIFICATE: Final = Path(__file__).with_name("ca.crt")
"""A certificate that nobody has the key of."""


class Doors:
    """All that stands ajar in one run.

    Args:
        spec: what the scenario opens.
        agents: who finds it.
        behind: the models, and the purse.
        record: where touches go.
        canaries: of this run.
        now: gives seconds since the epoch.
    """

    def __init__(
        self,
        spec: DoorsSpec,
        agents: Sequence[str],
        *,
        behind: Behind,
        record: Record,
        canaries: Canaries,
        now: Callable[[], float],
    ) -> None:
        self._spec = spec
        self._agents = agents
        self._behind = behind
        self._record = record
        self.canaries = canaries
        self._now = now
        self._thresholds: dict[str, list[Threshold]] = {}
        self._places: dict[str, tuple[str, str]] = {}
        self._openings: Tally[str] = Tally(self._seen, asyncio.get_running_loop().call_later)
        self._watched = Watched(self._openings.add)

    @property
    def told(self) -> Mapping[str, Any]:
        """What ``run.started`` says: what is open to whom, and where canaries lie, by their hashes."""
        return {
            "agents": list(self._agents),
            "open": {name: _told(name, door) for name, door in _ajar(self._spec)},
            "canaries": [canary.told for canary in self.canaries.laid.values()],
            "openings_seen": self._watched.able,
        }

    def fit(self, spec: BoxSpec, owner: int | None) -> BoxSpec:
        """Make an agent's sockets and planted files, and say what else its box is to be given.

        ``owner`` is the host's user that the box runs as; None is our own.

        Raises:
            BoxError: a socket or a file cannot be made.
        """
        agent = str(spec.agent)
        if agent not in self._agents:
            return spec

        def lay(place: str, make: Callable[[], str]) -> str:
            return self.canaries.lay(agent, place, make)

        home, beside = lay_files(self._spec.canaries, lay)
        self._plant("canaries", spec, beside)
        thresholds = self._thresholds[agent] = []
        for name, door in _ajar(self._spec):
            threshold = Threshold(
                agent,
                name,
                self._reply(name, door, spec, lay),
                record=self._record,
                canaries=self.canaries.laid,
                port=door.port,
            )
            threshold.listen(spec.folder, owner)
            thresholds.append(threshold)
        ports = {door.port: f"{name}.sock" for name, door in _ajar(self._spec) if door.port}
        return replace(spec, fittings=Fittings(home, ports, environment(_ajar(self._spec))))

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """The agent's box has started: from now on whoever comes to its doors can be looked at."""
        box = Inhabited(facts.pid, own_kernel=facts.tier == "gvisor")
        for threshold in self._thresholds.get(agent, ()):
            threshold.box = box
        for name, door in _ajar(self._spec) if agent in self._agents else ():
            self._record.soon("door.opened", agent, {"door": name, **_told(name, door)})

    async def serve(self) -> None:
        """Let agents in until cancelled; then nothing is left open."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for agent, thresholds in self._thresholds.items():
                    for each in thresholds:
                        tasks.create_task(each.serve(), name=f"door-{each.name}-{agent}")
        finally:
            self._openings.flush()
            self.close()

    def close(self) -> None:
        """Take every socket away; may be called at any time, and twice."""
        self._watched.close()
        for thresholds in self._thresholds.values():
            for each in thresholds:
                each.close()

    def _reply(self, name: str, door: DoorSpec, spec: BoxSpec, lay: Lay) -> Reply:
        if isinstance(door, ModelsDoor):
            return Models(str(spec.agent), served(self._spec), self._behind, self._now).reply
        if isinstance(door, MetadataDoor):
            return at_once(metadata(door.cloud, lay, self._now))
        if name == "docker":
            return at_once(DockerEngine(self._now))
        server = ApiServer(lay, self._now, _CERTIFICATE.read_bytes())
        self._plant("kubernetes", spec, server.files)
        return at_once(server)

    def _plant(self, door: str, spec: BoxSpec, files: Mapping[str, bytes]) -> None:
        for path in plant(spec.folder, files):
            inside = f"{SOCKETS}/{path.relative_to(spec.folder)}"
            key = f"{spec.agent}:{inside}"
            self._places[key] = str(spec.agent), door
            try:
                self._watched.add(path, key)
            except OSError as error:
                raise BoxError(f"{path} cannot be watched: {error.strerror}") from error

    def _seen(self, key: str, _: str, count: int) -> None:
        agent, door = self._places[key]
        data = {"door": door, "opened": key.partition(":")[2], "count": count}
        self._record.soon("door.touched", agent, data | {"by": {"names": "box"}})


def served(spec: DoorsSpec) -> dict[str, Served]:
    """The models behind the door, by each name that a client may call them."""
    found: dict[str, Served] = {}
    if spec.models is None:
        return found
    for one in spec.models.serve:
        options = {"base_url": one.base_url} if one.base_url else {}
        # No agent has a slash in its name.
        model = Served(one.model, f"door/{one.model}", spec.models.max_tokens, options)
        found.setdefault(model.name, model)
        found[one.model] = model
    return found


def _ajar(spec: DoorsSpec) -> list[tuple[str, DoorSpec]]:
    """The doors with a socket that are open, by their names."""
    doors: dict[str, DoorSpec | None] = {
        "models": spec.models,
        "docker": spec.docker,
        "metadata": spec.metadata,
        "kubernetes": spec.kubernetes,
    }
    return [(name, door) for name, door in doors.items() if door is not None]


def _told(name: str, door: DoorSpec) -> dict[str, Any]:
    told: dict[str, Any] = {"socket": f"{SOCKETS}/{name}.sock"}
    if door.port is not None:
        told["port"] = door.port
    if door.environment:
        told["environment"] = environment([(name, door)])
    if isinstance(door, ModelsDoor):
        told["models"] = [one.model for one in door.serve]
    if isinstance(door, MetadataDoor):
        told["cloud"] = door.cloud
    return told
