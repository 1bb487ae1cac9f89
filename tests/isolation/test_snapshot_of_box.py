"""A work folder out of one box and into another, whatever they are made of."""

import asyncio
import hashlib
import random

import pytest

from sandbox.errors import ShimError
from sandbox.isolation.folder import File, Folder, Link, Snapshot

SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    pytest.param("docker", marks=pytest.mark.needs("docker")),
]
REAL = ["none", *SEALED]
ALL = ["memory", *REAL]
NOISE = random.Random(1).randbytes(9 << 20)  # more than travels at once


def file(data: bytes, mode: int = 0o644) -> File:
    return File(mode, len(data), hashlib.sha256(data).hexdigest())


CONTENTS = {
    "run.sh": b"#!/bin/sh\necho ran\n",
    "deep/er/Größe ☃": b"",
    "big": NOISE,
    "bigger": NOISE[:-1],
    "closed/read-only": b"1",
    "A": b"upper",
    "a": b"lower",
}
FOLDER = Snapshot(
    {
        "A": file(b"upper"),
        "a": file(b"lower"),
        "big": file(NOISE),
        "bigger": file(NOISE[:-1]),
        "closed": Folder(0o555),
        "closed/read-only": file(b"1", 0o400),
        "deep": Folder(0o755),
        "deep/back": Link("../run.sh"),
        "deep/er": Folder(0o700),
        "deep/er/Größe ☃": file(b""),
        "empty": Folder(0o755),
        "run.sh": file(CONTENTS["run.sh"], 0o755),
    },
    CONTENTS,
)


@pytest.fixture
async def box(request, box_of):
    made = box_of(request.param)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.parametrize("box", ALL, indirect=True)
async def test_what_was_put_back_is_what_was_kept(box):
    await box.put("old/file", b"goes")
    await box.restore(FOLDER)
    assert await box.snapshot() == FOLDER
    await box.restore(FOLDER)  # over what can be neither written nor entered
    assert await box.snapshot(known=FOLDER.things) == Snapshot(FOLDER.things, {})
    await box.restore(Snapshot({}, {}))
    assert await box.snapshot() == Snapshot({}, {})


@pytest.mark.parametrize("box", ALL, indirect=True)
async def test_only_what_is_new_comes(box):
    await box.put("same", b"1")
    await box.put("other", b"1")
    before = await box.snapshot()
    await box.put("other", b"2")
    await box.put("new", b"3")
    after = await box.snapshot(known=before.things)
    assert after.things == {"new": file(b"3"), "other": file(b"2"), "same": file(b"1")}
    assert after.contents == {"new": b"3", "other": b"2"}


@pytest.mark.parametrize("box", REAL, indirect=True)
async def test_what_was_put_back_can_be_used(box):
    await box.restore(FOLDER)
    script = "./run.sh && cat deep/back | wc -l && echo more >> a && cat a"
    assert (await box.exec(["sh", "-c", script])).stdout == b"ran\n2\nlowermore\n"


@pytest.mark.parametrize("box", REAL, indirect=True)
async def test_what_cannot_be_kept_is_named(box):
    script = """
        ln -s /etc/passwd absolute; ln -s .. above; ln -s inner/../x around; ln -s nowhere dangling
        mkdir locked closed-file; echo 1 > locked/in; chmod 0 locked
        echo 2 > secret; chmod 0 secret
        touch "$(printf 'a\\377b')"; printf 'x' > 'line
break'
        truncate -s 30M holes
    """
    assert (await box.exec(["sh", "-c", script])).code == 0
    found = await box.snapshot(limit=20 << 20)
    left_out = {
        "above": "a link out of the folder, to ..",
        "absolute": "a link out of the folder, to /etc/passwd",
        "around": "a link out of the folder, to inner/../x",
        "a\\xffb": "its name is not UTF-8",
        "holes": "the folder holds more than 20971520 bytes with it",
    }
    things = {
        "closed-file": Folder(0o755),
        "dangling": Link("nowhere"),
        "line\nbreak": file(b"x"),
    }
    if box.tier != "none":  # there it may be root's, to whom nothing is closed
        left_out |= {"locked": "Permission denied", "secret": "Permission denied"}
        assert found == Snapshot(things, {"line\nbreak": b"x"}, left_out)
    else:
        assert things.items() <= found.things.items()
        assert left_out.items() <= found.left_out.items()


@pytest.mark.parametrize("box", REAL, indirect=True)
async def test_a_folder_that_changes_while_it_is_read_is_kept_in_some_state(box):
    script = """
        (while :; do printf %s "$RANDOM$$" > busy; mkdir -p d/d; touch d/d/f; rm -rf d; done) 2>/dev/null &
        sleep 77
    """
    busy = asyncio.create_task(box.exec(["bash", "-c", script], seconds=60))
    try:
        while "busy" not in (await box.snapshot()).things:
            continue
        for _ in range(30):
            found = await box.snapshot()
            for path, data in found.contents.items():
                assert found.things[path] == file(data)
    finally:
        busy.cancel()


@pytest.mark.parametrize("box", REAL, indirect=True)
async def test_what_does_not_fit_is_refused(box):
    path = "x" * 300
    with pytest.raises(ShimError, match=r"^fill: OSError: "):
        await box.restore(Snapshot({path: file(b"")}, {path: b""}))
    with pytest.raises(ShimError, match=r"^fill: PathRefused: '../x' is no path"):
        await box.restore(Snapshot({"../x": file(b"")}, {"../x": b""}))


@pytest.mark.parametrize("box", ALL, indirect=True)
async def test_a_box_that_has_ended_gives_nothing(box):
    await box.stop()
    with pytest.raises(ShimError, match=r"^(survey|snapshot): "):
        await box.snapshot()
    with pytest.raises(ShimError, match=r"^(clear|restore): "):
        await box.restore(Snapshot({}, {}))
