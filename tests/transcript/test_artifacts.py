"""Artifacts: kept once under their hash, never half, never changed unnoticed."""

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.artifacts import Artifacts


@pytest.fixture
def artifacts(tmp_path):
    return Artifacts(tmp_path / "run")


def test_one_artifact(artifacts):
    name = artifacts.put(b"words")
    assert name == hashlib.sha256(b"words").hexdigest()
    path = artifacts.path / name[:2] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert artifacts.get(name) == b"words"
    assert (artifacts.has(name), artifacts.has("0" * 64), list(artifacts)) == (True, False, [name])
    written = path.stat().st_mtime_ns
    assert artifacts.put(b"words") == Artifacts(artifacts.path.parent).put(b"words") == name
    assert path.stat().st_mtime_ns == written


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=100), max_size=20))
def test_what_was_put_can_be_had(tmp_path_factory, many):
    artifacts = Artifacts(tmp_path_factory.mktemp("run"), "process")
    names = artifacts.put_all(many)
    assert [artifacts.get(name) for name in names] == many
    assert list(artifacts) == sorted(set(names))


def test_whoever_puts_at_once_puts_one(artifacts):
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(artifacts.put, [b"same" * 10_000] * 40))
    assert [path.name for path in artifacts.path.rglob("*") if path.is_file()] == [*names]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.write_bytes(b"wordz"), "is not what was kept: its SHA-256 is another"),
        (lambda path: path.write_bytes(b""), "is not what was kept"),
        (lambda path: path.unlink(), "is missing"),
        (
            lambda path: (path.unlink(), path.symlink_to("/etc/hostname")),
            "cannot be read: it is a symbolic link",
        ),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
    ],
)
def test_damage_is_found(artifacts, damage, why):
    path = artifacts.path / (name := artifacts.put(b"words"))[:2] / name
    path.chmod(0o600)
    damage(path)
    with pytest.raises(Damaged, match=f"^the artifact {path} {why}"):
        artifacts.get(name)


def test_a_torn_artifact_is_put_again(artifacts, tmp_path):
    path = artifacts.path / (name := artifacts.put(b"words"))[:2] / name
    path.chmod(0o600)
    path.write_bytes(b"wo")
    Artifacts(tmp_path / "run").put(b"words")
    assert artifacts.get(name) == b"words"


def test_no_more_is_read_than_allowed(artifacts):
    name = artifacts.put(b"x" * 101)
    with pytest.raises(Damaged, match=r"holds more than 100 bytes$"):
        artifacts.get(name, limit=100)


@pytest.mark.parametrize(
    "name", ["", "../x", "a" * 63, "A" * 64, "a" * 65, "a" * 64 + "\n", "/" * 64]
)
def test_what_is_no_name_of_an_artifact(artifacts, name):
    for call in (artifacts.get, artifacts.has):
        with pytest.raises(Damaged, match=r"is no name of an artifact: 64 hex digits are$"):
            call(name)


def test_what_the_disk_does_not_take(artifacts):
    artifacts.path.parent.mkdir()
    artifacts.path.write_text("in the way")
    with pytest.raises(TranscriptError, match=r"^cannot keep an artifact in .*: Not a directory\."):
        artifacts.put(b"words")


def test_a_half_written_one_has_no_name(artifacts, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(TranscriptError, match=r": No space left on device\. Free some"):
            artifacts.put(b"words")
    assert [path for path in artifacts.path.rglob("*") if path.is_file()] == []


def test_power_syncs_the_file_before_its_name_and_the_names_at_last(artifacts, monkeypatch):
    synced = []

    def fsync(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    monkeypatch.setattr(os, "fsync", fsync)
    name = artifacts.put(b"words")
    folder = artifacts.path / name[:2]
    assert synced[0].startswith(f"{folder}/.")
    assert set(synced[1:]) == {str(folder), str(artifacts.path), str(artifacts.path.parent)}
    synced.clear()
    artifacts.put(b"words")
    Artifacts(artifacts.path.parent, "process").put(b"other words")
    assert synced == []
    Artifacts(artifacts.path.parent).put(b"words")  # its name may not have reached the disk
    assert str(folder) in synced
