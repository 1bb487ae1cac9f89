"""The folders of live runs: what others wrote there counts for nothing."""

import json
import os
import re
import sys
import time

import pytest

from sandbox.engine import runtime
from sandbox.engine.runtime import RuntimeFolder, dead_runs, remove_rests
from sandbox.errors import BusError
from sandbox.ids import RunId

RUN = RunId("20261121-113908-test-abcd")


@pytest.fixture
def root(tmp_path, monkeypatch):
    root = tmp_path / "backrooms"
    monkeypatch.setattr(runtime, "runtime_root", lambda: root)
    return root


@pytest.fixture
def dead(root):
    """The folder of a run whose engine is no more."""
    folder = RuntimeFolder.make(RUN)
    owner = folder.path / "engine.json"
    said = json.loads(owner.read_text())
    owner.write_text(json.dumps(said | {"start": "1"}))
    return folder


def test_a_folder_is_whole_when_it_has_its_name(root):
    folder = RuntimeFolder.make(RUN)
    assert [path.name for path in root.iterdir()] == [RUN]
    assert json.loads((folder.path / "engine.json").read_text())["pid"] == os.getpid()
    assert list(dead_runs()) == []


def test_a_dead_run_is_found(dead):
    assert list(dead_runs()) == [dead]


@pytest.mark.parametrize("place", [".", RUN, f"{RUN}/engine.json"])
def test_what_others_could_have_written_is_passed_over(root, dead, place):
    (root / place).chmod(0o777)
    assert list(dead_runs()) == []


def test_a_link_to_a_dead_run_is_none(root, dead):
    dead.path.rename(root.parent / "elsewhere")
    dead.path.symlink_to(root.parent / "elsewhere")
    assert list(dead_runs()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("place", [".", RUN, f"{RUN}/engine.json"])
def test_what_belongs_to_others_is_passed_over(root, dead, place):
    os.chown(root / place, 12345, 12345)
    assert list(dead_runs()) == []


def test_a_folder_that_was_never_finished_is_found_in_the_end(root, dead):
    dead.remove()
    new = root / ".new-x"
    new.mkdir(mode=0o700)
    assert list(dead_runs()) == []
    long_ago = time.time() - 700
    os.utime(new, (long_ago, long_ago))
    assert [folder.path for folder in dead_runs()] == [new]


def test_a_removal_that_is_cut_short_leaves_no_run_behind(root, monkeypatch):
    folder = RuntimeFolder.make(RUN)
    with monkeypatch.context() as killed:
        killed.setattr(runtime.shutil, "rmtree", lambda *_, **__: sys.exit("killed"))
        with pytest.raises(SystemExit):
            folder.remove()
    assert not folder.path.exists()
    assert [path.name[:6] for path in root.iterdir()] == [".gone-"]
    assert list(dead_runs()) == []
    remove_rests(root)
    assert list(root.iterdir()) == []


def test_a_folder_may_be_removed_twice_and_its_name_be_used_again(root):
    folder = RuntimeFolder.make(RUN)
    folder.remove()
    folder.remove()
    assert list(root.iterdir()) == []
    assert RuntimeFolder.make(RUN) == folder


def test_a_root_that_cannot_be_used_is_said_in_one_sentence(root):
    root.write_text("")
    with pytest.raises(
        BusError, match=rf"the folder {re.escape(str(root))} .* File exists\. Remove"
    ):
        RuntimeFolder.make(RUN)
    assert list(dead_runs()) == []
    root.unlink()
    root.mkdir(mode=0o700)
    root.chmod(0o777)
    with pytest.raises(BusError, match=r"is not ours alone: it belongs to uid \d+ with mode 777"):
        RuntimeFolder.make(RUN)
