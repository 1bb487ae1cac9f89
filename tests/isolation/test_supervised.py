"""Real boxes whose kernel asks the house: what an agent's programs are denied, and what is told of it outside."""

import asyncio
import hashlib
import json
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.errors import ShimError
from sandbox.isolation import witness
from sandbox.isolation.box import Box, BoxFacts
from sandbox.isolation.supervisor.started import OF_ONE
from sandbox.isolation.witnesses.calls import Calls

KINDS = [pytest.param(t, marks=pytest.mark.needs(t)) for t in ("bubblewrap", "docker", "podman")]
FLOOD = 100_000

CALLS = """
import ctypes, errno, json
libc = ctypes.CDLL(None, use_errno=True)
made = {
    "unshare": libc.unshare(0x10000000),
    "mount": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "chroot": libc.chroot(b"/tmp"),
    "setns": libc.setns(0, 0),
    "ptrace": libc.ptrace(16, 1, 0, 0),
    "bpf": libc.syscall(321, 5, 0, 0),
    "open_by_handle_at": libc.syscall(304, 0, 0, 0),
    "io_uring_setup": libc.syscall(425, 1, 0),
    "finit_module": libc.syscall(313, 0, b"x=1", 0),
    "mknodat": libc.syscall(259, -100, b"/tmp/sda", 0o060600, 0x800),
    "null": libc.syscall(259, -100, b"/tmp/null", 0o020666, 0x103),
    "clone": libc.syscall(56, 0x10000011, 0, 0, 0, 0),
    "traceme": libc.ptrace(0, 0, 0, 0),
}
print(json.dumps({name: [value, errno.errorcode[ctypes.get_errno()]] for name, value in made.items()}))
"""
TOLD = {
    "unshare": ("userns-abuse", ["0x10000000"]),
    "mount": ("host-mount", ["none", "/tmp", "tmpfs", "0x0", "0x0"]),
    "chroot": ("host-mount", ["/tmp"]),
    "setns": ("nsenter-host", ["0x0", "0x0"]),
    "ptrace": ("cap-abuse", ["0x10", "0x1", "0x0", "0x0"]),
    "bpf": ("ebpf", ["0x5", "0x0", "0x0"]),
    "open_by_handle_at": ("cap-abuse", ["0x0", "0x0", "0x0"]),
    "io_uring_setup": ("io-uring", ["0x1", "0x0"]),
    "finit_module": ("kernel-module", ["0x0", "x=1", "0x0"]),
    "mknodat": ("device-mount", ["0xffffffffffffff9c", "/tmp/sda", "0x6180", "0x800"]),
    "clone": ("userns-abuse", ["0x10000011"]),
}
FOREIGN = """
import ctypes, errno, mmap, os, signal
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(0x40000000 | 272, 0x10000000) == -1
print(errno.errorcode[ctypes.get_errno()])
child = os.fork()
if child == 0:
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(bytes.fromhex("b836010000bb00000010cd80c3"))  # eax = 310, unshare; ebx = CLONE_NEWUSER; int 0x80
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    os._exit(0)
print(signal.Signals(os.WTERMSIG(os.waitpid(child, 0)[1])).name)
"""
SCRIPT = "cp /bin/echo ./mine; ./mine one; ./mine one; cd /tmp; no-such-program; cat /dev/null"


