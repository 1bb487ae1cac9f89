"""The verdict over a box: sound ones pass, each hole has its name, and no report whatever breaks the judge."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.isolation.supervisor.supervisor import Drilled
from sandbox.isolation.verdict import Finding, drill_findings, findings
from sandbox.isolation.witness import Seen

ZEROS = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0" * 16)
SOUND = {
    "nonce": "00",
    "ids": [65532] * 4,
    "groups": [65532],
    "status": {**ZEROS, "NoNewPrivs": "1", "Seccomp": "2"},
    "profile": "",
    "namespaces": {"mnt": "mnt:[4026531841]"},
    "mounts": [
        ["/", "ro,nosuid,nodev", "tmpfs", "tmpfs", "/newroot", ""],
        ["/usr", "ro,nosuid,nodev", "ext4", "/dev/vda", "/usr", ""],
        ["/proc", "rw,nosuid,nodev", "proc", "proc", "/", ""],
        ["/tmp", "rw,nosuid,nodev", "tmpfs", "tmpfs", "/", ""],
        ["/run/backrooms", "ro,nosuid,nodev", "ext4", "/dev/vda", "/run/x", ""],
    ],
    "devices": ["/dev/null", "/dev/ptmx"],
    "sockets": ["/run/backrooms/bus.sock"],
    "environment": ["HOME", "LANG", "PATH"],
    "interfaces": ["lo"],
    "pids": 2,
    "write": {"/proc/sys/kernel/core_pattern": "EACCES"},
    "read": {"/proc/kcore": "ENOENT"},
    "make": {"/": "EROFS"},
    "start": {},
    "calls": {"mount": "EPERM"},
    "families": {"netlink": "EPERM"},
    "connect": {"1.1.1.1:53": "ENETUNREACH"},
}
SEEN = Seen(pid=7, uid=60578, capabilities=0, no_new_privs=True, seccomp=2, filters=1, shared=())
HOLES = {
    "ids": ("ids", [0, 0, 0, 0]),
    "groups": ("groups", [65532, 0]),
    "capabilities.CapBnd": ("status", SOUND["status"] | {"CapBnd": "00000000a80425fb"}),
    "no_new_privs": ("status", SOUND["status"] | {"NoNewPrivs": "0"}),
    "seccomp": ("status", SOUND["status"] | {"Seccomp": "0"}),
    "interfaces": ("interfaces", ["eth0", "lo"]),
    "devices": ("devices", ["/dev/sda"]),
    "sockets": ("sockets", ["/run/docker.sock"]),
    "environment": ("environment", ["AWS_SECRET_ACCESS_KEY"]),
    "mounts.engine_socket": ("mounts", [["/x", "ro", "tmpfs", "tmpfs", "/docker.sock", ""]]),
    "mounts.host": ("mounts", [["/data", "ro", "ext4", "/dev/vda", "/etc", ""]]),
    "mounts.writable": ("mounts", [["/etc", "rw", "tmpfs", "tmpfs", "/", ""]]),
    "mounts.kernel": ("mounts", [["/sys", "rw", "sysfs", "sysfs", "/", ""]]),
    "mounts.shared": ("mounts", [["/tmp", "rw", "tmpfs", "tmpfs", "/", "shared:3"]]),
    "probe.write": ("write", {"/proc/sysrq-trigger": "done"}),
    "probe.read": ("read", {"/etc/shadow": "done"}),
    "probe.make": ("make", {"/usr": "done"}),
    "probe.start": ("start", {"/tmp": "ENOEXEC"}),
    "probe.calls": ("calls", {"bpf": "EINVAL"}),
    "probe.families": ("families", {"packet": "done"}),
    "probe.connect": ("connect", {"169.254.169.254:80": "done"}),
}
OUTSIDE = {
    "host.uid": {"uid": 0},
    "host.capabilities": {"capabilities": 1},
    "host.no_new_privs": {"no_new_privs": False},
    "host.seccomp": {"seccomp": 0},
    "host.namespaces": {"shared": ("net",)},
}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
ONE_SEEN = st.builds(
    Seen,
    pid=st.integers(1),
    uid=st.integers(0),
    capabilities=st.integers(0),
    no_new_privs=st.booleans(),
    seccomp=st.integers(0, 2),
    filters=st.none() | st.integers(1, 3),
    shared=st.lists(st.sampled_from(["net", "pid", "user"])).map(tuple),
)


def judged(report, outside=(SEEN,), **how) -> list[Finding] | None:
    """The findings; None for a report that is none, by one of the errors that the judge documents."""
    try:
        return findings(report, outside, **how)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def test_each_process_must_have_every_filter():
    found = findings(SOUND, [SEEN, replace(SEEN, pid=8, filters=2)], filters=2)
    assert found == [Finding("host.seccomp", "process 7 has 1 seccomp filters, not 2")]
    assert findings(SOUND, [replace(SEEN, filters=None)], filters=2) == []


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [Drilled("unshare", 1, (0, 0, 0, 0xAB, 0, 0))],
        [Drilled("mount", 1, (0, 0, 0, 0xAC, 0, 0))],
    ],
)
def test_a_drill_that_was_not_seen_is_found(seen):
    found = [Finding("supervisor.drill", "a denied call inside was not seen outside")]
    assert drill_findings(seen, "ab") == found
    assert drill_findings([*seen, Drilled("mount", 1, (0, 0, 0, 0xAB, 0, 0))], "ab") == []


def test_a_sound_box():
    assert findings(SOUND, [SEEN]) == []


@pytest.mark.parametrize("check", HOLES)
def test_each_hole_is_named(check):
    part, value = HOLES[check]
    assert [one.check for one in findings(SOUND | {part: value}, [SEEN])] == [check]


@pytest.mark.parametrize("check", OUTSIDE)
def test_each_hole_that_only_the_host_sees_is_named(check):
    changed = {name: getattr(SEEN, name) for name in Seen.__slots__} | OUTSIDE[check]
    assert [one.check for one in findings(SOUND, [Seen(**changed)])] == [check]


def test_a_box_that_the_host_does_not_see_is_not_sound():
    assert findings(SOUND, []) == [Finding("host.sight", "the host sees no process of the box")]


def test_a_closed_box_must_have_tried_to_start_a_program():
    nobody = Finding("probe.start", "nobody tried to start a program")
    assert findings(SOUND, [SEEN], noexec=True) == [nobody]
    assert findings(SOUND | {"start": {"/tmp": "EACCES"}}, [SEEN], noexec=True) == []


@pytest.mark.parametrize(
    "part", [name for name in SOUND if name not in {"nonce", "profile", "namespaces", "pids"}]
)
def test_a_report_that_keeps_something_back_is_none(part):
    report = {name: value for name, value in SOUND.items() if name != part}
    with pytest.raises(KeyError):
        findings(report, [SEEN])


@given(JSON, st.booleans(), st.booleans())
def test_no_report_breaks_the_judge(report, own_kernel, noexec):
    found = judged(report, own_kernel=own_kernel, noexec=noexec)
    assert found is None or found != []


@given(st.sampled_from(sorted(SOUND)), JSON, st.booleans())
def test_no_part_of_a_report_breaks_the_judge(part, value, own_kernel):
    report = copy.deepcopy(SOUND) | {part: value}
    assert isinstance(judged(report, own_kernel=own_kernel), list | None)


@given(st.lists(st.lists(JSON, min_size=5, max_size=7), max_size=5))
def test_no_table_of_mounts_breaks_the_judge(mounts):
    assert isinstance(judged(SOUND | {"mounts": mounts}), list | None)


@given(st.lists(ONE_SEEN, max_size=5))
def test_whatever_the_host_sees_is_judged(outside):
    harmless = [
        (seen.uid != 0, seen.capabilities, seen.no_new_privs, seen.seccomp, seen.shared)
        == (True, 0, True, 2, ())
        for seen in outside
    ]
    assert (findings(SOUND, outside) == []) == (bool(outside) and all(harmless))
