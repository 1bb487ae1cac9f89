"""Every known way to weaken a Pod is refused; the profile's own is not, and no client drops a part of it."""

import copy
from pathlib import Path

import pytest
from kubernetes_asyncio import client

from sandbox.errors import BoxRefused
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.kubernetes.pod import pod_of
from sandbox.isolation.kubernetes.pod_rules import refusals, refuse
from sandbox.isolation.kubernetes.provision import manifests
from sandbox.isolation.kubernetes.settings import Settings

IMAGE = "registry.local/backrooms/agent@sha256:" + "0" * 64
SPEC = BoxSpec("20261121-113908-x-abcd", "ada-", Path("/run/br/ada"))
SETTINGS = Settings(image=IMAGE)
GONE = object()
BOX = "spec.containers.0."
OWN = BOX + "securityContext."
MODELS = {
    "Namespace": "V1Namespace",
    "NetworkPolicy": "V1NetworkPolicy",
    "ServiceAccount": "V1ServiceAccount",
    "Role": "V1Role",
    "RoleBinding": "V1RoleBinding",
    "RuntimeClass": "V1RuntimeClass",
    "Pod": "V1Pod",
}
HOST = {"name": "host", "hostPath": {"path": "/"}}
SOCKET = {"name": "sock", "hostPath": {"path": "/var/run/docker.sock"}}
TOKEN = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}


def added(volume):
    return [*pod_of(SPEC, SETTINGS)["spec"]["volumes"], volume]


def mounted(mount):
    return [*pod_of(SPEC, SETTINGS)["spec"]["containers"][0]["volumeMounts"], mount]


