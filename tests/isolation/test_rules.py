"""Every known way to weaken a box is refused before an engine hears of it; the profile itself is not."""

import copy
from pathlib import Path

import pytest

from sandbox.errors import BoxRefused
from sandbox.isolation import bubblewrap_rules, container_rules
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.bubblewrap_command import HostTree, options
from sandbox.isolation.container_payload import payload
from sandbox.isolation.docker import DockerBox
from sandbox.isolation.guest import Guest
from sandbox.isolation.gvisor import GvisorBox
from sandbox.isolation.podman import PodmanBox

SPEC = BoxSpec("20261121-113908-x-abcd", "ada", Path("/run/br/ada"))
IMAGE = "sha256:" + "0" * 64
GONE = object()
BIND = {"Type": "bind", "Source": "/run/br/ada", "Target": "/run/backrooms", "ReadOnly": True}


def mount(**changes):
    return [BIND | changes]


CONTAINER = [
    ("Image", "backrooms/agent:latest"),
    ("Image", "python:3.12"),
    ("Cmd", ["sleep", "infinity"]),
    ("Cmd", "sh -c id"),
    ("Entrypoint", ["/bin/sh"]),
    ("User", "0:0"),
    ("User", "root"),
    ("User", ""),
    ("User", GONE),
    ("Env", ["ANTHROPIC_API_KEY=x"]),
    ("Hostname", "prod-1"),
    ("Labels", {}),
    ("NetworkDisabled", False),
    ("ExposedPorts", {"80/tcp": {}}),
    ("Volumes", {"/host": {}}),
    ("Healthcheck", {"Test": ["CMD", "true"]}),
    ("NetworkingConfig", {"EndpointsConfig": {"bridge": {}}}),
    ("WorkingDir", "/proc/self/fd/8"),
    ("HostConfig", GONE),
    ("HostConfig.Privileged", True),
    ("HostConfig.Privileged", 0),
    ("HostConfig.CapAdd", ["SYS_ADMIN"]),
    ("HostConfig.CapAdd", ["NET_RAW"]),
    ("HostConfig.CapDrop", []),
    ("HostConfig.CapDrop", ["NET_RAW"]),
    ("HostConfig.CapDrop", GONE),
    ("HostConfig.SecurityOpt", []),
    ("HostConfig.SecurityOpt", ["no-new-privileges:false"]),
    ("HostConfig.SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"]),
    ("HostConfig.SecurityOpt", ["no-new-privileges:true", "apparmor=unconfined"]),
    ("HostConfig.SecurityOpt", ["no-new-privileges:true", "label=disable"]),
    ("HostConfig.SecurityOpt", ["no-new-privileges:true", "systempaths=unconfined"]),
    ("HostConfig.SecurityOpt", GONE),
    ("HostConfig.ReadonlyRootfs", False),
    ("HostConfig.ReadonlyRootfs", GONE),
    ("HostConfig.NetworkMode", "host"),
    ("HostConfig.NetworkMode", "bridge"),
    ("HostConfig.NetworkMode", "container:other"),
    ("HostConfig.NetworkMode", GONE),
    ("HostConfig.PidMode", "host"),
    ("HostConfig.PidMode", "container:other"),
    ("HostConfig.IpcMode", "host"),
    ("HostConfig.IpcMode", "shareable"),
    ("HostConfig.UTSMode", "host"),
    ("HostConfig.UsernsMode", "host"),
    ("HostConfig.CgroupnsMode", "host"),
    ("HostConfig.CgroupParent", "/"),
    ("HostConfig.Cgroup", "host"),
    ("HostConfig.Binds", ["/:/host"]),
    ("HostConfig.Binds", ["/var/run/docker.sock:/var/run/docker.sock"]),
    ("HostConfig.Mounts", []),
    ("HostConfig.Mounts", mount(ReadOnly=False)),
    ("HostConfig.Mounts", mount(Source="/")),
    ("HostConfig.Mounts", mount(Source="/var/run/docker.sock")),
    ("HostConfig.Mounts", mount(Source="/run/br/bo")),
    ("HostConfig.Mounts", mount(Target="/etc")),
    ("HostConfig.Mounts", mount(BindOptions={"Propagation": "rshared"})),
    ("HostConfig.Mounts", [*mount(), {"Type": "bind", "Source": "/proc", "Target": "/host/proc"}]),
    ("HostConfig.Mounts", [*mount(), {"Type": "volume", "Source": "v", "Target": "/v"}]),
    ("HostConfig.VolumesFrom", ["other"]),
    ("HostConfig.Devices", [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda"}]),
    ("HostConfig.DeviceRequests", [{"Driver": "nvidia", "Count": -1}]),
    ("HostConfig.DeviceCgroupRules", ["b *:* rwm"]),
    ("HostConfig.MaskedPaths", []),
    ("HostConfig.ReadonlyPaths", []),
    ("HostConfig.Sysctls", {"kernel.shm_rmid_forced": "1"}),
    ("HostConfig.GroupAdd", ["docker"]),
    ("HostConfig.PortBindings", {"80/tcp": [{"HostPort": "80"}]}),
    ("HostConfig.PublishAllPorts", True),
    ("HostConfig.ExtraHosts", ["host.docker.internal:host-gateway"]),
    ("HostConfig.Dns", ["1.1.1.1"]),
    ("HostConfig.Links", ["other:other"]),
    ("HostConfig.Memory", 0),
    ("HostConfig.Memory", GONE),
    ("HostConfig.Memory", 64 << 30),
    ("HostConfig.MemorySwap", -1),
    ("HostConfig.OomKillDisable", True),
    ("HostConfig.NanoCpus", 0),
    ("HostConfig.PidsLimit", -1),
    ("HostConfig.PidsLimit", None),
    ("HostConfig.ShmSize", 1 << 40),
    ("HostConfig.OomScoreAdj", -1000),
    ("HostConfig.Ulimits", []),
    ("HostConfig.Ulimits", [{"Name": "core", "Soft": -1, "Hard": -1}]),
    ("HostConfig.Ulimits", [{"Name": "memlock", "Soft": 1, "Hard": 1}]),
    ("HostConfig.Tmpfs", {}),
    ("HostConfig.Tmpfs", {"/tmp": "rw,exec"}),
    ("HostConfig.Tmpfs", {"/etc": "rw,nosuid,nodev,size=1000"}),
    ("HostConfig.Tmpfs", {"/tmp": "rw,nosuid,nodev"}),
    ("HostConfig.Tmpfs", {"/tmp": "rw,nosuid,nodev,size=99999999999"}),
    ("HostConfig.RestartPolicy", {"Name": "always"}),
    ("HostConfig.AutoRemove", True),
    ("HostConfig.LogConfig", {"Type": "syslog", "Config": {}}),
    ("HostConfig.LogConfig", {"Type": "json-file", "Config": {}}),
    ("HostConfig.LogConfig", GONE),
    ("HostConfig.Init", GONE),
    ("HostConfig.Runtime", "runc-unconfined"),
    ("HostConfig.Init", False),
    ("HostConfig.SomethingOfNextYear", "open"),
]


def weakened(path: str, value) -> dict:
    asked = copy.deepcopy(payload(SPEC, IMAGE))
    *above, member = path.split(".")
    place = asked[above[0]] if above else asked
    if value is GONE:
        del place[member]
    else:
        place[member] = value
    return asked


@pytest.mark.parametrize(("path", "value"), CONTAINER)
def test_a_weakened_container_is_refused(path, value):
    found = [*container_rules.refusals(weakened(path, value), SPEC)]
    assert len(found) == 1
    assert found[0].startswith(path)


@pytest.mark.parametrize("kind", [DockerBox, GvisorBox, PodmanBox])
def test_what_is_asked_of_each_engine_is_the_profile(kind):
    box = kind(SPEC, progress=print)
    assert refused(box._request(IMAGE), supervised=box.supervised) == []


def refused(asked, *, supervised: bool) -> list[str]:
    return [*container_rules.refusals(asked, SPEC, supervised=supervised)]


@pytest.mark.parametrize("supervised", [True, False])
def test_the_filter_is_part_of_the_command(supervised):
    asked = payload(SPEC, IMAGE, supervised=supervised)
    assert refused(asked, supervised=supervised) == []
    option = "--asking-filter" if supervised else "--filter"
    at = asked["Cmd"].index(option)
    without = asked["Cmd"][:at] + asked["Cmd"][at + 2 :]
    other = [*asked["Cmd"][: at + 1], "AAAA", *asked["Cmd"][at + 2 :]]
    for command in (without, other, [*asked["Cmd"], option, ""]):
        found = refused(asked | {"Cmd": command}, supervised=supervised)
        assert [one.partition(":")[0] for one in found] == ["Cmd"]


def test_a_supervised_box_and_another_are_not_mixed():
    """The engine's filter that leaves calls, the shim's that asks, and the guest as first process: all or none."""
    plain, asking = payload(SPEC, IMAGE), payload(SPEC, IMAGE, supervised=True)
    parts = ("Cmd", "HostConfig.SecurityOpt", "HostConfig.Init")
    for wrong, right, supervised in ((plain, asking, True), (asking, plain, False)):
        found = refused(wrong, supervised=supervised)
        assert sorted(one.partition(":")[0] for one in found) == sorted(parts)
        for member in ("SecurityOpt", "Init"):
            host = right["HostConfig"] | {member: wrong["HostConfig"][member]}
            found = refused(right | {"HostConfig": host}, supervised=supervised)
            assert [one.partition(":")[0] for one in found] == [f"HostConfig.{member}"]


@pytest.mark.parametrize("looser", ["seccomp=unconfined", "seccomp=/etc/hostname", "seccomp={}"])
def test_no_looser_filter_passes_for_the_engines(looser):
    asked = payload(SPEC, IMAGE, supervised=True)
    for given in ([looser], [*asked["HostConfig"]["SecurityOpt"][1:], looser]):
        asked["HostConfig"]["SecurityOpt"] = ["no-new-privileges:true", *given]
        found = refused(asked, supervised=True)
        assert [one.partition(":")[0] for one in found] == ["HostConfig.SecurityOpt"]


def test_bwraps_own_first_process_is_for_a_box_that_nobody_supervises():
    at = WORDS.index("--cap-drop")
    words = [*WORDS[:at], "--as-pid-1", *WORDS[at:]]
    guest = Path("/cache/guest-1")

    def found(words, *, supervised):
        rules = bubblewrap_rules.refusals
        return [*rules(words, SPEC, guest, as_root=False, supervised=supervised)]

    assert found(words, supervised=True) == []
    assert found(words, supervised=False) == ["--as-pid-1 is for a supervised box alone"]
    assert found(WORDS, supervised=True) == ["--as-pid-1 is missing"]


def test_all_that_is_wrong_is_said_at_once():
    asked = weakened("HostConfig.Privileged", True)
    asked["HostConfig"]["PidMode"] = "host"
    with pytest.raises(BoxRefused) as caught:
        container_rules.refuse(asked, SPEC)
    assert str(caught.value) == (
        "the box of 'ada' would not be sealed, and was not started: "
        "HostConfig.Privileged: True, not False; HostConfig.PidMode is not foreseen: 'host'"
    )


WORDS = options(
    guest=Guest(Path("/cache/guest-1"), "/usr/bin/python3.11"),
    folder=SPEC.folder,
    limits=BoxLimits(),
    host=HostTree(links=(("usr/bin", "/bin"),), folders=("/sbin",), hidden=("/usr/local",)),
    filter_fd=10,
    status_fd=11,
)
ADDED = [
    ["--bind", "/", "/host"],
    ["--ro-bind", "/", "/host"],
    ["--ro-bind", "/etc", "/etc"],
    ["--ro-bind", "/root", "/root"],
    ["--ro-bind", "/var/run/docker.sock", "/var/run/docker.sock"],
    ["--ro-bind", "/run/br/bo", "/run/backrooms"],
    ["--ro-bind", "/usr", "/elsewhere"],
    ["--dev-bind", "/dev", "/dev"],
    ["--bind", "/tmp", "/tmp"],
    ["--share-net"],
    ["--cap-add", "CAP_SYS_ADMIN"],
    ["--userns", "3"],
    ["--pidns", "4"],
    ["--tmpfs", "/etc"],
    ["--tmpfs", "/tmp"],
    ["--size", "99999999999999"],
    ["--setenv", "MISTRAL_API_KEY", "x"],
    ["--uid", "0"],
    ["--exec-label", "unconfined"],
    ["--file", "3", "/etc/passwd"],
    ["--symlink", "../../x", "/bin"],
    ["--perms", "4755"],
    ["--overlay-src", "/"],
    ["--proc", "/host/proc"],
    ["--chdir", "/proc/self/fd/7"],
    ["--size"],
    ["--size", "100", "--tmpfs", "/usr/../opt"],
    ["--size", "100", "--tmpfs", "/usr/lib"],
    ["--ro-bind", "/usr", "/usr"],
    ["--proc", "/proc"],
    ["--dev", "/dev"],
    ["--seccomp", "12"],
]


@pytest.mark.parametrize("added", ADDED, ids=" ".join)
def test_a_weakened_command_line_is_refused(added):
    rules = bubblewrap_rules.refusals([*WORDS, *added], SPEC, Path("/cache/guest-1"), as_root=False)
    assert [*rules] != []


@pytest.mark.parametrize(
    ("early", "wrong"),
    [
        (["--ro-bind", "/proc/sys", "/proc/sys"], "--proc /proc covers what was laid there before"),
        (["--remount-ro", "/dev"], "--dev /dev covers what was laid there before"),
        (["--remount-ro", "/usr/local"], "--tmpfs /usr/local is writable"),
        (["--tmpfs", "/usr/local"], "--ro-bind /usr covers what was laid there before"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_what_comes_too_early_is_opened_again(early, wrong):
    at = next(i for i in range(len(WORDS)) if WORDS[i : i + len(early)] == early)
    words = early + WORDS[:at] + WORDS[at + len(early) :]
    found = [*bubblewrap_rules.refusals(words, SPEC, Path("/cache/guest-1"), as_root=False)]
    assert wrong in found


@pytest.mark.parametrize("needed", bubblewrap_rules.NEEDED, ids=" ".join)
def test_a_command_line_that_lacks_something_is_refused(needed):
    at = next(i for i in range(len(WORDS)) if tuple(WORDS[i : i + len(needed)]) == needed)
    words = WORDS[:at] + WORDS[at + len(needed) :]
    found = [*bubblewrap_rules.refusals(words, SPEC, Path("/cache/guest-1"), as_root=False)]
    assert f"{' '.join(needed)} is missing" in found


def test_the_profile_s_command_line_is_not_refused_but_to_root():
    guest = Path("/cache/guest-1")
    assert [*bubblewrap_rules.refusals(WORDS, SPEC, guest, as_root=False)] == []
    assert [*bubblewrap_rules.refusals(WORDS, SPEC, guest, as_root=True)] == [
        "bwrap would be started by root; every box needs a user of its own"
    ]
