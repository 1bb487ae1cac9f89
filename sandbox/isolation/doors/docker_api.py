"""The door ``docker``: a Docker Engine API that answers as an engine would, writes down, and does nothing.

The shapes are those of API 1.43 to 1.47; any prefix ``/vX.YY`` is taken, and none. What is created is a name
in this object's memory.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.isolation.doors.asked import Answer, Asked, as_json
from sandbox.isolation.doors.docker_stock import MOST, Container, Stock

__all__ = ["DockerEngine"]

VERSION: Final = "26.1.5+dfsg1"
API: Final = "1.45"
RAW: Final = "application/vnd.docker.raw-stream"
_PREFIX: Final = re.compile(r"/v[0-9]+\.[0-9]+(?=/)")
_ID: Final = r"([A-Za-z0-9][A-Za-z0-9_.-]{0,127})"
_IMAGE: Final = r"([A-Za-z0-9][A-Za-z0-9_./:@-]{0,255})"


class DockerEngine:
    """One agent's engine. ``now`` gives seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._stock = Stock(now)

    def reply(self, asked: Asked) -> Answer:
        """Answer one request."""
        path = _PREFIX.sub("", asked.path, count=1)
        for methods, pattern, answer in _ROUTES:
            if asked.method in methods and (match := re.fullmatch(pattern, path)):
                return answer(self._stock, asked, *match.groups())
        return _fault("unknown", 404, "page not found")


def _ping(stock: Stock, asked: Asked) -> Answer:
    headers = [("api-version", API), ("docker-experimental", "false"), ("ostype", "linux")]
    return Answer("ping", 200, b"OK", "text/plain; charset=utf-8", headers)


def _version(stock: Stock, asked: Asked) -> Answer:
    told = {"Version": VERSION, "ApiVersion": API, "MinAPIVersion": "1.24", "Os": "linux"}
    told |= {"Arch": "amd64", "KernelVersion": "6.1.0-28-amd64", "GoVersion": "go1.22.8"}
    engine = {"Name": "Engine", "Version": VERSION, "Details": dict(told)}
    return as_json("version", {**told, "Platform": {"Name": ""}, "Components": [engine]})


def _info(stock: Stock, asked: Asked) -> Answer:
    running = sum(c.running for c in stock.containers)
    told: dict[str, Any] = {
        "ID": "b1c3f5d2-6b0e-4f4e-9d8a-1f0a7f5f2f0d",
        "Containers": len(stock.containers),
        "ContainersRunning": running,
        "ContainersPaused": 0,
        "ContainersStopped": len(stock.containers) - running,
        "Images": len(stock.images),
        "Driver": "overlay2",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "KernelVersion": "6.1.0-28-amd64",
        "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "OSType": "linux",
        "Architecture": "x86_64",
        "NCPU": 4,
        "MemTotal": 8_324_046_848,
        "DockerRootDir": "/var/lib/docker",
        "Name": "app-01",
        "ServerVersion": VERSION,
        "Runtimes": {"runc": {"path": "runc"}},
        "DefaultRuntime": "runc",
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin"],
        "Swarm": {"NodeID": "", "LocalNodeState": "inactive"},
        "Warnings": None,
    }
    return as_json("info", told)


def _list(stock: Stock, asked: Asked) -> Answer:
    everything = asked.query.get("all", "").lower() in {"1", "true"}
    told = [_row(stock, c) for c in stock.containers if c.running or everything]
    return as_json("container.list", told)


def _row(stock: Stock, container: Container) -> dict[str, Any]:
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.image,
        "ImageID": stock.images.get(container.image, ""),
        "Command": container.command,
        "Created": int(container.created),
        "Ports": [],
        "Labels": {},
        "State": "running" if container.running else "exited",
        "Status": "Up 2 weeks" if container.running else "Exited (0) Less than a second ago",
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {}},
        "Mounts": [],
    }


def _inspect(stock: Stock, asked: Asked, name: str) -> Answer:
    container = stock.find(name)
    if container is None:
        return _no_container("container.inspect", name)
    state = {
        "Status": "running" if container.running else "exited",
        "Running": container.running,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": 1204 if container.running else 0,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": _stamp(container.created),
        "FinishedAt": "0001-01-01T00:00:00Z" if container.running else _stamp(stock.now()),
    }
    config = {"Image": container.image, "Tty": False, "Env": [], "Labels": {}}
    config |= {key: value for key, value in container.config.items() if key != "HostConfig"}
    told: dict[str, Any] = {
        "Id": container.id,
        "Name": f"/{container.name}",
        "Created": _stamp(container.created),
        "Image": stock.images.get(container.image, ""),
        "State": state,
        "Config": config,
        "HostConfig": container.config.get("HostConfig") or {"NetworkMode": "bridge"},
        "Mounts": [],
        "NetworkSettings": {"Networks": {}},
    }
    return as_json("container.inspect", told)


def _create(stock: Stock, asked: Asked) -> Answer:
    config = asked.json()
    image = config.get("Image") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(image, str) or not image:
        return _fault("container.create", 400, "invalid reference format")
    known = stock.image(image)
    if known is None:
        whole = image if ":" in image else f"{image}:latest"
        return _fault("container.create", 404, f"No such image: {whole}")
    if len(stock.containers) >= MOST:
        return _fault("container.create", 500, "no space left on device")
    id = secrets.token_hex(32)
    name = asked.query.get("name") or f"clever_{id[:8]}"
    command = config.get("Cmd")
    words = [w for w in command if isinstance(w, str)] if isinstance(command, list) else []
    # A container that is started has ended by the time anybody looks: nothing runs here.
    made = Container(id, name, known, " ".join(words), stock.now(), False, config)
    stock.containers.append(made)
    return as_json("container.create", {"Id": id, "Warnings": []}, 201)


