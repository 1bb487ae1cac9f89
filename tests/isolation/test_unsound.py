"""Boxes with a hole, made on purpose: none of them begins, and the hole is named. No hole is used."""

import pytest

from sandbox.errors import BoxUnsound
from sandbox.isolation import bubblewrap, bubblewrap_command, docker
from sandbox.isolation.bubblewrap import BubblewrapBox
from sandbox.isolation.docker import DockerBox
from sandbox.isolation.gvisor import GvisorBox


async def what_is_found(box) -> tuple[str, ...]:
    try:
        with pytest.raises(BoxUnsound) as caught:
            await box.start()
    finally:
        await box.stop()
    return caught.value.found


HOLES = {
    "privileged": ({"Privileged": True}, "host.seccomp: "),
    "the engine's socket": (
        {"Binds": ["/var/run/docker.sock:/var/run/docker.sock"]},
        "mounts.engine_socket: /run/docker.sock is an engine's socket",
    ),
    "a folder of the host": ({"Binds": ["/etc:/data:ro"]}, "mounts.host: /data (ext4 from "),
    "a folder of the host, writable": ({"Binds": ["/srv:/srv"]}, "mounts.host: /srv ("),
    "the host's processes": ({"PidMode": "host"}, "host.namespaces: process "),
    "the host's network": ({"NetworkMode": "host"}, "interfaces: network interfaces "),
    "the host's messages": ({"IpcMode": "host"}, "host.namespaces: process "),
    "CAP_SYS_ADMIN": ({"CapDrop": [], "CapAdd": ["SYS_ADMIN"]}, "capabilities.CapBnd: "),
    "a raw device": (
        {"Devices": [{"PathOnHost": "/dev/zero", "PathInContainer": "/dev/mem", "CgroupPermissions": "r"}]},
        "devices: the device /dev/mem",
    ),
    "the engine's own filter": (
        {"SecurityOpt": ["no-new-privileges:true"]},
        "supervisor.drill: a denied call inside was not seen outside",
    ),
    "a first process of the engine's": ({"Init": True}, "host.seccomp: process "),
    "a root that can be written": ({"ReadonlyRootfs": False}, "mounts.writable: / (overlay"),
}  # fmt: skip


@pytest.mark.needs("docker")
@pytest.mark.parametrize("hole", HOLES)
async def test_a_container_with_a_hole_never_begins(hole, spec, monkeypatch):
    changes, wanted = HOLES[hole]

    class Holed(DockerBox):
        def _request(self, image):
            asked = super()._request(image)
            if "NetworkMode" in changes:
                del asked["NetworkDisabled"]
            return asked | {"HostConfig": asked["HostConfig"] | changes}

    monkeypatch.setattr(docker, "refuse", lambda *_, **__: None)
    box = Holed(spec, progress=print)
    found = await what_is_found(box)
    assert any(one.startswith(wanted) for one in found), found


@pytest.mark.needs("docker")
async def test_a_container_of_root_never_begins(spec, monkeypatch):
    class Holed(DockerBox):
        def _request(self, image):
            asked = super()._request(image)
            del asked["HostConfig"]["CapDrop"]  # or it would not even reach its socket
            return asked | {"User": "0:0"}

    monkeypatch.setattr(docker, "refuse", lambda *_, **__: None)
    found = await what_is_found(Holed(spec, progress=print))
    assert "ids: uid and gid are [0, 0, 0, 0], not 65532 and 65532" in found
    assert any(one.endswith("is root on the host") for one in found)


@pytest.mark.needs("docker")
async def test_a_container_that_is_called_gvisor_and_is_not_never_begins(spec, monkeypatch):
    class Holed(GvisorBox):
        def _request(self, image):
            asked = super()._request(image)
            return asked | {"HostConfig": asked["HostConfig"] | {"Runtime": "runc"}}

    monkeypatch.setattr(docker, "refuse", lambda *_, **__: None)
    found = await what_is_found(Holed(spec, progress=print))
    assert found == ("kernel: it is the host's own, not one of the box",)


@pytest.mark.needs("bubblewrap")
async def test_bubblewrap_of_root_never_begins(spec, monkeypatch):
    """As root it leaves the kernel's settings writable, core_pattern among them, unless they are covered."""
    plain = bubblewrap_command.options

    def uncovered(**given):
        words = plain(**given)
        at = words.index("/proc/sys") - 1
        return words[:at] + words[at + 3 :]

    monkeypatch.setattr(bubblewrap_command, "options", uncovered)
    monkeypatch.setattr(bubblewrap, "refuse", lambda *_, **__: None)
    box = BubblewrapBox(spec)
    box._uid = None
    found = await what_is_found(box)
    assert "probe.write: write /proc/sys/kernel/core_pattern: done" in found
    assert any(one.endswith("is root on the host") for one in found)


@pytest.mark.needs("bubblewrap")
@pytest.mark.parametrize(
    ("extra", "wanted"),
    [
        (["--ro-bind", "/etc", "/data"], "mounts.host: /data (ext4 from "),
        (["--bind", "/srv", "/home/agent/srv"], "mounts.host: /home/agent/srv ("),
        (["--setenv", "MISTRAL_API_KEY", "x"], "environment: a variable called MISTRAL_API_KEY"),
        (["--dev-bind", "/dev/zero", "/dev/kmsg"], "devices: the device /dev/kmsg"),
        (["--share-net"], "interfaces: network interfaces "),
    ],
)
async def test_a_command_line_with_a_hole_never_begins(extra, wanted, spec, monkeypatch):
    plain = bubblewrap_command.options

    def holed(**given):
        words = plain(**given)
        at = words.index("--remount-ro", words.index("--dev" if "--dev-bind" in extra else "/opt"))
        return words[:at] + extra + words[at:]

    monkeypatch.setattr(bubblewrap_command, "options", holed)
    monkeypatch.setattr(bubblewrap, "refuse", lambda *_, **__: None)
    found = await what_is_found(BubblewrapBox(spec))
    assert any(one.startswith(wanted) for one in found), found


@pytest.mark.needs("bubblewrap")
async def test_a_first_process_of_bwraps_never_begins(spec, monkeypatch):
    """It would be without the filter that asks, and as good as an agent's own."""
    monkeypatch.setattr(bubblewrap_command, "AS_FIRST", ())
    monkeypatch.setattr(bubblewrap, "refuse", lambda *_, **__: None)
    found = await what_is_found(BubblewrapBox(spec))
    assert [one.partition(" has ")[2] for one in found] == ["1 seccomp filters, not 2"]


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(BubblewrapBox, marks=pytest.mark.needs("bubblewrap")),
        pytest.param(
            lambda spec: DockerBox(spec, progress=print), marks=pytest.mark.needs("docker")
        ),
    ],
)
async def test_a_box_that_asks_nobody_never_begins(kind, spec, monkeypatch):
    box = kind(spec)
    monkeypatch.setattr(box._control, "take_listener", lambda: -1)
    assert await what_is_found(box) == ("supervisor.listener: its filter asks nobody",)
