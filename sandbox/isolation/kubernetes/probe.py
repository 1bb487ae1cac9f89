"""Whether boxes can be kept in a cluster: it answers, the account may, and the namespace is set up for them."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sandbox.errors import BoxError, TierUnavailable
from sandbox.isolation.kubernetes.client import ApiCluster, connected
from sandbox.isolation.kubernetes.provision import RIGHTS
from sandbox.isolation.kubernetes.settings import Settings, read_settings

__all__ = ["kubernetes", "missing_rights"]

_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_SETUP: Final = (
    "An administrator applies what `backrooms kubernetes manifests` prints (kubectl apply -f -)."
)


def kubernetes() -> None:
    """Ask the cluster that the environment names; blocks. Raises TierUnavailable."""
    settings = read_settings()
    try:
        asyncio.run(_look(settings))
    except TierUnavailable:
        raise
    except BoxError as error:
        raise TierUnavailable(
            "kubernetes", str(error), "Look at the cluster: kubectl version."
        ) from None


async def _look(settings: Settings) -> None:
    async with connected(settings.namespace) as cluster:
        await cluster.version()
        lacking = await missing_rights(cluster, settings)
        if lacking:
            where = f"in namespace '{settings.namespace}'"
            raise TierUnavailable(
                "kubernetes", f"this account may not {', '.join(lacking)} {where}", _SETUP
            )
        for why in await _gaps(cluster, settings):
            raise TierUnavailable("kubernetes", why, _SETUP)


async def missing_rights(cluster: ApiCluster, settings: Settings) -> list[str]:
    """What this account may not do of what the house does: ``create pods``, ..."""
    asked = [(group, resource, verb) for group, resource, verbs in RIGHTS for verb in verbs]
    async with asyncio.TaskGroup() as tasks:
        answers = [tasks.create_task(_may(cluster, settings, *one), name=one[2]) for one in asked]
    return [
        f"{verb} {resource}"
        for (_, resource, verb), answer in zip(asked, answers, strict=True)
        if not answer.result()
    ]


async def _may(
    cluster: ApiCluster, settings: Settings, group: str, resource: str, verb: str
) -> bool:
    kind, _, part = resource.partition("/")
    attributes: dict[str, Any] = {
        "namespace": settings.namespace,
        "group": group,
        "resource": kind,
        "verb": verb,
    }
    if part:
        attributes["subresource"] = part
    review = await cluster.ask(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body={
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        },
    )
    return (review.get("status") or {}).get("allowed") is True


async def _gaps(cluster: ApiCluster, settings: Settings) -> list[str]:
    """What the namespace lacks: whether a policy is enforced each box finds out by itself."""
    name = settings.namespace
    found = await cluster.ask("GET", f"/api/v1/namespaces/{name}")
    labels = (found.get("metadata") or {}).get("labels") or {}
    listed = await cluster.ask(
        "GET", f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies"
    )
    gaps = []
    if labels.get(_ENFORCE) != "restricted":
        gaps.append(f"the namespace '{name}' does not enforce Pod Security 'restricted'")
    if not any(_denies_all(policy.get("spec") or {}) for policy in listed.get("items") or ()):
        gaps.append(f"no NetworkPolicy of the namespace '{name}' denies everything to every Pod")
    return gaps


def _denies_all(policy: dict[str, Any]) -> bool:
    every = not policy.get("podSelector")
    both = set(policy.get("policyTypes") or ()) == {"Ingress", "Egress"}
    return every and both and not policy.get("ingress") and not policy.get("egress")
