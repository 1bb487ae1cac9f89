"""Verify: every artifact that the record names is there, and is what was kept."""

import hashlib
import json

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore, Problem, verify
from sandbox.transcript.artifacts import Artifacts


@pytest.fixture
def kept(tmp_path):
    """A run whose agent had three files, saved twice; the names of all four artifacts, manifest first."""
    folder = tmp_path / "run"
    store = FileStore(folder, "run", ManualClock(), "process")
    contents = Artifacts(folder, "process").put_all([b"one", b"two", b"x" * 100_000])
    entries = {f"f{n}": {"mode": 420, "size": 3, "sha256": name} for n, name in enumerate(contents)}
    entries |= {"d": {"mode": 493, "folder": True}, "l": {"link": "f0"}}
    manifest = Artifacts(folder, "process").put(json.dumps(entries).encode())
    store.append(Event(1, "run.started", "engine"))
    for seq, kind in ((2, "workspace.saved"), (3, "workspace.restored")):
        store.append(Event(seq, kind, "ada", {"manifest": manifest, "files": 3}))
    store.close()
    return folder, [manifest, *contents]


def place(folder, name):
    return folder / "artifacts" / name[:2] / name


def test_artifacts_that_are_as_they_were_kept_are_counted(kept):
    report = verify(kept[0])
    assert (report.ok, report.artifacts, report.lost, report.losses) == (True, 4, 0, ())


@pytest.mark.parametrize("which", range(4))
def test_one_that_is_missing_or_altered_is_named_with_its_line(kept, which):
    folder, names = kept
    path = place(folder, names[which])
    data = bytearray(path.read_bytes())
    path.unlink()
    report = verify(folder)
    assert not report.ok
    assert report.losses == (Problem(2, f"the artifact {path} is missing"),)

    data[-1] ^= 1
    path.write_bytes(data)
    report = verify(folder)
    assert not report.ok
    assert report.losses == (
        Problem(2, f"the artifact {path} is not what was kept: its SHA-256 is another"),
    )
    assert (report.damaged, report.sound) == (0, 3)


def test_every_single_byte_of_a_small_artifact_matters(kept):
    folder, names = kept
    for name in names[:3]:
        path = place(folder, name)
        whole = path.read_bytes()
        path.chmod(0o600)
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            assert not verify(folder).ok
        path.write_bytes(whole)
    assert verify(folder).ok


def test_the_file_that_a_run_was_imported_from_is_checked(tmp_path):
    name = Artifacts(tmp_path, "process").put(b"a log of another system")
    store = FileStore(tmp_path, "run", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"imported": {"sha256": name}}))
    store.close()
    assert (verify(tmp_path).ok, verify(tmp_path).artifacts) == (True, 1)
    place(tmp_path, name).unlink()
    missing = f"the artifact {place(tmp_path, name)} is missing"
    assert verify(tmp_path).losses == (Problem(1, missing),)


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (None, "names no manifest"),
        ("../../etc/passwd", "'../../etc/passwd' is no name of an artifact: 64 hex digits are"),
    ],
)
def test_a_name_that_is_none_is_said(tmp_path, manifest, why):
    store = FileStore(tmp_path, "run", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine"))
    store.append(Event(2, "workspace.saved", "ada", {"manifest": manifest}))
    store.close()
    assert verify(tmp_path).losses == (Problem(2, why),)


@pytest.mark.parametrize("data", [b"[]", b"{", b"\xff", b'{"f": 1}', b'{"f": {"sha256": 3}}'])
def test_a_manifest_that_is_none_stops_nothing(tmp_path, data):
    store = FileStore(tmp_path, "run", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine"))
    name = Artifacts(tmp_path, "process").put(data)
    store.append(Event(2, "workspace.saved", "ada", {"manifest": name}))
    store.close()
    report = verify(tmp_path)
    assert hashlib.sha256(data).hexdigest() == name
    assert [problem.what for problem in report.losses] == (
        [] if data.startswith(b'{"') else ["names a manifest that is no list of files"]
    )
