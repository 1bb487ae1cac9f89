"""What a tier does not stop, said of machines of many kinds; and what is said is also documented."""

from pathlib import Path

import pytest

from sandbox.isolation.box import BoxFacts
from sandbox.isolation.uncovered import uncovered

KERNEL = "a fault of the host's kernel is a way out"
ROOT_ENGINE = "the engine runs as root and gives its containers no users of their own (userns-remap, rootless)"
NO_LSM = "no AppArmor or SELinux profile stands behind the filter"
ONE_USER = (
    "all boxes of this engine have one user: what the kernel counts by user"
    " (memory of pipes, pending signals) one agent can use up for all"
)
DISK = "reading from the disk is not limited in speed"
COUNTERS = (
    "two agents can signal to each other unseen by what the kernel tells everybody"
    " (load, open files, free space) and by how busy it is"
)
LOCKS = "two agents can signal to each other unseen by locks on files of /usr, which all boxes show"
USR = "this machine's programs and libraries in /usr can be read, but for /usr/local and /usr/src"
PROC = (
    "this machine's kernel with its command line, processor, memory, load and uptime can be read in"
    " /proc{}, and in which folders the house keeps its files"
)
ALL_NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"]


@pytest.fixture
def host(tmp_path: Path):
    """Makes a machine: the files of its /proc and /sys; says what is not covered there."""

    def make(tier, files=(), *, namespaces=ALL_NAMESPACES, profile="", uid=65532, **facts):
        for name, text in dict(files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        check = {"namespaces": namespaces, "inside": {"profile": profile}}
        told = BoxFacts(tier, 1, uid, facts | {"check": check})
        return uncovered(tier, told, proc=tmp_path / "proc", sys_folder=tmp_path / "sys")

    return make


def test_a_plain_process(host):
    assert host("none") == [
        "nothing is stopped: it is a process of yours, for agents that only talk"
    ]


def test_bubblewrap_at_its_best(host):
    found = host("bubblewrap", memory="per box", profile="bwrap (enforce)")
    assert found == [KERNEL, DISK, LOCKS, COUNTERS, USR, PROC.format("")]


def test_bubblewrap_without_control_groups_under_our_own_user(host, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    found = host("bubblewrap", memory="per process only", uid=1000, settings=["--limits", "as=1"])
    assert found[:5] == [
        KERNEL,
        NO_LSM,
        (
            "memory is limited per process, not per box; what lies in files in memory hardly,"
            " and processor time not at all"
        ),
        "how many processes it starts is not limited: this kernel counts them with your own",
        (
            "outside, its processes are this user's: what the kernel counts by user"
            " (memory of pipes, pending signals) an agent can use up for you"
        ),
    ]
    again = host("bubblewrap", memory="per process only", uid=5, settings=["as=1,nproc=8"])
    assert [line for line in again if "how many" in line or "outside" in line] == []


def test_docker_of_root(host):
    without_users = [name for name in ALL_NAMESPACES if name != "user"]
    found = host("docker", namespaces=without_users)
    devices = ", its devices in /sys"
    assert found == [KERNEL, ROOT_ENGINE, NO_LSM, ONE_USER, DISK, COUNTERS, PROC.format(devices)]


@pytest.mark.parametrize("profile", ["", "unconfined", "unconfined_u:unconfined_r:unconfined_t:s0"])
def test_no_profile_behind_the_filter(profile, host):
    assert NO_LSM in host("docker", profile=profile)
    assert NO_LSM not in host("docker", profile="docker-default (enforce)")


@pytest.mark.parametrize(
    ("version", "old"),
    [
        ("1.1.5+ds1", True),
        ("1.2.7", True),
        ("1.2.8", False),
        ("1.3.2", True),
        ("1.3.3", False),
        ("1.4.0", False),
    ],
)
def test_an_old_runc(version, old, host):
    found = host("docker", runtime_version=f"runc version {version}")
    assert (
        len([line for line in found if line.startswith("this runc is of version ")]) == 1
    ) == old


def test_what_is_said_of_an_old_runc(host):
    assert (
        "this runc is of version 1.1.5: unless its distributor mended it, a start can be made to write to the host"
        " (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881: 1.2.8, 1.3.3)"
    ) in host("podman", runtime_version="runc version 1.1.5+ds1")


def test_podman(host, monkeypatch):
    root = "Podman runs as root here; as an ordinary user it needs none"
    first = "names of the host's control groups are seen inside (version 1 of cgroups)"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert {root, first} <= set(host("podman", namespaces=["net"]))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert {root, first} & set(host("podman")) == set()


def test_gvisor(host):
    cage = (
        "a fault of gVisor's kernel leads to its cage on the host (nobody, in an empty root, with few system"
        " calls), and one of its file server, which is root, to the files of the box"
    )
    busy = "two agents can signal to each other unseen by how busy the processor and the disk are"
    assert host("gvisor", runtime_version="runsc version release-20240101.0") == [cage, busy, DISK]
    assert host("gvisor", runtime_version="runsc version 0.0~20221219.0") == [
        cage,
        (
            "this gVisor is of 2022: what was mended since is not,"
            " and some programs fail in it (ls, stat of coreutils 9)"
        ),
        busy,
        DISK,
    ]


@pytest.mark.parametrize("tier", ["bubblewrap", "docker", "podman", "gvisor"])
def test_faults_of_the_machine(tier, host):
    weak = "sys/devices/system/cpu/vulnerabilities"
    files = {
        "proc/sys/kernel/core_pattern": "|/usr/share/apport/apport -p%p\n",
        "proc/swaps": "Filename Type\n/dev/sda2 partition\n",
        "sys/devices/system/cpu/smt/active": "1\n",
        f"{weak}/retbleed": "Vulnerable\n",
        f"{weak}/mds": "Not affected\n",
        f"{weak}/srbds": "Vulnerable: No microcode\n",
    }
    swap = "memory that goes to swap is not limited: this kernel does not count it"
    crash = (
        "a program that crashes inside starts this machine's handler of crashes outside, as root"
        " (/usr/share/apport/apport -p%p); 'sysctl -w kernel.core_pattern=core' stops that"
    )
    threads = (
        "two boxes may run at once on the two threads of one core, and watch each other's timing"
    )
    open_to = "the kernel says that this processor is open to retbleed, srbds"
    found = host(tier, files)
    assert found[-2:] == [threads, open_to]
    assert swap in found
    assert (crash in found) == (tier != "gvisor")
    assert swap not in host(tier, {"sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": ""})
    assert swap not in host(tier, {"sys/fs/cgroup/cgroup.controllers": ""})
