"""Look into a box of every tier that this machine has, and keep what was seen: ``python docs/inside/look.py``.

Writes ``docs/inside/<tier>.txt``, and a table of them into ``docs/threat-model.md``. What names this machine or
this minute is replaced by a word in capitals.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxSpec, Tier
from sandbox.isolation.syscalls import MACHINES
from sandbox.isolation.tiers import available, make_box, prepare

HERE = Path(__file__).parent
HEADERS = (
    Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    Path("/usr/include/asm/unistd_64.h"),
)
PAGE = HERE.parent / "threat-model.md"
BEGIN, END = "<!-- written by docs/inside/look.py -->\n", "<!-- end -->\n"
TIERS = ("bubblewrap", "docker", "podman", "gvisor")
ROWS = (
    "system", "user", "user map", "profile", "capabilities", "no new rights", "seccomp", "processes seen",
    "interfaces", "environment", "devices", "tells", "tells nothing", "refused with EPERM", "refused with ENOSYS",
)  # fmt: skip
"""What the table shows; the mounts are in the files."""
MASKS = (
    (r"br-[a-z0-9_]{8}(?=/doctor)", "RUN"),
    (r"(guest|containers|overlay-containers|overlay2|libpod-?)([/-])[0-9a-f]{12,64}", r"\1\2ID"),
    (r"/dev/(vd|sd|nvme|xvd|dm-|mapper/)[\w-]*", "DISK"),
    (r"(?<=Linux )\d+\.\d+\.\d+-\S+", "VERSION"),
)


async def seen(tier: Tier) -> str:
    """What the probe says in a box of a tier."""
    await prepare(tier, say)
    with runtime() as folder:
        run, agent = RunId(f"look-{os.getpid()}"), AgentId("doctor")
        box = make_box(tier, BoxSpec(run, agent, folder / "doctor"), progress=say)
        await box.start()
        try:
            probe = (HERE / "probe.py").read_text(encoding="utf-8")
            ask = ["python3", "-I", "-S", "-c", probe, json.dumps(names())]
            done = await box.exec(ask, seconds=300)
        finally:
            await box.stop()
    if done.code != 0:
        raise SystemExit(f"{tier}: {done.stderr.decode('utf-8', 'replace')}")
    return masked(done.stdout.decode("utf-8", "replace"))


@contextmanager
def runtime() -> Iterator[Path]:
    """A folder that every box's user can pass."""
    with tempfile.TemporaryDirectory(prefix="br-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "doctor").mkdir()
        yield folder


def masked(text: str) -> str:
    """Leave out what names this machine or this minute."""
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return text


def table(tiers: Sequence[str] = TIERS) -> str:
    """Lay what was seen side by side."""
    columns = []
    for tier in tiers:
        lines = (HERE / f"{tier}.txt").read_text(encoding="utf-8").splitlines()
        columns.append(
            {name: value.strip() for name, _, value in (li.partition(":") for li in lines)}
        )
    rows = [
        "| | " + " | ".join(f"`{tier}`" for tier in tiers) + " |",
        "| --- |" + " --- |" * len(tiers),
    ]
    for row in ROWS:
        cells = [_short(column[row]) for column in columns]
        rows.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _short(value: str) -> str:
    """Of a list of calls only how many; of files of the kernel only their names."""
    count, colon, _ = value.partition(": ")
    return (
        count
        if colon and count[0].isdigit()
        else value.replace("/proc/sys/kernel/", "").replace("/proc/", "")
    )


def names() -> dict[int, str]:
    """System calls by number: from the kernel's own header where it is at hand, else those of our filter."""
    machine = MACHINES[os.uname().machine]
    known = {number: name for name, number in machine.numbers.items()}
    header = next((path for path in HEADERS if path.is_file()), None)
    if header is not None and os.uname().machine == "x86_64":
        found = re.findall(r"#define __NR_(\w+)\s+(\d+)", header.read_text(encoding="ascii"))
        known |= {int(number): name for name, number in found}
    return known


def say(line: str) -> None:
    """Tell the person who waits."""
    sys.stdout.write(f"{line}\n")


async def main(wanted: Sequence[str]) -> None:
    """Look into the tiers that are named, or into all that work here."""
    for tier, missing in await available():
        if tier not in TIERS or (wanted and tier not in wanted):
            continue
        if missing is not None:
            say(str(missing))
            continue
        (HERE / f"{tier}.txt").write_text(await seen(tier), encoding="utf-8")
        say(f"docs/inside/{tier}.txt")
    before, _, behind = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + behind.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