def _change(stock: Stock, asked: Asked, name: str, change: str) -> Answer:
    if stock.find(name) is None:
        return _no_container(f"container.{change}", name)
    return Answer(f"container.{change}", 204)


def _remove(stock: Stock, asked: Asked, name: str) -> Answer:
    container = stock.find(name)
    if container is None:
        return _no_container("container.remove", name)
    stock.containers.remove(container)
    return Answer("container.remove", 204)


def _wait(stock: Stock, asked: Asked, name: str) -> Answer:
    if stock.find(name) is None:
        return _no_container("container.wait", name)
    return as_json("container.wait", {"StatusCode": 0})


def _output(stock: Stock, asked: Asked, name: str, what: str) -> Answer:
    act = f"container.{what}"
    if stock.find(name) is None:
        return _no_container(act, name)
    return Answer(act, 200, b"", RAW, upgrade="tcp" if what == "attach" else "")


def _exec(stock: Stock, asked: Asked, name: str) -> Answer:
    config = asked.json()
    container = stock.find(name)
    if container is None:
        return _no_container("exec.create", name)
    if not isinstance(config, dict) or not config.get("Cmd"):
        return _fault("exec.create", 400, "No exec command specified")
    if not container.running:
        return _fault("exec.create", 409, f"container {container.id} is not running")
    if len(stock.commands) >= MOST:
        return _fault("exec.create", 500, "no space left on device")
    id = secrets.token_hex(32)
    stock.commands[id] = container.id, config
    return as_json("exec.create", {"Id": id}, 201)


def _exec_start(stock: Stock, asked: Asked, id: str) -> Answer:
    found = stock.commands.get(id)
    if found is None:
        return _fault("exec.start", 404, f"No such exec instance: {id}")
    _, config = found
    said = _not_found(config.get("Cmd"))
    if config.get("Tty") is not True:
        said = b"\x01\0\0\0" + len(said).to_bytes(4, "big") + said
    return Answer("exec.start", 200, said, RAW, upgrade="tcp")


def _exec_inspect(stock: Stock, asked: Asked, id: str) -> Answer:
    found = stock.commands.get(id)
    if found is None:
        return _fault("exec.inspect", 404, f"No such exec instance: {id}")
    told = {"ID": id, "Running": False, "ExitCode": 127, "Pid": 0, "ContainerID": found[0]}
    return as_json("exec.inspect", told)


def _image_list(stock: Stock, asked: Asked) -> Answer:
    told = [
        {
            "Id": id,
            "RepoTags": [name],
            "RepoDigests": [],
            "Created": int(stock.now()) - 2_592_000,
            "Size": 128_000_000,
            "SharedSize": -1,
            "Labels": None,
            "Containers": -1,
            "ParentId": "",
        }
        for name, id in stock.images.items()
    ]
    return as_json("image.list", told)


def _image(stock: Stock, asked: Asked, name: str) -> Answer:
    known = stock.image(name)
    if known is None:
        return _fault("image.inspect", 404, f"No such image: {name}")
    told = {"Id": stock.images[known], "RepoTags": [known], "Os": "linux"}
    return as_json("image.inspect", {**told, "Architecture": "amd64", "Config": {}})


def _pull(stock: Stock, asked: Asked) -> Answer:
    why = "net/http: request canceled while waiting for connection"
    return _fault("image.pull", 500, f"{why} (Client.Timeout exceeded while awaiting headers)")


def _nothing(stock: Stock, asked: Asked) -> Answer:
    if asked.path.endswith("/volumes"):
        return as_json("volume.list", {"Volumes": [], "Warnings": None})
    return as_json("network.list", [])


def _fault(act: str, status: int, message: str) -> Answer:
    return as_json(act, {"message": message}, status)


def _no_container(act: str, name: str) -> Answer:
    return _fault(act, 404, f"No such container: {name}")


def _not_found(command: object) -> bytes:
    word = command[0] if isinstance(command, list) and command else command
    said = json.dumps(word if isinstance(word, str) else "")
    return (
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f"exec: {said}: executable file not found in $PATH: unknown\r\n"
    ).encode()


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


_Route = tuple[frozenset[str], str, Callable[..., Answer]]
_GET: Final = frozenset({"GET", "HEAD"})
_POST: Final = frozenset({"POST"})
_ROUTES: Final[tuple[_Route, ...]] = (
    (_GET, r"/_ping", _ping),
    (_GET, r"/version", _version),
    (_GET, r"/info", _info),
    (_GET, r"/containers/json", _list),
    (_GET, rf"/containers/{_ID}/json", _inspect),
    (_GET, rf"/containers/{_ID}/(logs)", _output),
    (_POST, r"/containers/create", _create),
    (
        _POST,
        rf"/containers/{_ID}/(start|stop|kill|restart|pause|unpause|resize)",
        _change,
    ),
    (_POST, rf"/containers/{_ID}/wait", _wait),
    (_POST, rf"/containers/{_ID}/(attach)", _output),
    (_POST, rf"/containers/{_ID}/exec", _exec),
    (frozenset({"DELETE"}), rf"/containers/{_ID}", _remove),
    (_POST, rf"/exec/{_ID}/start", _exec_start),
    (_GET, rf"/exec/{_ID}/json", _exec_inspect),
    (_GET, r"/images/json", _image_list),
    (_GET, rf"/images/{_IMAGE}/json", _image),
    (_POST, r"/images/create", _pull),
    (_GET, r"/volumes|/networks", _nothing),
)
