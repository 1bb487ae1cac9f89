"""A base made of Debian's packages: whole or not at all, once, told in plain words; by a stand-in for mmdebstrap."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from sandbox.errors import GuestBuildError
from sandbox.isolation import base_image_tar
from sandbox.isolation.base_image import HOME_MADE, PACKAGES, TOOLS
from sandbox.isolation.base_image_import import import_base
from sandbox.isolation.base_image_tar import make_tar, tar_path
from sandbox.isolation.engine import connect


@pytest.fixture
def mmdebstrap(tmp_path, monkeypatch):
    """Puts a program of that name first in PATH; it knows its last argument as ``$out``."""

    def put(body: str) -> None:
        program = tmp_path / "programs" / "mmdebstrap"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nfor out; do :; done\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    return put


def test_it_is_made_once_and_each_step_is_told(tmp_path, mmdebstrap):
    mmdebstrap('echo "I: extracting archives..." >&2; echo "$@" >"$out"')
    said = []
    tar = make_tar("plain", said.append, tmp_path / "cache")
    assert tar == tar_path("plain", tmp_path / "cache")
    assert re.fullmatch(r"base-bookworm-[0-9a-f]{8}\.tar", tar.name)
    assert said == [
        f"making {tar} of Debian's packages (about a minute)",
        "extracting archives...",
    ]
    mode = "root" if os.geteuid() == 0 else "unshare"
    assert tar.read_text().startswith(
        "--variant=minbase --format=tar --include=busybox,procps,python3 "
        f"--mode={mode} --dpkgopt=path-exclude=/usr/share/info/*"
    )
    mmdebstrap("exit 1")
    assert make_tar("plain", said.append, tmp_path / "cache") == tar
    assert said[2:] == [f"{tar} is there"]


def test_other_packages_make_another_tar(monkeypatch):
    plain = tar_path("plain")
    assert tar_path("tools") != plain
    monkeypatch.setitem(PACKAGES, "plain", PACKAGES["plain"] + TOOLS[:1])
    assert tar_path("plain") != plain


def test_a_failure_is_told_and_leaves_nothing(tmp_path, temporary, mmdebstrap):
    mmdebstrap('echo half >"$out"; echo "E: no such suite" >&2; exit 2')
    with pytest.raises(GuestBuildError) as caught:
        make_tar("plain", print, tmp_path / "cache")
    assert str(caught.value).startswith("mmdebstrap failed to make a base image: E: no such suite")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]
    assert not list(temporary.glob("backrooms-base-*"))


def test_without_mmdebstrap_the_way_to_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GuestBuildError) as caught:
        make_tar("plain", print, tmp_path / "cache")
    assert str(caught.value) == (
        "a base image is made by the program 'mmdebstrap', which is not here. "
        "Install it (apt-get install mmdebstrap), or name an image that is at hand: --base IMAGE"
    )


def test_a_full_disk_is_told_beforehand(tmp_path, mmdebstrap, monkeypatch):
    mmdebstrap("exit 1")
    monkeypatch.setattr(base_image_tar, "SPACE", {"plain": 1 << 60})
    free = shutil.disk_usage(tmp_path).free >> 20
    with pytest.raises(GuestBuildError) as caught:
        make_tar("plain", print, tmp_path)
    pattern = rf"a base image needs {1 << 40} MiB in '{tmp_path}', where (\d+) MiB are free\. .*"
    found = re.fullmatch(pattern, str(caught.value))
    assert found is not None
    assert abs(int(found[1]) - free) < 1 << 15


def test_an_interrupted_one_leaves_nothing(tmp_path, mmdebstrap):
    mmdebstrap('trap "exit 1" TERM; echo half >"$out"; echo "I: begun" >&2; sleep 60 & wait')
    code = (
        "import sys, tempfile; from pathlib import Path;"
        "from sandbox.isolation.base_image_tar import make_tar;"
        f"tempfile.tempdir = {str(tmp_path)!r};"
        f"make_tar('plain', lambda line: print(line, flush=True), Path({str(tmp_path)!r}, 'cache'))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as house:
        assert house.stdout is not None
        house.stdout.readline()
        assert house.stdout.readline() == "begun\n"
        house.send_signal(signal.SIGINT)
        _, errors = house.communicate(timeout=20)
    assert errors.endswith("KeyboardInterrupt\n")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]
    assert not list(tmp_path.glob("backrooms-base-*"))


@pytest.mark.parametrize(
    "engine", [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("docker", "podman")]
)
def test_an_engine_is_given_it_once(engine, tmp_path, monkeypatch):
    name = f"backrooms-test-base:{os.getpid()}"
    monkeypatch.setitem(HOME_MADE, "plain", name)
    tar = tmp_path / "base-x.tar"
    with tarfile.open(tar, "w") as file:
        file.add(Path(__file__), "etc/file")
    client, said = connect(engine), []
    try:
        assert import_base(client, "plain", tar, said.append) == name
        assert import_base(client, "plain", tar, said.append) == name
        assert client.images.get(name).labels == {
            "backrooms.role": "base",
            "backrooms.base": "base-x",
        }
        broken = tmp_path / "broken.tar"
        broken.write_bytes(b"x" * 2048)
        with pytest.raises(GuestBuildError, match=r"^the engine cannot import '.*/broken.tar': "):
            import_base(client, "plain", broken, said.append)
    finally:
        client.images.remove(name)
        client.close()
    assert said[:2] == [f"importing {tar} as {name}", f"the engine has {name}"]
