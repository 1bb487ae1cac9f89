"""Work folders kept in artifacts after turns, and put back from them."""

import asyncio
import hashlib
import json

import pytest

from sandbox.engine import workspaces
from sandbox.engine.manifest import manifest, things_of
from sandbox.engine.step import Noted
from sandbox.engine.workspaces import Restored, Workspaces, load, restore
from sandbox.errors import Damaged
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxExit, BoxSpec
from sandbox.isolation.folder import File, Folder, Link, Snapshot
from sandbox.isolation.memory import MemoryBox
from sandbox.transcript.artifacts import Artifacts


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file(data: bytes, mode: int = 0o644) -> File:
    return File(mode, len(data), sha(data))


@pytest.fixture
async def box(tmp_path):
    box = MemoryBox(BoxSpec(RunId("run"), AgentId("ada"), tmp_path))
    await box.start()
    yield box
    await box.stop()


@pytest.fixture
def artifacts(tmp_path):
    return Artifacts(tmp_path, "process")


@pytest.fixture
def kept(box, artifacts):
    return Workspaces({"ada": box}, artifacts, 1000)


async def test_a_folder_is_kept_when_it_has_changed(kept, box, artifacts):
    assert await kept.save("ada", 1) is None
    await box.put("notes/a", b"one")
    await box.put("b", b"two")
    first = {
        "b": {"mode": 0o644, "size": 3, "sha256": sha(b"two")},
        "notes": {"folder": True, "mode": 0o755},
        "notes/a": {"mode": 0o644, "size": 3, "sha256": sha(b"one")},
    }
    saved = await kept.save("ada", 2)
    assert saved == Noted(
        "workspace.saved",
        {
            "turn": 2,
            "manifest": saved.data["manifest"],
            "files": 2,
            "bytes": 6,
            "changed": ["b", "notes", "notes/a"],
        },
    )
    assert json.loads(artifacts.get(saved.data["manifest"])) == first
    assert [artifacts.get(sha(data)) for data in (b"one", b"two")] == [b"one", b"two"]
    assert await kept.save("ada", 3) is None

    del box.files["b"]
    await box.put("notes/a", b"three")
    box.others["link"] = Link("notes/a")
    await box.put("huge", b"x" * 1001)
    again = await kept.save("ada", 4)
    assert {key: again.data[key] for key in ("turn", "files", "bytes", "changed", "left_out")} == {
        "turn": 4,
        "files": 1,
        "bytes": 5,
        "changed": ["b", "link", "notes/a"],
        "left_out": {"huge": "the folder holds more than 1000 bytes with it"},
    }
    assert load(artifacts, again.data["manifest"]) == Snapshot(
        {"link": Link("notes/a"), "notes": Folder(0o755), "notes/a": file(b"three")},
        {"notes/a": b"three"},
    )


async def test_only_so_many_paths_are_told(kept, box):
    for n in range(60):
        await box.put(f"{n:03}", b"")
    saved = await kept.save("ada", 1)
    assert saved.data["changed"] == [f"{n:03}" for n in range(50)]


async def test_what_was_put_back_is_no_change(kept, box, artifacts):
    box.files = {"run": b"#!", "x/y": b"1"}
    box.modes = {"run": 0o755}
    name = (await kept.save("ada", 1)).data["manifest"]
    fresh = MemoryBox(box.spec)
    await fresh.start()
    await fresh.put("other", b"goes")
    again = Workspaces({"ada": fresh}, artifacts, 1000)
    assert await again.restore("ada", name) == Restored(name, 2, 3)
    assert (fresh.files, fresh.modes["run"]) == (box.files, 0o755)
    assert await again.save("ada", 2) is None
    await fresh.put("x/y", b"2")
    assert (await again.save("ada", 3)).data["changed"] == ["x/y"]


async def test_a_box_that_is_gone(kept, box):
    box.die(BoxExit(1))
    assert await kept.save("ada", 7) == Noted(
        "workspace.failed", {"turn": 7, "error": "snapshot: the guest is not connected"}
    )


async def test_a_box_that_hangs(box, artifacts, monkeypatch):
    class Hanging(MemoryBox):
        async def snapshot(self, **_):
            await asyncio.Event().wait()

    monkeypatch.setattr(workspaces, "SECONDS", 0.01)
    kept = Workspaces({"ada": Hanging(box.spec)}, artifacts, 1000)
    assert await kept.save("ada", 1) == Noted(
        "workspace.failed", {"turn": 1, "error": "the box did not give it within 0.01 s"}
    )


async def test_a_disk_that_is_full_ends_no_run(kept, box, artifacts):
    artifacts.path.write_text("in the way")
    await box.put("a", b"1")
    failed = await kept.save("ada", 1)
    assert (failed.kind, failed.data["turn"]) == ("workspace.failed", 1)
    assert failed.data["error"].startswith(f"cannot keep an artifact in {artifacts.path}")
    artifacts.path.unlink()
    assert (await kept.save("ada", 2)).kind == "workspace.saved"


async def test_nothing_is_put_back_from_damaged_artifacts(kept, box, artifacts):
    await box.put("a", b"1")
    name = (await kept.save("ada", 1)).data["manifest"]
    path = artifacts.path / sha(b"1")[:2] / sha(b"1")
    path.unlink()
    await box.put("b", b"2")
    with pytest.raises(Damaged, match=r"is missing$"):
        await restore(box, artifacts, name)
    assert box.files == {"a": b"1", "b": b"2"}


async def test_a_manifest_that_does_not_fit_its_artifacts(artifacts):
    content = artifacts.put(b"12345")
    for size, why in (
        (3, "holds more than 3 bytes"),
        (9, "says 9 bytes for 'a', its artifact holds 5"),
    ):
        name = artifacts.put(manifest({"a": File(0o644, size, content)}))
        with pytest.raises(Damaged, match=why):
            load(artifacts, name)


def test_a_manifest_is_the_same_bytes_for_the_same_things():
    things = {"a": file(b"1"), "b": Folder(0o700), "b/c": Link("../a")}
    assert things_of(manifest(things)) == things
    assert manifest(dict(reversed(things.items()))) == manifest(things)
    assert manifest({}) == b"{}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[" * 2000,
        b'{"a":1}',
        b'{"a":{"mode":1}}',
        b'{"a":{"mode":420,"size":-1,"sha256":"%b"}}' % (b"0" * 64),
        b'{"a":{"mode":420,"size":1,"sha256":"../../x"}}',
        b'{"a":{"link":"/etc/passwd"}}',
        b'{"a":{"link":"../x"}}',
        b'{"../a":{"link":"x"}}',
        b'{"/a":{"folder":true,"mode":493}}',
        b'{"a/b":{"folder":true,"mode":493}}',
        b'{"a":{"link":"b"},"a/b":{"folder":true,"mode":493}}',
    ],
)
def test_what_is_no_manifest(data):
    with pytest.raises(Damaged, match=r"^no manifest of a work folder: "):
        things_of(data)
