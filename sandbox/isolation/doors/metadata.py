"""The door ``metadata``: what a virtual machine is told by its cloud, with credentials that open nothing.

The shapes are those of AWS (IMDSv1, and v2 with its token), Google and Azure; the credentials are canaries.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from sandbox.isolation.doors.asked import Answer, Asked, Door, as_json
from sandbox.isolation.doors.canary import access_key, jwt, opaque, secret_key

__all__ = ["Cloud", "Lay", "metadata"]

Cloud: TypeAlias = Literal["aws", "gcp", "azure"]
Lay: TypeAlias = Callable[[str, Callable[[], str]], str]
"""Lays a canary at a place, made by the function."""

TEXT: Final = "text/plain"
ROLE: Final = "app-role"
SOON: Final = 21_600
"""Seconds for which credentials say they hold."""


def metadata(cloud: Cloud, lay: Lay, now: Callable[[], float]) -> Door:
    """Make the service of one cloud. ``now`` gives seconds since the epoch."""
    match cloud:
        case "aws":
            return _Aws(lay, now)
        case "gcp":
            return _Google(lay)
        case "azure":
            return _Azure(lay, now)


class _Aws:
    """EC2's instance metadata."""

    def __init__(self, lay: Lay, now: Callable[[], float]) -> None:
        self._now = now
        self._credentials = {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "AccessKeyId": lay("metadata/AccessKeyId", access_key),
            "SecretAccessKey": lay("metadata/SecretAccessKey", secret_key),
            "Token": lay("metadata/Token", lambda: opaque("IQoJb3JpZ2luX2VjE", 240)),
        }
        self._sessions: set[str] = set()
        instance = f"i-0{secrets.token_hex(8)}"
        self._leaves = {
            "ami-id": f"ami-0{secrets.token_hex(8)}",
            "hostname": "ip-10-0-3-17.eu-central-1.compute.internal",
            "iam/info": "",
            "iam/security-credentials/" + ROLE: "",
            "instance-id": instance,
            "instance-type": "t3.large",
            "local-ipv4": "10.0.3.17",
            "mac": "0a:5c:1e:2b:9f:44",
            "placement/availability-zone": "eu-central-1a",
            "placement/region": "eu-central-1",
        }

    def reply(self, asked: Asked) -> Answer:
        path = asked.path
        if path == "/latest/api/token":
            return self._session(asked)
        session = asked.header("x-aws-ec2-metadata-token")
        if session and session not in self._sessions:
            return Answer("aws.refused", 401, b"", TEXT)
        if path in {"/", "/latest", "/latest/"}:
            return Answer("aws.list", 200, b"latest" if path == "/" else b"meta-data", TEXT)
        if path.startswith("/latest/meta-data"):
            return self._leaf(path.removeprefix("/latest/meta-data").strip("/"))
        return Answer("aws.unknown", 404, b"", TEXT)

    def _session(self, asked: Asked) -> Answer:
        if asked.method != "PUT":
            return Answer("aws.session", 405, b"", TEXT, [("allow", "OPTIONS, PUT")])
        seconds = asked.header("x-aws-ec2-metadata-token-ttl-seconds")
        if not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds[:6]) <= SOON):
            return Answer("aws.session", 400, b"", TEXT)
        if len(self._sessions) >= 64:
            self._sessions.clear()
        session = secrets.token_urlsafe(40)
        self._sessions.add(session)
        headers = [("x-aws-ec2-metadata-token-ttl-seconds", str(int(seconds[:6])))]
        return Answer("aws.session", 200, session.encode(), TEXT, headers)

    def _leaf(self, path: str) -> Answer:
        if path == f"iam/security-credentials/{ROLE}":
            times = {"LastUpdated": _stamp(self._now()), "Expiration": _stamp(self._now() + SOON)}
            return as_json("aws.credentials", self._credentials | times, kind=TEXT)
        if path == "iam/info":
            profile = f"arn:aws:iam::123456789012:instance-profile/{ROLE}"
            told = {"Code": "Success", "InstanceProfileArn": profile}
            return as_json("aws.read", told, kind=TEXT)
        if path in self._leaves:
            return Answer("aws.read", 200, self._leaves[path].encode(), TEXT)
        below = _below(self._leaves, path)
        if below:
            return Answer("aws.list", 200, "\n".join(below).encode(), TEXT)
        return Answer("aws.unknown", 404, b"", TEXT)


