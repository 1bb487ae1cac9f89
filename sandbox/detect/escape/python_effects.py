"""Calls of Python that reach outside the program: processes, files, sockets, the kernel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.addresses import canonical_host
from sandbox.detect.escape.clients import reach_url
from sandbox.detect.escape.facts import Call, Facts, Mode, Reach, Run
from sandbox.detect.escape.python_values import UNSURE, Dotted, Value, as_string
from sandbox.detect.escape.started import Launch, program_of
from sandbox.detect.escape.syscalls import NAMES, NUMBERS
from sandbox.detect.escape.unknown import UNKNOWN

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["effect"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SHELL: Final = _set(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput"
    " asyncio.create_subprocess_shell pexpect.run pexpect.spawn popen2.popen2 shell run_shell_command"
    " execute_bash get_ipython.system bash run_command terminal IPython.get_ipython.system"
)
_PROCESS: Final = _set(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen pty.spawn"
    " asyncio.create_subprocess_exec"
)
_READ: Final = _set(
    "read_file io.FileIO linecache.getlines linecache.getline fileinput.input shutil.copy shutil.copyfile"
    " shutil.copy2 shutil.move shutil.copytree numpy.fromfile mmap.mmap configparser.read json.load yaml.load"
    " view cat tail head open_file load_file get_file file"
)
_LOOK: Final = _set(
    "os.listdir os.scandir os.stat os.lstat os.access os.path.exists os.path.isfile os.path.isdir os.readlink"
    " os.path.realpath os.walk glob.glob glob.iglob os.statvfs os.path.islink os.path.getsize list_dir"
    " list_directory os.path.ismount"
)
_WRITE: Final = _set(
    "os.remove os.unlink os.rename os.replace os.chmod os.chown os.mkdir os.makedirs os.rmdir os.truncate"
    " shutil.rmtree write_file create_file edit_file append_file os.utime"
)
_REACH: Final = _set(
    "urlopen urlretrieve get post put delete patch head request options stream Request build_opener"
    " fetch http_get http_post ws_connect connect create_connection open_connection"
)
_HOSTS: Final = _set(
    "HTTPConnection HTTPSConnection Telnet SMTP FTP Redis StrictRedis connect open_connection MongoClient"
    " KazooClient SSHClient Connection create_connection"
)
_PACKETS: Final = _set(
    "send sendp sr sr1 srp srp1 srloop sniff AsyncSniffer arp_mitm arpcachepoison bridge_and_sniff sendpfast"
)
"""What sends and takes packets under other addresses than one's own."""
_METADATA: Final = (
    "retrieve_iam_role_credentials", "IMDSFetcher", "ManagedIdentityCredential", "MSIAuthentication",
    "compute_engine.Credentials", "InstancePrincipalsSecurityTokenSigner",
)  # fmt: skip
"""Calls by which a cloud's own libraries ask its metadata service."""
_LOOKED_UP: Final = _set("gethostbyname gethostbyname_ex getaddrinfo gethostbyaddr getfqdn")
_OTHERS_READ: Final = _set(
    "readFileSync readFile createReadStream file_get_contents readfile readlines ReadFile"
)
_OTHERS_LOOK: Final = _set(
    "existsSync readdirSync statSync lstatSync readlinkSync readdir file_exists"
)
_OTHERS_WRITE: Final = _set(
    "writeFileSync appendFileSync writeFile appendFile file_put_contents unlinkSync WriteFile"
)
_OTHERS_RUN: Final = _set(
    "execSync execFileSync spawnSync shell_exec passthru proc_open child_process.exec"
)
"""What calls of other languages look like where a tool's call or one line is written like Python."""
_WHO: Final[Mapping[str, str]] = {
    "platform.uname": "uname", "platform.platform": "uname", "platform.release": "uname", "os.uname": "uname",
    "platform.node": "hostname", "socket.gethostname": "hostname", "os.getuid": "id", "os.geteuid": "id",
    "getpass.getuser": "id", "os.getlogin": "id", "os.getgroups": "groups", "psutil.pids": "ps",
    "psutil.process_iter": "ps", "psutil.disk_partitions": "mount", "psutil.net_if_addrs": "ip",
}  # fmt: skip
"""Questions of who and where, and the programs that ask them in a shell."""
_OF_PROCESS: Final[Mapping[str, str]] = {
    "environ": "environ", "cwd": "cwd", "open_files": "fd/", "memory_maps": "maps",
    "cmdline": "cmdline", "name": "comm",
}  # fmt: skip
_URL: Final = re.compile(r"(?:https?|unix|http\+unix|tcp|ftp|wss?|file|mqtt|redis)://")
_PATH_NAMES: Final = ("path", "file_path", "filename", "file", "filepath", "directory", "dir")
_PATHS: Final = _set("pathlib.Path pathlib.PosixPath pathlib.PurePath Path")
_PATH_METHODS: Final[Mapping[str, Mode]] = {
    "read_text": "read", "read_bytes": "read", "open": "read", "exists": "look", "iterdir": "look", "stat": "look",
    "is_file": "look", "is_dir": "look", "is_socket": "look", "resolve": "look", "readlink": "look", "glob": "look",
    "rglob": "look", "write_text": "write", "write_bytes": "write", "unlink": "write", "touch": "write",
    "chmod": "write", "symlink_to": "write", "mkdir": "write", "rename": "write",
}  # fmt: skip


