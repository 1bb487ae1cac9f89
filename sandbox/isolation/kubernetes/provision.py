"""What an administrator sets up once in a cluster, as manifests: a namespace that holds nothing but boxes."""

from __future__ import annotations

from typing import Any, Final

from sandbox.isolation.kubernetes.pod import ACCOUNT
from sandbox.isolation.kubernetes.settings import GVISOR, NAMESPACE

__all__ = ["HOUSE", "POLICY", "RIGHTS", "manifests"]

HOUSE: Final = "backrooms-house"
"""The service account of a house that runs inside the cluster, and the name of its role."""
POLICY: Final = "default-deny"

RIGHTS: Final = (
    ("", "pods", ("create", "delete", "get", "list", "watch")),
    # By websocket it is a GET; from 1.35 on that needs 'create' as well.
    ("", "pods/exec", ("create", "get")),
    ("", "pods/log", ("get",)),
    ("", "namespaces", ("get",)),
    ("networking.k8s.io", "networkpolicies", ("list",)),
)
"""All that the house may do, in this one namespace: API group, resource, verbs."""


def manifests(namespace: str = NAMESPACE, runtime_class: str | None = None) -> list[dict[str, Any]]:
    """Write them, in the order in which they can be applied.

    With ``runtime_class`` there is an object of that name, for which a node must have the runtime.
    """
    pod_security = "pod-security.kubernetes.io"
    labels = {f"{pod_security}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    here = {"namespace": namespace}
    made: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace,
                "labels": {**labels, f"{pod_security}/enforce-version": "latest"},
            },
        },
        {
            # No rule allows anything: nothing comes in and nothing goes out, names included.
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": POLICY, **here},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        },
        *(_account(name, namespace) for name in (ACCOUNT, HOUSE)),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": HOUSE, **here},
            "rules": [
                {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}
                for group, resource, verbs in RIGHTS
            ],
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": HOUSE, **here},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": HOUSE},
            "subjects": [{"kind": "ServiceAccount", "name": HOUSE, **here}],
        },
    ]
    if runtime_class is not None:
        handler = "runsc" if runtime_class == GVISOR else runtime_class
        made.append(
            {
                "apiVersion": "node.k8s.io/v1",
                "kind": "RuntimeClass",
                "metadata": {"name": runtime_class},
                "handler": handler,
            }
        )
    return made


def _account(name: str, namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
        "automountServiceAccountToken": False,
    }
