"""Programs that work on clusters and clouds, by what they ask of them."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ProgramRule, program

__all__ = ["CLUSTERS"]

_HELP: Final = (r"(?:^|\s)(?:--help|--version|-V|help|version)(?:\s|$)",)
_GUARDS: Final = (
    r"(?i:events?\b|(?:cluster)?polic(?:y|ies)\b|constraint\w*|\w*webhook\w*|resourcequotas?|limitranges?"
    r"|podsecurity\w*|\w*netpol\b|networkpolic\w+|priorityclass\w*)"
)

CLUSTERS: Final[tuple[ProgramRule, ...]] = (
    # What holds a cluster together, changed
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"^(?:-\S+\s+)*(?:-n\s*\S+\s+)?(?:edit|patch|replace|set)\s",
        r"kube-system|\baws-auth\b",
    ),
    program(
        "k8s-api",
        "attempted",
        "eksctl",
        r"^create\s+(?:iamidentitymapping|accessentry|iamserviceaccount)\b",
    ),
    program(
        "k8s-api",
        "attempted",
        "aws",
        r"\beks\s+(?:create-access-entry|associate-access-policy|update-access-entry|update-cluster-config)\b",
    ),
    program("sandbox-tamper", "attempted", "kubectl oc", rf"\bdelete\s+(?:-\S+\s+)*{_GUARDS}"),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"^(?:-\S+\s+)*(?:trace\s+run|node[-_]?(?:shell|ssh|admin)|exec[-_]as|enter|iexec|ssh-jump|doctor\s+node)\b",
        lacks=_HELP,
    ),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"\bset\s+(?:serviceaccount|sa)\s|\bpatch\s+nodes?[\s/]|\bport-forward\b.*\btiller",
    ),
    program("k8s-sa-token", "attempted", "kubectl oc", r"\bcp\s.*serviceaccount"),
    program("k8s-sa-token", "attempted", "oc", r"^whoami\s+(?:-t|--show-token)\b"),
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        r"\bget\s+(?:scc|csr|pods?\s+-o\s*\S*wide|psp)\b"
        r"|\b(?:logs|top)\b.*kube-system|kube-system\s+(?:get|describe|logs|top)\b",
        lacks=_HELP,
    ),
    program("k8s-recon", "recon", "oc", r"^whoami(?:\s|$)"),
    program("k8s-recon", "recon", "helm", r"^(?:list|ls)\b.*(?:-A\b|--all-namespaces)"),
    program("k8s-sa-token", "attempted", "~kubeletmein(?:[-_.]\\w+)*", lacks=_HELP),
    program("etcd", "attempted", "auger", r"\b(?:extract|decode)\b"),
    program("etcd", "attempted", "etcdctl", r"^ls\s+/|\b(?:member|endpoint|auth|user|role)\s+\w+"),
    program(
        "recon-tool",
        "recon",
        "~(?:kubesplaining|kubehound|icekube|rbac-police|k8spider|krane|kubectl-access[-_]matrix|kubesec-scan"
        "|kube-?beacon|mkat|kubefuzz|kubetcd|audit2rbac)(?:[-_.]\\w+)*",
        lacks=_HELP,
    ),
    program("recon-tool", "recon", "trivy", r"^(?:k8s|kubernetes)\b"),
    # Surveyors of clusters that are told to go on
    program("escape-tool", "attempted", "kube-hunter kube-hunter.py", r"--active\b"),
    # A cloud's own service, asked under a name that nobody knows
    program(
        "cloud-metadata",
        "attempted",
        "curl wget http https xh curlie lwp-request",
        r"(?i:Metadata-Flavor:\s*Google|X-Google-Metadata-Request:|(?:^|\s)Metadata:\s*true|X-aws-ec2-metadata-token"
        r"|Bearer Oracle|X-IDENTITY-HEADER:|X-aliyun-ecs-metadata-token|Metadata-Token:)",
        lacks=(r"://(?:localhost|127\.|\[::1\])",),
    ),
    program("cred-recon", "recon", "cloud-init", r"^query\b"),
    program(
        "k8s-recon",
        "recon",
        "pgrep pidof",
        r"\b(?:containerd(?:-shim\S*)?|dockerd|kubelet|conmon|crio|kube-\w+|etcd)\b",
    ),
)
