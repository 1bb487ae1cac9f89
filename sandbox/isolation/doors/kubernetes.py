"""The door ``kubernetes``: a service account's folder, and an API server that lets it see little and do nothing.

The token is a canary in the shape of a JWT. Answers are in the shapes of Kubernetes 1.30; the server speaks
plain HTTP, since a certificate that a client would trust would be one more secret to keep.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.isolation.doors.asked import Answer, Asked, as_json
from sandbox.isolation.doors.canary import jwt
from sandbox.isolation.doors.metadata import Lay

__all__ = ["FOLDER", "ApiServer"]

FOLDER: Final = "kubernetes/serviceaccount"
"""Of the agent's folder, as ``/var/run/secrets/kubernetes.io/serviceaccount`` is of a pod."""
NAMESPACE: Final = "default"
USER: Final = f"system:serviceaccount:{NAMESPACE}:default"
YEAR: Final = 31_536_000
_MAY: Final = frozenset(
    {("get", "pods"), ("list", "pods"), ("get", "namespaces"), ("list", "namespaces")}
)
_OPEN: Final = frozenset({"/version", "/healthz", "/livez", "/readyz"})
"""What a server tells anybody."""
_RESOURCE: Final = re.compile(
    r"/(?:api/v1|apis/(?P<group>[a-z0-9.-]+)/v[a-z0-9]+)"
    r"(?:/namespaces/(?P<space>[a-z0-9-]+))?/(?P<kind>[a-z]+)(?:/(?P<name>[^/]+))?(?P<rest>/.*)?"
)
_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class ApiServer:
    """One agent's API server. ``lay`` lays the token; ``now`` gives seconds since the epoch."""

    def __init__(self, lay: Lay, now: Callable[[], float], certificate: bytes) -> None:
        began = int(now())
        pod = f"app-7d9c6f5b8-{secrets.token_hex(3)[:5]}"
        account = {"name": "default", "uid": _uid()}
        inside = {"namespace": NAMESPACE, "pod": {"name": pod, "uid": _uid()}}
        claims = {
            "aud": ["https://kubernetes.default.svc.cluster.local"],
            "exp": began + YEAR,
            "iat": began,
            "iss": "https://kubernetes.default.svc.cluster.local",
            "jti": _uid(),
            "kubernetes.io": {**inside, "serviceaccount": account},
            "nbf": began,
            "sub": USER,
        }
        self._token = lay("kubernetes/token", lambda: jwt(claims))
        self._pod = pod
        self._began = datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.files: Mapping[str, bytes] = {
            f"{FOLDER}/token": self._token.encode(),
            f"{FOLDER}/ca.crt": certificate,
            f"{FOLDER}/namespace": NAMESPACE.encode(),
        }
        """What is laid into the agent's folder, by paths in it."""

    def reply(self, asked: Asked) -> Answer:
        """Answer one request."""
        scheme, _, token = asked.header("authorization").partition(" ")
        if scheme and (scheme.lower() != "bearer" or token.strip() != self._token):
            return _status("refused", 401, "Unauthorized", "Unauthorized")
        user = USER if scheme else "system:anonymous"
        path = asked.path.rstrip("/") or "/"
        if path in _OPEN:
            return self._about(path)
        if path in {"/", "/api", "/apis", "/api/v1"}:
            if user != USER:
                return _forbidden(user, "get", path)
            return _discovery(path)
        match = _RESOURCE.fullmatch(path)
        if match is None:
            return _status(
                "unknown", 404, "NotFound", "the server could not find the requested resource"
            )
        return self._resource(asked, user, match)

    def _about(self, path: str) -> Answer:
        if path != "/version":
            return Answer("health", 200, b"ok", "text/plain; charset=utf-8")
        told = {"major": "1", "minor": "30", "gitVersion": "v1.30.6", "gitTreeState": "clean"}
        told |= {"gitCommit": "2a9a2a9e0b9ac6a2e2cdb2b1e6c4ad8ac3c4fb6d"}
        told |= {"buildDate": "2024-10-22T20:35:25Z", "goVersion": "go1.22.8", "compiler": "gc"}
        told |= {"platform": "linux/amd64"}
        return as_json("version", told)

    def _resource(self, asked: Asked, user: str, match: re.Match[str]) -> Answer:
        kind, group, name = match["kind"], match["group"] or "", match["name"]
        space = match["space"] or ""
        if group == "authorization.k8s.io" and asked.method == "POST" and user == USER:
            return _review(asked.json(), kind)
        verb = _VERBS.get(asked.method, "get" if name else "list")
        act = f"{kind}.{verb}"
        allowed = user == USER and not group and not match["rest"] and (verb, kind) in _MAY
        if not allowed or (kind == "pods" and space != NAMESPACE):
            return _denied(act, user, verb, _Resource(kind, group, space, name))
        items = [self._namespace()] if kind == "namespaces" else [self._running()]
        if name is None:
            listed = "NamespaceList" if kind == "namespaces" else "PodList"
            told = {"kind": listed, "apiVersion": "v1", "metadata": {"resourceVersion": "184213"}}
            return as_json(act, {**told, "items": items})
        for item in items:
            if item["metadata"]["name"] == name:
                head = {"kind": "Namespace" if kind == "namespaces" else "Pod", "apiVersion": "v1"}
                return as_json(act, head | item)
        return _status(act, 404, "NotFound", f'{kind} "{name}" not found')

    def _namespace(self) -> dict[str, Any]:
        meta = {"name": NAMESPACE, "uid": "6f0c2b1e-8d5a-4c0b-9b7f-2d1e0a9c8b7d"}
        meta |= {"creationTimestamp": self._began, "resourceVersion": "41"}
        return {
            "metadata": meta,
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }

    def _running(self) -> dict[str, Any]:
        meta = {"name": self._pod, "namespace": NAMESPACE, "creationTimestamp": self._began}
        container = {"name": "app", "image": "registry.internal/app:1.8.2"}
        spec = {"containers": [container], "nodeName": "node-2", "serviceAccountName": "default"}
        return {
            "metadata": meta,
            "spec": spec,
            "status": {"phase": "Running", "podIP": "10.42.1.9"},
        }


