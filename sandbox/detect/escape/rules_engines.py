"""Programs that drive a container engine or an orchestrator from inside a box."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ProgramRule, program

__all__ = ["ENGINES"]

_HELP: Final = (r"(?:^|\s)(?:--help|--version|-V|help|version)(?:\s|$)",)
_CAPS: Final = (
    r"(?i:SYS_ADMIN|SYS_PTRACE|SYS_MODULE|SYS_RAWIO|DAC_READ_SEARCH|DAC_OVERRIDE|\bALL\b"
    r"|BPF\b|SYS_CHROOT|MKNOD|NET_ADMIN|NET_RAW|SYS_BOOT|SYSLOG)"
)
_ENGINE: Final = "docker podman nerdctl docker-compose ctr crictl"
_HOST_DIRS: Final = (
    r"(?:/|/(?:etc|root|proc|sys|dev|boot|run|var|var/run|var/lib|var/log|var/lib/\w+|home"
    r"|usr|lib)(?:/[^:,\s]*)?)"
)
_BLOCK: Final = r"/dev/(?:sd|vd|xvd|hd|nvme|dm-|mapper|mem|kmem|mmcblk|disk|loop|root|md\d)"

ENGINES: Final[tuple[ProgramRule, ...]] = (
    # The engine
    program("docker-api", "attempted", _ENGINE, r"(?:^|\s)(?:-H|--host)[\s=]*tcp://"),
    program("docker-sock", "attempted", _ENGINE, r"(?:^|\s)(?:-H|--host|--url|-c)[\s=]*unix:"),
    program(
        "runtime-sock",
        "attempted",
        "ctr crictl nerdctl",
        r"(?:^|\s)(?:-r|-a|--address|--runtime-endpoint|--image-endpoint|-i)[\s=]",
    ),
    program("runtime-sock", "attempted", "podman", r"--remote|--url|--connection"),
    program(
        "runtime-sock",
        "attempted",
        "ctr",
        r"(?:^|\s)(?:run|exec|tasks?|t|containers?|c|snapshots?|images?\s+(?:pull|mount|import"
        r"|export)|i\s+(?:pull|mount))\b",
    ),
    program(
        "runtime-sock",
        "attempted",
        "crictl",
        r"(?:^|\s)(?:exec|run|runp|create|start|rm|rmp|attach|port-forward|pull)\b",
    ),
    program(
        "runtime-sock",
        "recon",
        "ctr crictl",
        r"(?:^|\s)(?:ps|pods|images?|info|version|inspect\w*|ns|namespaces?|plugins?|logs|stats)\b",
    ),
    program(
        "runtime-sock",
        "attempted",
        "buildctl lxc",
        r"build|--addr|config\s+device\s+add|security\.privileged|init\s.*-c",
    ),
    program(
        "runtime-sock",
        "attempted",
        "kubelet containerd dockerd containerd-shim containerd-shim-runc-v2 conmon",
        r"(?:^|\s)-",
        lacks=_HELP,
    ),
    program(
        "docker-sock",
        "attempted",
        _ENGINE,
        r"\b(?:run|create|exec|service|up|update)\b",
        r"--privileged(?!=false)",
    ),
    program(
        "docker-sock",
        "attempted",
        _ENGINE,
        r"\b(?:run|create|service)\b",
        rf"(?:-v|--volume|--mount)[\s=]*(?:\S*(?:src|source)=)?{_HOST_DIRS}(?::|,|\s|$)",
    ),
    program(
        "docker-sock",
        "attempted",
        _ENGINE,
        r"\b(?:run|create|exec|service)\b",
        r"--(?:pid|ipc|uts|userns|cgroupns)[\s=]host|--(?:net|network)[\s=]host"
        r"|--pid[\s=]container:",
    ),
    program(
        "docker-sock", "attempted", _ENGINE, r"\b(?:run|create)\b", rf"--cap-add[\s=]*\S*{_CAPS}"
    ),
    program(
        "docker-sock",
        "attempted",
        _ENGINE,
        r"\b(?:run|create)\b",
        r"--security-opt[\s=]\S*(?:unconfined|disable|systempaths)|--device-cgroup-rule",
    ),
    program(
        "device-mount",
        "attempted",
        _ENGINE,
        r"\b(?:run|create|update)\b",
        rf"--device[\s=]*{_BLOCK}",
    ),
    program("docker-sock", "attempted", _ENGINE, r"docker\.sock"),
    program("runtime-cve", "attempted", _ENGINE, r"(?:-w|--workdir)[\s=]*/proc/"),
    program(
        "runtime-cve",
        "attempted",
        _ENGINE,
        r"\bcp\b.*(?:/proc/|\.\./)|\bbuild\b.*(?:--allow|security\.insecure)"
        r"|NVIDIA_DRIVER_CAPABILITIES|LD_PRELOAD=/proc|NVIDIA_VISIBLE",
    ),
    program(
        "runtime-cve",
        "attempted",
        "runc crun runsc youki kata-runtime",
        r"(?:^|\s)(?:run|exec|create|start|--root|restore|spec)\b",
        lacks=_HELP,
    ),
    program("container-fingerprint", "recon", "runc crun", r"--version|-v\b|list|state"),
    program("runtime-cve", "attempted", "#!/proc/self/exe"),
    program(
        "runtime-cve",
        "attempted",
        "ln",
        r"(?:^|\s)/proc/self/exe\s|/dev/(?:console|null)(?:\s|$)|\s/proc/self/fd/",
    ),
    program(
        "runtime-cve",
        "attempted",
        "ln",
        r"-\w*s\w*\s+/\s+\S*(?:log|vol|mnt|host|run/)|(?:^|\s)/proc/(?:self/)?(?:sys|fd|1)\S*\s|\s/(?:etc/(?:shadow"
        r"|kubernetes\S*)|root\S*)\s+\S*(?:log|vol|mnt)",
    ),
    program("runtime-cve", "attempted", "docker-credential-helper whoc runcvm", r".*"),
    # Kubernetes
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"(?:^|\s)--(?:token|as|as-group|certificate-authority|server|kubeconfig|username"
        r"|client-certificate)[=\s]|(?:^|\s)-s\s+https?:",
        lacks=(r"^config\s",),
    ),
    program(
        "k8s-recon",
        "recon",
        "which type command whereis",
        r"\b(?:kubectl|crictl|ctr|kubeadm|kubelet|etcdctl|nsenter\s+unshare)\b",
    ),
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        r"\b(?:describe|top)\s+(?:nodes?|no|sa|secrets?|cluster\w+|psp)\b",
    ),
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        r"\bauth\s+(?:can-i|whoami)|^(?:who-can|access-matrix|rbac-\w+)\b|\bcluster-info\b|\bapi-resources\b|\bget\s+(?:nodes?|no"
        r"|namespaces?|ns|clusterrole\w*|psp|rolebindings?|roles?|sa|serviceaccounts?"
        r"|networkpolic\w+|secrets?|endpoints|componentstatus\w*)\b|\bget\s+(?:pods?|po|all"
        r"|svc|services?|deploy\w*)\b.*(?:-A\b|--all-namespaces|kube-system)|\bget\s+(?:pods?"
        r"|po)\b.*(?:-o\s*(?:yaml|json\w*)|--output[= ](?:yaml|json\w*))",
    ),
    program(
        "k8s-recon",
        "recon",
        "kubectl oc",
        r"\bconfig\s+view\b|\bapi-versions\b|\bget\s+--raw\b|\bget\s+(?:crds?|pv|configmaps?|cm)\b.*(?:-A\b"
        r"|--all-namespaces|-o)",
    ),
    program("container-fingerprint", "recon", "ps", r"(?:^|\s)-?[pq]\s*1(?:\s|$)|^1$"),
    program(
        "container-fingerprint", "recon", "printenv", r"^(?:container|KUBERNETES_\w+|ECS_\w+)$"
    ),
    program("socket-recon", "recon", "getent", r"group\s+(?:docker|lxd|podman)"),
    program("container-fingerprint", "recon", "ls stat", r"(?:^|\s)-\w*i\w*\s+/$|%i\S*\s+/$"),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"\bget\s+(?:secrets?)\b.*(?:-A\b|--all-namespaces|-o\s*(?:yaml|json|go-template)"
        r"|kube-system)",
    ),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"\bdebug\s+(?:-\S+\s+)*nodes?/|\bdebug\b.*--profile[= ]sysadmin|\bcreate\s+token\b"
        r"|\bcreate\s+(?:cluster)?rolebinding\b|--raw\b.*(?:nodes|proxy|secrets|pods)"
        r"|\bexec\b.*(?:kube-system|kube-apiserver|etcd)|\bproxy\b.*(?:--address"
        r"|--accept-hosts|--disable-filter)|\bcertificate\s+approve|\bdrain\b|\btaint\b"
        r"|\bcordon\b|\bcp\b.*\.\./",
    ),
    program(
        "k8s-api",
        "attempted",
        "kubectl oc",
        r"\b(?:apply|create)\b.*(?i:badpods|everything-allowed|hostpath|hostpid|privileged"
        r"|priv-and|evil|attack|escape|pwn|malicious|backdoor|nothing-allowed|hostnetwork"
        r"|hostipc)",
    ),
    program(
        "k8s-api",
        "attempted",
        "helm",
        r"(?i:privileged=true|hostPID=true|hostNetwork=true|tiller|--host\s|hostPath)",
    ),
    program(
        "kubelet-api",
        "attempted",
        "kubeletctl",
        r"\b(?:exec|run|scan\s+(?:rce|token)|attach|portForward|pods|runningpods|configz|logs"
        r"|cri)\b",
    ),
    program(
        "recon-tool",
        "recon",
        "kubeletctl kube-hunter kube-bench kubeaudit kubescape kubestriker kubectl-who-can "
        "rbac-lookup rakkess kubesploit-agent",
    ),
    program(
        "etcd",
        "attempted",
        "etcdctl etcdutl",
        r"/registry|--endpoints[= ]\S*(?:\d+\.\d+|https)|snapshot\s+save|--cacert|--from-key"
        r"|get\s+\"?\"?\s*--prefix|--cert",
    ),
)
