"""The container's whole request as a value, and what is said where there is no engine."""

import base64
import os

import pytest

from sandbox.errors import TierUnavailable
from sandbox.isolation import container_probe
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.container_payload import name, payload
from sandbox.isolation.seccomp import program

GUEST = ["python3", "-I", "-S", "/opt/backrooms/agents", "--run", "r", "--agent", "ada"]


def test_the_whole_request_for_a_container(tmp_path):
    limits = BoxLimits(memory=1 << 29, cpu=0.5, pids=100, disk=1000)
    spec = BoxSpec("r", "ada", tmp_path, limits)
    asked = payload(spec, "sha256:1")
    assert name(spec) == "br-r-ada"
    command = asked.pop("Cmd")
    assert command[: len(GUEST)] == GUEST
    assert base64.b64decode(command[command.index("--filter") + 1]) == program(os.uname().machine)
    assert asked == {
        "Image": "sha256:1",
        "Hostname": "agent",
        "Labels": {"backrooms.run": "r", "backrooms.agent": "ada", "backrooms.role": "sandbox"},
        "User": "65532:65532",
        "WorkingDir": "/home/agent",
        "NetworkDisabled": True,
        "HostConfig": {
            "Privileged": False,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            "ReadonlyRootfs": True,
            "NetworkMode": "none",
            "IpcMode": "private",
            "CgroupnsMode": "private",
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": str(tmp_path),
                    "Target": "/run/backrooms",
                    "ReadOnly": True,
                }
            ],
            "Tmpfs": {
                "/tmp": "rw,exec,nosuid,nodev,uid=65532,gid=65532,size=67108864,mode=1777",
                "/home/agent": "rw,exec,nosuid,nodev,uid=65532,gid=65532,size=1000,mode=0700",
            },
            "Memory": 1 << 29,
            "MemorySwap": 1 << 29,
            "NanoCpus": 500_000_000,
            "PidsLimit": 100,
            "ShmSize": 16 << 20,
            "OomScoreAdj": 500,
            "Ulimits": [
                {"Name": "nofile", "Soft": 256, "Hard": 256},
                {"Name": "core", "Soft": 0, "Hard": 0},
                {"Name": "fsize", "Soft": 1000, "Hard": 1000},
            ],
            "Init": True,
            "RestartPolicy": {"Name": "no"},
            "AutoRemove": False,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "5242880", "max-file": "2"}},
        },
    }


def test_no_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(TierUnavailable) as caught:
        container_probe.docker()
    assert str(caught.value) == (
        "tier 'docker' is not available here: no Docker Engine answers at /nowhere/docker.sock "
        "([Errno 2] No such file or directory). "
        "Install and start it, or name its socket: DOCKER_HOST=unix:///path."
    )


def test_an_engine_elsewhere(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(TierUnavailable, match="is not on this machine, and a box's sockets are"):
        container_probe.docker()
