"""Published benchmarks, item by item, on real containers and on the Pod: CIS Docker 1.6 section 5, Pod Security.

The engine is asked what it made, as docker-bench-security does; `docs/threat-model.md` has the items that are not
a container's to fulfil.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.container_payload import name
from sandbox.isolation.engine import connect
from sandbox.isolation.kubernetes.pod import pod_of
from sandbox.isolation.kubernetes.settings import Settings


@dataclass(frozen=True)
class Made:
    """A running container as its engine describes it, and the names of the programs that run in it."""

    whole: Mapping[str, Any]
    engine: str
    programs: set[str]
    asked: str
    """The image that was asked for."""

    @property
    def host(self) -> Mapping[str, Any]:
        return self.whole["HostConfig"]

    @property
    def options(self) -> str:
        return " ".join(self.host["SecurityOpt"] or ())

    def confined(self, by: str, label: str) -> bool:
        """Whether a profile is on, if the engine knows of any."""
        return f"name={by}" not in self.engine or self.whole.get(label) not in {"", "unconfined"}


def none(value: object) -> bool:
    return not value


CIS: Mapping[str, Callable[[Made], bool]] = {
    "5.2": lambda made: made.confined("apparmor", "AppArmorProfile"),
    "5.3": lambda made: made.confined("selinux", "ProcessLabel"),
    "5.4": lambda made: none(made.host["CapAdd"]) and bool(made.host["CapDrop"]),
    "5.5": lambda made: made.host["Privileged"] is False,
    "5.6": lambda made: [one["Destination"] for one in made.whole["Mounts"]] == ["/run/backrooms"],
    "5.7": lambda made: "sshd" not in made.programs,
    "5.8": lambda made: none(made.host["PortBindings"]),
    "5.9": lambda made: none(made.whole["Config"].get("ExposedPorts")),
    "5.10": lambda made: made.host["NetworkMode"] == "none",
    "5.11": lambda made: made.host["Memory"] == made.host["MemorySwap"] == 512 << 20,
    "5.12": lambda made: made.host["NanoCpus"] == 1_000_000_000,
    "5.13": lambda made: made.host["ReadonlyRootfs"] is True,
    "5.14": lambda made: none(made.whole["NetworkSettings"]["Ports"]),
    "5.15": lambda made: made.host["RestartPolicy"]["Name"] in {"", "no"},
    "5.16": lambda made: made.host["PidMode"] in {"", "private"},
    "5.17": lambda made: made.host["IpcMode"] in {"private", "shareable"},
    "5.18": lambda made: none(made.host["Devices"]) and none(made.host.get("DeviceRequests")),
    "5.19": lambda made: {"nofile", "core", "fsize"}
    <= {one["Name"].lower().removeprefix("rlimit_") for one in made.host["Ulimits"]},
    "5.20": lambda made: all("shared" not in one["Propagation"] for one in made.whole["Mounts"]),
    "5.21": lambda made: made.host["UTSMode"] in {"", "private"},
    "5.22": lambda made: "seccomp=unconfined" not in made.options,
    "5.23": lambda made: none(made.whole["ExecIDs"]),
    "5.24": lambda made: none(made.whole["ExecIDs"]),
    "5.25": lambda made: none(made.host["CgroupParent"]),
    "5.26": lambda made: "no-new-privileges" in made.options,
    "5.28": lambda made: made.asked == "sha256:" + made.whole["Image"].removeprefix("sha256:"),
    "5.29": lambda made: 0 < made.host["PidsLimit"] <= 256 + 3 * 128,
    "5.30": lambda made: set(made.whole["NetworkSettings"]["Networks"] or ()) <= {"none"},
    "5.31": lambda made: made.host["UsernsMode"] != "host",
    "5.32": lambda made: not any("docker.sock" in one["Source"] for one in made.whole["Mounts"]),
}  # fmt: skip
NOT_OURS = {"5.1", "5.27"}
"""The engine's own mode, and a health check: the house has its own, the shim's link."""

LENDING = """
import os, stat
for top, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if top != '/' or name not in ('proc', 'sys', 'dev')]
    for name in files:
        mode = os.lstat(os.path.join(top, name)).st_mode
        if stat.S_ISREG(mode) and mode & 0o6000:
            print(os.path.join(top, name))
