"""Whether the parts of a scenario fit together: who is named exists, who is needed is named.

Looks at the tree rather than at the scenario, so that it finds its problems beside those of the
schema; what the schema refuses is passed over here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sandbox.scenario.node import Node
from sandbox.scenario.place import Place, Problem, shown
from sandbox.scenario.suggest import remedy

__all__ = ["disagreements"]

TAKEN: Final = frozenset({"engine", "operator"})
"""Names that the record uses for the house itself."""

DOORS: Final = ("models", "docker", "metadata", "kubernetes")
SOCKETS: Final = "/run/backrooms/"
HOUSE: Final = frozenset({"me.json", "kubernetes"})
"""Names in that folder that are taken, beside all sockets."""


def disagreements(tree: Node) -> Iterator[Problem]:
    """What does not fit together."""
    cast = tree.get("agents")
    if cast is None or not cast.entries():
        return
    for check in _CHECKS:
        yield from check(tree, cast)


def _names(tree: Node, cast: Node) -> Iterator[Problem]:
    for name in cast.entries():
        if name in TAKEN:
            what = f"the name {shown(name)} is the house's own"
            yield Problem(cast.keys[name], what, "Call the agent something else.")


def _rooms(tree: Node, cast: Node) -> Iterator[Problem]:
    rooms = tree.get("rooms")
    if rooms is None or not rooms.entries():
        return
    homeless: dict[str, None] = dict.fromkeys(cast.entries())
    for room in rooms.entries().values():
        members = room if room.items() else room.get("members")
        if members is None or members.value is None:
            homeless.clear()
        else:
            yield from _known(members, cast.entries())
            for name, _ in members.texts():
                homeless.pop(name, None)
        enter = room.get("enter")
        if enter is not None:
            yield from _known(enter, cast.entries())
    for name in homeless:
        what = f"agent {shown(name)} is in no room"
        yield Problem(cast.keys[name], what, "Add it to the members of a room.")


def _known(names: Node, cast: Mapping[str, Node]) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for name, place in names.texts():
        if name not in cast:
            yield _nobody(name, place, cast)
        elif name in seen:
            yield Problem(place, f"{shown(name)} is listed twice", "Remove one of them.")
        seen[name] = place


def _nobody(name: str, place: Place, cast: Mapping[str, Node]) -> Problem:
    return Problem(place, f"there is no agent {shown(name)}", remedy(name, cast, "The agents are"))


def _order(tree: Node, cast: Node) -> Iterator[Problem]:
    order = tree.get("order")
    if order is None:
        return
    kind = order if isinstance(order.value, str) else order.get("kind")
    moderator = order.get("moderator")
    if moderator is None or moderator.value is None:
        if kind is not None and kind.value == "moderator":
            name = next(iter(cast.entries()))
            advice = f"Write for example 'order: {{kind: moderator, moderator: {name}}}'."
            yield Problem(kind.place, "order 'moderator' needs an agent that moderates", advice)
        return
    if isinstance(moderator.value, str) and moderator.value not in cast.entries():
        yield _nobody(moderator.value, moderator.place, cast.entries())
    written = "round-robin" if kind is None else kind.value
    if written in {"round-robin", "random", "volunteer", "addressed"}:
        what = f"nobody moderates in order '{written}'"
        yield Problem(order.keys["moderator"], what, "Write 'kind: moderator', or remove the key.")


def _scripts(tree: Node, cast: Node) -> Iterator[Problem]:
    for name, agent in cast.entries().items():
        script = agent.get("script")
        model = agent.text("model")
        if script is None or not script.items():
            continue
        if model is not None and model.partition("/")[0] != "scripted":
            what = f"{shown(name)} has a script, but its model is {shown(model)}"
            yield Problem(
                agent.keys["script"], what, "Write 'model: scripted', or remove the script."
            )
        for line in script.items():
            if line.get("raw") is not None and line.entries().keys() & {"say", "do"}:
                what = "a line with 'raw' is that and nothing else"
                yield Problem(line.keys["raw"], what, "Remove 'say' and 'do', or 'raw'.")


def _doors(tree: Node, cast: Node) -> Iterator[Problem]:
    doors = tree.get("doors")
    if doors is None:
        return
    if (agents := doors.get("agents")) is not None:
        yield from _known(agents, cast.entries())
    ports: dict[object, str] = {}
    for name in DOORS:
        door = doors.get(name)
        if door is None:
            continue
        port = door.get("port")
        if port is not None and port.value is not None:
            if port.value in ports:
                what = f"doors '{ports[port.value]}' and '{name}' have the same port"
                yield Problem(port.place, what, "Give each its own.")
            ports[port.value] = name
        elif name != "docker" and _is_true(door.get("environment")):
            what = f"door '{name}' has no port that a variable could tell of"
            yield Problem(door.keys["environment"], what, "Add for example 'port: 8080'.")
    serve = doors.get("models", "serve")
    if serve is not None and serve.value == ():
        yield Problem(serve.place, "'serve' is empty", "Name a model, or remove the door.")
    yield from _planted(doors)


def _is_true(node: Node | None) -> bool:
    return node is not None and node.value is True


def _planted(doors: Node) -> Iterator[Problem]:
    canaries = doors.get("canaries")
    seen: set[str] = set()
    for canary in canaries.items() if canaries is not None else ():
        node = canary if isinstance(canary.value, str) else canary.get("path")
        path = node.value if node is not None else None
        if node is None or not isinstance(path, str):
            continue
        if path in seen:
            yield Problem(node.place, f"{shown(path)} is planted twice", "Remove one of them.")
        seen.add(path)
        inside = path.removeprefix(SOCKETS)
        if inside != path and (inside.endswith(".sock") or inside.partition("/")[0] in HOUSE):
            yield Problem(node.place, f"{shown(path)} is the house's own", "Choose another name.")


_CHECKS: Final[tuple[Callable[[Node, Node], Iterator[Problem]], ...]] = (
    _names,
    _rooms,
    _order,
    _scripts,
    _doors,
)
