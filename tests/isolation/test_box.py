"""What every box does, whatever it is made of."""

import asyncio
import hashlib
import os
import secrets
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.alive import start_mark
from sandbox.errors import BoxError, ShimError
from sandbox.isolation.box import BoxExit, BoxLimits, LimitsMet
from sandbox.isolation.folder import File, Folder, Snapshot

SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    pytest.param("docker", marks=pytest.mark.needs("docker")),
    pytest.param("podman", marks=pytest.mark.needs("podman")),
    pytest.param("gvisor", marks=pytest.mark.needs("gvisor")),
    pytest.param("kubernetes", marks=pytest.mark.needs("podman")),  # its Pod, by podman play kube
]
REAL = ["none", *SEALED]
ALL = ["memory", *REAL]


def file(data: bytes, mode: int = 0o644) -> File:
    return File(mode, len(data), hashlib.sha256(data).hexdigest())


def homes() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("backrooms-home-*"))


def containers(kind: str, run: str) -> str:
    engine = "podman" if kind in {"podman", "kubernetes"} else "docker"
    command = [engine, "ps", "--all", "--quiet", "--filter", f"label=backrooms.run={run}"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def nothing_is_left(kind: str, spec, pid: int | None) -> bool:
    if kind in {"docker", "podman", "gvisor", "kubernetes"} and containers(kind, spec.run):
        return False
    beside = [path.name for path in spec.folder.parent.iterdir()]
    alive = pid is not None and start_mark(pid) is not None
    return not alive and beside == ["ada"] and not any(spec.folder.iterdir())


@pytest.mark.parametrize("kind", ALL)
async def test_one_life(kind, box_of, spec):
    before = homes()
    box = box_of(kind)
    facts = await box.start()
    assert (facts.tier, box.tier) == ((kind, kind) if kind != "memory" else ("none", "none"))

    done = await box.exec(["echo", "a", "b"])
    assert (done.code, done.stdout, done.stderr, done.timed_out, done.cut) == (
        *(0, b"a b\n", b""),
        *(False, 0),
    )
    assert (await box.exec(["false"])).code == 1
    assert (await box.exec(["cat"], stdin=b"x" * 300_000)).stdout == b"x" * 300_000

    cut = await box.exec(["cat"], stdin=b"abcdef" * 50_000, limit=10)
    assert (cut.code, cut.stdout, cut.cut) == (0, b"abcdefabcd", 299_990)
    late = await box.exec(["sleep", "77"], seconds=0.2)
    assert (late.code, late.timed_out, 0.2 <= late.seconds < 5) == (None, True, True)

    await box.put("notes/today.txt", b"\0\xff words" * 200_000)
    assert await box.get("notes/today.txt", limit=2 << 20) == b"\0\xff words" * 200_000
    await box.put("notes/today.txt", b"short")
    assert await box.get("notes/today.txt") == b"short"
    assert await box.snapshot() == Snapshot(
        {"notes": Folder(0o755), "notes/today.txt": file(b"short")}, {"notes/today.txt": b"short"}
    )

    stats = await box.stats()
    assert stats.memory >= 0
    assert stats.cpu_seconds >= 0
    assert 1 <= stats.pids < 10

    waiting = asyncio.create_task(box.wait())
    await box.stop()
    await box.stop()
    assert (await waiting).code in {None, 0}
    assert await box.wait() == await waiting
    with pytest.raises(ShimError, match=r"^get: "):
        await box.get("notes/today.txt")
    assert nothing_is_left(kind, spec, facts.pid)
    assert homes() == before


@pytest.mark.parametrize("kind", ALL)
async def test_no_path_leads_out_of_the_work_folder(kind, box_of):
    box = box_of(kind)
    await box.start()
    try:
        for path in ("/etc/hostname", "../x", "a/../../x", "a//b", "./a", "", "a/", "\0"):
            for call in (box.get(path), box.put(path, b"x")):
                with pytest.raises(ShimError, match="is no path below the work folder"):
                    await call
        with pytest.raises(ShimError, match=r"^get: "):
            await box.get("missing")
        await box.put("big", b"x" * 101)
        with pytest.raises(ShimError, match="holds more than 100 bytes"):
            await box.get("big", limit=100)
        assert await box.snapshot(limit=100) == Snapshot(
            {}, {}, {"big": "the folder holds more than 100 bytes with it"}
        )
        with pytest.raises(ShimError, match=r"^exec: FileNotFoundError"):
            await box.exec(["no-such-program"])
    finally:
        await box.stop()


@pytest.mark.parametrize("kind", REAL)
async def test_no_link_is_followed(kind, box_of):
    box = box_of(kind)
    await box.start()
    try:
        made = "ln -s / out; ln -s /etc/hostname name; mkfifo pipe; echo 1 > kept"
        assert (await box.exec(["sh", "-c", made])).code == 0
        for call in (
            box.get("out/etc/hostname"),
            box.put("out/tmp/x", b"x"),
            box.get("name"),
            box.put("name", b"x"),
            box.get("pipe"),
            box.put("pipe", b"x"),
            box.get("."),
        ):
            with pytest.raises(ShimError, match=r"^(get|put): (OSError|NotADirectory|PathRefused)"):
                await call
        assert await box.snapshot() == Snapshot(
            {"kept": file(b"1\n")},
            {"kept": b"1\n"},
            {
                "name": "a link out of the folder, to /etc/hostname",
                "out": "a link out of the folder, to /",
                "pipe": "it is neither a file nor a folder nor a link",
            },
        )
    finally:
        await box.stop()


@pytest.mark.parametrize("kind", REAL)
async def test_a_deadline_ends_what_the_program_started(kind, box_of):
    box = box_of(kind)
    seconds = f"77.{secrets.randbelow(10**9):09d}"  # without a box, others' processes are seen too
    await box.start()
    try:
        done = await box.exec(["sh", "-c", f"sleep {seconds} & sleep {seconds}"], seconds=0.3)
        names = await box.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline"])
        assert (done.timed_out, seconds.encode() in names.stdout) == (True, False)
    finally:
        await box.stop()


@pytest.mark.parametrize("kind", REAL)
async def test_several_requests_at_once(kind, box_of):
    box = box_of(kind)
    await box.start()
    try:
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(box.exec(["sh", "-c", f"sleep 0.1; echo {n}"])) for n in range(20)
            ]
        assert [task.result().stdout for task in asked] == [b"%d\n" % n for n in range(20)]
    finally:
        await box.stop()


