"""Whether a process that was started once is still there."""

import subprocess
import sys

import pytest

from sandbox.alive import start_mark

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is about Linux's /proc")

ITS_FIRST_THREAD_ENDS = """
import ctypes, os, sys, threading, time

def state():
    return open(f"/proc/{os.getpid()}/stat").read().rpartition(")")[2].split()[0]

def go_on():
    while state() != "Z":
        time.sleep(0.001)
    print(state(), flush=True)
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=go_on).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def started(code):
    argv = [sys.executable, "-c", code]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_zombie_is_none():
    process = started("print('here', flush=True); input()")
    assert process.stdout.readline() == b"here\n"
    mark = start_mark(process.pid)
    assert mark is not None
    process.kill()
    process.stdout.read()  # its end
    while (found := start_mark(process.pid)) is not None:
        assert found == mark
    process.communicate()
    assert start_mark(process.pid) is None


def test_a_process_whose_other_threads_run_is_no_zombie_yet():
    process = started(ITS_FIRST_THREAD_ENDS)
    mark = start_mark(process.pid)
    assert process.stdout.readline() == b"Z\n"
    assert start_mark(process.pid) == mark is not None
    process.communicate()
    assert process.returncode == 0
    assert start_mark(process.pid) is None
