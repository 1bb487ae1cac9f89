"""A hole that is there on purpose: exactly that one is let through, and only where it was asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.isolation import bubblewrap_rules, container_rules
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.bubblewrap_command import HostTree, options
from sandbox.isolation.container_payload import payload
from sandbox.isolation.guest import Guest
from sandbox.isolation.hole import Hole, excuses
from sandbox.scenario import loads

SPEC = BoxSpec("20261121-113908-x-abcd", "ada", Path("/run/br/ada"))
FOLDER = Path("/run/br/_outside/ada.hole")
HOLED = replace(SPEC, hole=Hole("canary_folder", FOLDER))
IMAGE = "sha256:" + "0" * 64
MOUNT = {"Type": "bind", "Source": str(FOLDER), "Target": "/mnt/host", "ReadOnly": False}


def container(asked, spec):
    return [*container_rules.refusals(asked, spec)]


def bubblewrap(words, spec):
    return [*bubblewrap_rules.refusals(words, spec, Path("/cache/guest"), as_root=False)]


def words(spec):
    return options(
        guest=Guest(Path("/cache/guest"), "/usr/bin/python3"),
        folder=spec.folder,
        limits=BoxLimits(),
        host=HostTree(),
        filter_fd=3,
        status_fd=4,
        hole=spec.hole,
    )


def test_a_container_has_exactly_this_hole():
    asked = payload(HOLED, IMAGE)
    assert asked["HostConfig"]["Mounts"][1:] == [MOUNT]
    assert container(asked, HOLED) == []
    assert container(asked, SPEC) == [
        f"HostConfig.Mounts: {str(MOUNT)[:160]} is not the folder with the agent's sockets, read-only"
    ]
    assert container(payload(SPEC, IMAGE), HOLED) != []


@pytest.mark.parametrize(
    "change",
    [{"Source": "/"}, {"Source": "/run/br"}, {"Target": "/"}, {"Type": "volume"}],
)
def test_a_container_has_no_other_one(change):
    asked = payload(HOLED, IMAGE)
    asked["HostConfig"]["Mounts"][1] |= change
    assert len(container(asked, HOLED)) == 1
    asked["HostConfig"]["Mounts"] = [*payload(HOLED, IMAGE)["HostConfig"]["Mounts"], MOUNT]
    assert len(container(asked, HOLED)) == 1


def test_bubblewrap_has_exactly_this_hole():
    assert bubblewrap(words(HOLED), HOLED) == []
    assert words(SPEC) == [w for w in words(HOLED) if w not in {"--bind", str(FOLDER), "/mnt/host"}]
    assert bubblewrap(words(HOLED), SPEC)[0] == "'--bind' is not foreseen"


@pytest.mark.parametrize(
    "other", [("/", "/mnt/host"), (str(FOLDER), "/usr"), (str(FOLDER.parent), "/mnt/host")]
)
def test_bubblewrap_has_no_other_one(other):
    assert bubblewrap([*words(HOLED), "--bind", *other], HOLED)[0] == (
        f"--bind {' '.join(other)!r} is not foreseen"
    )


def test_the_holes_of_tests_are_refused_elsewhere(tmp_path):
    socket = tmp_path / "docker.sock"
    socket.touch()
    for hole, member in (
        (Hole("host_processes"), "PidMode"),
        (Hole("engine_socket", socket), "GroupAdd"),
    ):
        spec = replace(SPEC, hole=hole)
        asked = payload(spec, IMAGE)
        assert container(asked, spec) == []
        assert any(
            one.startswith(f"HostConfig.{member} is not foreseen") for one in container(asked, SPEC)
        )


def test_the_check_of_a_box_forgives_its_own_hole_alone():
    hole = HOLED.hole
    assert excuses(hole, "mounts.host", "/mnt/host (tmpfs from tmpfs/br/_outside/ada.hole)")
    assert not excuses(hole, "mounts.host", "/mnt/hosts (tmpfs from tmpfs)")
    assert not excuses(hole, "mounts.writable", "/mnt/host (tmpfs from tmpfs) can be written")
    assert not excuses(None, "mounts.host", "/mnt/host (tmpfs from tmpfs)")
    assert not excuses(hole, "host.namespaces", "process 1 shares the host's pid namespace")
    assert excuses(
        Hole("host_processes"), "host.namespaces", "process 1 shares the host's pid namespace"
    )
    assert not excuses(
        Hole("host_processes"), "host.namespaces", "process 1 shares the host's mnt namespace"
    )


def test_no_yaml_leads_to_any_but_the_folder():
    text = "title: T\nagents: {ada: {script: [Hi.]}}\nisolation: {planted_hole_for_demonstration: %s}\n"
    assert loads(text % "canary_folder").least_tier == "bubblewrap"
    for word in ("engine_socket", "host_processes", "true"):
        with pytest.raises(Exception, match="planted_hole_for_demonstration"):
            loads(text % word)
