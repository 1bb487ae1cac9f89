"""The processes of real boxes, and the host's own: who is out is named, and who is in is left in peace."""

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxFacts, BoxSpec
from sandbox.isolation.witnesses.mark import VARIABLE, Mark
from sandbox.isolation.witnesses.processes import Processes
from sandbox.transcript.event import Event

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="Only root may enter the host's namespaces.")


MIGHTY = (
    *("--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--cap-add=SYS_CHROOT"),
    *("--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"),
)
PYTHON = str(Path(sys.executable).resolve())
GONE_OVER = """
import ctypes, time
libc = ctypes.CDLL(None)
for name in ("ipc", "net", "uts", "mnt"):
    with open(f"/proc/HOST/ns/{name}") as place:
        assert libc.setns(place.fileno(), 0) == 0
time.sleep(50)
"""


@pytest.fixture
def mark():
    return Mark(["ada", "bo"])


@pytest.fixture
def outsider():
    """Starts a process beside the boxes that waits."""
    started = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()"],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        process.stdout.readline()
        started.append(process)
        return process.pid

    yield start
    for process in started:
        process.communicate()


async def test_a_process_beside_the_boxes_that_carries_a_mark(told, mark, outsider):
    witness = Processes("docker", mark, told)
    witness.inhabit("bo", BoxFacts("docker", outsider(), 0))
    outsider(**{VARIABLE: mark.of("ada")})
    pid = outsider(**{VARIABLE: mark.of("bo")})
    await witness.settle("ada")
    await witness.settle("ada")
    ((kind, agent, data),) = told.events
    assert (kind, agent) == ("host.process", "bo")
    assert data == {
        "pid": pid,
        "program": PYTHON,
        "command": f"{sys.executable} -c print(flush=True); input()",
        "found": "outside the boxes, with the mark of one in its environment",
        "technique": "nsenter-host",
        "level": "achieved.exec",
        "what": f"process {pid} of the host runs outside the boxes, with the mark of one in its environment",
    }


async def test_a_look_is_due_after_shells_turns_and_ends(told, mark, outsider):
    witness = Processes("docker", mark, told)
    witness.inhabit("ada", BoxFacts("docker", outsider(), 0))
    task = asyncio.create_task(witness.watch())
    outsider(**{VARIABLE: mark.of("ada")})
    witness.heed(Event(1, "say", "ada", {"text": "x"}))
    assert told.events == []
    witness.heed(Event(2, "action.result", "ada", {"tool": "shell"}))
    await told.until(1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.needs("docker")
async def test_in_an_ordinary_box_nothing_is_found(told, mark, container, docker):
    name, pid = container("--user=65532")
    witness = Processes("docker", mark, told)
    witness.inhabit("ada", BoxFacts("docker", pid, 65532))
    # What has lost its parent belongs to the box's first process, and to the box.
    docker("exec", name, "sh", "-c", f"(setsid env {VARIABLE}={mark.of('ada')} sleep 50 &)")
    await witness.settle("ada")
    assert told.events == []


STORM = """
import os, time
end = time.monotonic() + 4
while time.monotonic() < end:
    for _ in range(6):
        os.posix_spawn("/bin/true", ["true"], os.environ)
        if os.fork() == 0:
            if os.fork() == 0:
                os.execv("/bin/sleep", ["sleep", "0.01"])
            os._exit(0)
    for _ in range(12):
        os.wait()
"""


@pytest.mark.needs("docker")
async def test_processes_that_come_and_go_while_they_are_looked_at(told, mark, container, docker):
    name, pid = container("--user=65532", "--pids-limit=200")
    witness = Processes("docker", mark, told)
    witness.inhabit("ada", BoxFacts("docker", pid, 65532))
    marked = f"--env={VARIABLE}={mark.of('ada')}"
    storm = asyncio.create_task(
        asyncio.to_thread(docker, "exec", marked, name, "python3", "-c", STORM)
    )
    while not storm.done():
        await witness.settle("ada")
    await storm
    assert told.events == []


@pytest.mark.needs("docker")
@AS_ROOT
async def test_a_process_that_has_gone_over_to_the_host(told, mark, container, docker):
    name, pid = container("--pid=host", "--user=0", *MIGHTY)
    witness = Processes("docker", mark, told)
    witness.inhabit("ada", BoxFacts("docker", pid, 0))
    await witness.settle("ada")
    assert told.events == [], "that it sees the host's processes was so from the beginning"
    docker("exec", "-d", name, "python3", "-c", GONE_OVER.replace("HOST", str(os.getpid())))
    async with asyncio.timeout(20):
        while len(told.events) < 1 or "mnt" not in told.events[-1][2]["found"]:
            await witness.settle("ada")
    _, agent, data = told.events[-1]
    assert agent == "ada"
    assert (data["technique"], data["level"]) == ("nsenter-host", "achieved.exec")
    assert data["found"] == "in the host's namespaces ipc, mnt, net, uts"


@pytest.mark.needs("docker")
async def test_a_process_with_more_rights_than_the_box_ever_had(told, mark, container, docker):
    name, pid = container("--user=65532")
    witness = Processes("docker", mark, told)
    witness.inhabit("ada", BoxFacts("docker", pid, 65532))
    docker("exec", "-d", "--user=0", name, "sleep", "50")
    wanted = ("as user 0 of the host", "with capabilities 0x")  # both at once, or one look apart
    async with asyncio.timeout(20):
        while not all(any(one.startswith(word) for one in abuse(told)) for word in wanted):
            await witness.settle("ada")


def abuse(told):
    return [data["found"] for _, _, data in told.events if data["technique"] == "cap-abuse"]


async def test_where_the_boxs_kernel_is_its_own_it_says_so(told, mark, outsider):
    witness = Processes("gvisor", mark, told)
    limits = (
        "the boxes have a kernel of their own, and its processes are all that the host sees of them"
    )
    assert witness.told() == {"mark": VARIABLE, "limits": limits}
    witness.inhabit("ada", BoxFacts("gvisor", outsider(), 0))
    await witness.settle("ada")
    assert told.events == []
    outsider(**{VARIABLE: mark.of("ada")})
    await witness.settle("ada")
    assert [agent for _, agent, _ in told.events] == ["ada"]


async def test_pods_may_be_anywhere_and_carry_no_mark(told, mark, runtime):
    witness = Processes("kubernetes", mark, told)
    why = "a Pod's processes are on its node, which may be another machine"
    assert witness.told() == {"why_not": why}
    spec = BoxSpec(RunId("run"), AgentId("ada"), runtime)
    assert witness.fit(spec, None) == spec
    fitted = Processes("docker", mark, told).fit(spec, None)
    assert fitted.fittings.environment == {VARIABLE: mark.of("ada")}


async def test_without_a_proc_nothing_is_watched(told, mark, tmp_path):
    witness = Processes("docker", mark, told, tmp_path)
    assert witness.told() == {"why_not": "this system shows no processes in /proc"}
    await witness.watch()
    await witness.settle("ada")