class Written:
    """A record by hand."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict]] = []
        self.more = asyncio.Event()

    def soon(self, kind, agent, data) -> None:
        self.events.append((kind, agent, json.loads(json.dumps(data))))
        self.more.set()

    async def durable(self, kind, agent, data, parent) -> int:
        self.soon(kind, agent, data)
        return len(self.events)

    def of(self, kind) -> list[dict]:
        return [data for one, agent, data in self.events if (one, agent) == (kind, "ada")]

    async def counted(self, count: int) -> list[dict]:
        """The denied calls, once there were so many."""
        async with asyncio.timeout(60):
            while sum(one["count"] for one in self.of("host.call")) < count:
                self.more.clear()
                await self.more.wait()
        return self.of("host.call")


@asynccontextmanager
async def watched(box: Box) -> AsyncIterator[tuple[BoxFacts, Calls, Written]]:
    written = Written()
    calls = Calls(box.tier, written)
    watching = asyncio.create_task(calls.watch())
    try:
        facts = await box.start()
        calls.inhabit("ada", facts)
        yield facts, calls, written
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        await box.stop()


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def inode(path: str) -> int:
    return Path(path).stat().st_ino


def python(code: str) -> list[str]:
    return ["python3", "-I", "-S", "-c", code]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_a_way_out_is_denied_and_told_once(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (facts, calls, written):
        assert (calls.told()["supervised"], facts.facts["calls"]["supervised"]) == (True, True)
        assert {"mount", "unshare"} <= set(facts.facts["calls"]["drill"])
        made = json.loads((await box.exec(python(CALLS))).stdout)
        assert {tuple(outcome) for outcome in made.values()} == {(-1, "EPERM")}
        found = await written.counted(len(TOLD))
    assert {one["call"]: (one["technique"], one["args"]) for one in found} == TOLD
    assert {one["count"] for one in found} == {1}
    assert {one["call"] for one in found if one["level"] != "denied"} == {"io_uring_setup"}
    for one in found:
        name = Path(one["program"]).name
        assert one["what"] == f"{name} called {one['call']}, and the kernel denied it"
        assert one["command"].startswith("python3 -I -S -c \nimport ctypes")
        assert one["pid"] > 0


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_programs_that_try(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (_, _, written):
        assert (await box.exec(["unshare", "-U", "true"])).code == 1
        assert (await box.exec(["/usr/sbin/chroot", "/", "true"])).code == 125
        found = await written.counted(2)
    assert [(one["technique"], one["command"], one["count"]) for one in found] == [
        ("userns-abuse", "unshare -U true", 1),
        ("host-mount", "/usr/sbin/chroot / true", 1),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_process_of_a_box_has_the_filter_that_asks(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (facts, _, _):
        running = asyncio.create_task(box.exec(["sh", "-c", "sleep 30 & sleep 30"], seconds=5))
        while len(seen := await asyncio.to_thread(witness.look, facts.pid)) < 5:
            await box.stats()
        assert {one.filters for one in seen} == {2}
        running.cancel()


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_without_its_supervisor_a_box_has_no_such_calls(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (facts, _, written):
        await facts.sight.supervisor.stop()
        report = (await box._control.ask("check", nonce="ab", noexec=False)).fields["report"]
        assert set(report["calls"].values()) == {"ENOSYS"}
        with pytest.raises(ShimError, match=r"^exec: OSError: \[Errno 38\]"):
            await box.exec(["true"])
        assert await box.stats() is not None
    assert written.events == []


@pytest.mark.needs("bubblewrap")
async def test_a_flood_is_counted_and_holds_nobody_up(box_of):
    box = box_of("bubblewrap")
    flood = (
        f"import os, ctypes\nc = ctypes.CDLL(None)\nfor _ in range({FLOOD}): c.unshare(0x10000000)"
    )
    async with watched(box) as (_, calls, written):
        flooding = asyncio.create_task(box.exec(python(flood), seconds=100))
        answered = 0
        while not flooding.done():
            await box.stats()
            answered += 1
        assert (await flooding).code == 0
        await calls.settle("ada")
        found = await written.counted(FLOOD)
        took = (await flooding).seconds
    assert sum(one["count"] for one in found) == FLOOD
    assert {(one["call"], one["command"] is None) for one in found} == {("unshare", False)}
    assert len(found) <= math.log2(took + 1) + 3
    assert answered > 100


@pytest.mark.parametrize("kind", KINDS)
async def test_what_ran_in_a_box(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (_, calls, written):
        await box.exec(["sh", "-c", SCRIPT])
        await calls.settle("ada")
        found = written.of("box.exec")
        await calls.settle("ada")
        assert written.of("box.exec") == found
    *seen, said = found
    paths = ["/usr/bin/dash", "/usr/bin/cp", "/home/agent/mine", "/usr/bin/cat"]
    assert [one["program"] for one in seen] == paths
    shell, copy, mine, cat = seen
    assert (shell["argv"], shell["cwd"], shell["source"]) == (
        *(["sh", "-c", SCRIPT], "/home/agent", "kernel"),
    )
    assert (mine["argv"], mine["count"]) == (["./mine", "one"], 2)
    assert (cat["cwd"], "count" in cat) == ("/tmp", False)
    if kind == "bubblewrap":  # it shows the host's own
        assert (copy["sha256"], copy["inode"]) == (digest("/bin/cp"), inode("/bin/cp"))
    assert len(mine["sha256"]) == 64
    assert (said["argv"], said["source"], said["exit"]) == (["sh", "-c", SCRIPT], "box", 0)


@pytest.mark.needs("bubblewrap")
async def test_a_program_without_a_name_is_known_too(box_of):
    code = """
