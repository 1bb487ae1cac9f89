"""Two boxes of one run, side by side: what passes between them beside the bus, and what does not.

The threat model and `backrooms doctor` say what is found here, also where it is nothing to be proud of.
"""

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.ids import AgentId
from sandbox.isolation import cgroup
from sandbox.isolation.box import BoxLimits
from sandbox.isolation.tiers import make_box

SEALED = [
    pytest.param(tier, marks=pytest.mark.needs(tier))
    for tier in ("bubblewrap", "docker", "podman", "gvisor")
]
HOLD = """
import fcntl, os, socket, time
kept = []
def hold(what, take):
    try:
        kept.append(take())
    except OSError as error:
        print(what, error)
def lock():
    file = open('/usr/bin/env')
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file
def listen(family, address):
    link = socket.socket(family)
    link.bind(address)
    link.listen()
    return link
hold('lock', lock)
hold('abstract', lambda: listen(socket.AF_UNIX, '\\0backrooms-test'))
hold('port', lambda: listen(socket.AF_INET, ('127.0.0.1', 4777)))
hold('file', lambda: open('/tmp/left', 'w').write('x'))
hold('shared', lambda: open('/dev/shm/left', 'w').write('x'))
print('held', flush=True)
time.sleep(30)
"""
LOOK = """
import ctypes, fcntl, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return 'done'
def connect(family, address):
    with socket.socket(family) as link:
        link.connect(address)
def watch():
    if libc.inotify_init1(0) < 0:
        raise PermissionError
pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
words = [open(f'/proc/{pid}/cmdline').read() for pid in pids]
print(json.dumps({
    'lock on a file of /usr': outcome(lambda: fcntl.flock(open('/usr/bin/env'), fcntl.LOCK_EX | fcntl.LOCK_NB)),
    'abstract socket': outcome(lambda: connect(socket.AF_UNIX, '\\0backrooms-test')),
    'port of loopback': outcome(lambda: connect(socket.AF_INET, ('127.0.0.1', 4777))),
    'files in /tmp and /dev/shm': [os.path.exists(f'/{at}/left') for at in ('tmp', 'dev/shm')],
    'message queues': libc.msgget(0x6272, 0) >= 0,
    'processes of the other': any('--agent\\0ada' in line for line in words),
    'watch who opens files, inotify': outcome(watch),
    'watch who opens files, F_NOTIFY': outcome(lambda: fcntl.fcntl(os.open('/usr/bin', 0), 1026, 1)),
    'sockets of the other': sorted(os.listdir('/run/backrooms')),
}))
"""
APART = {
    "lock on a file of /usr": "done",
    "abstract socket": "ConnectionRefusedError",
    "port of loopback": "ConnectionRefusedError",
    "files in /tmp and /dev/shm": [False, False],
    "message queues": False,
    "processes of the other": False,
    "watch who opens files, inotify": "PermissionError",
    "watch who opens files, F_NOTIFY": "PermissionError",
    "sockets of the other": [],
}
BOOT_ID = Path("/proc/sys/kernel/random/boot_id").read_bytes()
KERNEL_TELLS = "print(open('/proc/sys/kernel/random/boot_id').read(), end='')"


def python(code: str) -> list[str]:
    return ["python3", "-I", "-S", "-c", code]


@pytest.mark.parametrize("tier", SEALED)
async def test_two_boxes(tier, spec, runtime):
    (runtime / "bo").mkdir()
    other = replace(spec, agent=AgentId("bo"), folder=runtime / "bo", index=1)
    ada, bo = (make_box(tier, one, progress=print) for one in (spec, other))
    try:
        await ada.start()
        await bo.start()
        holding = asyncio.create_task(ada.exec(python(HOLD)))
        while b"left" not in (await ada.exec(["ls", "/dev/shm"])).stdout:
            assert not holding.done(), holding.result()
        done = await bo.exec(python(LOOK))
        found = json.loads(done.stdout)
        holding.cancel()
    finally:
        await ada.stop()
        await bo.stop()
    # All bubblewrap boxes show the host's own /usr; an engine's layers are of one container each.
    shared = {"lock on a file of /usr": "BlockingIOError"} if tier == "bubblewrap" else {}
    assert found == APART | shared


@pytest.mark.parametrize("tier", SEALED)
async def test_the_kernel_tells_every_box_where_it_is_unless_it_has_its_own(tier, box_of):
    box = box_of(tier)
    await box.start()
    try:
        told = await box.exec(python(KERNEL_TELLS))
    finally:
        await box.stop()
    if tier == "gvisor":
        assert b"FileNotFoundError" in told.stderr
    else:
        assert told.stdout == BOOT_ID


@pytest.mark.parametrize("tier", SEALED)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root is sure to get a control group")
async def test_the_host_limits_a_box_as_a_whole(tier, box_of):
    limits = BoxLimits(memory=256 << 20, cpu=0.5, pids=40)
    box = box_of(tier, limits=limits)
    facts = await box.start()
    try:
        group = cgroup.of_process(facts.pid)
        if group.version == 2:
            read = {"memory": "memory.max", "pids": "pids.max", "cpu": "cpu.max"}
        else:
            read = {
                "memory": "memory.limit_in_bytes",
                "pids": "pids.max",
                "cpu": "cpu.cfs_quota_us",
            }
        found = {
            name: int((group.folders[name] / file).read_text().split()[0])
            for name, file in read.items()
        }
    finally:
        await box.stop()
    pids = 256 + 3 * limits.pids if tier == "gvisor" else limits.pids
    assert found == {"memory": limits.memory, "pids": pids, "cpu": 50_000}