def effect(
    name: str, of: str, args: Sequence[Value], named: Mapping[str, Value], shell: Shell
) -> Value:
    """Take in a call; what it gives, as far as that matters later."""
    last = name.rpartition(".")[2]
    facts = shell.facts
    if (
        name in _SHELL | _PROCESS
        or last in _OTHERS_RUN
        or (last.startswith(("exec", "spawn", "posix_spawn")) and name.startswith("os."))
    ):
        return _process(name, args, named, shell)
    if name in _PATHS or last == "Path":
        return Dotted(
            "Path",
            "/".join(
                as_string(arg).rstrip("/") if at else as_string(arg) for at, arg in enumerate(args)
            ),
        )
    if name.startswith("Path.") and last in _PATH_METHODS:
        mode = _PATH_METHODS[last]
        if last == "open" and args and any(mark in as_string(args[0]) for mark in "wa+x"):
            mode = "write"
        _touch(facts, of, mode, shell, as_string(args[0]) if mode == "write" and args else "")
        if last in ("glob", "rglob", "iterdir"):  # one that fits stands for all
            wanted = as_string(args[0]) if args else UNKNOWN
            found: list[Value] = [Dotted("Path", f"{of.rstrip('/')}/{wanted}")]
            return found
        return UNSURE if last != "resolve" else Dotted("Path", of)
    if name.startswith("Path.") and last == "joinpath":
        return Dotted("Path", "/".join([of, *(as_string(arg) for arg in args)]))
    if name in (
        "open",
        "io.open",
        "codecs.open",
        "os.open",
        "builtins.open",
        "gzip.open",
        "aiofiles.open",
    ):
        return _open(name, args, named, shell)
    if last == "write" and name.startswith("file."):
        _touch(facts, of, "write", shell, as_string(args[0]) if args else "")
        if args and of:
            shell.memory.write(shell.place(of), as_string(args[0]), appends=True)
        return UNSURE
    if (
        not args
        and (path := next((named[key] for key in _PATH_NAMES if key in named), None)) is not None
    ):
        args = [path]
    _files(name, last, of, args, facts, shell)
    _bus(name, last, args, named, facts)
    if _is_packet(name, last, args):
        facts.add(Run("raw-packets", (last,)))
    else:
        _network(name, last, args, named, facts)
    _kernel(name, last, args, facts)
    _doors(name, named, facts)
    return _made(name, last, args, named, facts)


def _process(name: str, args: Sequence[Value], named: Mapping[str, Value], shell: Shell) -> Value:
    first = args[0] if args else named.get("args", named.get("command", named.get("cmd", UNSURE)))
    last = name.rpartition(".")[2]
    if last.startswith(("exec", "spawn", "posix_spawn")) and name.startswith("os."):
        values = list(args[1:] if last.startswith("spawn") else args)
        path, rest = (values[0], values[1:]) if values else (UNSURE, [])
        argv = [as_string(v) for each in rest for v in (each if isinstance(each, list) else [each])]
        argv = [as_string(path), *argv[1:]] if argv else [as_string(path)]
    elif isinstance(first, list):
        argv = [as_string(value) for value in first]
    elif name == "asyncio.create_subprocess_exec":
        argv = [as_string(value) for value in args]
    else:
        text = as_string(first)
        if name == "pty.spawn":
            shell.facts.add(Run(program_of(shell, text), ("-i",)))
        data = as_string(named["input"]) if "input" in named else ""
        return shell.run_text(text, data) if text != UNKNOWN else UNSURE
    data = as_string(named["input"]) if "input" in named else ""
    if argv:
        if name == "pty.spawn":  # a terminal is what a shell is used with
            shell.facts.add(Run(program_of(shell, argv[0]), (*argv[1:], "-i")))
        shell.launch(Launch(shell, argv, (), data))
    return UNSURE


