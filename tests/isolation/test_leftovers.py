"""What is left when the house is killed, and what the next start makes of it."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sandbox.alive import gone, start_mark
from sandbox.ids import RunId
from sandbox.isolation import leftovers
from sandbox.isolation.leftovers import forget, remember, sweep_boxes

HOUSE = textwrap.dedent("""
    import asyncio, json, pathlib, sys, tempfile
    from sandbox.isolation.box import BoxSpec
    from sandbox.isolation.tiers import make_box

    async def main(tier, run, folder, temporary, seconds, frozen):
        tempfile.tempdir = temporary
        box = make_box(tier, BoxSpec(run, "ada", pathlib.Path(folder)), progress=lambda line: None)
        facts = await box.start()
        asked = asyncio.create_task(box.exec(["sleep", seconds], seconds=100))
        await box.exec(["echo"])
        if frozen:
            await box.freeze()
        print(json.dumps(facts.pid), flush=True)
        await asked

    asyncio.run(main(*sys.argv[1:]))
""")


@pytest.mark.parametrize(
    "tier",
    [
        "none",
        pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
        *[pytest.param(t, marks=pytest.mark.needs(t)) for t in ("docker", "podman", "gvisor")],
    ],
)
async def test_a_house_killed_with_9_leaves_no_process(tier, spec, temporary):
    seconds = f"78.{secrets.randbelow(10**9):09d}"  # nobody else's process has this in its command
    pid, began = killed_house(tier, spec, temporary, seconds)
    assert await gone(pid, began, 10)

    removed = await sweep_boxes(RunId(spec.run), spec.folder.parent)
    if tier in {"docker", "podman", "gvisor"}:
        assert removed == [f"container br-{spec.run}-ada"]
    elif tier == "none":
        (line,) = removed
        assert line.startswith(f"folder {temporary}/backrooms-home-")
    assert [path.name for path in spec.folder.parent.iterdir()] == ["ada"]
    assert list(temporary.iterdir()) == []
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []
    assert not any(seconds.encode() in line for line in command_lines())


def killed_house(tier, spec, temporary, seconds, frozen="") -> tuple[int, str]:
    """Start a house with one box at work, and kill it: the box's first process, and when that began."""
    house = [sys.executable, "-c", HOUSE]
    command = [*house, tier, spec.run, str(spec.folder), str(temporary), seconds, frozen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as house:
        assert house.stdout is not None
        pid = int(house.stdout.readline())
        began = start_mark(pid)
        house.kill()
    assert house.returncode == -signal.SIGKILL
    assert began is not None
    return pid, began


def command_lines() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize(
    "tier",
    [pytest.param(t, marks=pytest.mark.needs(t)) for t in ("bubblewrap", "docker", "podman")],
)
async def test_a_box_that_was_frozen_when_its_house_was_killed_ends_as_well(tier, spec, temporary):
    seconds = f"77.{secrets.randbelow(10**9):09d}"
    pid, began = killed_house(tier, spec, temporary, seconds, frozen="yes")
    (removed,) = [
        line
        for line in await sweep_boxes(RunId(spec.run), spec.folder.parent)
        if not line.startswith("cgroup ")
    ]
    assert removed.startswith("process " if tier == "bubblewrap" else f"container br-{spec.run}-")
    assert await gone(pid, began, 10)
    assert not any(seconds.encode() in line for line in command_lines())
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []


async def test_a_process_that_lives_on_is_ended(spec):
    sleeper = await asyncio.create_subprocess_exec("sleep", "79", start_new_session=True)
    remember(spec, tier="bubblewrap", pid=sleeper.pid)
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == [
        f"process {sleeper.pid} of 'ada'"
    ]
    assert await sleeper.wait() == -signal.SIGKILL


async def test_another_process_under_the_same_number_is_left_alone(spec, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(leftovers, "start_mark", lambda pid: "1")
        remember(spec, tier="bubblewrap", pid=os.getpid())
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []


async def test_a_note_is_no_reason_to_delete_anything_else(spec, temporary):
    precious = temporary / "precious"
    precious.mkdir()
    remember(spec, tier="none", home=precious)
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []
    assert precious.is_dir()


@pytest.mark.parametrize("torn", ['{"tier": "no', "", "[]", '{"tier": "none", "pid": "1"}'])
async def test_a_torn_note_is_told_and_removed_and_the_others_are_swept(
    spec, temporary, monkeypatch, torn
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    home = temporary / "backrooms-home-x"
    home.mkdir()
    remember(spec, tier="none", home=home)
    (spec.folder.parent / "aba.box").write_text(torn)
    removed = await sweep_boxes(RunId(spec.run), spec.folder.parent)
    assert removed[0].startswith("not looked for containers")
    assert removed[1:] == ["the note aba.box, which cannot be read", f"folder {home}"]
    assert [path.name for path in spec.folder.parent.iterdir()] == ["ada"]


async def test_a_note_in_an_agent_s_own_folder_is_none_of_ours(spec, temporary):
    home = temporary / "backrooms-home-x"
    home.mkdir()
    remember(spec, tier="none", home=home)
    note = spec.folder.parent / "ada.box"
    note.rename(spec.folder / "forged.box")
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []
    assert home.is_dir()


async def test_without_an_engine_the_way_by_hand_is_told(spec, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    remember(spec, tier="docker")
    (line,) = await sweep_boxes(RunId(spec.run), spec.folder.parent)
    assert line.startswith("not looked for containers (no Docker Engine answers at /nowhere")
    assert line.endswith(f"'docker ps -a --filter label=backrooms.run={spec.run}' lists them")


async def test_a_stopped_box_leaves_nothing_to_sweep(spec):
    remember(spec, tier="none")
    forget(spec)
    forget(spec)
    assert await sweep_boxes(RunId(spec.run), spec.folder.parent) == []