BAD = [
    ("kind", "Deployment"),
    ("metadata", GONE),
    ("metadata.name", "other"),
    ("metadata.namespace", "kube-system"),
    ("metadata.labels", {}),
    (
        "metadata.annotations",
        {"container.apparmor.security.beta.kubernetes.io/agent": "unconfined"},
    ),
    ("metadata.annotations", {"k8s.v1.cni.cncf.io/networks": "host-net"}),
    ("metadata.ownerReferences", [{"kind": "Node"}]),
    ("spec", GONE),
    ("spec.hostNetwork", True),
    ("spec.hostPID", True),
    ("spec.hostIPC", True),
    ("spec.hostUsers", True),
    ("spec.hostUsers", GONE),
    ("spec.shareProcessNamespace", True),
    ("spec.automountServiceAccountToken", True),
    ("spec.automountServiceAccountToken", GONE),
    ("spec.automountServiceAccountToken", 0),
    ("spec.serviceAccountName", "default"),
    ("spec.serviceAccountName", "backrooms-house"),
    ("spec.enableServiceLinks", GONE),
    ("spec.runtimeClassName", "runc-privileged"),
    ("spec.restartPolicy", "Always"),
    ("spec.activeDeadlineSeconds", GONE),
    ("spec.activeDeadlineSeconds", 10**9),
    ("spec.terminationGracePeriodSeconds", 3600),
    ("spec.dnsPolicy", "ClusterFirst"),
    ("spec.dnsConfig", {"nameservers": ["10.96.0.10"]}),
    ("spec.hostAliases", [{"ip": "169.254.169.254", "hostnames": ["m"]}]),
    ("spec.hostname", "prod-1"),
    ("spec.nodeSelector", {"kubernetes.io/arch": "arm64"}),
    ("spec.tolerations", [{"key": "node-role.kubernetes.io/control-plane"}]),
    ("spec.tolerations", [{"operator": "Exists"}]),
    ("spec.priority", 2_000_001_000),
    ("spec.priorityClassName", "system-node-critical"),
    ("spec.schedulerName", "other"),
    ("spec.resourceClaims", [{"name": "gpu"}]),
    ("spec.securityContext", GONE),
    ("spec.securityContext.runAsUser", 0),
    ("spec.securityContext.runAsUser", 1000),
    ("spec.securityContext.runAsNonRoot", False),
    ("spec.securityContext.runAsGroup", 0),
    ("spec.securityContext.fsGroup", 0),
    ("spec.securityContext.supplementalGroups", [0]),
    ("spec.securityContext.seccompProfile", GONE),
    ("spec.securityContext.seccompProfile", {"type": "Unconfined"}),
    ("spec.securityContext.seccompProfile", {"type": "Localhost", "localhostProfile": "x"}),
    ("spec.securityContext.sysctls", [{"name": "kernel.shm_rmid_forced", "value": "1"}]),
    ("spec.securityContext.seLinuxOptions", {"type": "spc_t"}),
    ("spec.securityContext.appArmorProfile", {"type": "Unconfined"}),
    ("spec.securityContext.windowsOptions", {"hostProcess": True}),
    ("spec.containers", []),
    ("spec.containers", [{"name": "agent"}, {"name": "sidecar"}]),
    ("spec.initContainers", [{"name": "setup", "image": "busybox"}]),
    ("spec.ephemeralContainers", [{"name": "debug", "image": "busybox"}]),
    (BOX + "name", "other"),
    (BOX + "image", "registry.local/backrooms/agent:latest"),
    (BOX + "image", "registry.local/backrooms/agent"),
    (BOX + "image", "registry.local/other@sha256:" + "1" * 64),
    (BOX + "command", ["sleep", "infinity"]),
    (BOX + "command", GONE),
    (BOX + "args", ["--filter", ""]),
    (BOX + "workingDir", "/proc/self/fd/7"),
    (BOX + "env", [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
    (BOX + "env", [{"name": "ANTHROPIC_API_KEY", "value": "x"}]),
    (BOX + "envFrom", [{"secretRef": {"name": "s"}}]),
    (BOX + "ports", [{"containerPort": 80, "hostPort": 80}]),
    (BOX + "lifecycle", {"postStart": {"exec": {"command": ["id"]}}}),
    (BOX + "livenessProbe", {"exec": {"command": ["id"]}}),
    (BOX + "tty", True),
    (BOX + "volumeDevices", [{"name": "disk", "devicePath": "/dev/sda"}]),
    (BOX + "terminationMessagePath", "/etc/passwd"),
    (BOX + "securityContext", GONE),
    (OWN + "privileged", True),
    (OWN + "allowPrivilegeEscalation", True),
    (OWN + "allowPrivilegeEscalation", GONE),
    (OWN + "readOnlyRootFilesystem", False),
    (OWN + "readOnlyRootFilesystem", GONE),
    (OWN + "runAsNonRoot", False),
    (OWN + "runAsUser", 0),
    (OWN + "capabilities", GONE),
    (OWN + "capabilities", {"drop": ["NET_RAW"]}),
    (OWN + "capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    (OWN + "capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
    (OWN + "seccompProfile", {"type": "Unconfined"}),
    (OWN + "seccompProfile", GONE),
    (OWN + "procMount", "Unmasked"),
    (OWN + "appArmorProfile", {"type": "Unconfined"}),
    (BOX + "resources", GONE),
    (BOX + "resources.limits", {"cpu": "1", "memory": "512Mi"}),
    (BOX + "resources.limits.memory", "64Gi"),
    (BOX + "resources.limits.memory", "lots"),
    (BOX + "resources.limits.cpu", "64"),
    (BOX + "resources.limits.nvidia~com/gpu", "1"),
    (BOX + "volumeMounts", []),
    (BOX + "volumeMounts", mounted({"name": "host", "mountPath": "/host"})),
    (BOX + "volumeMounts", mounted({"name": "tmp", "mountPath": "/etc", "subPath": "../.."})),
    (BOX + "volumeMounts.0.mountPropagation", "Bidirectional"),
    ("spec.volumes", []),
    ("spec.volumes", added(HOST)),
    ("spec.volumes", added(SOCKET)),
    ("spec.volumes", added(TOKEN)),
    ("spec.volumes", added({"name": "s", "secret": {"secretName": "keys"}})),
    ("spec.volumes", added({"name": "c", "configMap": {"name": "keys"}})),
    ("spec.volumes", added({"name": "n", "nfs": {"server": "x", "path": "/"}})),
    ("spec.volumes", added({"name": "p", "persistentVolumeClaim": {"claimName": "p"}})),
    ("spec.volumes", added({"name": "d", "csi": {"driver": "x"}})),
    ("spec.volumes", added({"name": "x", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}})),
    ("spec.volumes.0.emptyDir", {}),
    ("spec.volumes.0.emptyDir", {"medium": "Memory"}),
    ("spec.volumes.0.emptyDir", {"sizeLimit": "64Mi"}),
    ("spec.volumes.0.emptyDir", {"medium": "Memory", "sizeLimit": "64Gi"}),
    ("spec.volumes.0.emptyDir", {"medium": "HugePages", "sizeLimit": "64Mi"}),
    ("spec.something", "new"),
]


def changed(path, value):
    made = copy.deepcopy(pod_of(SPEC, SETTINGS))
    *steps, last = path.split(".")
    at = made
    for step in steps:
        at = at[int(step)] if step.isdecimal() else at[step]
    last = last.replace("~", ".")
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return made


def test_there_are_enough_of_them():
    assert len(BAD) >= 100


@pytest.mark.parametrize(("path", "value"), BAD)
def test_a_weakened_pod_is_refused(path, value):
    with pytest.raises(BoxRefused) as caught:
        refuse(changed(path, value), SPEC, SETTINGS)
    assert all(len(line) < 400 for line in caught.value.found)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        Settings(image=IMAGE, own_users=False),
        Settings(IMAGE, "boxes", "gvisor", own_users=False),
    ],
)
@pytest.mark.parametrize("limits", [BoxLimits(), BoxLimits(1 << 20, 0.25, 8, 12_345, noexec=True)])
def test_the_profile_itself_is_not(settings, limits):
    spec = BoxSpec(SPEC.run, SPEC.agent, SPEC.folder, limits)
    assert [*refusals(pod_of(spec, settings), spec, settings)] == []


def test_what_it_says():
    made = changed("spec.hostPID", True)
    made["spec"]["volumes"].append(HOST)
    assert [*refusals(made, SPEC, SETTINGS)] == [
        "spec.hostPID is True, not False",
        "spec.volumes: {'name': 'host', 'hostPath': {'path': '/'}} is not foreseen",
    ]


GVISOR = Settings(IMAGE, runtime_class="gvisor", own_users=False)
ALL = [pod_of(SPEC, SETTINGS), pod_of(SPEC, GVISOR), *manifests("boxes", "gvisor")]


@pytest.mark.parametrize("made", ALL, ids=lambda made: made["kind"])
async def test_the_clients_models_know_every_part(made):
    async with client.ApiClient(client.Configuration()) as api:
        model = api._ApiClient__deserialize(made, MODELS[made["kind"]])
        assert api.sanitize_for_serialization(model) == made