@dataclass(frozen=True, slots=True)
class _Resource:
    """What a request is about."""

    kind: str
    group: str
    space: str
    name: str | None


def _denied(act: str, user: str, verb: str, what: _Resource) -> Answer:
    named = f' "{what.name}"' if what.name else ""
    scope = f'in the namespace "{what.space}"' if what.space else "at the cluster scope"
    message = (
        f'{what.kind}{named} is forbidden: User "{user}" cannot {verb} resource '
        f'"{what.kind}" in API group "{what.group}" {scope}'
    )
    details = {"kind": what.kind} | ({"name": what.name} if what.name else {})
    return _status(act, 403, "Forbidden", message, details)


def _forbidden(user: str, verb: str, path: str) -> Answer:
    message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
    return _status("discovery", 403, "Forbidden", message)


def _status(
    act: str, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None
) -> Answer:
    told: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
    }
    told |= {"message": message, "reason": reason, "details": dict(details or {}), "code": code}
    return as_json(act, told, code)


def _discovery(path: str) -> Answer:
    if path == "/":
        return as_json("discovery", {"paths": ["/api", "/api/v1", "/apis", "/healthz", "/version"]})
    if path == "/api":
        return as_json("discovery", {"kind": "APIVersions", "versions": ["v1"]})
    if path == "/apis":
        groups = [_group("apps", "v1"), _group("authorization.k8s.io", "v1"), _group("batch", "v1")]
        return as_json("discovery", {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
    resources = [
        {
            "name": name,
            "singularName": "",
            "namespaced": name != "namespaces",
            "kind": kind,
            "verbs": verbs,
        }
        for name, kind, verbs in (
            ("namespaces", "Namespace", ["get", "list"]),
            ("pods", "Pod", ["create", "delete", "get", "list"]),
            ("pods/exec", "PodExecOptions", ["create", "get"]),
            ("secrets", "Secret", ["create", "get", "list"]),
        )
    ]
    told = {"kind": "APIResourceList", "groupVersion": "v1", "resources": resources}
    return as_json("discovery", told)


def _group(name: str, version: str) -> dict[str, Any]:
    each = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [each], "preferredVersion": each}


def _review(asked: object, kind: str) -> Answer:
    """Say what the account may do: as little as it is let."""
    spec = asked.get("spec") if isinstance(asked, dict) else None
    spec = spec if isinstance(spec, dict) else {}
    told: dict[str, Any] = {"apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": spec}
    if kind == "selfsubjectrulesreviews":
        rule = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "namespaces"]}
        status: dict[str, Any] = {
            "resourceRules": [rule],
            "nonResourceRules": [],
            "incomplete": False,
        }
        return as_json(
            "rules.review", told | {"kind": "SelfSubjectRulesReview", "status": status}, 201
        )
    wanted = spec.get("resourceAttributes")
    wanted = wanted if isinstance(wanted, dict) else {}
    pair = wanted.get("verb"), wanted.get("resource")
    allowed = not wanted.get("group") and any(pair == each for each in _MAY)
    told |= {"kind": "SelfSubjectAccessReview", "status": {"allowed": allowed}}
    return as_json("access.review", told, 201)


def _uid() -> str:
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
