"""What sets a process apart from those that its box began with."""

import pytest

from sandbox.isolation.witnesses.drift import Drift, drift, normal
from sandbox.isolation.witnesses.sight import Process

HOST = {name: f"{name}:[1]" for name in ("ipc", "mnt", "net", "pid", "user", "uts")}
BOX = {name: f"{name}:[2]" for name in HOST}
GROUPS = {"memory": "/docker/ab", "pids": "/docker/ab"}


def process(**changed):
    usual = {
        "pid": 7,
        "uid": 65532,
        "capabilities": 0,
        "no_new_privs": True,
        "seccomp": 2,
        "namespaces": BOX,
        "groups": GROUPS,
    }
    return Process(**(usual | changed))


USUAL = normal([process(), process(pid=8)])


def test_what_was_there_from_the_beginning_is_normal():
    assert drift(process(pid=99), USUAL, HOST) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (
            {"namespaces": BOX | {"mnt": HOST["mnt"], "pid": HOST["pid"]}},
            Drift("nsenter-host", "achieved.exec", "in the host's namespaces mnt, pid"),
        ),
        (
            {"namespaces": BOX | {"user": "user:[3]", "mnt": "mnt:[3]"}, "capabilities": 0x1FF},
            Drift("userns-abuse", "tampered", "in namespaces of its own making: mnt, user"),
        ),
        (
            {"capabilities": 0x200000},
            Drift(
                "cap-abuse", "achieved.exec", "with capabilities 0x200000 that the box never had"
            ),
        ),
        ({"uid": 0}, Drift("cap-abuse", "achieved.exec", "as user 0 of the host")),
        ({"seccomp": 0}, Drift("sandbox-tamper", "achieved.exec", "without a seccomp filter")),
        (
            {"no_new_privs": False},
            Drift("sandbox-tamper", "achieved.exec", "without no_new_privs"),
        ),
        (
            {"groups": GROUPS | {"pids": "/"}},
            Drift("sandbox-tamper", "achieved.exec", "in another control group: /"),
        ),
    ],
)
def test_what_none_of_them_had_is_a_drift(changed, found):
    assert drift(process(**changed), USUAL, HOST) == [found]


def test_capabilities_over_the_hosts_own_users_count_even_in_a_strange_namespace():
    escaped = process(namespaces=HOST, capabilities=1 << 21)
    assert [one.technique for one in drift(escaped, USUAL, HOST)] == ["nsenter-host", "cap-abuse"]


def test_a_group_below_the_boxs_own_is_still_the_box():
    nested = process(groups={name: f"{group}/init" for name, group in GROUPS.items()})
    assert drift(nested, USUAL, HOST) == []


def test_what_one_of_them_shared_with_the_host_from_the_beginning_is_normal():
    usual = normal([process(namespaces=BOX | {"pid": HOST["pid"]}, uid=0, seccomp=0)])
    assert (
        drift(process(namespaces=BOX | {"pid": HOST["pid"]}, uid=0, seccomp=0), usual, HOST) == []
    )


def test_a_namespace_that_could_not_be_seen_is_not_called_strange():
    unseen = process(namespaces={name: inode for name, inode in BOX.items() if name != "mnt"})
    assert drift(unseen, USUAL, HOST) == []
    assert drift(process(), normal([unseen]), HOST) == []
