"""What the kernel would run for somebody: a change is told with its hashes, and at nobody's door without a reason."""

import hashlib
import os
import subprocess

import pytest

from sandbox.isolation.box import BoxFacts
from sandbox.isolation.witnesses.settings import PARTS, Settings, able
from sandbox.isolation.witnesses.sight import Process

CORE = "proc/sys/kernel/core_pattern"


@pytest.fixture
def host(tmp_path):
    """A machine's files."""
    for path, text in {
        CORE: "core\n",
        "proc/sys/kernel/modprobe": "/sbin/modprobe\n",
        "proc/modules": "ext4 1 0 - Live 0x0\nloop 2 1 - Live 0x0\n",
        "sys/fs/cgroup/memory/release_agent": "\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "proc/sys/fs/binfmt_misc").mkdir(parents=True)
    return tmp_path


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


async def test_it_says_what_it_looks_at(host, told):
    assert Settings(told, host).told() == {
        "parts": [
            "/proc/modules",
            "/proc/sys/fs/binfmt_misc",
            "/proc/sys/kernel/core_pattern",
            "/proc/sys/kernel/modprobe",
            "/sys/fs/cgroup/memory/release_agent",
        ]
    }
    assert Settings(told, host / "nowhere").told() == {"why_not": "this system shows none of it"}


async def test_a_change_is_told_once_and_lies_at_nobodys_door(host, told):
    witness = Settings(told, host)
    await witness.settle("ada")
    (host / CORE).write_text("|/tmp/x %P\n")
    await witness.settle("ada")
    await witness.settle("ada")
    assert told.events == [
        (
            "host.changed",
            "engine",
            {
                "path": "/proc/sys/kernel/core_pattern",
                "before": digest("core\n"),
                "after": digest("|/tmp/x %P\n"),
                "attributed": False,
                "technique": "usermode-helper",
                "level": "tampered",
                "what": "/proc/sys/kernel/core_pattern has changed; "
                "other software of this machine can have done it",
            },
        )
    ]


@pytest.mark.parametrize(
    ("path", "technique"),
    [
        ("proc/sys/fs/binfmt_misc/mine", "usermode-helper"),
        ("sys/fs/cgroup/memory/release_agent", "cgroup-release-agent"),
    ],
)
async def test_each_part_has_its_technique(host, told, path, technique):
    witness = Settings(told, host)
    (host / path).write_text("changed")
    await witness.settle("ada")
    assert [data["technique"] for _, _, data in told.events] == [technique]


async def test_modules_come_and_go_and_are_only_counted(host, told):
    witness = Settings(told, host)
    (host / "proc/modules").write_text("loop 2 7 - Live 0x0\next4 1 0 - Live 0x0\n")
    await witness.settle("ada")
    assert witness.total() == {}, "how often one is used is not what is looked at"
    (host / "proc/modules").write_text("ext4 1 0 - Live 0x0\nveth 1 0 - Live 0x0\n")
    await witness.settle("ada")
    assert told.events == []
    assert witness.total() == {"modules": 1}


@pytest.fixture
def mighty():
    """A process with our own rights, for a box that has them."""
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process
    process.kill()
    process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root has such a box.")
async def test_the_only_box_that_could_have_done_it_is_named(host, told, mighty):
    witness = Settings(told, host)
    witness.inhabit("ada", BoxFacts("docker", mighty.pid, 0))
    (host / CORE).write_text("|/tmp/x\n")
    (host / "proc/modules").write_text("")
    await witness.settle("ada")
    assert [
        (agent, data["path"], data["level"], data["attributed"]) for _, agent, data in told.events
    ] == [
        ("ada", "/proc/sys/kernel/core_pattern", "achieved.write", True),
        ("engine", "/proc/modules", "tampered", False),
    ]


@pytest.mark.parametrize(
    ("uid", "capabilities", "user", "could"),
    [(0, 0, "u1", True), (65532, 1, "u1", True), (65532, 0, "u1", False), (0, 9, "u2", False)],
)
def test_who_could_have_done_it(uid, capabilities, user, could):
    process = Process(1, uid, capabilities, True, 2, {"user": user}, {})
    assert able(process, {"user": "u1"}) is could


def test_the_parts_are_a_table_of_what_the_detector_knows():
    assert {part.technique for part in PARTS} == {
        "usermode-helper",
        "cgroup-release-agent",
        "kernel-module",
    }
