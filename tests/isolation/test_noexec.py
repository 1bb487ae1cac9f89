"""`isolation.noexec`: what an agent writes cannot be started as a program. It tightens; nothing loosens."""

import os
from pathlib import Path

import pytest

from sandbox.errors import BoxUnsound, ScenarioError
from sandbox.isolation import bubblewrap, container_rules
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.bubblewrap import BubblewrapBox
from sandbox.isolation.container_payload import payload
from sandbox.scenario import load

CLOSED = BoxLimits(noexec=True)
SEALED = [
    pytest.param(tier, marks=pytest.mark.needs(tier))
    for tier in ("bubblewrap", "docker", "podman", "gvisor")
]
TRY = """
import os, subprocess, sys
for folder in ("/home/agent", "/tmp", "/dev/shm"):
    for name, body in (("program", open("/usr/bin/env", "rb").read()), ("script", b"#!/bin/sh\\n")):
        path = f"{folder}/{name}"
        with open(path, "wb") as file:
            file.write(body)
        os.chmod(path, 0o755)
        try:
            subprocess.run([path], stdout=subprocess.DEVNULL)
            print(folder, name, "ran")
        except PermissionError:
            print(folder, name, "refused")
print("by interpreter", subprocess.run(["sh", "/tmp/script"]).returncode)
loader = next(path for path in os.scandir("/lib64") if path.name.startswith("ld-linux")).path
done = subprocess.run([loader, "/tmp/program"], capture_output=True)
print("by loader", "ran" if done.returncode == 0 else "refused")
"""
REFUSED = [
    *(f"{place} {what} refused" for place in ("/home/agent", "/tmp", "/dev/shm") for what in ("program", "script")),
    "by interpreter 0",
]  # fmt: skip


async def tried(box) -> list[str]:
    await box.start()
    try:
        done = await box.exec(["python3", "-I", "-S", "-c", TRY])
    finally:
        await box.stop()
    assert done.code == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("tier", SEALED)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the loader's place is that machine's")
async def test_what_an_agent_writes_does_not_start(tier, box_of):
    found = await tried(box_of(tier, limits=CLOSED))
    # A mount that is noexec also stops the loader; Landlock, and gVisor of 2022, do not.
    by_loader = found.pop()
    assert found == REFUSED
    if tier in {"docker", "podman"}:
        assert by_loader == "by loader refused"
    if tier == "bubblewrap":
        assert by_loader == "by loader ran"


@pytest.mark.needs("bubblewrap")
async def test_without_the_key_it_starts(box_of):
    assert (await tried(box_of("bubblewrap")))[0] == "/home/agent program ran"


@pytest.mark.needs("bubblewrap")
async def test_a_box_that_only_claims_to_be_closed_never_begins(spec, monkeypatch):
    monkeypatch.setattr(bubblewrap, "PROGRAMS", ())
    box = BubblewrapBox(BoxSpec(spec.run, spec.agent, spec.folder, CLOSED))
    with pytest.raises(BoxUnsound) as caught:
        await box.start()
    await box.stop()
    assert caught.value.found == tuple(
        f"probe.start: start {place}: ENOEXEC" for place in ("/dev/shm", "/home/agent", "/tmp")
    )


def test_a_container_s_request_says_so_and_must():
    spec = BoxSpec("20261121-113908-x-abcd", "ada", Path("/run/br/ada"), CLOSED)
    asked = payload(spec, "sha256:" + "0" * 64)
    assert [*container_rules.refusals(asked, spec)] == []
    assert asked["HostConfig"]["Tmpfs"] == {
        "/tmp": "rw,noexec,nosuid,nodev,uid=65532,gid=65532,size=67108864,mode=1777",
        "/home/agent": "rw,noexec,nosuid,nodev,uid=65532,gid=65532,size=67108864,mode=0700",
    }
    asked["HostConfig"]["Tmpfs"]["/tmp"] = "rw,exec,nosuid,nodev,size=67108864"
    assert [*container_rules.refusals(asked, spec)] == ["HostConfig.Tmpfs: /tmp without noexec"]


def test_a_scenario_may_ask_for_it_and_for_no_loosening(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("title: X\nagents: {ada: {script: [Hi]}}\nisolation: {noexec: true}\n")
    assert load(path).isolation.noexec
    for key in ("privileged", "network", "capabilities", "seccomp", "mounts", "devices", "user"):
        path.write_text(f"title: X\nagents: {{ada: {{script: [Hi]}}}}\nisolation: {{{key}: x}}\n")
        with pytest.raises(ScenarioError, match=f"unknown key '{key}' in 'isolation'"):
            load(path)
