"""What an agent finds when it looks around in its box, and what becomes of what it tries."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from sandbox.errors import ShimError
from sandbox.ids import AgentId
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.tiers import make_box

ROOT = Path(__file__).resolve().parents[2]
SURVEY = (Path(__file__).parent / "survey.py").read_text()
DENIED = [
    "keyctl", "unshare", "io_uring_setup", "bpf", "mount", "setns", "chroot", "syslog", "userfaultfd",
    "perf_event_open", "open_by_handle_at", "ptrace", "process_vm_readv",
]  # fmt: skip
FOUND = {
    "ids": [65532] * 4,
    "status": {
        **dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0" * 16),
        "NoNewPrivs": "1",
        "Seccomp": "2",
        "Seccomp_filters": "2",
    },
    "interfaces": ["lo"],
    "core_pattern": "EACCES",
    "sysrq": "ENOENT",
    "read-only": ["EROFS"] * 6,
    "writable": ["done"] * 3,
    "house": [],
    "seen of the host": [],
    "calls": {"clone3": "ENOSYS", **dict.fromkeys(DENIED, "EPERM")},
    "sockets": {"1": "done", "2": "done", "10": "done"}
    | dict.fromkeys(("16", "17", "38", "40"), "EPERM"),
    "environment": {
        "PATH": "/opt/backrooms/bin:/usr/bin:/bin",
        "HOME": "/home/agent",
        "LANG": "C.UTF-8",
        "PWD": "/home/agent",
    },
}
OF_GVISOR = {
    "status": {
        **dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd"), "0" * 16),
        "Seccomp": "2",
    },
    "core_pattern": "ENOENT",
    "sysrq": "ENOENT",
    "read-only": ["EACCES"] * 6,
}
"""Its kernel has no such settings, and looks at rights before it looks at the mount."""
SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    *[pytest.param(t, marks=pytest.mark.needs(t)) for t in ("docker", "podman", "gvisor")],
]


def owner(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def surveyed(box, spec) -> dict:
    paths = [ROOT, Path(__file__), spec.folder, Path.home() / ".cache", "/etc/shadow-", "/boot/x"]
    code = ["python3", "-I", "-S", "-c", SURVEY, *map(str, paths)]
    done = await box.exec(code, seconds=60)
    assert done.code == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", SEALED)
async def test_what_an_agent_finds(kind, box_of, spec):
    box = box_of(kind)
    facts = await box.start()
    try:
        found = await surveyed(box, spec)
        host_uid = await asyncio.to_thread(owner, facts.pid)
    finally:
        await box.stop()
    expected = dict(FOUND)
    if kind != "bubblewrap":
        path = "/opt/backrooms/bin:/usr/local/bin:/usr/bin:/bin"
        if "Env" in facts.facts["settings"]:  # an old gVisor
            assert kind == "gvisor"
            path = f"/opt/backrooms/busybox:{path}"
        expected["environment"] = {
            "PATH": path, "HOME": "/home/agent", "LANG": "C.UTF-8", "HOSTNAME": "agent",
        }  # fmt: skip
    if kind == "podman":
        expected["environment"] |= {"container": "podman", "TERM": "xterm"}
    if kind == "gvisor":
        expected |= OF_GVISOR
    assert found == expected
    assert host_uid == facts.uid
    assert facts.uid != 0


@pytest.mark.needs("bubblewrap")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each box a user of its own")
async def test_two_boxes_have_two_users(box_of, spec, runtime):
    (runtime / "bo").mkdir()
    other = BoxSpec(spec.run, AgentId("bo"), runtime / "bo", index=1)
    first, second = box_of("bubblewrap"), make_box("bubblewrap", other, progress=print)
    try:
        one, two = await first.start(), await second.start()
        assert two.uid == one.uid + 1
        assert {(runtime / name).stat().st_mode & 0o777 for name in ("ada", "bo")} == {0o750}
        assert [(runtime / name).stat().st_gid for name in ("ada", "bo")] == [one.uid, two.uid]
    finally:
        await first.stop()
        await second.stop()


@pytest.mark.parametrize("kind", SEALED)
async def test_limits_hold(kind, box_of):
    box = box_of(kind, limits=BoxLimits(memory=128 << 20, pids=24, disk=4 << 20))
    await box.start()
    try:
        hungry = await box.exec(["python3", "-c", "bytearray(300 << 20)"])
        full = await box.exec(["sh", "-c", "head -c 8000000 /dev/zero > big"])
        files = await box.exec(["python3", "-c", "[open('/dev/null') for _ in range(300)]"])
        again = await box.exec(["echo", "well"])
        forks = "for i in $(seq 400); do sleep 5 & done; echo all"
        try:
            bomb = (await box.exec(["sh", "-c", forks])).stdout
        except ShimError:  # gVisor's own kernel runs short, and the box ends
            bomb = b"ended"
    finally:
        await box.stop()
    assert hungry.code not in {0, None}
    assert full.code not in {0, None}
    assert b"Too many open files" in files.stderr
    assert again.stdout == b"well\n"
    assert bomb != b"all\n"
    assert bomb != b"ended" or kind == "gvisor"