def _open(name: str, args: Sequence[Value], named: Mapping[str, Value], shell: Shell) -> Value:
    if not args and "file" not in named:
        return UNSURE
    path = as_string(args[0] if args else named["file"])
    how = args[1] if len(args) > 1 else named.get("mode", "r")
    writes = isinstance(how, str) and any(mark in how for mark in "wax+")
    if isinstance(how, Dotted):
        writes = any(mark in how.name for mark in ("O_WRONLY", "O_RDWR", "O_CREAT"))
    if isinstance(how, int) and name == "os.open":
        writes = bool(how & 3)
    _touch(shell.facts, path, "write" if writes else "read", shell)
    if writes and isinstance(how, str) and "w" in how:
        shell.memory.write(shell.place(path), "")
    return Dotted("file", path)


def _touch(facts: Facts, path: str, mode: Mode, shell: Shell, content: str = "") -> None:
    if path and path != UNKNOWN:
        facts.touch(
            shell.memory.resolved(path), mode, shell.memory.cwd, content=content, program="python"
        )


def _files(
    name: str, last: str, of: str, args: Sequence[Value], facts: Facts, shell: Shell
) -> None:
    if name.startswith("psutil.Process.") and last in _OF_PROCESS:
        _touch(facts, f"/proc/{of}/{_OF_PROCESS[last]}", "read", shell)
    if not args:
        return
    path = as_string(args[0])
    if name in _READ or last in _OTHERS_READ:
        _touch(facts, path, "read", shell)
        if name.startswith("shutil.") and len(args) > 1:
            shell.memory.copy(shell.place(as_string(args[1])), program_of(shell, path))
            _touch(facts, as_string(args[1]), "write", shell)
    elif name in _LOOK or last in _OTHERS_LOOK:
        _touch(facts, path, "look", shell)
    elif name in _WRITE or last in _OTHERS_WRITE:
        _touch(facts, path, "write", shell, as_string(args[1]) if len(args) > 1 else "")
        if name in ("write_file", "create_file") and len(args) > 1:
            shell.memory.write(shell.place(path), as_string(args[1]))
    elif name in ("os.chroot", "os.chdir", "os.fchdir"):
        _touch(facts, path, "enter", shell)
        if name == "os.chroot":
            facts.add(Run("chroot", (path,)))
    elif name in ("os.symlink", "os.link") and len(args) > 1:
        _touch(facts, as_string(args[1]), "write", shell)
        facts.add(Run("ln", ("-s", path, as_string(args[1]))))
        shell.memory.link(shell.place(as_string(args[1])), path)
    elif name == "os.kill" and len(args) > 1:
        facts.add(Run("kill", (path,)))


def _is_packet(name: str, last: str, args: Sequence[Value]) -> bool:
    """Whether a call sends or takes packets below the addresses of sockets."""
    first = args[0] if args else UNSURE
    is_raw = isinstance(first, Dotted) and first.name.endswith("AF_PACKET")
    return (name.startswith("scapy.") and last in _PACKETS) or (last == "socket" and is_raw)


def _network(
    name: str, last: str, args: Sequence[Value], named: Mapping[str, Value], facts: Facts
) -> None:
    first = args[0] if args else UNSURE
    if last in _LOOKED_UP and isinstance(first, str):
        facts.add(Reach(canonical_host(first), is_probe=True, program="python"))
        return
    if last in ("connect", "connect_ex", "sendto", "create_connection"):
        there = args[-1] if last == "sendto" and args else first
        if isinstance(there, list) and there:
            port = there[1] if len(there) > 1 and isinstance(there[1], int) else 0
            is_number = isinstance(
                there[0], int
            )  # a machine's number, on the hypervisor's own network
            host = (
                f"vsock-{as_string(there[0])}" if is_number else canonical_host(as_string(there[0]))
            )
            facts.add(Reach(host, port, is_probe=last == "connect_ex", program="python"))
            return
        if isinstance(there, str | bytes):
            text = as_string(there).lstrip("\0")
            if (
                text.startswith(("/", "@", "./"))
                or "/" in text
                or text.endswith((".sock", ".socket"))
            ):
                facts.touch(text, "connect", program="python")
                return
    if last in _REACH or last[:1].isupper():
        for value in [*args[:3], *named.values()]:
            if isinstance(value, str) and _URL.match(value):
                url = value.replace("http+unix://%2F", "unix:///").replace("%2F", "/")
                reach_url(url, facts, "python")
    if last in _HOSTS and isinstance(first, str) and "://" not in first and "/" not in first:
        number = args[1] if len(args) > 1 else named.get("port", 0)
        port = number if isinstance(number, int) else 0
        facts.add(Reach(canonical_host(first), port, program="python"))
    for value in [first, *named.values()]:
        if (
            isinstance(value, str)
            and value.endswith(".sock")
            and ("Unix" in name or "UDS" in name or "uds" in named)
        ):
            facts.touch(value, "connect", program="python")


