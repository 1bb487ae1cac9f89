"""How long the app takes to its first paint, in a pseudo-terminal: CPU time of its process, and memory.

    python tests/bench/tui_start.py [--times 5]

The first paint is there when the names of the scenarios are: read from the terminal, as its user would.
"""

from __future__ import annotations

import argparse
import os
import pty
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from fcntl import ioctl
from pathlib import Path

SEEN = b"two-strangers"
PATIENCE = 60.0
BAR = 0.6


def start() -> tuple[float, float, float]:
    """Seconds of CPU and of the wall, and MiB, at the first paint."""
    began = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "sandbox"])
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    try:
        while SEEN not in seen:
            if time.monotonic() - began > PATIENCE:
                raise SystemExit(f"{SEEN!r} never came:\n{seen[-2000:]!r}")
            if select.select([terminal], [], [], 0.1)[0]:
                seen += os.read(terminal, 1 << 16)
        wall = time.monotonic() - began
        stat = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        pages = int(Path(f"/proc/{child}/statm").read_text().split()[1])
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)
    ticks = os.sysconf("SC_CLK_TCK")
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return (int(stat[11]) + int(stat[12])) / ticks, wall, memory


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "XDG_STATE_HOME": folder,
            "XDG_CONFIG_HOME": folder,
            "COLORTERM": "truecolor",
        }
        os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
        os.chdir(folder)
        found = [start() for _ in range(times)]
    cpu, wall, memory = (statistics.median(column) for column in zip(*found, strict=True))
    mark = "ok" if cpu <= BAR else "OVER"
    print(f"{mark}  first paint: {cpu:.2f} s CPU (bar {BAR}), {wall:.2f} s wall, {memory:.0f} MiB")