@pytest.mark.parametrize("kind", REAL)
async def test_a_killed_guest_is_noticed(kind, box_of, spec):
    box = box_of(kind)
    facts = await box.start()
    try:
        with pytest.raises(ShimError, match=r"^exec: "):
            await box.exec(["sh", "-c", "kill -9 $PPID; sleep 77"])
        assert await box.wait() == BoxExit(code=None, signal=9)
    finally:
        await box.stop()
    assert nothing_is_left(kind, spec, facts.pid)


@pytest.mark.parametrize("kind", REAL)
async def test_stop_does_not_wait_for_a_command(kind, box_of, spec):
    box = box_of(kind)
    facts = await box.start()
    asked = asyncio.create_task(box.exec(["sleep", "77"]))
    assert (await box.exec(["echo"])).code == 0
    await box.stop()
    with pytest.raises(ShimError, match=r"^exec: the box was stopped$"):
        await asked
    assert nothing_is_left(kind, spec, facts.pid)


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("seconds", [0, 0.02, 0.2])
async def test_a_start_that_is_cancelled_leaves_nothing(kind, seconds, box_of, spec):
    before = homes()
    box = box_of(kind)

    async def live() -> None:
        await box.start()
        await box.wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(live(), seconds)
    await box.stop()
    assert nothing_is_left(kind, spec, None)
    assert homes() == before


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        pytest.param(
            "bubblewrap", "(can't start new thread|short of memory)", marks=SEALED[0].marks
        ),
        pytest.param("docker", "Minimum memory limit", marks=SEALED[1].marks),
    ],
)
async def test_a_box_that_cannot_start_says_why(kind, why, box_of, spec):
    box = box_of(kind, limits=BoxLimits(memory=1 << 20))
    with pytest.raises(BoxError, match=rf"^the box of 'ada' \(tier '{kind}'\): .*{why}"):
        await box.start()
    assert nothing_is_left(kind, spec, None)


@pytest.mark.parametrize("kind", ["bubblewrap"])
@pytest.mark.needs("bubblewrap")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a box another user")
async def test_a_folder_that_the_boxs_user_cannot_reach(kind, box_of, spec, runtime):
    runtime.chmod(0o700)
    with pytest.raises(BoxError, match=rf"cannot reach '{spec.folder}': '{runtime}' has mode 0700"):
        await box_of(kind).start()
    assert nothing_is_left(kind, spec, None)


@pytest.mark.parametrize("kind", ALL)
async def test_a_frozen_box_waits(kind, box_of):
    box = box_of(kind)
    await box.start()
    try:
        await box.freeze()
        asked = asyncio.create_task(box.exec(["echo", "a"]))
        done, _ = await asyncio.wait({asked}, timeout=0.3)
        await box.thaw()
        assert not done
        assert (await asked).stdout == b"a\n"
    finally:
        await box.stop()


@pytest.mark.parametrize("kind", REAL)
async def test_a_frozen_box_can_be_stopped(kind, box_of, spec):
    box = box_of(kind)
    facts = await box.start()
    await box.freeze()
    await box.stop()
    assert nothing_is_left(kind, spec, facts.pid)


@pytest.mark.parametrize("kind", SEALED[:4])
async def test_a_box_that_died_before_it_was_frozen_can_be_stopped(kind, box_of, spec):
    box = box_of(kind)
    facts = await box.start()
    os.kill(facts.pid, 9)
    await box.wait()
    with suppress(BoxError):
        await box.freeze()
    await box.stop()
    assert nothing_is_left(kind, spec, facts.pid)


CROWD = "for i in $(seq 60); do sleep 1 & done; wait"


@pytest.mark.parametrize("kind", SEALED[:3])
async def test_limits_that_were_met_are_counted(kind, box_of):
    box = box_of(kind, limits=BoxLimits(memory=128 << 20, pids=24, disk=4 << 20))
    await box.start()
    try:
        assert await box.limits_met() == LimitsMet()
        await box.exec(["sh", "-c", CROWD])
        crowded = await box.limits_met()
        await box.exec(["sh", "-c", "head -c 4194304 /dev/zero > big"])
        full = await box.limits_met()
        held = "x = [bytearray(1 << 20) for _ in range(90)]; import time; time.sleep(2)"
        await box.exec(["sh", "-c", f"rm big; python3 -c '{held}' & python3 -c '{held}'; wait"])
        short = await box.limits_met()
    finally:
        await box.stop()
    assert crowded.pids > 0
    assert (crowded.memory, crowded.disk) == (0, False)
    assert full.disk
    assert short.memory > 0
