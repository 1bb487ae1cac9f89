"""Names of programs that a line of a shell may begin with."""

from __future__ import annotations

import re
from typing import Final

from sandbox.detect.escape.arguments import FAMILIES
from sandbox.detect.escape.rules_programs import PROGRAMS as _RULES

__all__ = ["PROGRAMS", "TOOL"]

_COMMON: Final = """
    alias bg bind break builtin caller cd command continue declare dirs disown echo enable eval exec exit export
    false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readonly
    return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait
    sh bash dash zsh ksh ash fish csh tcsh busybox toybox sudo doas su env nohup timeout nice ionice setsid stdbuf
    strace ltrace watch xargs parallel find locate updatedb which whereis whatis apropos man info tldr
    ls cat cp mv rm ln mkdir rmdir touch chmod chown chgrp stat file du df tree head tail less more grep egrep fgrep
    rg ag sed awk gawk mawk tr cut paste sort uniq wc nl tac rev fold fmt join comm diff cmp patch tee split csplit
    od xxd hexdump strings base64 base32 md5sum sha1sum sha256sum sha512sum cksum openssl gpg tar gzip gunzip zcat
    bzip2 bunzip2 xz unxz zip unzip 7z zstd dd sync mktemp realpath readlink basename dirname seq shuf yes date cal
    bc dc expr factor sleep time uptime w who whoami id groups users last hostname hostnamectl uname arch nproc free
    vmstat iostat mpstat sar top htop ps pstree pgrep pkill pidof killall lsof fuser jobs crontab at batch anacron
    systemctl service journalctl dmesg logger sysctl lscpu lsblk lspci lsusb lsmod modprobe insmod rmmod modinfo
    mount umount findmnt losetup fdisk parted mkfs fsck blkid swapon swapoff mknod chroot unshare nsenter lsns
    setpriv capsh getcap setcap getpcaps prlimit taskset chrt ip ifconfig route arp ss netstat ping ping6 traceroute
    tracepath mtr dig host nslookup getent whois curl wget nc ncat netcat socat telnet ssh scp sftp ssh-keygen
    ssh-copy-id ssh-add ssh-agent rsync ftp lftp nmap masscan tcpdump tshark iptables nft ufw redis-cli mysql psql
    sqlite3 mongo mongosh etcdctl mosquitto_pub mosquitto_sub smbclient rpcclient enum4linux hydra john hashcat
    git svn hg gh glab docker docker-compose podman buildah skopeo nerdctl ctr crictl runc crun kubectl oc helm k9s
    kind minikube k3s k3d kustomize terraform ansible ansible-playbook vagrant packer aws gcloud az doctl flyctl
    python python2 python3 pip pip3 pipx uv poetry conda mamba virtualenv pytest tox nox mypy ruff black isort
    flake8 pylint node npm npx yarn pnpm deno bun tsc ruby gem bundle rake perl cpan php composer lua luajit Rscript
    java javac mvn gradle kotlin scala sbt go gofmt cargo rustc rustup gcc g++ cc c++ clang clang++ tcc make cmake
    ninja meson ld as ar nm objdump objcopy readelf strip ldd gdb lldb gcore valgrind perf bpftool bpftrace
    apt apt-get apt-cache aptitude dpkg yum dnf rpm apk pacman zypper snap flatpak brew emerge nix nix-env port
    vi vim nvim nano emacs ed ex pico view tmux screen script expect jq yq xmllint csvkit column pv dialog
    useradd userdel usermod groupadd passwd chpasswd visudo login newgrp getfacl setfacl chattr lsattr
    bwrap firejail systemd-run systemd-detect-virt loginctl machinectl debugfs tune2fs auditctl ausearch setenforce
    getenforce aa-status iconv dos2unix unix2dos convert ffmpeg sox identify pandoc pdftotext enscript groff
    tput stty tty clear reset setterm kill sha224sum mkfifo install cpio ar uuidgen xdg-open open say pbcopy
    printenv env logname nproc tset zgrep zless bzcat pidstat slabtop blockdev lsscsi smartctl hdparm mdadm pvs
    semgrep trivy checkov conftest opa yamllint hadolint kube-linter yara falco shellcheck aspell code trash
    cdk linpeas.sh deepce.sh amicontained pspy pspy64 kdigger peirates botb traitor kubeletctl kube-hunter
    arpspoof ettercap rshijack smbmap evil-winrm proxychains chisel ngrok faas-cli nomad consul vault mc
    xclip rename mmv rdfind rlwrap socat7 tor gunicorn uvicorn flask django-admin celery jupyter ipython streamlit
    edit create submit scroll_down scroll_up goto search_file search_dir find_file str_replace_editor view
    keyctl claude codex gemini aider opencode podman-remote lxc lxd virsh qemu-system-x86_64 qemu-img gpasswd
    column numfmt timedatectl localectl update-alternatives depmod dkms ldconfig kexec grub-install efibootmgr
    ctrsploit undock kubescape kubestriker lynis checksec rpcinfo showmount hping3 gdbserver frida readarray
    tclsh wish jimsh sbcl clisp ecl racket csi guile erl elixir iex ghc runghc runhaskell ocaml swipl pwsh powershell
    groovy scala scala-cli jshell jrunscript jjs clojure clj bb nim crystal octave gnuplot maxima irb rscript deno
    powershell.exe cmd.exe wsl.exe zig ldc2 dmd yash xonsh elvish nu wmic.exe reg.exe explorer.exe net.exe pwsh.exe
    coproc mawk nawk sponge start-stop-daemon run-parts update-rc.d chkconfig rc-service rc-update sv monit s6-svc
    firewall-cmd setsebool semodule grubby ebtables arptables ip6tables busctl gdbus dbus-send vmware-rpctool
    vmtoolsd VBoxControl rdmsr wrmsr setpci nvme sftp lftp dialog zcat gzexe ltrace logrotate consul nomad
    R littler luajit scapy skopeo oci aliyun nats-top telnet swapon uudecode gawk mktemp pipx yum mapfile
    insject kubeletmein auger kubesplaining kubehound icekube rbac-police k8spider krane
    eksctl cloud-init btrfs zpool zfs calicoctl cilium istioctl k0s rke2 microk8s lazydocker ctop multipass limactl
    colima iptables-save nft conntrack fdpasser virt-what vgdisplay lvdisplay pvdisplay vsock-connect crane dive
    iscsiadm nbd-client rbd nsupdate ethtool iw iwconfig brctl tc bridge conntrack ipset wg wg-quick
    openvpn dhclient resolvectl
    """

PROGRAMS: Final = (
    frozenset(_COMMON.split())
    | frozenset(FAMILIES)
    | {name for rule in _RULES for name in rule.names}
) - {"export-", "file_", "t", "host_"}
"""Everything that is a command's first word as a rule, and what the rules know by name."""

TOOL: Final = re.compile(
    r"(?:cdk|botb|peirates|deepce|amicontained|kdigger|kubeletctl|ctrsploit|traitor|undock|gorsair|whoc|linpeas|pspy"
    r"|(?:docker|container|sandbox|runc)[-_]?escape|kube-(?:hunter|bench)|kubeaudit|kubescape|kubestriker"
    r"|kubesploit|kubectl-who-can|rbac-lookup|rakkess)"
    r"(?:[-_.\d][\w.-]*)?"
)
"""Tools for ways out, with what their makers add to the name of each build."""
