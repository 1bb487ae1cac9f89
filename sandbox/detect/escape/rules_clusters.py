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

_BEFORE: Final = r"^(?:-\S+\s+(?:[^-\s]\S*\s+)??)*?"
"""Options and their values before the word that says what is to be done."""
_WORKLOADS: Final = (
    r"(?:pods?|po|all|deploy\w*|daemonsets?|ds|statefulsets?|sts|replicasets?|rs"
    r"|jobs?|cronjobs?|cj|services?|svc|configmaps?|cm)"
)

CLUSTERS: Final[tuple[ProgramRule, ...]] = (
    # A container of one's own put into another's Pod, or onto a node
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        rf"{_BEFORE}(?:alpha\s+)?debug\s+\S",
        lacks=(r"--dry-run", *_HELP),
    ),
    # Another identity, and a server that nobody vouches for, written down for later
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        rf"{_BEFORE}config\s+set-credentials\s.*--(?:token|client-certificate|client-key|username|password|exec-command|auth-provider)\b"
        r"|\bconfig\s+set-cluster\s.*(?:--insecure-skip-tls-verify(?!=false)|serviceaccount|://(?:kubernetes\b|10\.96\.0\.1\b|\ue000))"
        r"|\bconfig\s+set\s+(?:users\.\S*(?:token|client)|clusters\.\S*insecure)",
        lacks=_HELP,
    ),
    # Pods that say by their name what they are for
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        rf"{_BEFORE}(?:exec|run|cp|attach|create|expose)\s",
        r"(?:^|[\s_-]|pods?/)(?:evil|hacke?[rd]?|attacker?|pwn(?:ed)?|malicious|backdoor|bad-?pods?|everything-allowed|rev-?shell)(?:[-_./:\s]|$)",
        lacks=(r"--dry-run", *_HELP),
    ),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        rf"{_BEFORE}edit\s+clusterrole|\bcreate\s+role\s.*--verb=\W?\*",
    ),
    # Others' workloads, whole
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        rf"\bget\s(?:.*\s)?{_WORKLOADS}(?:[\s/,]|$)",
        r"(?:^|\s)(?:-n|--namespace)[\s=]*(?!default\b)[^\s=]",
        r"\s(?:-o|--output)[\s=]*(?:json|yaml|custom-columns|go-template)",
    ),
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        r"\bget\s.*(?:-o|--output)[\s=]*(?:jsonpath|custom-columns|go-template)\S*.*(?i:nodeName|hostIP|hostPath|hostPID|hostNetwork|privileged"
        r"|serviceAccount|secretName|\.secrets)",
    ),
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
        r"\bget\s+(?:scc|csr|\w*webhookconfigurations?|(?:cluster)?polic(?:y|ies)|constraint\w*|pods?\s+-o\s*\S*wide|psp)\b"
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
        r"\b(?:containerd(?:-shim\S*)?|dockerd|docker-(?:proxy|init|runc)|runc|crun|kubelet|conmon|crio|kube-\w+|etcd)\b",
    ),
    program("runtime-cve", "attempted", "pgrep pidof pkill", r"/proc/self/exe\b"),
)
