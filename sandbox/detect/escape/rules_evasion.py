"""Programs that are kept from sight: called another way, fetched by a pattern, named as nobody does."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ProgramRule, program
from sandbox.detect.escape.started import GUARDED

__all__ = ["EVASION"]

_HELP: Final = (r"(?:^|\s)(?:--help|--version|-V|help|version)(?:\s|$)",)

EVASION: Final[tuple[ProgramRule, ...]] = (
    # The loader called by hand, on what a list of forbidden programs holds; `ld.so ./own-program` is a developer's
    program(
        "denylist-evasion",
        "attempted",
        "loaded-program",
        r"^(?:docker|podman|nerdctl|kubectl|oc|ctr|crictl|runc|crun|lxc|machinectl|systemctl|mount|umount|nsenter|unshare"
        r"|chroot|insmod|modprobe|rmmod|mknod|debugfs|bpftool|capsh|setcap|gdb|strace|nc|ncat|netcat|socat|ssh|curl|wget"
        r"|bash|sh|dash|python|perl|iptables|nft|kill|pkill|auditctl)(?:\s|$)",
    ),
    program(
        "denylist-evasion",
        "attempted",
        "masked-program",
        rf"^(?:{'|'.join(sorted(GUARDED))})\s",
    ),
    # A program whose name nobody can tell, with options that only one has
    program(
        "nsenter-host",
        "attempted",
        "~\ue000*",
        r"^(?:-t\s*1|--target[=\s]1)\s+-{1,2}(?:[mpniuaUrw]|mount|pid|net|all|uts|ipc|root)\b",
    ),
    program(
        "docker-sock",
        "attempted",
        "~\ue000*",
        r"^(?:-\S+\s+)*run\s.*(?:(?:-v|--volume)[\s=]*/:/|--privileged|--pid[= ]host)",
    ),
    program("userns-abuse", "attempted", "~\ue000*", r"^-\w*U\w*r|^--map-root-user\b"),
    # Tools
    program(
        "nsenter-host",
        "attempted",
        "~(?:insject|nsinject|nsexec|nsjump|enter-?host|enter-?ns)(?:[-_.]\\w+)*",
        r"\S",
        lacks=_HELP,
    ),
    program("escape-tool", "attempted", "~(?:fdpasser|fd-passer|pass-?fd)(?:[-_.]\\w+)*", r"\S"),
    program(
        "escape-tool",  # as its makers call what they build
        "attempted",
        "~(?:bob|botb|break-out-the-box)(?:[-_.]\\w+)*",
        r"(?:^|\s)--?(?:aggr|auto-?pwn|pwn\w*|hijack|cicd|k8secrets|cgroup|s3\w+|region|endpointlist|metadata"
        r"|scrape-\w+|rev-dns|always-succeed|wordlist|runc-\w+)(?:[=\s]|$)",
    ),
    program(
        "cloud-metadata",
        "attempted",
        "run-by-path",
        r"\s--?metadata(?:=true|\s*$)",
        lacks=_HELP,
    ),
    program(
        "escape-tool",
        "attempted",
        "run-by-path",
        r"^(?:\./|/tmp/|/dev/shm/|/var/tmp/)\S*?(?:(?<=/)|(?<=[-_.]))(?:escape|escaper|breakout|break[-_]?out|jailbreak"
        r"|unsandbox|sandbox[-_]?bypass)(?:\.(?:sh|elf|bin|out))?(?:\s|$)",
        lacks=(r"(?i:test|html|check|detect|demo)", *_HELP),
    ),
    program(
        "host-mount",
        "attempted",
        "~(?:break|un|escape|double)[-_]?chroot(?:\\.\\w+)*|chroot[-_]?(?:escape|break(?:out)?)(?:\\.\\w+)*",
        lacks=_HELP,
    ),
    program(
        "host-mount",  # a shell that any of them may start as root, left in somebody else's tree
        "attempted",
        "chmod",
        r"^(?:-\S+\s+)*(?:[ugoa]*\+\w*s\w*|0?[2467]\d{3})\s(?:.*\s)?/(?:mnt|host|media)\S*/\w*sh(?:\s|$)",
    ),
    program(
        "escape-tool",  # a program of nobody's that is given what only root may read
        "attempted",
        "run-by-path",
        r"^(?!/(?:usr/)?s?bin/)\S+\s.*(?:^|\s)/etc/(?:shadow|gshadow|sudoers)(?:\s|$)",
    ),
    # The description of a container changed so that its runtime's own files come with it
    program(
        "runtime-cve",
        "attempted",
        "sed perl jq yq awk ed ex python ruby node",
        r"(?:\bcwd\b|WORKDIR|workingDir|\bargs\b|entrypoint|ENTRYPOINT|config\.json).{0,200}/proc/(?:self|thread-self)/(?:fd/\d|exe\b)"
        r"|/proc/(?:self|thread-self)/(?:fd/\d|exe\b).{0,200}(?:config\.json|Dockerfile)",
    ),
    program(
        "runtime-cve",  # a program of nobody's that is given another process's own file
        "attempted",
        "run-by-path",
        r"^(?!/(?:usr/)?s?bin/)\S+\s(?:.*\s)?/proc/(?:\d+|\ue000+|pid-of-\S+)/exe(?:\s|$)",
    ),
    # Others' services by way of the host's
    program("runtime-sock", "attempted", "podman-remote", r"\S", lacks=_HELP),
    program("runtime-sock", "attempted", "podman", r"^system\s+connection\s+add\b"),
    program("runtime-sock", "attempted", "systemd-run systemctl machinectl loginctl", r"\.host\b"),
    program(
        "docker-sock",
        "attempted",
        "docker podman",
        r"\bplugin\s+install\b.*--grant-all-permissions",
    ),
    program(
        "docker-sock",  # what lies where only root reads, carried over by the engine
        "attempted",
        "docker podman nerdctl",
        r"^(?:-\S+\s+)*(?:container\s+)?cp(?=\s).*[\s:]/(?:etc/(?:shadow|gshadow|passwd|sudoers|crontab|cron\.\w+|ssh|ld\.so\.preload)|root"
        r"|var/run|var/spool/cron|boot|dev|sys)(?:[/\s]|$)",
    ),
    program(
        "device-mount",
        "attempted",
        "mount",
        r"(?:^|\s)(?:(?:-L\s*|(?:PART)?LABEL=)\S*(?i:root|boot|efi|system|host|os\b|stateful|/)|PARTUUID=\S|-o\s*\S*\bsubvol)",
    ),
    program("device-mount", "attempted", "vgchange lvchange", r"(?:^|\s)-a\s*(?:y|ay)\b"),
    program(
        "sandbox-tamper",  # what lies over a process's folder hides it from who watches
        "attempted",
        "mount",
        r"\br?bind\b|(?:^|\s)-B\s",
        r"\s/proc/(?:\d+|self|\ue000)\S*$",
    ),
    program("runtime-sock", "attempted", "esxcli vim-cmd", r"\b(?:vm|vmsvc|system|software)\b"),
    program("host-mount", "attempted", "vmhgfs-fuse", r"\.host:", lacks=_HELP),
    program("network-pivot", "attempted", "xenstore-write xenstore-rm", r"\S"),
    program("container-fingerprint", "recon", "xenstore-ls xenstore-read xenstore-list"),
    program("network-pivot", "attempted", "dnschef", lacks=_HELP),
    program(
        "network-pivot",
        "attempted",
        "ip",
        r"\btype\s+(?:macvlan|ipvlan|macvtap)\b|\ba(?:ddr\w*)?\s+(?:add|replace)\s+172\.17\.\d+\.\d+/"
        r"|\baddress\s+02:42:",
        lacks=(r"\bshow\b|\bls\b",),
    ),
    program("sandbox-tamper", "attempted", "kill", r"(?:^|\s)--?\w+\s+-1$"),
    program("sandbox-tamper", "attempted", "auditctl", r"-a\s+(?:never,\w+|\w+,never)"),
    program("sandbox-tamper", "attempted", "falcoctl", r"\b(?:uninstall|rm|remove|stop)\b"),
    program("k8s-api", "attempted", "openssl kubeadm", r"system:masters"),
    program("device-mount", "attempted", "zpool", r"^import\s+(?:-\S+\s+)*\w"),
    program("device-mount", "attempted", "mdadm", r"--assemble|(?:^|\s)-A\w*\b"),
    program("device-mount", "attempted", "nbd-client rbd", r"/dev/nbd|^map\b|^device\s+map\b"),
    program("device-mount", "attempted", "iscsiadm", r"--login\b|(?:^|\s)-l\b"),
    program(
        "device-recon",
        "recon",
        "pvs vgs lvs pvdisplay vgdisplay lvdisplay pvscan vgscan",
        lacks=_HELP,
    ),
    program("device-recon", "recon", "nvme", r"^list\b|^id-"),
    program("net-recon", "recon", "iscsiadm", r"\bdiscovery\b"),
    program(
        "network-pivot",
        "attempted",
        "nc ncat netcat",
        r"--vsock\s.*\b(?:1|2)\s+\d+\s*$",
    ),
)