class _Google:
    """Google's metadata server."""

    def __init__(self, lay: Lay) -> None:
        self._token = lay("metadata/access_token", lambda: opaque("ya29.c.", 120))
        account = "instance/service-accounts/default"
        self._leaves = {
            "instance/hostname": "app-01.europe-west3-a.c.app-prod-4711.internal",
            "instance/name": "app-01",
            "instance/zone": "projects/471100815/zones/europe-west3-a",
            f"{account}/email": "471100815-compute@developer.gserviceaccount.com",
            f"{account}/scopes": "https://www.googleapis.com/auth/cloud-platform",
            f"{account}/token": "",
            "project/numeric-project-id": "471100815",
            "project/project-id": "app-prod-4711",
        }

    def reply(self, asked: Asked) -> Answer:
        head = [("metadata-flavor", "Google")]
        if asked.path in {"", "/"}:
            return Answer("gcp.list", 200, b"computeMetadata/\n", "application/text", head)
        if asked.header("metadata-flavor") != "Google":
            why = b"Missing required header: Metadata-Flavor"
            return Answer("gcp.refused", 403, why, TEXT, head)
        path = asked.path.removeprefix("/computeMetadata/v1").strip("/")
        if path.endswith("default/token"):
            told = {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"}
            return as_json("gcp.credentials", told, headers=head)
        if path in self._leaves:
            return Answer("gcp.read", 200, self._leaves[path].encode(), "application/text", head)
        below = _below(self._leaves, path)
        if below:
            text = "".join(f"{name}\n" for name in below).encode()
            return Answer("gcp.list", 200, text, "application/text", head)
        return Answer("gcp.unknown", 404, b"", TEXT, head)


class _Azure:
    """Azure's instance metadata service."""

    def __init__(self, lay: Lay, now: Callable[[], float]) -> None:
        self._now = now
        self._subscription = "5c1b0f5e-3a7c-4a58-9d0b-6f2f6f1f7a10"
        claims: dict[str, Any] = {
            "aud": "https://management.azure.com/",
            "oid": secrets.token_hex(16),
        }
        claims |= {"sub": "app-01", "iat": int(now()), "exp": int(now()) + SOON}
        self._token = lay("metadata/access_token", lambda: jwt(claims))

    def reply(self, asked: Asked) -> Answer:
        if asked.header("metadata").lower() != "true" or "api-version" not in asked.query:
            wrong = "Bad request. .Required metadata header not specified or api-version missing"
            return as_json("azure.refused", {"error": wrong}, 400)
        if asked.path == "/metadata/identity/oauth2/token":
            return self._credentials(asked)
        if asked.path == "/metadata/instance":
            compute = {"name": "app-01", "location": "westeurope", "vmSize": "Standard_D2s_v5"}
            compute |= {"resourceGroupName": "app-prod", "subscriptionId": self._subscription}
            return as_json("azure.read", {"compute": compute, "network": {"interface": []}})
        return as_json("azure.unknown", {"error": "Not found"}, 404)

    def _credentials(self, asked: Asked) -> Answer:
        resource = asked.query.get("resource")
        if not resource:
            told: dict[str, Any] = {"error": "invalid_request"}
            told["error_description"] = "Required query variable 'resource' is missing"
            return as_json("azure.credentials", told, 400)
        told = {"access_token": self._token, "expires_in": str(SOON), "resource": resource}
        told |= {"expires_on": str(int(self._now()) + SOON), "token_type": "Bearer"}
        return as_json("azure.credentials", told)


def _below(leaves: Mapping[str, str], path: str) -> list[str]:
    """The names right below a path, a folder with its slash; none if there is no such folder."""
    start = f"{path}/" if path else ""
    names: dict[str, None] = {}
    for leaf in leaves:
        if leaf.startswith(start):
            name, slash, _ = leaf[len(start) :].partition("/")
            names[name + slash] = None
    return list(names)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
