"""A guest that is a process of this machine: it enters its control groups before it begins."""

import asyncio
import os
from pathlib import Path

import pytest

from sandbox.isolation.process import GuestProcess

UNIFIED = [Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")]
SECOND = next((root for root in UNIFIED if (root / "cgroup.subtree_control").is_file()), None)
"""Where version 2 of the interface is mounted."""


async def test_it_is_in_its_groups_before_it_begins(tmp_path):
    joined = [tmp_path / "memory", tmp_path / "pids"]
    process = await GuestProcess.start(
        ["/bin/sh", "-c", 'cat "$@" >&2; readlink /proc/self/fd/0 >&2', "sh", *map(str, joined)],
        env={},
        folder=tmp_path,
        join=joined,
    )
    end = await process.wait()
    await process.end()
    assert (end.code, end.tail) == (0, f"{process.pid}{process.pid}/dev/null\n")


async def test_it_does_not_begin_outside_of_them(tmp_path):
    with pytest.raises(FileNotFoundError):
        await GuestProcess.start(
            ["/bin/sh", "-c", "touch begun"],
            env={},
            folder=tmp_path,
            join=[tmp_path / "absent" / "cgroup.procs"],
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    os.geteuid() != 0 or SECOND is None,
    reason="only root makes groups for other users, by cgroups v2",
)
async def test_a_user_without_rights_over_the_groups_above_is_in_its_group(tmp_path):
    """The kernel asks whoever moves a process for rights over the group that both groups are in."""
    assert SECOND is not None
    group = SECOND / f"backrooms-test-{os.getpid()}"
    group.mkdir()
    try:
        process = await GuestProcess.start(
            ["/bin/sh", "-c", "cat /proc/self/cgroup >&2"],
            env={},
            folder=Path("/"),
            user=65_532,
            join=[group / "cgroup.procs"],
        )
        end = await process.wait()
        await process.end()
    finally:
        async with asyncio.timeout(5):
            while group.is_dir():
                try:
                    group.rmdir()
                except OSError:  # the process has ended, and is not yet out of it
                    await asyncio.sleep(0.01)
    assert (end.code, end.tail.splitlines()[-1]) == (0, f"0::/{group.name}")
