"""What a Pod may say of itself: its network is cut by a policy, so whoever answers is a hole."""

import socket
import threading

import pytest

from agents import contacts, selfcheck
from sandbox.isolation.kubernetes.pod_state import PodState, pod_state
from sandbox.isolation.kubernetes.pod_verdict import GVISOR, network, pod_findings
from sandbox.isolation.kubernetes.settings import Settings

SETTINGS = Settings("x", own_users=False)
SILENT = {"api": "silence", "dns": "silence", "kubelet": "ETIMEDOUT", "1.1.1.1:53": "EHOSTUNREACH"}
DENIED = dict.fromkeys(selfcheck._NUMBERS, "EPERM")
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
DISK = "/var/lib/kubelet/pods/x/etc-hosts"


def report(**changes):
    """What the shim sees in a Pod on a node, of containerd and with a policy."""
    return {
        "ids": [65532] * 4,
        "groups": [65532],
        "status": dict.fromkeys(CAPABILITIES, "0") | {"NoNewPrivs": "1", "Seccomp": "2"},
        "kernel": "#1 SMP",
        "namespaces": {"ipc": "ipc:[1]", "pid": "pid:[2]", "uts": "uts:[3]", "user": "user:[4026531837]"},
        "mounts": [
            ["/", "ro", "overlay", "overlay", "/", ""],
            ["/etc/hosts", "rw", "ext4", "/dev/sda1", DISK, ""],
            ["/dev/termination-log", "rw", "ext4", "/dev/sda1", DISK, ""],
            ["/etc/resolv.conf", "ro", "ext4", "/dev/sda1", DISK, ""],
            ["/run/backrooms", "rw", "tmpfs", "tmpfs", "/", ""],
            ["/home/agent", "rw", "tmpfs", "tmpfs", "/", ""],
        ],
        "devices": ["/dev/null"],
        "sockets": ["/run/backrooms/bus.sock"],
        "environment": ["KUBERNETES_SERVICE_HOST", "PATH"],
        "interfaces": ["eth0", "lo"],
        "write": dict.fromkeys(selfcheck.WRITE, "EACCES"),
        "read": dict.fromkeys(selfcheck.READ, "ENOENT"),
        "make": {**dict.fromkeys(selfcheck.FOLDERS, "EROFS"), "/run/backrooms": "done"},
        "start": {},
        "calls": DENIED,
        "families": dict.fromkeys(selfcheck.FAMILIES, "EPERM"),
        "connect": {"1.1.1.1:53": "done"},
        "contacts": SILENT,
        **changes,
    }  # fmt: skip


def test_a_sound_pod():
    assert pod_findings(report(), SETTINGS) == []
    assert network(report()) == "policy, not namespace"
    assert network(report(interfaces=["lo"])) == "none"


TOKEN = ["/run/secrets/kubernetes.io/serviceaccount", "ro", "tmpfs", "tmpfs", "/", ""]


@pytest.mark.parametrize(
    ("changes", "settings", "found"),
    [
        ({"contacts": SILENT | {"api": "done"}}, SETTINGS, "the Pod reaches api: no NetworkPolicy is enforced"),
        ({"contacts": SILENT | {"dns": "done"}}, SETTINGS, "the Pod reaches dns: no NetworkPolicy is enforced"),
        ({"contacts": {}}, SETTINGS, "no address is known at which somebody listens for sure"),
        ({"mounts": [TOKEN]}, SETTINGS, f"{TOKEN[0]}: a service account's token is here"),
        ({"mounts": [["/host", "rw", "ext4", "/dev/sda1", "/", ""]]}, SETTINGS, "/host (ext4 from /dev/sda1/)"),
        ({"mounts": [["/run/backrooms", "rw", "ext4", "/dev/sda1", "/x", ""]]}, SETTINGS,
         "/run/backrooms (ext4 from /dev/sda1/x, rw)"),
        ({"namespaces": {"ipc": "ipc:[1]", "pid": "pid:[4026531836]", "uts": "uts:[3]"}}, SETTINGS,
         "the node's pid namespace"),
        ({}, Settings("x"), "the node's user namespace"),
        ({}, Settings("x", runtime_class="gvisor"), "the kernel is no gVisor: '#1 SMP'"),
        ({"sockets": ["/run/containerd/containerd.sock"]}, SETTINGS, "the socket /run/containerd/containerd.sock"),
        ({"ids": [0, 0, 0, 0]}, SETTINGS, "uid and gid are [0, 0, 0, 0], not 65532 and 65532"),
    ],
)  # fmt: skip
def test_a_pod_with_a_hole(changes, settings, found):
    assert [one.found for one in pod_findings(report(**changes), settings)] == [found]


def test_a_pod_under_gvisor():
    made = report(kernel=GVISOR, namespaces={})
    assert pod_findings(made, Settings("x", runtime_class="gvisor")) == []


def test_whom_a_box_reaches(monkeypatch):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_server(("127.0.0.1", 0)) as gone,
    ):
        dead = gone.getsockname()[1]
        gone.close()
        monkeypatch.setattr(contacts, "ELSEWHERE", (("127.0.0.1", dead),))
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.getsockname()[1]))
        monkeypatch.setattr(contacts, "SECONDS", 0.2)
        found = contacts.contacts(route="/missing")
    assert found == {"api": "done", f"127.0.0.1:{dead}": "ECONNREFUSED", "dns": "ECONNREFUSED"}


def test_a_server_of_names_that_answers(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer():
            data, who = server.recvfrom(512)
            server.sendto(data, who)

        thread = threading.Thread(target=answer)
        thread.start()
        assert contacts._tried([("dns", *server.getsockname())]) == {"dns": "done"}
        thread.join()


def test_the_gateway(tmp_path):
    rows = "Iface\tDestination\tGateway \neth0\t00000000\t0101FEA9\neth0\t0000F40A\t00000000\n"
    (tmp_path / "route").write_text(rows)
    assert contacts._gateway(str(tmp_path / "route")) == "169.254.1.1"


KILLED = {"exitCode": 137, "reason": "OOMKilled"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({}, PodState()),
        ({"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}, PodState(running=True)),
        (
            {"phase": "Failed", "containerStatuses": [{"state": {"terminated": KILLED}}]},
            PodState(over=True, code=137, oom=True),
        ),
        (
            {"phase": "Failed", "reason": "Evicted", "message": "low on\nmemory \x1b[1m"},
            PodState(over=True, why="Evicted: low on / memory \N{REPLACEMENT CHARACTER}[1m"),
        ),
        (
            {"phase": "Failed", "reason": "DeadlineExceeded"}, PodState(over=True, why="DeadlineExceeded"),
        ),
    ],
)  # fmt: skip
def test_how_a_pod_fares(status, state):
    assert pod_state({"status": status}) == state
