"""A supervisor and a kernel that asks it, about a process of our own: no box is needed for that."""

import errno
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.isolation.seccomp import program
from sandbox.isolation.supervisor.denied import words_of
from sandbox.isolation.supervisor.memory import memory_of
from sandbox.isolation.supervisor.notification import allow, deny, receive, stands
from sandbox.isolation.supervisor.supervisor import Supervisor
from sandbox.isolation.supervisor.support import why_not
from sandbox.isolation.syscalls import MACHINES

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(why_not("bubblewrap") != "", reason=why_not("bubblewrap"))
CHROOT = MACHINES["x86_64" if os.uname().machine == "x86_64" else "aarch64"].numbers["chroot"]
ASKER = """
import os, socket, struct, sys
sys.path.insert(0, sys.argv[1])
from agents.confine import confine_asking
link = socket.socket(fileno=int(sys.argv[2]))
listener = confine_asking(bytes.fromhex(sys.argv[3]))
link.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("=i", listener))])
os.close(listener)
try:
    os.chroot("/")
except OSError as error:
    sys.exit(error.errno)
"""


@contextmanager
def asking() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process whose filter asks us about what boxes are asked about, and the descriptor by which it does."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        code = program(os.uname().machine, "ask").hex()
        argv = [sys.executable, "-I", "-c", ASKER, str(ROOT), str(theirs.fileno()), code]
        with subprocess.Popen(argv, pass_fds=[theirs.fileno()]) as process:
            theirs.close()
            _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
            try:
                yield process, listener
            finally:
                process.kill()
                os.close(listener)


def test_a_call_is_asked_about_and_denied():
    with asking() as (process, listener):
        asked = receive(listener)
        assert asked is not None
        assert (asked.pid, asked.number) == (process.pid, CHROOT)
        with memory_of(asked.pid) as memory:
            assert words_of("chroot", asked.args, memory) == ("/",)
        assert stands(listener, asked)
        deny(listener, asked)
        assert not stands(listener, asked)
        assert process.wait(10) == errno.EPERM


def test_a_process_that_dies_between_question_and_answer():
    with asking() as (process, listener):
        asked = receive(listener)
        assert asked is not None
        process.kill()
        process.wait(10)
        assert not stands(listener, asked)
        deny(listener, asked)
        allow(listener, asked)


def test_a_process_that_dies_before_anybody_looks():
    with asking() as (process, listener):
        select.select([listener], [], [], 10)
        process.kill()
        process.wait(10)
        assert receive(listener) is None


async def test_a_supervisor_that_breaks_says_so_and_leaves_no_call_behind(monkeypatch):
    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(Supervisor, "_see_denial", broken)
    with asking() as (process, listener):
        supervisor = Supervisor(os.dup(listener), "ada")
        with pytest.raises(RuntimeError, match="broken"):
            await supervisor.denied()
        await supervisor.stop()
        assert process.wait(10) == errno.EPERM


async def test_whoever_asks_a_descriptor_that_is_none_hears_of_it():
    reading, writing = os.pipe()
    supervisor = Supervisor(reading, "ada")
    os.write(writing, b"x")
    with pytest.raises(OSError, match="ioctl"):
        await supervisor.denied()
    await supervisor.stop()
    os.close(writing)
