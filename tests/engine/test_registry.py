"""The files by which live runs are found: their owner's alone, and gone with the run."""

import os
import stat

import pytest

from sandbox.bus.upstream import Upstream
from sandbox.engine import registry, runtime
from sandbox.engine.registry import CONTROL_FILE, announce, find_live, live_runs
from sandbox.engine.runtime import RuntimeFolder
from sandbox.errors import NoSuchRun
from sandbox.ids import RunId

ONE, TWO = RunId("20261121-113908-demo-abcd"), RunId("20261121-113909-demo-efgh")
UPSTREAM = Upstream("127.0.0.1", 1883, "backrooms", "secret", kind="nats")


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "runtime_root", lambda: tmp_path / "live")
    monkeypatch.setattr(registry, "runtime_root", lambda: tmp_path / "live")

    def make(run):
        folder = RuntimeFolder.make(run)
        announce(folder, title="Demo", folder=tmp_path / run, upstream=UPSTREAM, token=b"t" * 32)
        return folder

    return make


def test_a_live_run_is_found_by_its_name_until_its_folder_goes(make, tmp_path):
    assert live_runs() == []
    one, two = make(ONE), make(TWO)
    assert [live.run for live in live_runs()] == [ONE, TWO]
    found = find_live("20261121-113908")
    assert found is not None
    assert (found.run, found.upstream, found.token) == (ONE, UPSTREAM, b"t" * 32)
    assert (found.pid, found.folder, found.alive) == (os.getpid(), tmp_path / ONE, True)
    assert [find_live(name).run for name in ("last", str(tmp_path / ONE))] == [TWO, ONE]
    assert find_live("nosuch") is None
    with pytest.raises(NoSuchRun, match="2 live runs begin with '2026'"):
        find_live("2026")
    one.remove()
    two.remove()
    assert live_runs() == []


def test_the_file_is_its_owners_alone_and_no_secret_is_shown(make):
    path = make(ONE).path / CONTROL_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret" not in repr(live_runs())
    assert "74" * 32 not in repr(live_runs())
    assert "\\x74" not in repr(live_runs())


def test_a_file_that_others_could_read_or_that_is_none_is_passed_over(make, tmp_path):
    path = make(ONE).path / CONTROL_FILE
    text = path.read_text()
    path.chmod(0o640)
    assert live_runs() == []
    path.chmod(0o600)
    for bad in ("", "[]", "{}", text.replace('"pid"', '"pit"'), text.replace("74", "zz")):
        path.write_text(bad)
        assert live_runs() == []
    path.unlink()
    (tmp_path / "elsewhere").write_text(text)
    (tmp_path / "elsewhere").chmod(0o600)
    path.symlink_to(tmp_path / "elsewhere")
    assert live_runs() == []


def test_a_copy_of_the_file_stands_for_a_run_on_another_machine(make, tmp_path):
    path = make(ONE).path / CONTROL_FILE
    copy = tmp_path / "copy.json"
    text = path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194303')
    copy.write_text(text.replace('"machine": "', '"machine": "not-'))
    copy.chmod(0o600)
    found = find_live(str(copy))
    assert found is not None
    assert (found.run, found.alive) == (ONE, True)
    copy.write_text(text)
    assert find_live(str(copy)).alive is False


def test_a_run_whose_engine_is_gone_is_not_alive(make):
    path = make(ONE).path / CONTROL_FILE
    path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194303'))
    assert live_runs() == []
