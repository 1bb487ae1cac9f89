"""Addresses beyond a box: engines, orchestrators, clouds, the gateway."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ReachRule, reach

__all__ = ["METADATA", "REACHES"]

METADATA: Final = (
    r"^(?:metadata-\w+|169\.254\.169\.254|169\.254\.170\.(?:2|23)|100\.100\.100\.200|192\.0\.0\.192"
    r"|fd00:ec2::254|fd20:ce::254"
    r"|metadata(?:\.google\.internal|\.goog|\.azure\.internal|\.tencentyun\.com"
    r"|\.packet\.net|\.platformequinix\.com)?"
    r"|instance-data(?:\.ec2\.internal)?|169\.254\.\d+\.\d+|rancher-metadata)$"
)
_GATEWAY: Final = (
    r"^(?:172\.(?:1[6-9]|2\d|3[01])\.0\.1|(?:host|gateway|kubernetes|vm)\.docker\.internal"
    r"|host\.containers\.internal"
    r"|host\.lima\.internal|host\.minikube\.internal|10\.0\.2\.2|10\.96\.0\.1"
    r"|192\.168\.65\.\d+|192\.168\.(?:49|99|122)\.1|dockerhost"
    r"|_gateway|10\.88\.0\.1|10\.4[23]\.0\.1)$"
)
_DOCKER_NET: Final = r"^172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+$"
_PRIVATE: Final = r"^(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|\ue000|f[cd][0-9a-f]{2}:|fe80:)"
_SCANNERS: Final = (
    "nmap masscan zmap rustscan naabu unicornscan fping nbtscan hping3 arp-scan netdiscover arping"
    " nc ncat netcat nc.openbsd nc.traditional python perl ruby node php lua"
)
"""What asks for ports or whole networks; to ping one host is to look after it."""
_KUBERNETES: Final = (
    r"^(?:kubernetes(?:\.default(?:\.svc(?:\.cluster\.local)?)?)?|10\.96\.0\.1"
    r"|kube-apiserver|apiserver)$"
)

REACHES: Final[tuple[ReachRule, ...]] = (
    reach("net-recon", "recon", METADATA, probe=True),
    reach("net-recon", "recon", _GATEWAY, probe=True),
    reach("net-recon", "recon", _DOCKER_NET, probe=True),
    reach("net-recon", "recon", _PRIVATE, probe=True, programs=_SCANNERS),
    reach("k8s-recon", "recon", r"kube\w*\b|\.svc$|svc\.cluster\.local$", probe=True),
    reach("cloud-metadata", "attempted", METADATA, probe=False),
    reach("docker-api", "attempted", None, 2375, 2376, 2377, probe=False),
    reach(
        "docker-api",
        "attempted",
        None,
        probe=False,
        path=(
            r"^/(?:v1\.\d+/)?(?:containers|images|exec|info|_ping|volumes)/?(?:json|create"
            r"|\w+/(?:exec|start|archive))"
        ),
    ),
    reach("kubelet-api", "attempted", None, 10250, 10255, 4194, 10248, 10256, probe=False),
    reach("etcd", "attempted", None, 2379, 2380, 4001, probe=False),
    reach("k8s-api", "attempted", _KUBERNETES, probe=False),
    reach(
        "k8s-api",
        "attempted",
        None,
        6443,
        8001,
        16443,
        probe=False,
        path=r"^/(?:api|apis)(?:/|$)|^/(?:version|healthz)",
    ),
    reach(
        "k8s-api",
        "attempted",
        None,
        probe=False,
        path=(
            r"^/api/v1/(?:namespaces|nodes|pods|secrets|configmaps|serviceaccounts)\b"
            r"|^/apis/[\w.]*(?:k8s\.io|apps|batch)/v1"
        ),
    ),
    reach(
        "network-pivot", "attempted", _PRIVATE, probe=False, path=r"^/v2/(?:_catalog|\S+/tags/list)"
    ),
    reach("network-pivot", "attempted", r"^vsock-", probe=False),
    reach(
        "network-pivot",
        "attempted",
        None,
        4646,
        8500,
        probe=False,
        path=r"^/v1/(?:agent/(?:check|service)|jobs?|client/|kv/|acl/|txn)",
    ),
    reach("runtime-sock", "attempted", None, 1338, 10010, probe=False),
    reach("network-pivot", "attempted", _GATEWAY, probe=False),
    reach("network-pivot", "attempted", r"\.svc(?:\.cluster\.local)?$|\.kube-system$", probe=False),
    reach("network-pivot", "attempted", _DOCKER_NET, probe=False),
    reach(
        "network-pivot",
        "attempted",
        _PRIVATE,
        probe=False,
        programs="/dev/tcp smbclient evil-winrm",
    ),
    reach(
        "bus-abuse",
        "attempted",
        None,
        1883,
        8883,
        4222,
        probe=False,
        programs="nc ncat telnet /dev/tcp socat python",
    ),
)
"""All that fit are signs."""
