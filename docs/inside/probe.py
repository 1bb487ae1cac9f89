"""Run inside a box: says what a curious program finds there, a line each, as amicontained does; then the box may end.

Every system call is made with zeros, each by a process of its own. What is refused before its arguments are
looked at is listed: EPERM or ENOSYS. The table of names comes from outside, as ``{number: name}``.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

PATIENCE = 0.3
"""Seconds for a call; one that waits was not refused."""
REFUSED = {1: "EPERM", 38: "ENOSYS"}
OTHER, WAITED = 254, 253
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
TOLD = (
    "/proc/version", "/proc/cmdline", "/proc/cpuinfo", "/proc/meminfo", "/proc/loadavg", "/proc/uptime",
    "/proc/stat", "/proc/diskstats", "/proc/interrupts", "/proc/kallsyms", "/proc/keys",
    "/proc/sys/kernel/random/boot_id", "/proc/sys/kernel/core_pattern", "/proc/kcore", "/proc/timer_list",
    "/sys/block", "/sys/kernel", "/sys/fs/cgroup", "/etc/machine-id", "/dev/mem", "/dev/kmsg",
)  # fmt: skip


def main() -> None:
    """Say all of it."""
    status = dict(line.partition(":")[::2] for line in text("/proc/self/status").splitlines())
    status = {name: value.strip() for name, value in status.items()}
    sets = {name: status.get(name, "not told") for name in CAPABILITIES}
    say("system", " ".join(os.uname()[i] for i in (0, 2, 4)))
    say("user", f"uid {os.getuid()}, gid {os.getgid()}, groups {os.getgroups()}")
    say("user map", " ".join(text("/proc/self/uid_map").split()) or "none")
    say("profile", text("/proc/self/attr/current").strip("\0\n ") or "none")
    say("capabilities", "none" if set(sets.values()) <= {"0" * 16, "not told"} else str(sets))
    say("no new rights", {"1": "yes", "0": "NO"}.get(status.get("NoNewPrivs", ""), "not told"))
    filters = status.get("Seccomp_filters", "an unknown number of")
    say("seccomp", f"mode {status.get('Seccomp')}, {filters} filters")
    say("first process", " ".join(text("/proc/1/cmdline").split("\0")[:1]))
    say("processes seen", str(sum(path.name.isdigit() for path in Path("/proc").iterdir())))
    say(
        "interfaces",
        ", ".join(sorted(line.partition(":")[0].strip() for line in lines("/proc/net/dev")[2:])),
    )
    say("environment", ", ".join(sorted(os.environ)))
    say("devices", ", ".join(sorted(path.name for path in Path("/dev").iterdir())))
    for mount in lines("/proc/self/mountinfo"):
        before, _, behind = mount.partition(" - ")
        fields, (kind, source, *_) = before.split(), behind.split()
        options = [word for word in ("nosuid", "nodev", "noexec") if word in fields[5].split(",")]
        write = "written" if os.access(fields[4], os.W_OK) else "read"
        say(
            "mount",
            f"{fields[4]} {kind} from {source}{fields[3]}, can be {write}, {' '.join(options) or '-'}",
        )
    say("tells", ", ".join(path for path in TOLD if readable(path)))
    say("tells nothing", ", ".join(path for path in TOLD if not readable(path)))
    names = {int(number): name for number, name in json.loads(sys.argv[1]).items()}
    outcomes = {name: call(number) for number, name in names.items()}
    for code, error in REFUSED.items():
        found = sorted(name for name, got in outcomes.items() if got == code)
        say(f"refused with {error}", f"{len(found)} of {len(names)}: {', '.join(found)}")


def call(number: int) -> int:
    """Make a call with zeros in a process of its own: its error, or that it did something else."""
    pid = os.fork()
    if pid == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        ctypes.set_errno(0)
        done = libc.syscall(number, 0, 0, 0, 0, 0, 0)
        os._exit(ctypes.get_errno() if done < 0 and ctypes.get_errno() in REFUSED else OTHER)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, how = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(how)
        time.sleep(0.0005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return WAITED


def readable(name: str) -> bool:
    """Whether there is anything to be read."""
    path = Path(name)
    try:
        return any(path.iterdir()) if path.is_dir() else bool(path.open("rb").read(1))
    except OSError:
        return False


def lines(path: str) -> list[str]:
    """Read a file of lines; none where it cannot be read."""
    return text(path).splitlines()


def text(path: str) -> str:
    """Read a file; empty where it cannot be read."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def say(name: str, value: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{name + ':':<28}{value}\n")


main()
