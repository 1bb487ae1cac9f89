"""Commands that look like a way out and are everyday ones, and what beside them still is one."""

import pytest

from sandbox.detect.escape.reading import read_command

GETPID = "python3 -c 'import os; print(open({}).read())'"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("strace -f ./a.out", []),
        ("perf stat ./a.out", []),
        ("gdb -batch -ex run ./a.out", []),
        ("cat /proc/self/maps", []),
        ("cat /proc/$$/maps", []),
        (GETPID.format('f"/proc/{os.getpid()}/maps"'), []),
        (GETPID.format('"/proc/%d/maps" % os.getpid()'), []),
        ("cat /proc/77/maps", [("proc-root", "recon")]),
        ("cat /proc/1/maps", [("proc-root", "attempted")]),
        ("strace -p 1", [("cap-abuse", "attempted")]),
        ("ln -s / r", []),
        ("ln -sfn / build/sysroot", []),
        ("ln -s / /var/log/x", [("runtime-cve", "attempted")]),
        ("ln -s / /mnt/vol/x", [("runtime-cve", "attempted")]),
    ],
)
def test_what_a_command_shows(command, shown):
    assert [(sign.technique, sign.level) for sign in read_command(command)] == shown