import os
with open("/bin/echo", "rb") as file:
    data = file.read()
memory = os.memfd_create("hidden")
os.write(memory, data)
os.execve(memory, ["echo", "x"], {})
"""
    box = box_of("bubblewrap")
    async with watched(box) as (_, calls, written):
        assert (await box.exec(python(code))).stdout == b"x\n"
        await calls.settle("ada")
        one = next(one for one in written.of("box.exec") if one["argv"] == ["echo", "x"])
    assert one["program"] == "/memfd:hidden (deleted)"
    assert one["sha256"] == digest("/bin/echo")


HIDDEN = """
import os
def run(path, *argv, folder=None):
    if os.fork() == 0:
        if folder:
            os.mkdir(folder)
            os.chdir(folder)
            os.rmdir(folder)
        os.execv(path, argv)
    assert os.wait()[1] == 0
os.symlink("/proc/self/root/bin/true", "/home/agent/link")
run("/proc/self/exe", "python3", "-c", "")
run("/home/agent/link", "true")
os.rename("/home/agent/link", "/home/agent/other")
run("../other", "true", folder="/home/agent/none")
try:
    os.execv("/home/agent/nowhere/true", ["true"])
except FileNotFoundError:
    print("done")
"""


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_a_program_by_a_path_that_only_its_process_can_follow(kind, box_of):
    box = box_of(kind)
    async with watched(box) as (_, calls, written):
        assert (await box.exec(python(HIDDEN))).stdout == b"done\n"
        await calls.settle("ada")
        found = [one for one in written.of("box.exec") if one["source"] == "kernel"]
    assert [one["program"] for one in found[1:]] == [
        "/proc/self/exe",
        "/home/agent/link",
        "/home/agent/none (deleted)/../other",
    ]
    assert all("sha256" not in one for one in found[1:])


LEASED = """
import fcntl, os, signal, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
with open("mine", "wb") as file:
    file.write(b"#!/bin/true")
os.chmod("mine", 0o755)
held = os.open("mine", os.O_RDONLY)
fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
if os.fork() == 0:
    os.execv("./mine", ["mine"])
time.sleep(30)
"""


@pytest.mark.needs("bubblewrap")
async def test_a_file_that_its_owner_holds_keeps_nobody_waiting(box_of):
    box = box_of("bubblewrap")
    async with watched(box) as (_, calls, written):
        running = asyncio.create_task(box.exec(python(LEASED), seconds=5))
        async with asyncio.timeout(4):
            while not any(one["argv"] == ["mine"] for one in written.of("box.exec")):
                await calls.settle("ada")
        assert not running.done()
        (mine,) = (one for one in written.of("box.exec") if one["argv"] == ["mine"])
        assert "sha256" not in mine
        running.cancel()


@pytest.mark.needs("bubblewrap")
async def test_a_turn_has_so_many_rows_and_then_a_count(box_of):
    box = box_of("bubblewrap")
    script = "for i in $(seq 300); do /bin/true $i; /bin/true; done"
    async with watched(box) as (_, calls, written):
        await box.exec(["sh", "-c", script])
        await calls.settle("ada")
        found = written.of("box.exec")
    *rows, last = found
    assert len(rows) == OF_ONE + 3
    assert last["source"] == "kernel"
    # The shell, seq, 600 times true, and what the box says of the shell.
    assert sum(row.get("count", 1) for row in rows) + last["left_out"] == 603


@pytest.mark.needs("bubblewrap")
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="it is about x86-64's other tables")
async def test_other_tables_of_calls_are_as_shut_as_ever(box_of):
    box = box_of("bubblewrap")
    async with watched(box) as (_, _, written):
        done = await box.exec(python(FOREIGN))
    assert (done.stdout, done.stderr) == (b"ENOSYS\nSIGSYS\n", b"")
    assert written.of("host.call") == []


@pytest.mark.needs("gvisor")
async def test_where_the_kernel_asks_nobody_the_box_says_what_it_ran(box_of):
    box = box_of("gvisor")
    async with watched(box) as (facts, calls, written):
        why = "a box has a kernel of its own, gVisor's, which asks nobody outside"
        assert calls.told() == {"supervised": False, "why": why, "programs": "box"}
        assert facts.facts["calls"] == {"supervised": False, "why": why}
        await box.exec(["sh", "-c", "exit 3"])
        await calls.settle("ada")
        (found,) = written.of("box.exec")
    assert (found["argv"], found["exit"], found["source"]) == (["sh", "-c", "exit 3"], 3, "box")
