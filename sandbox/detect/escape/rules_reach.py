"""Addresses beyond a box: engines, orchestrators, clouds, the gateway."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ReachRule, reach

__all__ = ["METADATA", "REACHES"]

METADATA: Final = (
    r"^(?:metadata-\w+|169\.254\.169\.254|169\.254\.170\.(?:2|23)|100\.100\.100\.200|192\.0\.0\.192"
    r"|fd00:ec2::254|fd20:ce::254|fe80::a9fe:a9fe|fd00:42::42|fd00:c1::a9fe:a9fe|168\.63\.129\.16|100\.96\.0\.96"
    r"|metadata(?:\.google\.internal|\.goog|\.azure\.internal|\.tencentyun\.com"
    r"|\.packet\.net|\.platformequinix\.com)?"
    r"|api\.metadata\.cloud\.ibm\.com|metadata\.(?:exoscale\.com|nifcloud\.com|service\.consul)"
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
    reach("net-recon", "recon", r"^(?!localhost|127\.|::1)", 2375, 2376, 10250, 10255, probe=True),
    reach("cloud-metadata", "attempted", METADATA, probe=False),
    reach(
        "cloud-metadata",  # by what is asked for, where the host's name says nothing
        "attempted",
        r"^(?!localhost|127\.|::1)",
        probe=False,
        path=(
            r"^/latest/(?:meta-data|user-data|api/token|dynamic/instance-identity)|^/computeMetadata/v1"
            r"|^/metadata/(?:identity|instance|scheduledevents|attested)\b|^/opc/v[12]/|^/openstack/\w+/(?:meta|user)_?data"
            r"|^/2018-06-01/runtime/invocation"
        ),
    ),
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
    reach(
        "docker-api",  # on a socket the path alone tells whose it is
        "attempted",
        r"^$",
        probe=False,
        path=r"^/(?:v1\.\d+/)?(?:info|version|_ping|events|system/df|swarm|nodes|services|secrets|networks|plugins|build"
        r"|auth|commit|images/\w+)(?:[/?]|$)",
    ),
    reach("docker-api", "attempted", None, 4243, probe=False),
    reach("docker-api", "attempted", None, probe=False, path=r"^/api/endpoints/\d+/docker/"),
    reach("kubelet-api", "attempted", None, 10250, 10255, 4194, 10248, 10256, probe=False),
    reach("etcd", "attempted", None, 2379, 2380, 2381, 4001, probe=False),
    reach("k8s-api", "attempted", _KUBERNETES, probe=False),
    # the parts of a control plane, and what once installed into it
    reach(
        "k8s-api", "attempted", None, 10249, 10251, 10252, 10257, 10259, 44134, 9345, probe=False
    ),
    reach(
        "k8s-api",
        "attempted",
        None,
        6443,
        16443,
        probe=False,
        programs="openssl curl wget http nc ncat netcat telnet /dev/tcp grpcurl given-address",
    ),
    reach(
        "k8s-api",
        "attempted",
        None,
        6443,
        8001,
        16443,
        8443,
        probe=False,
        path=r"^/(?:api/v1|apis|openapi|swaggerapi)(?:/|$)|^/api/?$|^/(?:version|healthz|livez|readyz)$",
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
