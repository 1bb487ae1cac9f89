"""Programs that change namespaces, mounts, devices and the kernel itself, or look at them."""

from __future__ import annotations

from typing import Final

from sandbox.detect.escape.rules import ProgramRule, program

__all__ = ["KERNEL"]

_HELP: Final = (r"(?:^|\s)(?:--help|--version|-V|help|version)(?:\s|$)",)
_OWN: Final = (
    r"\bpid-of-(?!(?:systemd|init|sshd|ssh|cron|docker\w*|containerd|kube\w*|etcd|runc|dbus|login|su|sudo|passwd|conmon|crio"
    r"|falco|audit\w*|nginx|apache2?|httpd|mysqld|postgres|vault|gpg\S*|bash|sh|agent\S*)\b)"
)
"""A process that was found by its name, if it is no service of the machine's."""
_OWN_STACK: Final = (
    r"^(?!.*\b(?:call|system|dump|python|shell|compile|exec|dlopen|mmap)\b)"
    rf"(?=.*\b(?:bt|backtrace|where|info threads)\b).*{_OWN}"
)
"""Where a program of one's own stands: a developer's question."""

KERNEL: Final[tuple[ProgramRule, ...]] = (
    # Namespaces
    program(
        "nsenter-host",
        "attempted",
        "nsenter",
        r"(?:^|\s)-",
        lacks=(
            r"(?:^|\s)(?:-t|--target)[=\s]*(?!pid-of-|self\b)[a-z]{3}",
            *_HELP,
        ),  # a process has a number
    ),
    program("userns-abuse", "attempted", "unshare", r"(?:^|\s)-", lacks=_HELP),
    program(
        "userns-abuse",
        "attempted",
        "bwrap",
        r"--(?:dev-)?bind\s|--cap-add|--unshare-user|--share-net|--proc",
        lacks=_HELP,
    ),
    program("userns-abuse", "attempted", "newuidmap newgidmap lxc-usernsexec rootlesskit", r"\S"),
    program("userns-abuse", "attempted", "ip", r"netns\s+(?:exec|add|attach)"),
    program(
        "ns-recon",
        "recon",
        "lsns ip",
        r"^\s*(?:-|$)|netns\s*(?:list|identify|pids)?|^$",
        lacks=(r"addr|link|route|neigh|rule|-[46c]\b|-br|-s\b|-j\b", *_HELP),
    ),
    program("ns-recon", "recon", "lsns", lacks=_HELP),
    program("ns-recon", "recon", "cinf"),
    program("ns-recon", "recon", "ipcs", r"^-[ap]$", lacks=_HELP),
    program("userns-abuse", "attempted", "podman buildah", r"^unshare\b", lacks=_HELP),
    program("ns-recon", "recon", "nsenter unshare", lacks=(r".",)),
    program(
        "ns-recon",
        "recon",
        "ps",
        r"(?:^|\s)-?[\w,]*o[\w,=\s]*(?:pidns|mntns|netns|userns|label|cgroup)",
    ),
    # Mounts and devices
    program("cgroup-release-agent", "attempted", "mount", r"-t\s*cgroup2?\b|(?:^|\s)cgroup2?\s"),
    program(
        "ebpf", "attempted", "mount", r"-t\s*(?:bpf|tracefs|debugfs)\b|(?:bpf|tracefs|debugfs)\s"
    ),
    program(
        "sandbox-tamper",
        "attempted",
        "mount",
        r"remount\S*",
        r"\brw\b|suid|exec|dev\b|hidepid",
        r"\s/(?:\s|$)|\s/(?:proc|sys|etc|usr|dev|bin|sbin|lib|run|boot|opt|host)\b",
    ),
    program(
        "device-mount",
        "attempted",
        "mount",
        r"/dev/(?:sd|hd[a-z]|vd[a-z]|xvd|nvme|mmcblk|dm-|mapper|md\d|disk|block|root"
        r"|[\w-]*vg[\w-]*/|vg|\ue000)|(?:^|\s)-U\s|UUID=",
    ),
    program(
        "device-mount",  # a disk under a name of its own, or lying somewhere else
        "attempted",
        "mount",
        r"(?:^|\s)(?:/dev/(?!(?:shm|pts|mqueue|hugepages|null|zero|fuse|cdrom|dvd|sr\d|fd\d|loop)\b)\w[\w.-]*"
        r"|(?:\S*/)?(?:[shv]d[a-z]|xvd[a-z]|nvme\dn\d)p?\d*)\s+\S",
    ),
    program(
        "host-mount",
        "attempted",
        "mount",
        r"--r?bind|\br?bind\b|(?:^|\s)-[BRM]\s|--move",
        r"^(?:-\S+\s+|r?bind\S*\s+|rw\S*\s+|none\s+)*/(?:host\S*|proc/\S+|root\S*|etc\S*|(?:var/)?run\S*)?\s+\S",
    ),
    program(
        "host-mount",
        "attempted",
        "mount",
        r"-t\s*(?:securityfs|9p|virtiofs|configfs|fusectl|efivarfs|drvfs|vmhgfs"
        r"|fuse\.vmhgfs\S*|vboxsf|prl_fs|hgfs|hostfs|devtmpfs|sysfs|binfmt_misc)\b|^\S*vmhgfs",
    ),
    program(
        "host-mount",
        "attempted",
        "mount",
        r"(?:^|\s|/)(?:172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|host\.docker\.internal"
        r"|169\.254\.)\S*[:/]",
    ),
    program("host-mount", "attempted", "mount", r"lowerdir=/(?:[,:\s]|$)"),
    program("host-mount", "attempted", "mount", r"-t\s*proc\s+\S+\s+(?!/proc/?$)/\S+"),
    program(
        "mount-recon",
        "recon",
        "find",
        r"^/(?:(?:proc|sys|dev)(?:/\S*)?|run|var/run|mnt|host\S*)?\s.*(?:-writable|-perm\s+-?(?:o\+w|0?[0-7]?[0-7]?2))",
    ),
    program(
        "mount-recon",
        "recon",
        "findmnt",
        r"^$|(?:^|\s)-\w*[oJPrl]\b|--output|--json|--pairs|--raw|OPTIONS|PROPAGATION",
        lacks=_HELP,
    ),
    program("mount-recon", "recon", "df", r"--output=source"),
    program("host-mount", "attempted", "pivot_root switch_root", r"\S", lacks=_HELP),
    program(
        "sandbox-tamper",
        "attempted",
        "umount",
        r"(?:^|\s)/(?:proc|sys|dev|etc|run|usr)\b|(?:^|\s)/(?:\s|$)",
    ),
    program("device-mount", "attempted", "mknod", r"\s[bcu][a-z]*\s+\S+\s+\S+"),
    program(
        "device-mount",
        "attempted",
        "debugfs dumpe2fs e2image icat fls photorec ext4magic xfs_db kpartx cryptsetup "
        "dmsetup qemu-nbd",
        r"/dev/(?!null|stdin|zero)|\ue000|(?:^|\s)-w\b",
        lacks=_HELP,
    ),
    program("device-recon", "recon", "fdisk blkid sfdisk", lacks=(r"\.img", *_HELP)),
    program("device-recon", "recon", "lsblk", r"MAJ|FSTYPE|(?:^|\s)-[a-z]*[fpm]\b|PKNAME|UUID"),
    program(
        "device-mount",
        "attempted",
        "fdisk parted mkfs wipefs",
        r"/dev/\S+",
        lacks=(r"(?:^|\s)-l|print", *_HELP),
    ),
    program(
        "host-mount",
        "attempted",
        "chroot",
        r"(?:^|\s)(?:\.{1,2}|(?:\./)?host\w*|/\w|/(?:host|mnt|media|rootfs|proc|sys|var|run|data|root|node"
        r"|target|disk|newroot|tmp/\w+|\ue000)\S*|\ue000\S*|/)(?:\s|$)",
        lacks=_HELP,
    ),
    # Kernel
    program(
        "kernel-module",
        "attempted",
        "insmod modprobe rmmod kmod depmod dkms kpatch kextload kmutil",
        r"\S",
        lacks=(
            r"(?:^|\s)(?:--help|--version|-V|-n|--dry-run|-D|--show-depends|-c|list|--list)(?:\s|$)",
        ),
    ),
    program(
        "ebpf",
        "attempted",
        "bpftool",
        r"(?:^|\s)(?:prog(?:ram)?|map|link|cgroup|net|btf|struct_ops|perf|iter)\s+(?:load"
        r"|loadall|attach|detach|update|delete|pin|create|run|dump|register)\b",
    ),
    program("ebpf", "recon", "bpftool", lacks=_HELP),
    program(
        "ebpf",
        "attempted",
        "bpftrace stap trace-bpfcc execsnoop execsnoop-bpfcc opensnoop opensnoop-bpfcc "
        "kprobe funccount trace-cmd ecli bashreadline-bpfcc profile-bpfcc",
        lacks=_HELP,
    ),
    program("ebpf", "attempted", "tc ip", r"\bbpf\b|\bxdp\w*\s+(?:obj|object|pinned)"),
    program("ebpf", "attempted", "xdp-loader bpfman ecc", r"\b(?:load|run|attach)\b", lacks=_HELP),
    program(
        "ebpf",
        "attempted",
        "~(?:\\w+-(?:bpfcc|bt)|(?:exec|open|bio|file|stat|tty|sof|bash)snoop(?:\\.\\w+)?"
        "|tcp(?:connect|accept|life|tracer)(?:\\.\\w+)?)",
        r"",
        lacks=_HELP,
    ),
    program(
        "ebpf", "attempted", "perf", r"^(?:top|trace|record|probe|kmem)\b.*(?:-a\b|--add|-p\s*1\b)"
    ),
    program(
        "cap-abuse",
        "attempted",
        "setcap",
        r"\S",
        lacks=(
            # a port below 1024 and a raw packet for a program of one's own are a server's, not a way out
            r"^(?:-\w\s+)*(?:cap_net_(?:bind_service|raw),?)+[=+]*[eip]*\s",
            r"^-[rv]\s",
            *_HELP,
        ),
    ),
    program("cap-abuse", "attempted", "setpriv", r"--(?:ambient|inh)-caps[=\s]*\S*\+"),
    program("cap-abuse", "attempted", "kexec", r"\S", lacks=_HELP),
    program(
        "cap-abuse",
        "attempted",
        "capsh",
        r"--(?:gid|uid|user|caps|addamb|inh|drop|chroot|keep|secbits)",
        lacks=(r"--decode",),
    ),
    program(
        "capability-recon",
        "recon",
        "capsh getpcaps pscap filecap netcap captest",
        lacks=_HELP,
    ),
    program("capability-recon", "recon", "getcap", r"(?:^|\s)-\w*r|(?:^|\s)/", lacks=_HELP),
    program("cap-abuse", "attempted", "gcore", r"\d|self|pid-of|\ue000", lacks=_HELP),
    program(
        "cap-abuse",
        "attempted",
        "gdb lldb",
        r"(?:^|\s)(?:-p|--pid|attach)[\s=]*\S|\battach\s",
        lacks=(_OWN_STACK,),
    ),
    program(
        "cap-abuse",
        "attempted",
        "strace ltrace reptyr pwncat-inject linux-inject injector dlinject pyrasite py-spy "
        "crash volatility gdbserver frida frida-trace",
        r"(?:^|\s)(?:-[a-zA-Z]*p|--pid|--pid=)\s*\S|^\d+$|--attach\b",
        lacks=(_OWN, *_HELP),
    ),
    program(
        "cap-abuse",
        "attempted",
        "~(?:\\w*[-_])?(?:inject(?:or|ion)?|infect|ptrace\\w*)(?:\\.(?:py|sh|elf|bin))?",
        r"(?:--?p(?:id)?[=\s]*\S|^\d{1,7}(?:\s|$)|pid-of-|\ue000)",
        lacks=_HELP,
    ),
    program(
        "lsm-seccomp-recon",
        "recon",
        "strace",
        r"trace=\S*(?:mount|unshare|setns|bpf|ptrace|keyctl|clone)",
    ),
    program("cap-abuse", "attempted", "~shocker(?:[-_.]\\w+)*", r""),
    program("cap-abuse", "attempted", "rdmsr wrmsr chipsec_main chipsec_util", lacks=_HELP),
    program("device-mount", "attempted", "~sg_(?:dd|raw|inq|read|vpd|luns|map)", r"/dev/"),
    program("device-mount", "attempted", "setpci", r"=\S"),
)
