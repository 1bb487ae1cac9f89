"""What goes into a box, and who can reach it."""

import os
import pwd
import stat
import subprocess
import sys

import pytest

from sandbox.errors import BoxError, GuestBuildError
from sandbox.isolation import interpreter, reach
from sandbox.isolation.guest import guest, source_files
from sandbox.isolation.uids import NARROW, WIDE, box_uid


def test_the_guest_holds_the_agents_package_alone():
    names = set(source_files())
    assert {"opt/backrooms/agents/__main__.py", "opt/backrooms/bin/bus"} <= names
    assert {name.split("/")[2] for name in names} == {"agents", "bin"}
    assert not any("__pycache__" in name or "agents/bin" in name for name in names)


def test_a_guest_is_built_once_for_everybody(tmp_path):
    old = os.umask(0o077)
    try:
        first = guest(tmp_path / "cache")
        second = guest(tmp_path / "cache")
    finally:
        os.umask(old)
    assert first == second
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.folder.name]
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in first.folder.rglob("*")}
    assert modes <= {0o755, 0o644, 0o777}  # the last: links
    assert stat.S_IMODE((first.folder / "opt/backrooms/bin/bus").stat().st_mode) == 0o755
    assert list((first.folder / "opt/backrooms/agents/__pycache__").glob("shim.*.pyc"))
    assert str((first.folder / "opt/backrooms/bin/python3").readlink()) == first.python


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(
        GuestBuildError, match=r"cannot be built at '.*': .*Make that folder writable"
    ):
        guest(tmp_path / "cache")


@pytest.mark.skipif(sys.platform != "linux", reason="boxes are Linux'")
def test_a_copied_interpreter_runs_from_where_it_lies(tmp_path):
    interpreter.copy(tmp_path)
    ask = "import json, socket, sys, threading; print(sys.prefix)"
    python = [tmp_path / "bin/python3", "-I", "-S", "-c", ask]
    done = subprocess.run(python, capture_output=True, check=True, text=True, env={})
    assert done.stdout == f"{tmp_path}\n"
    assert not list(tmp_path.rglob("site-packages"))


def test_an_old_or_foreign_interpreter_does_not_count(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho False /usr\n")
    foreign = tmp_path / "python3.12"
    foreign.write_text("#!/bin/sh\necho True /opt\n")
    for program in (old, foreign):
        program.chmod(0o755)
    assert interpreter.installed(tmp_path) is None
    good = tmp_path / "python3.13"
    good.write_text("#!/bin/sh\necho True /usr\n")
    good.chmod(0o755)
    interpreter.installed.cache_clear()
    assert interpreter.installed(tmp_path) == str(good)
    interpreter.installed.cache_clear()


def test_every_box_has_a_user_of_its_own_that_is_nobody():
    wide = [box_uid("run-a", index, mapped=1 << 32) for index in range(200)]
    assert wide == list(range(wide[0], wide[0] + 200))
    assert {uid in WIDE for uid in wide} == {True}
    narrow = {box_uid("run-a", index, mapped=65536) for index in range(200)}
    assert len(narrow) == 200
    assert narrow <= set(NARROW)
    assert not narrow & {user.pw_uid for user in pwd.getpwall()}
    assert box_uid("run-b", 0, mapped=1 << 32) not in wide


def test_a_real_user_is_passed_over(monkeypatch):
    taken = box_uid("run-a", 0, mapped=65536)
    monkeypatch.setattr("sandbox.isolation.uids._is_user", lambda uid: uid == taken)
    assert box_uid("run-a", 0, mapped=65536) != taken


def test_a_way_that_is_barred_is_named(runtime):
    folder = runtime / "deep" / "ada"
    folder.mkdir(parents=True)
    reach.require_reachable(folder, 7)
    (runtime / "deep").chmod(0o750)
    with pytest.raises(BoxError) as caught:
        reach.require_reachable(folder, 7)
    assert str(caught.value) == (
        f"the box's user 7 cannot reach '{folder}': '{runtime}/deep' has mode 0750. "
        f"Allow passing it (chmod o+x '{runtime}/deep') or use a runtime folder elsewhere"
    )
