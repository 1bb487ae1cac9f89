"""Who is connected to a Unix socket, by the kernel's table."""

import os
import socket
import sys

import pytest

from sandbox.isolation.witnesses.unix_peers import Listener, Peers, listener_at, within_reach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has such a table.")


@pytest.fixture
def listening(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        yield server, listener_at(tmp_path / "s")


def inode(link):
    return os.fstat(link.fileno()).st_ino


def test_those_that_are_connected_are_named_by_their_sockets(listening):
    server, listener = listening
    peers = Peers(None, listener)
    assert peers.connected() == set()
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as two:
        one.connect(server.getsockname())
        two.connect(server.getsockname())
        links = [server.accept()[0], server.accept()[0]]
        assert peers.connected() == {inode(one), inode(two)}
        for link in links:
            link.close()
    peers.close()
    peers.close()


def test_another_socket_of_the_same_name_is_another(listening, tmp_path):
    server, listener = listening
    other = Listener(listener.path, listener.device, listener.inode + 1)
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(server.getsockname())
        peers = Peers(None, other)
        with server.accept()[0]:
            assert peers.connected() == set()
        peers.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root may go to another namespace.")
def test_the_namespace_of_another_process_can_be_looked_at(listening):
    server, listener = listening
    peers = Peers(os.getpid(), listener)
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(server.getsockname())
        with server.accept()[0]:
            assert peers.connected() == {inode(link)}
    peers.close()


def test_there_may_be_no_such_socket(tmp_path):
    assert listener_at(tmp_path / "none") is None


def test_a_socket_is_within_reach_where_its_folder_is_mounted(tmp_path):
    listener = Listener(listener_at(tmp_path).path / "run/docker.sock", os.makedev(254, 0), 1)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text("1 0 254:0 / / rw - ext4 /dev/vda rw\n")
    socket_in_root = str(listener.path)
    parent = str(listener.path.parent)
    for pid, line, reached in [
        (7, f"1 0 254:0 {socket_in_root} /run/docker.sock rw - ext4 /dev/vda rw\n", True),
        (8, f"1 0 254:0 {parent} /mnt rw - ext4 /dev/vda rw\n", True),
        (9, f"1 0 254:0 {parent}/backrooms/run/ada /run/backrooms ro - ext4 /dev/vda rw\n", False),
        (10, f"1 0 0:50 {socket_in_root} /run/docker.sock rw - tmpfs tmpfs rw\n", False),
    ]:
        (tmp_path / f"proc/{pid}").mkdir()
        (tmp_path / f"proc/{pid}/mountinfo").write_text(line)
        assert within_reach(pid, listener, tmp_path / "proc") is reached, line
    assert within_reach(99, listener, tmp_path / "proc") is False
