"""Whose the socket is: who may connect to it, who may write beside it."""

import os
import socket
import stat
from pathlib import Path

import pytest

from sandbox.bus.gate import Gate
from sandbox.bus.rights import Rights
from sandbox.bus.upstream import Upstream
from sandbox.errors import BusError

NOBODY = 65534
ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can give a file to another user")
not_as_root = pytest.mark.skipif(ROOT, reason="root may give its files away")


@pytest.fixture
async def gate():
    async with Gate(Upstream("127.0.0.1", 1), notices=lambda notice: None) as gate:
        yield gate


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "ada"
    folder.mkdir(mode=0o700)
    return folder


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


async def test_for_our_own_uid_nobody_else_gets_near(gate, folder):
    await gate.open("ada", folder, Rights())
    assert (mode(folder), mode(folder / "bus.sock")) == (0o700, 0o600)


def connects(uid):
    """Whether another user can connect to the socket in the current folder, having failed to remove it."""
    os.seteuid(uid)
    try:
        with pytest.raises(PermissionError):
            Path("bus.sock").unlink()
        with socket.socket(socket.AF_UNIX) as agent:
            return agent.connect_ex("bus.sock") == 0
    finally:
        os.seteuid(0)


@as_root
async def test_for_another_uid_that_uid_alone_connects_and_cannot_write(gate, folder, monkeypatch):
    await gate.open("ada", folder, Rights(), owner_uid=NOBODY)
    path = folder / "bus.sock"
    assert (mode(folder), mode(path), path.stat().st_uid) == (0o711, 0o600, NOBODY)
    monkeypatch.chdir(folder)  # stands for the mount: no way through the folders above is needed
    assert connects(NOBODY)
    assert not connects(NOBODY - 1)


@not_as_root
async def test_without_root_the_folder_above_must_be_closed(gate, folder):
    folder.parent.chmod(0o755)
    with pytest.raises(BusError, match="must have mode 0700"):
        await gate.open("ada", folder, Rights(), owner_uid=NOBODY)
    folder.parent.chmod(0o700)
    await gate.open("ada", folder, Rights(), owner_uid=NOBODY)
    assert (mode(folder), mode(folder / "bus.sock")) == (0o711, 0o666)


async def test_a_folder_that_others_write_to_is_refused(gate, folder):
    folder.chmod(0o770)
    with pytest.raises(BusError) as caught:
        await gate.open("ada", folder, Rights())
    assert str(caught.value) == (
        f"The folder {folder} must be a folder of uid {os.geteuid()} that nobody else can write to."
    )
    assert list(folder.iterdir()) == []


async def test_a_link_in_place_of_the_folder_is_refused(gate, folder):
    link = folder.with_name("link")
    link.symlink_to(folder)
    with pytest.raises(BusError, match="must be a folder of uid"):
        await gate.open("ada", link, Rights())


async def test_a_folder_that_is_missing_is_said_to_be(gate, tmp_path):
    with pytest.raises(BusError) as caught:
        await gate.open("ada", tmp_path / "none", Rights())
    assert str(caught.value) == (
        f"The socket {tmp_path}/none/bus.sock cannot be made: No such file or directory."
        " Check the folder."
    )


async def test_a_socket_that_was_left_is_replaced_and_a_file_is_not(gate, folder):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "bus.sock"))
    await gate.open("ada", folder, Rights())
    await gate.close("ada")
    (folder / "bus.sock").write_text("mine", encoding="utf-8")
    with pytest.raises(BusError, match="Address already in use"):
        await gate.open("ada", folder, Rights())
    assert (folder / "bus.sock").read_text(encoding="utf-8") == "mine"


async def test_a_path_too_long_for_a_socket_is_refused(gate, folder):
    long = folder / ("x" * 100)
    long.mkdir()
    with pytest.raises(BusError) as caught:
        await gate.open("ada", long, Rights())
    assert str(caught.value) == (
        f"The socket's path is longer than 107 bytes: {long}/bus.sock. Use a shorter folder."
    )


async def test_an_agent_has_one_socket(gate, folder):
    await gate.open("ada", folder, Rights())
    with pytest.raises(BusError) as caught:
        await gate.open("ada", folder, Rights())
    assert str(caught.value) == "The gate is already open for agent 'ada'. Close it first."
    await gate.close("ada")
    await gate.close("ada")
    await gate.open("ada", folder, Rights())


async def test_leaving_the_gate_removes_every_socket(folder):
    async with Gate(Upstream("127.0.0.1", 1), notices=lambda notice: None) as gate:
        await gate.open("ada", folder, Rights())
        assert (folder / "bus.sock").is_socket()
    assert list(folder.iterdir()) == []
