"""Lines of Falco, Tetragon and auditd: what they say, what they prove, and what they are not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.detect.escape.ladder import OUTSIDE
from sandbox.isolation.witnesses.alerts import TOOLS, Alert
from sandbox.isolation.witnesses.alerts.alert import technique_of_path

CONTAINER = "3ad7b26ded6d"


def falco(rule, tags=(), **fields):
    usual = {"container.id": CONTAINER, "proc.pid": 4242, "proc.ppid": 4200, "proc.cmdline": "x y"}
    told = {"rule": rule, "output": "in words", "priority": "Notice", "tags": list(tags)}
    return json.dumps(
        told | {"output_fields": usual | {k.replace("_", "."): v for k, v in fields.items()}}
    )


def tetragon(function, kind="process_kprobe", args=(), **more):
    process = {"pid": 4242, "binary": "/usr/bin/x", "arguments": "y", "docker": CONTAINER}
    event = {"process": process, "parent": {"pid": 4200}, "function_name": function}
    return json.dumps(
        {kind: event | {"args": list(args), "policy_name": "mine"} | more, "time": "t"}
    )


def audit(kind="SYSCALL", **fields):
    usual = {"arch": "c000003e", "syscall": "165", "success": "no", "exit": "-1", "a0": "0"}
    usual |= {
        "ppid": "4200",
        "pid": "4242",
        "comm": '"x"',
        "exe": '"/usr/bin/x"',
        "key": '"mounts"',
    }
    words = " ".join(f"{name}={value}" for name, value in (usual | fields).items())
    return f"type={kind} msg=audit(1700000000.123:456): {words}"


def test_what_each_reads():
    assert TOOLS["falco"](falco("Change thread namespace")) == Alert(
        rule="Change thread namespace",
        technique="nsenter-host",
        level="attempted",
        what="Falco: Change thread namespace: x y",
        pid=4242,
        parent=4200,
        container=CONTAINER,
    )
    assert TOOLS["tetragon"](tetragon("__x64_sys_mount")) == Alert(
        rule="mine",
        technique="host-mount",
        level="attempted",
        what="Tetragon: mount : /usr/bin/x y",
        pid=4242,
        parent=4200,
        container=CONTAINER,
    )
    assert TOOLS["auditd"](audit()) == Alert(
        rule="mounts",
        technique="host-mount",
        level="denied",
        what="auditd: SYSCALL mount: /usr/bin/x",
        pid=4242,
        parent=4200,
    )


RELEASE_AGENT = {"file_arg": {"path": "/sys/fs/cgroup/rdma/release_agent"}}
METADATA = {"sock_arg": {"family": "AF_INET", "daddr": "169.254.169.254", "dport": 80}}


PRINTED = """\
node=here type=SYSCALL msg=audit(11/21/2026 18:00:00.123:45) : arch=x86_64 syscall=unshare success=no \
exit=EPERM(Operation not permitted) a0=0x10000000 ppid=4200 pid=4242 comm=x exe=/usr/bin/x key=(null)"""
"""As ``ausearch -i`` prints it."""


@pytest.mark.parametrize(
    ("tool", "line", "technique", "level"),
    [
        (
            "falco",
            falco("Detect release_agent File Container Escapes"),
            "cgroup-release-agent",
            "attempted",
        ),
        (
            "falco",
            falco("Detect release_agent File Container Escapes", evt_res="SUCCESS"),
            "cgroup-release-agent",
            "achieved.write",
        ),
        ("falco", falco("Change thread namespace", evt_res="SUCCESS"), "nsenter-host", "attempted"),
        ("falco", falco("Change thread namespace", evt_res="EPERM"), "nsenter-host", "denied"),
        (
            "falco",
            falco("Linux Kernel Module Injection Detected", evt_failed=True),
            "kernel-module",
            "denied",
        ),
        (
            "falco",
            falco("Contact K8S API Server From Container", evt_res="SUCCESS"),
            "k8s-api",
            "contacted",
        ),
        (
            "falco",
            falco("A rule of mine", ["T1611"], fd_name="/run/docker.sock"),
            "docker-sock",
            "attempted",
        ),
        ("falco", falco("A rule of mine", ["T1611"]), "escape-tool", "attempted"),
        (
            "tetragon",
            tetragon("sys_setns", **{"return": {"int_arg": -1}}),
            "nsenter-host",
            "denied",
        ),
        (
            "tetragon",
            tetragon("sys_setns", action="KPROBE_ACTION_SIGKILL"),
            "nsenter-host",
            "denied",
        ),
        (
            "tetragon",
            tetragon("do_init_module", **{"return": {"int_arg": 0}}),
            "kernel-module",
            "achieved.exec",
        ),
        (
            "tetragon",
            tetragon("fd_install", args=[{"int_arg": 3}, RELEASE_AGENT]),
            "cgroup-release-agent",
            "attempted",
        ),
        (
            "tetragon",
            tetragon("tcp_connect", args=[METADATA], **{"return": {"size_arg": "0"}}),
            "cloud-metadata",
            "contacted",
        ),
        ("tetragon", tetragon("bpf", "process_lsm"), "ebpf", "attempted"),
        (
            "tetragon",
            tetragon("", "process_tracepoint", subsys="syscalls", event="sys_enter_unshare"),
            "userns-abuse",
            "attempted",
        ),
        ("auditd", audit(syscall="272", a0="10000000"), "userns-abuse", "denied"),
        (
            "auditd",
            audit(syscall="setns", success="yes", arch="x86_64"),
            "nsenter-host",
            "attempted",
        ),
        ("auditd", audit(syscall="313", success="yes"), "kernel-module", "achieved.exec"),
        ("auditd", audit(syscall="40", arch="c00000b7"), "host-mount", "denied"),
        (
            "auditd",
            audit(syscall="257", success="yes", key='"backrooms-usermode-helper"'),
            "usermode-helper",
            "achieved.write",
        ),
        ("auditd", audit("SECCOMP", sig="0", code="0x50000"), "host-mount", "denied"),
        ("auditd", audit("SECCOMP", sig="0", code="0x7ffc0000"), "host-mount", "attempted"),
        (
            "auditd",
            'type=AVC msg=audit(1.2:3): apparmor="DENIED" operation="mount" name="/mnt/" pid=4242 comm="x"',
            "host-mount",
            "denied",
        ),
        (
            "auditd",
            'type=AVC msg=audit(1.2:3): apparmor="ALLOWED" operation="open" name="/proc/kcore" pid=4242',
            "cap-abuse",
            "attempted",
        ),
        (
            "auditd",
            PRINTED,
            "userns-abuse",
            "denied",
        ),
    ],
)
def test_what_a_line_means_and_proves(tool, line, technique, level):
    alert = TOOLS[tool](line)
    assert (alert.technique, alert.level, alert.pid) == (technique, level, 4242)
    assert level in OUTSIDE["host.alert"]


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ("falco", falco("Terminal shell in container")),
        ("falco", falco("Drop and execute new binary in container")),
        ("falco", tetragon("sys_mount")),
        ("tetragon", tetragon("sys_clone")),
        ("tetragon", tetragon("fd_install", args=[{"file_arg": {"path": "/etc/passwd"}}])),
        ("tetragon", json.dumps({"process_exec": {"process": {"pid": 1}}})),
        ("auditd", audit(syscall="56", success="yes", a0="1200011")),
        ("auditd", audit(syscall="272", a0="200")),
        ("auditd", audit(syscall="59", success="yes")),
        ("auditd", audit(syscall="9" * 40)),
        ("auditd", audit("PATH", name='"/proc/kcore"')),
        ("auditd", "type=SYSCALL"),
        ("auditd", ""),
    ],
)
def test_ordinary_life_is_no_alert(tool, line):
    assert TOOLS[tool](line) is None


def test_what_a_process_calls_itself_does_not_move_an_alert_to_another():
    line = audit(comm='"x pid=1 ppid=1"', exe='"/tmp/y syscall=313 success=yes"')
    alert = TOOLS["auditd"](line)
    assert (alert.pid, alert.parent, alert.technique, alert.level) == (
        4242,
        4200,
        "host-mount",
        "denied",
    )


MEMBERS = [
    *("rule", "output_fields", "tags", "proc.pid", "container.id", "evt.res"),
    *("process_kprobe", "process", "parent", "pod", "container", "id", "docker", "pid"),
    *("args", "file_arg", "path", "return", "int_arg", "function_name", "action"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
LINES = st.one_of(
    st.text(max_size=200),
    JSON.map(json.dumps),
    st.tuples(JSON, JSON).map(
        lambda two: json.dumps(
            {"process_kprobe": {"function_name": "sys_mount", "process": two[0], "return": two[1]}}
        )
    ),
    st.tuples(JSON, JSON).map(
        lambda two: json.dumps(
            {"rule": "Change thread namespace", "output_fields": two[0], "tags": two[1]}
        )
    ),
    st.text(max_size=80).map(lambda text: audit(comm=text, pid=text)),
)


@settings(max_examples=60)
@given(LINES)
def test_no_line_makes_a_reader_fail(line):
    for read in TOOLS.values():
        alert = read(line)
        assert alert is None or alert.pid is None or 0 < alert.pid < 1 << 32


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"rule":' * 50_000, "type=SYSCALL msg=audit(" + "a=" * 100_000]
)
def test_nor_does_a_monstrous_one(line):
    assert [read(line) for read in TOOLS.values()] == [None, None, None]


@pytest.mark.parametrize(
    ("path", "technique"),
    [
        ("/var/run/docker.sock", "docker-sock"),
        ("/run/containerd/containerd.sock", "runtime-sock"),
        ("/proc/sys/kernel/core_pattern", "usermode-helper"),
        ("/proc/1/root/etc/shadow", "proc-root"),
        ("/proc/1234/root", None),
        ("/home/agent/docker.sock.md", None),
        ("/dev/sda1", "device-mount"),
        ("/dev/shm/x", None),
    ],
)
def test_a_path_belongs_to_a_way_out_or_to_none(path, technique):
    assert technique_of_path(path) == technique
