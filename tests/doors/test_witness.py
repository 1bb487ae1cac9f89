"""Whoever is at a door is named by the kernel: with real sockets and processes, and with a /proc made by hand."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from sandbox.isolation.doors.witness import Inhabited, Peer, peer_of, who

CONNECT = (
    "import socket,sys; s=socket.socket(1); s.connect(sys.argv[1]); print(flush=True); input()"
)


@pytest.fixture
def caller(folder):
    """Another process, connected to a socket of ours."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-c", CONNECT, str(folder / "s")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        link, _ = listener.accept()
        process.stdout.readline()
        yield process, link
        link.close()
        process.communicate()


def test_a_process_is_named_by_what_the_host_sees(caller):
    process, link = caller
    peer = peer_of(link)
    found = who(peer, Inhabited(os.getpid()))
    assert found == {
        "names": "process",
        "pid": process.pid,
        "uid": os.getuid(),
        "in_box": True,
        "program": os.path.realpath(sys.executable),
        "command": " ".join([sys.executable, "-c", CONNECT, found["command"].split()[-1]]),
    }
    assert who(peer, Inhabited(None))["in_box"] is None
    assert who(peer, Inhabited(os.getpid(), own_kernel=True)) == {"names": "box"}
    peer.close()


def test_one_that_has_gone_is_not_taken_for_another(caller):
    process, link = caller
    peer = peer_of(link)
    if peer.handle < 0:
        pytest.skip("This kernel gives no handle on a peer (before Linux 6.5).")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert who(peer, Inhabited(os.getpid())) == {
        "names": "process", "pid": process.pid, "uid": os.getuid(), "ended": True,
    }  # fmt: skip
    peer.close()


def row(local, remote, state, inode):
    return f"   0: 0100007F:{local:04X} 0100007F:{remote:04X} {state} 0 0 0 65532 0 {inode} 1 0\n"


@pytest.fixture
def proc(tmp_path):
    """A box of three processes: 10 is its first, 11 the guest that forwards port 8080, 12 a client."""
    tcp = (
        "head\n"
        + row(8080, 0, "0A", 500)
        + row(40000, 8080, "01", 601)
        + row(8080, 40000, "01", 602)
    )

    def make(pid, mounts, sockets, children=""):
        folder = tmp_path / str(pid)
        for name in ("ns", "fd", "net", f"task/{pid}"):
            (folder / name).mkdir(parents=True)
        (folder / "ns/mnt").symlink_to(f"mnt:[{mounts}]")
        (folder / "exe").symlink_to(f"/bin/p{pid}")
        (folder / "cmdline").write_bytes(b"p%d\0--x\0\xff\0" % pid)
        (folder / "net/tcp").write_text(tcp)
        (folder / f"task/{pid}/children").write_text(children)
        for number, inode in enumerate(sockets):
            (folder / f"fd/{number}").symlink_to(f"socket:[{inode}]")

    make(10, 7, [], "11 12")
    make(11, 7, [500, 602])
    make(12, 7, [601])
    make(99, 1, [])
    return tmp_path


def test_behind_the_guest_s_port_the_client_is_found(proc):
    found = who(Peer(11, 65532), Inhabited(10), 8080, proc)
    assert (found["pid"], found["via"]) == (11, "loopback")
    assert found["clients"] == [
        {"pid": 12, "in_box": True, "program": "/bin/p12", "command": "p12 --x \ufffd"}
    ]
    assert "via" not in who(Peer(12, 65532), Inhabited(10), 8080, proc)
    assert "via" not in who(Peer(11, 65532), Inhabited(10), 9, proc)


def test_a_process_of_elsewhere_is_told_as_such(proc):
    assert who(Peer(99, 0), Inhabited(10), 8080, proc)["in_box"] is False


def test_what_cannot_be_seen_is_none(proc):
    assert who(Peer(77, 5), Inhabited(10), 8080, proc) == {
        "names": "process", "pid": 77, "uid": 5, "in_box": None, "program": None, "command": None,
    }  # fmt: skip
    assert who(None, Inhabited(10)) == who(Peer(0, 0), Inhabited(10)) == {"names": "box"}
