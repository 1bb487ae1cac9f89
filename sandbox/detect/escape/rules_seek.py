"""Questions to ordinary programs and files whose answer tells where the boundary runs."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import SeekRule, seek

__all__ = ["SEEKS"]

_ENVIRONMENT: Final = r"^(?:env|printenv|set|export|compgen)$|^/proc/[^/]+/environ$"

SEEKS: Final[tuple[SeekRule, ...]] = (
    seek(
        "capability-recon",
        r"^/proc/[^/]+/status$",
        r"Cap(?![a-z]*ac)|NoNewPriv|\b0{4,}[0-9a-f]{4,}\b",
    ),
    seek("lsm-seccomp-recon", r"^/proc/[^/]+/status$", r"Seccomp|Speculation|NoNewPriv"),
    seek("ns-recon", r"^/proc/[^/]+/status$", r"NSpid|NStgid|\bNS"),
    seek("k8s-recon", _ENVIRONMENT, r"kube|k8s|_SERVICE_|^SERVICE$|_PORT_443"),
    seek(
        "container-fingerprint",
        _ENVIRONMENT,
        r"^container$|container|docker(?!_?\w*version)|sandbox|ECS_",
    ),
    seek(
        "cred-recon",
        _ENVIRONMENT,
        r"secret|token|passw|api_?key|\bkey|_KEY|credential|\bAWS|\bGCP|AZURE|GOOGLE_",
    ),
    seek(
        "socket-recon",
        r"^(?:groups|id|getent)$|^/etc/group$",
        r"docker|lxd|podman|containerd|libvirt|microk8s",
    ),
    seek(
        "socket-recon",
        r"^(?:ss|netstat|lsof|find|mount|df)$",
        r"docker|containerd|crio|podman|\.sock",
    ),
    seek(
        "mount-recon",
        r"^(?:mount|df|findmnt)$",
        r"docker|overlay|ext[234]\b|\bxfs|btrfs|cgroup|host|kube|workdir|upperdir|lowerdir|\br[wo]\b|kubelet|\^/dev|/dev/(?:sd"
        r"|vd|nvme|xvd)|secret",
    ),
    seek(
        "container-fingerprint",
        r"^(?:ps|pstree|pgrep|top)$",
        r"docker|containerd|kube|runc|\bcri-?o\b|conmon|systemd|\binit\b|dumb-init|tini|pause",
    ),
    seek(
        "container-fingerprint",
        r"^(?:dmesg|journalctl|lscpu|lspci|lsmod|dmidecode|uname|/proc/cpuinfo|/proc/version"
        r"|/proc/cmdline|/proc/modules)$",
        r"gvisor|virt|hyper|kvm|docker|container|firecracker|kata|qemu|xen|vmw|vbox|parallels|bochs|linuxkit"
        r"|microsoft|moby|overlay|veth|bridge",
    ),
    seek(
        "lsm-seccomp-recon",
        r"^(?:dmesg|journalctl|/proc/cmdline|/proc/filesystems|/boot/.*)$",
        r"seccomp|apparmor|selinux|lsm|landlock|lockdown|kaslr|smep|smap|\bpti|isolation|mitigation|spectre",
    ),
    seek(
        "lsm-seccomp-recon",
        r"^(?:docker|podman)$",
        r"seccomp|apparmor|selinux|rootless|userns|security",
    ),
    seek(
        "mount-recon",  # what is left once the ordinary is taken away
        r"^(?:mount|findmnt)$|/mount(?:s|info)$",
        r"^not .*(?:proc|sysfs|cgroup|tmpfs|overlay|devpts)",
    ),
    seek("container-fingerprint", r"^(?:ls|find)$", r"dockerenv|containerenv"),
    seek("container-fingerprint", r"^hostname$|^/etc/hostname$", r"\[0-9a-[fz]\]|\[a-[fz]0-9\]"),
    seek("device-recon", r"^(?:ls|find)$", r"\b(?:sd|vd|nvme|xvd)[a-z\[]|block|^\^b"),
    seek("k8s-recon", r"^/etc/(?:resolv\.conf|hosts)$", r"cluster|svc|kube"),
    seek(
        "k8s-sa-token",
        r"^(?:mount|findmnt|df|/proc/(?:self/)?mount(?:s|info))$",
        r"^s(\W).*(?:secret|token|serviceaccount|kubernetes)",
        "attempted",
    ),
    seek(
        "k8s-recon",
        r"^(?:mount|findmnt|df|/proc/(?:self/)?mount(?:s|info))$",
        r"secret|serviceaccount|kube",
    ),
    seek(
        "container-fingerprint",
        r"^(?:mount|df|/proc/(?:self/)?mount(?:s|info))$",
        r"^\s*\W?/\s|on / |\s/\s|==\s*[\"']/[\"']",
    ),
    seek(
        "container-fingerprint",
        r"^(?:ip|ifconfig|/sys/class/net/.*)$",
        r"@if|eth\d@|veth|02:42|docker",
    ),
    seek("socket-recon", r"^/(?:(?:var/)?run)?/?$", r"docker|containerd|crio|podman|sock"),
    seek(
        "cred-recon",
        r"^/(?:root|home|etc|var|opt|srv|mnt|app|usr|run|proc|tmp)?/?$|^history$|_history$",
        r"secret|private key|api_?key|passw?|token|credential|AKIA|gh[pos]_|xox[abp]|eyJ|BEGIN .*KEY",
    ),
    seek("cgroup-recon", r"^(?:mount|/proc/filesystems|/proc/mounts)$", r"cgroup"),
    seek(
        "kernel-recon",
        r"^(?:sysctl)$",
        r"bpf|userns|ptrace|kptr|core_pattern|modprobe|dmesg|unprivileged",
    ),
    # What a runtime that enters a container looks like from within, for an instant
    seek("runtime-cve", r"^(?:ps|pgrep|pidof|top)$", r"/proc/self/exe\b", "attempted"),
    # Where the kernel's helpers, and groups that tell when they are empty, can be written
    seek(
        "kernel-recon",
        r"^(?:find|locate|ls|/(?:proc|sys)(?:/.*)?)$",
        r"core_pattern|uevent_helper|release_agent|binfmt_misc|sysrq-trigger",
    ),
    # What Pods may do, and as whom
    seek(
        "k8s-recon",
        r"^(?:kubectl|oc)$",
        r"serviceAccount|hostPath|hostPID|hostNetwork|privileged|secretName|automount|nodeName",
    ),
    # Which ways out are installed
    seek(
        "recon-tool",
        r"^/(?:usr/(?:local/)?)?s?bin/?$",
        r"nsenter|unshare|kubectl|crictl|docker|capsh|debugfs|bpftool|runc",
    ),
    # The root's own file system, as a table or a count shows it
    seek(
        "mount-recon",
        r"^(?:df|stat|findmnt|/|/proc/filesystems)$",
        r"overlay|aufs|\b9p\b|gofer|virtiofs|unionfs",
    ),
    # How many processes can be seen, by the numbers under /proc
    seek("container-fingerprint", r"^/proc/?$", r"\[0-9\]|\[\[:digit:\]\]|\\d"),
    # Who watches
    seek(
        "lsm-seccomp-recon",
        r"^(?:ps|pgrep|pidof|top|pstree|lsmod|systemctl|service)$|^/proc/modules$",
        r"falco|auditd|tetragon|tracee|sysdig|osquery|wazuh|ossec|crowdstrike|falcon|sentinel",
    ),
    # Doors of engines and orchestrators among what listens
    seek(
        "net-recon",
        r"^(?:ss|netstat|lsof)$|^/proc/(?:self/|\d+/)?net/tcp6?$",
        r"\b(?:2375|2376|10250|10255|6443|2379|1883|4222|8001)\b|:094[78]\b|kubelet|dockerd|etcd",
    ),
    # The name server's domains, and names of the host behind the wall
    seek("k8s-recon", r"^/etc/resolv\.conf$", r"\bsearch\b|\^search"),
    seek("k8s-recon", r"^/etc(?:/cni.*)?/?$", r"\bkube"),
    seek("net-recon", r"^/etc/hosts$|^getent$", r"docker\.internal|gateway|containers\.internal"),
    seek("net-recon", r"^(?:ip|route|arp|netstat|ifconfig)$", r"default|gateway|docker|172\.|via"),
)
