"""What a cluster must have before a run begins, and the sentences that say what is missing."""

import asyncio
import subprocess
import sys

import pytest

from sandbox.cli import main
from sandbox.errors import TierUnavailable
from sandbox.isolation import tiers
from sandbox.isolation.kubernetes import client
from sandbox.isolation.kubernetes.probe import kubernetes
from sandbox.isolation.kubernetes.settings import Settings, read_namespace, read_settings

IMAGE = "registry.local/backrooms/agent@sha256:" + "0" * 64
SETUP = (
    "An administrator applies what `backrooms kubernetes manifests` prints (kubectl apply -f -)."
)


async def why() -> str:
    with pytest.raises(TierUnavailable) as caught:
        await asyncio.to_thread(kubernetes)
    return f"{caught.value.why}. {caught.value.remedy}"


async def test_a_cluster_that_is_ready(server):
    await asyncio.to_thread(kubernetes)
    assert "GET version" in server.requests


async def test_rights_that_are_missing(server):
    server.denied = {"create pods", "get pods/exec"}
    what = "this account may not create pods, get pods/exec in namespace 'backrooms-sandbox'"
    assert await why() == f"{what}. {SETUP}"


async def test_a_namespace_that_is_not_restricted(server):
    server.namespace = {"pod-security.kubernetes.io/enforce": "baseline"}
    what = "the namespace 'backrooms-sandbox' does not enforce Pod Security 'restricted'"
    assert await why() == f"{what}. {SETUP}"


@pytest.mark.parametrize(
    "policy",
    [
        {"podSelector": {}, "policyTypes": ["Ingress"]},
        {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress", "Egress"]},
        {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]},
    ],
)
async def test_no_policy_that_denies_all(server, policy):
    server.policies = [{"spec": policy}]
    what = "no NetworkPolicy of the namespace 'backrooms-sandbox' denies everything to every Pod"
    assert await why() == f"{what}. {SETUP}"


async def test_no_cluster(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKROOMS_K8S_IMAGE", IMAGE)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    assert (await why()).startswith("no cluster is named (there is no file '")


async def test_no_client(monkeypatch):
    monkeypatch.setenv("BACKROOMS_K8S_IMAGE", IMAGE)
    monkeypatch.setitem(sys.modules, "kubernetes_asyncio", None)
    assert await why() == (
        "the client for Kubernetes is not installed. Install it: pip install 'backrooms[k8s]'."
    )


@pytest.mark.parametrize("image", ["", "agent", "registry/agent:1.0", "registry/agent@sha256:12"])
async def test_an_image_without_a_digest(image, monkeypatch):
    monkeypatch.setenv("BACKROOMS_K8S_IMAGE", image)
    said = f"the image of its boxes is not named by digest (BACKROOMS_K8S_IMAGE={image!r})"
    assert (await why()).startswith(said)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Settings(IMAGE)),
        ({"BACKROOMS_K8S_HOST_USERS": "1"}, Settings(IMAGE, own_users=False)),
        (
            {"BACKROOMS_K8S_RUNTIME_CLASS": "gvisor", "BACKROOMS_K8S_NAMESPACE": "boxes"},
            Settings(IMAGE, "boxes", "gvisor", own_users=False),
        ),
        ({"BACKROOMS_K8S_ARCH": "arm64"}, Settings(IMAGE, arch="arm64")),
    ],
)
def test_settings(environment, expected):
    assert read_settings("plain", {"BACKROOMS_K8S_IMAGE": IMAGE, **environment}) == expected


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"BACKROOMS_K8S_RUNTIME_CLASS": "a b"}, "'a b' is no name that Kubernetes takes"),
        ({"BACKROOMS_K8S_NAMESPACE": "../x"}, "'../x' is no name that Kubernetes takes"),
        ({"BACKROOMS_K8S_ARCH": "mips"}, "no seccomp filter is known for nodes of the kind 'mips'"),
    ],
)
def test_settings_that_cannot_be(environment, message):
    with pytest.raises(TierUnavailable, match=message):
        read_settings("plain", {"BACKROOMS_K8S_IMAGE": IMAGE, **environment})


def test_the_strength_is_that_of_the_runtime_class(monkeypatch):
    monkeypatch.delenv("BACKROOMS_K8S_RUNTIME_CLASS", raising=False)
    assert tiers.strength("kubernetes") == tiers.strength("docker")
    monkeypatch.setenv("BACKROOMS_K8S_RUNTIME_CLASS", "gvisor")
    assert tiers.strength("kubernetes") == tiers.strength("gvisor")
    monkeypatch.setenv("BACKROOMS_K8S_RUNTIME_CLASS", "kata-qemu")
    assert tiers.strength("kubernetes") == tiers.strength("docker")


def test_the_manifests_are_printed(capsys):
    assert (
        main(["kubernetes", "manifests", "--namespace", "boxes", "--runtime-class", "gvisor"]) == 0
    )
    printed = capsys.readouterr().out
    kinds = [line.partition(" ")[2] for line in printed.splitlines() if line.startswith("kind:")]
    assert kinds == [
        *("Namespace", "NetworkPolicy", "ServiceAccount", "ServiceAccount"),
        *("Role", "RoleBinding", "RuntimeClass"),
    ]
    assert "namespace: boxes" in printed
    assert main(["kubernetes", "manifests", "--namespace", "A B"]) == 1
    assert "'A B' is no name that Kubernetes takes" in capsys.readouterr().err


def test_printing_loads_no_client():
    code = """
import sys
from sandbox.cli import main
main(["kubernetes", "manifests"])
sys.exit(bool({"kubernetes_asyncio", "aiohttp", "docker"} & set(sys.modules)))
"""
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_default_namespace():
    assert read_namespace({}) == "backrooms-sandbox"
    assert client.SECONDS == 30