"""

POD = pod_of(
    BoxSpec(RunId("20261121-113908-x-abcd"), AgentId("ada"), Path("/run/br/ada")),
    Settings("registry/backrooms@sha256:" + "0" * 64),
)["spec"]
(CONTAINER,) = POD["containers"]
RIGHTS = CONTAINER["securityContext"]
FILTERS = {"RuntimeDefault", "Localhost"}
POD_SECURITY: Mapping[str, bool] = {
    "Host Namespaces": not any(POD.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
    "Privileged Containers": not RIGHTS.get("privileged"),
    "Capabilities (baseline)": "add" not in RIGHTS["capabilities"],
    "HostPath Volumes": not any("hostPath" in volume for volume in POD["volumes"]),
    "Host Ports": not CONTAINER.get("ports"),
    "Host Probes / Lifecycle Hooks": not any(
        key in CONTAINER for key in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
    ),
    "AppArmor": "appArmorProfile" not in RIGHTS or RIGHTS["appArmorProfile"]["type"] in FILTERS,
    "SELinux": "seLinuxOptions" not in RIGHTS and "seLinuxOptions" not in POD["securityContext"],
    "/proc Mount Type": RIGHTS.get("procMount", "Default") == "Default",
    "Sysctls": not POD["securityContext"].get("sysctls"),
    "Volume Types": all(set(volume) == {"name", "emptyDir"} for volume in POD["volumes"]),
    "Privilege Escalation": RIGHTS["allowPrivilegeEscalation"] is False,
    "Running as Non-root": POD["securityContext"]["runAsNonRoot"] and RIGHTS["runAsNonRoot"],
    "Running as Non-root user": POD["securityContext"]["runAsUser"] != 0,
    "Seccomp": RIGHTS["seccompProfile"]["type"] in FILTERS,
    "Capabilities (restricted)": RIGHTS["capabilities"] == {"drop": ["ALL"]},
}


@pytest.mark.parametrize(
    ("tier", "engine"),
    [
        pytest.param("docker", "docker", marks=pytest.mark.needs("docker")),
        pytest.param("podman", "podman", marks=pytest.mark.needs("podman")),
        pytest.param("gvisor", "docker", marks=pytest.mark.needs("gvisor")),
    ],
)
async def test_cis_docker_section_5(tier, engine, box_of, spec):
    box = box_of(tier)
    facts = await box.start()
    try:
        seen = await box.exec(["sh", "-c", "cat /proc/[0-9]*/comm"])
        client = connect(engine)
        try:
            whole = client.containers.get(name(spec)).attrs
            options = " ".join(client.info().get("SecurityOptions") or ())
        finally:
            client.close()
    finally:
        await box.stop()
    asked = facts.facts["settings"]["Image"]
    made = Made(whole, options, set(seen.stdout.decode().split()), asked)
    assert [item for item, holds in CIS.items() if not holds(made)] == []


@pytest.mark.parametrize(
    "tier", [pytest.param(tier, marks=pytest.mark.needs(tier)) for tier in ("docker", "podman")]
)
async def test_no_program_of_the_image_lends_rights(tier, box_of):
    """CIS 4.8."""
    box = box_of(tier)
    await box.start()
    try:
        found = await box.exec(["python3", "-I", "-S", "-c", LENDING])
    finally:
        await box.stop()
    assert (found.code, found.stdout) == (0, b"")


def test_every_item_of_section_5_is_tried_or_not_ours():
    assert CIS.keys() | NOT_OURS == {f"5.{number}" for number in range(1, 33)}


@pytest.mark.parametrize("control", POD_SECURITY)
def test_pod_security_restricted(control):
    assert POD_SECURITY[control]
