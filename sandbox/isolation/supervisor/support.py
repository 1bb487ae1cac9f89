"""Where calls can be supervised: which tiers, which kernels; and if not, why, in a sentence."""

from __future__ import annotations

import functools
import os
import struct
import sys
import threading
from collections.abc import Mapping
from typing import Final

from sandbox.isolation.box import Tier

__all__ = ["why_not"]

LEAST: Final = (5, 6)
"""Linux: 5.5 lets a call go on after it was asked about, 5.6 walks a path within another root."""

_TIERS: Final[Mapping[Tier, str]] = {
    "none": "there is no box",
    "gvisor": "a box has a kernel of its own, gVisor's, which asks nobody outside",
    "kubernetes": "a Pod runs on another machine, whose kernel asks nobody here",
}


def why_not(tier: Tier) -> str:
    """Say why calls of a tier's boxes cannot be supervised on this machine; empty if they can."""
    return _TIERS.get(tier) or _kernel()


@functools.cache
def _kernel() -> str:
    if sys.platform != "linux":
        return f"seccomp is Linux', and this is {sys.platform}"
    release = os.uname().release
    if tuple(int(number) for number in release.split(".")[:2]) < LEAST:
        return f"Linux {release} is older than {LEAST[0]}.{LEAST[1]}"
    failed: list[str] = []
    trial = threading.Thread(target=_try, args=(failed,), name="supervisor.trial")
    trial.start()  # a filter is its thread's alone, and ends with it
    trial.join()
    return "".join(failed)


def _try(failed: list[str]) -> None:
    from agents.confine import confine_asking

    try:
        os.close(confine_asking(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF_0000)))  # allow all
    except OSError as error:
        failed.append(f"the kernel takes no filter that asks here ({error.strerror})")
