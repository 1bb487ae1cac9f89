"""The bubblewrap command as a value, and what is said where it does not work."""

from pathlib import Path

import pytest

from sandbox.errors import TierUnavailable
from sandbox.isolation import bubblewrap_probe
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.bubblewrap_command import HostTree, host_tree, options, rlimits
from sandbox.isolation.bubblewrap_probe import diagnosis
from sandbox.isolation.bwrap import find
from sandbox.isolation.guest import Guest
from sandbox.isolation.layout import GuestPaths, guest_argv


def test_the_options_of_a_box():
    words = options(
        guest=Guest(Path("/cache/guest-1"), "/usr/bin/python3.11"),
        folder=Path("/run/br/ada"),
        limits=BoxLimits(disk=1_000_000),
        host=HostTree(folders=("/sbin",), hidden=("/usr/local", "/usr/lib/house")),
        filter_fd=10,
        status_fd=11,
    )
    assert " ".join(words) == (
        "--unshare-all --unshare-user --disable-userns --assert-userns-disabled"
        " --uid 65532 --gid 65532 --hostname agent --die-with-parent --new-session --cap-drop ALL"
        " --clearenv --setenv PATH /opt/backrooms/bin:/usr/bin:/bin --setenv HOME /home/agent"
        " --setenv LANG C.UTF-8"
        " --ro-bind /usr /usr"
        " --tmpfs /usr/local --remount-ro /usr/local --tmpfs /usr/lib/house --remount-ro /usr/lib/house"
        " --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64"
        " --symlink usr/sbin /sbin --ro-bind /sbin /sbin"
        " --ro-bind-try /etc/alternatives /etc/alternatives"
        " --proc /proc --ro-bind /proc/sys /proc/sys"
        " --dev /dev --remount-ro /dev --size 16777216 --tmpfs /dev/shm"
        " --perms 1777 --size 67108864 --tmpfs /tmp"
        " --dir /home --perms 0700 --size 1000000 --tmpfs /home/agent"
        " --ro-bind /cache/guest-1/opt /opt --ro-bind /run/br/ada /run/backrooms"
        " --remount-ro / --chdir /home/agent --seccomp 10 --json-status-fd 11"
    )


def test_the_guests_command():
    spec = BoxSpec("20261121-113908-x-abcd", "ada", Path("/run/br/ada"))
    argv = guest_argv(spec, GuestPaths(python="/usr/bin/python3"), {"nofile": 256, "nproc": 8})
    assert " ".join(argv) == (
        "/usr/bin/python3 -I -S /opt/backrooms/agents --run 20261121-113908-x-abcd --agent ada"
        " --bus /run/backrooms/bus.sock --control /run/backrooms/control.sock --home /home/agent"
        " --limits nofile=256,nproc=8"
    )


def test_processes_are_limited_only_where_they_are_counted_per_box():
    limits = BoxLimits(memory=1, pids=2, disk=3)
    common = {"nofile": 256, "fsize": 3, "as": 4 << 30, "data": 1}
    assert rlimits(limits, uid=None, kernel="5.10.0-31-amd64") == common
    assert rlimits(limits, uid=7, kernel="5.10.0-31-amd64") == {**common, "nproc": 2}
    assert rlimits(limits, uid=None, kernel="6.1.0-40-amd64") == {**common, "nproc": 2}


def test_what_a_box_shows_of_a_host(tmp_path):
    for name in ("usr/bin", "usr/local", "lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    assert host_tree(tmp_path, Path("/usr/lib/python3/dist-packages")) == HostTree(
        links=(("usr/bin", "/bin"),),
        folders=("/lib",),
        hidden=("/usr/local", "/usr/lib/python3/dist-packages"),
    )
    assert host_tree(tmp_path, Path("/usr/local/lib/x")).hidden == ("/usr/local",)
    assert host_tree(tmp_path, Path("/home/me/backrooms")).hidden == ("/usr/local",)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (
            {"user/max_user_namespaces": "0"},
            "user namespaces are switched off (user.max_user_namespaces is 0)",
        ),
        (
            {"kernel/unprivileged_userns_clone": "0"},
            "user namespaces are for root alone (kernel.unprivileged_userns_clone is 0)",
        ),
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "AppArmor keeps unprivileged programs from user namespaces",
        ),
        (
            {"user/max_user_namespaces": "9"},
            "bwrap could not make a box: bwrap: setting up uid map: Permission denied",
        ),
    ],
)
def test_what_keeps_bubblewrap_from_working(settings, why):
    said = "bwrap: setting up uid map: Permission denied\n"
    assert diagnosis(said, settings.get)[0] == why


@pytest.mark.needs("bubblewrap")
def test_the_wheels_bwrap_serves_where_path_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find()
    assert found is not None
    assert found.version == "0.11.0"
    bubblewrap_probe.probe()


def test_an_old_bwrap_does_not_count(monkeypatch, tmp_path):
    old = tmp_path / "bwrap"
    old.write_text("#!/bin/sh\necho bubblewrap 0.6.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = find()
    assert found is None or found.program != old


def test_other_systems_are_told_what_to_do(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(TierUnavailable) as caught:
        bubblewrap_probe.parts()
    assert str(caught.value) == (
        "tier 'bubblewrap' is not available here: namespaces are Linux', and this is darwin. "
        "Use a Linux machine, or a scenario whose agents only talk (tier 'none')."
    )