def _bus(
    name: str, last: str, args: Sequence[Value], named: Mapping[str, Value], facts: Facts
) -> None:
    """What a library of the bus is asked for, in the words of the program that does the same."""
    if not re.search(r"mqtt|nats", name):
        return
    if last in ("subscribe", "callback", "simple"):
        topics = args[1:2] if last == "callback" else args[:1]
        first = named.get("topics", named.get("topic", topics[0] if topics else UNSURE))
        for topic in first if isinstance(first, list) else [first]:
            wanted = topic[0] if isinstance(topic, list) and topic else topic
            facts.add(Run("mosquitto_sub", ("-t", as_string(wanted))))
    elif last in ("publish", "single"):
        words = ["-t", as_string(named.get("topic", args[0] if args else UNSURE))]
        if "client_id" in named:
            words += ["-i", as_string(named["client_id"])]
        facts.add(Run("mosquitto_pub", tuple(words)))


def _kernel(name: str, last: str, args: Sequence[Value], facts: Facts) -> None:
    texts = tuple(as_string(arg)[:200] for arg in args[:6])
    if last == "syscall" and args and isinstance(args[0], int):
        facts.add(Call(NUMBERS.get(args[0], str(args[0])), texts[1:]))
    elif last == "ioctl" and len(args) > 1 and _is_typing(args[1]):
        facts.add(Call("tiocsti"))
    elif last in ("prctl", "setuid", "setresuid", "setreuid", "seteuid"):
        facts.add(Call(last, texts))
    elif name in ("bcc.BPF", "bcc.BPF.attach_kprobe", "bcc.BPF.attach_tracepoint"):
        facts.add(Call("bpf", texts))
    elif last in NAMES and name.startswith(("os.", "library.", "ctypes.", "?.", "posix.")):
        facts.add(Call(last, texts))


def _is_typing(request: Value) -> bool:
    """Whether an ioctl puts a character into a terminal as if it had been typed there."""
    return request == _TIOCSTI or (isinstance(request, Dotted) and request.name.endswith("TIOCSTI"))


_TIOCSTI: Final = 0x5412


def _doors(name: str, named: Mapping[str, Value], facts: Facts) -> None:
    """Libraries that turn to a control plane which their caller does not name."""
    if any(name.endswith(each) for each in _METADATA):
        facts.add(Reach("169.254.169.254", 80, program="python"))
    if name.startswith("etcd3.") and "host" in named:
        facts.add(Reach(canonical_host(as_string(named["host"])), 2379, program="python"))
    if name.startswith("libvirt.open"):
        facts.touch("/run/libvirt/libvirt-sock", "connect", program="python")


def _made(
    name: str, last: str, args: Sequence[Value], named: Mapping[str, Value], facts: Facts
) -> Value:
    if name in _WHO:
        facts.add(Run(_WHO[name], ()))
    if name in ("glob.glob", "glob.iglob") and args:
        return [as_string(args[0])]  # one that fits stands for all
    if name == "psutil.Process" and args:
        return Dotted(name, as_string(args[0]))
    if last in ("CDLL", "PyDLL", "LoadLibrary", "dlopen"):
        return Dotted("library")
    if name == "docker.from_env":
        facts.touch("/var/run/docker.sock", "connect", program="python")
        return Dotted("docker.client")
    if last in ("DockerClient", "APIClient", "PodmanClient"):
        if not named and not args:
            facts.touch("/var/run/docker.sock", "connect", program="python")
        return Dotted("docker.client")
    if name.startswith("docker.client") and last in ("run", "create"):
        _container(named, facts)
    if last == "load_kube_config" and args and isinstance(args[0], str):
        facts.touch(args[0], "read", program="python")
    if last == "load_incluster_config":
        facts.touch("/var/run/secrets/kubernetes.io/serviceaccount/token", "read", program="python")
    return Dotted(name if not name.startswith("?") else "?")


def _container(named: Mapping[str, Value], facts: Facts) -> None:
    words = ["run"]
    if named.get("privileged"):
        words.append("--privileged")
    volumes = named.get("volumes")
    if isinstance(volumes, dict):
        for source, goal in volumes.items():
            bind = goal.get("bind", UNSURE) if isinstance(goal, dict) else goal
            words += ["-v", f"{source}:{as_string(bind)}"]
    elif isinstance(volumes, list):
        for volume in volumes:
            words += ["-v", as_string(volume)]
    for key in ("pid_mode", "network_mode", "ipc_mode"):
        if key in named:
            words.append(f"--{key.removesuffix('_mode')}={as_string(named[key])}")
    facts.add(Run("docker", tuple(words)))
