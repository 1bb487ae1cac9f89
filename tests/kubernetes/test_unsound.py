"""Pods with a hole that was made on purpose, run for real by `podman play kube`: nothing ever begins in them."""

import copy
import subprocess

import pytest

from sandbox.errors import BoxUnsound
from sandbox.isolation.kubernetes.box import KubernetesBox
from sandbox.isolation.kubernetes.podman_play import PodmanPlay, local_settings

pytestmark = pytest.mark.needs("podman")


@pytest.fixture(scope="module")
def settings():
    return local_settings(print)


def pods(run):
    listed = ["podman", "pod", "ls", "--quiet", "--filter", f"name={run}"]
    return subprocess.run(listed, capture_output=True, check=True, text=True).stdout


def hole(change):
    """A cluster that says it runs what was asked, and runs something else."""

    class Treacherous(PodmanPlay):
        async def create(self, pod):
            weak = copy.deepcopy(pod)
            change(weak["spec"], weak["spec"]["containers"][0])
            await super().create(weak)
            return pod

    return Treacherous


def with_a_token(spec, agent):
    place = "/run/secrets/kubernetes.io/serviceaccount"
    spec["volumes"].append({"name": "token", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}})
    agent["volumeMounts"].append({"name": "token", "mountPath": place})


def with_a_writable_root(spec, agent):
    agent["securityContext"]["readOnlyRootFilesystem"] = False


def with_capabilities(spec, agent):
    agent["securityContext"] = {"capabilities": {"add": ["SYS_ADMIN"]}}
    spec["securityContext"] = {"runAsUser": 65532, "runAsGroup": 65532}


def as_root(spec, agent):
    del spec["securityContext"]
    agent["securityContext"] = {"runAsUser": 0, "runAsGroup": 0}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (with_a_token, "mounts.token: /run/secrets/kubernetes.io/serviceaccount: "),
        (with_a_writable_root, "mounts.writable: / (overlay"),
        (with_capabilities, "capabilities.CapBnd: "),
        (as_root, "ids: uid and gid are [0, 0, 0, 0], not 65532 and 65532"),
    ],
)
async def test_a_pod_with_a_hole_never_begins(spec, settings, change, found):
    box = KubernetesBox(spec, settings, progress=print, cluster=hole(change))
    try:
        with pytest.raises(BoxUnsound) as caught:
            await box.start()
    finally:
        await box.stop()
    assert any(one.startswith(found) for one in caught.value.found)
    assert pods(spec.run) == ""
