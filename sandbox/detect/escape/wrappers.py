"""Programs that start another program: where in their words that one begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Final

from sandbox.detect.escape.options import parsed

__all__ = ["Inner", "is_loader", "unwrapped"]


@dataclass(frozen=True, slots=True)
class Inner:
    """The command inside, empty if there is none, and the variables set for it."""

    argv: list[str]
    settings: tuple[str, ...] = ()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLAIN: Final[dict[str, tuple[frozenset[str], int]]] = {
    # program: options that take a value, operands of its own before the command
    "sudo": (_set("-u -g -h -p -C -U -r -t -T -D -R"), 0),
    "doas": (_set("-u -C"), 0),
    "nohup": (_set(""), 0),
    "timeout": (_set("-s -k --signal --kill-after"), 1),
    "gtimeout": (_set("-s -k"), 1),
    "nice": (_set("-n --adjustment"), 0),
    "ionice": (_set("-c -n -p"), 0),
    "setsid": (_set(""), 0),
    "stdbuf": (_set("-i -o -e"), 0),
    "time": (_set("-f -o"), 0),
    "builtin": (_set(""), 0),
    "exec": (_set("-a"), 0),
    "strace": (_set("-e -o -p -s -S -E -O -P -b -u"), 0),
    "ltrace": (_set("-e -o -p -s -l -n -u -F"), 0),
    "flock": (_set("-w -E -c"), 1),
    "setarch": (_set(""), 1),
    "linux64": (_set(""), 0),
    "linux32": (_set(""), 0),
    "taskset": (_set(""), 1),
    "chrt": (_set("-T -P -D"), 1),
    "chronic": (_set(""), 0),
    "unbuffer": (_set(""), 0),
    "fakeroot": (_set("-l -s -i"), 0),
    "setpriv": (_set("--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits"), 0),
    "prlimit": (_set("-p --pid -o"), 0),
    "chroot": (_set(""), 1),
    "unshare": (_set("-S -G -R -w --setuid --setgid --root --wd --map-user --map-group --map-users --map-groups"
                     " --propagation --setgroups --load-interp"), 0),
    "nsenter": (_set("-t -S -G -r -w --target --setuid --setgid --root --wd"), 0),
    "runuser": (_set("-u -g -G -s --user --group"), 0),
    "proot": (_set("-r -b -w -R -S -q -k -0"), 0),
    "systemd-run": (_set("-p -u --unit --property -E --setenv -M --machine --uid --gid --slice"), 0),
    "dbus-run-session": (_set(""), 0),
    "torsocks": (_set(""), 0),
    "proxychains": (_set("-f"), 0),
    "proxychains4": (_set("-f"), 0),
    "sshpass": (_set("-p -f -e -d"), 0),
    "entr": (_set(""), 0),
    "watch": (_set("-n -d --interval"), 0),
    "uv": (_set("--with --python -p --directory --project"), 1),
    "choom": (_set("-n -p"), 0),
    "cgexec": (_set("-g"), 0),
    "gosu": (_set(""), 1),
    "su-exec": (_set(""), 1),
    "s6-setuidgid": (_set(""), 1),
    "chpst": (_set("-u -U -e -n -b -m -d -o -p -f -c"), 0),
    "pkexec": (_set("--user"), 0),
    "valgrind": (_set(""), 0),
    "logsave": (_set(""), 1),
    "openvt": (_set("-c"), 0),
    "perf": (_set("-e -o -p -t -C -F -g"), 1),
    "poetry": (_set("-C -P"), 1),
    "pipenv": (_set(""), 1),
    "pdm": (_set(""), 1),
    "hatch": (_set("-e"), 1),
    "bundle": (_set(""), 1),
    "yarn": (_set(""), 1),
    "conda": (_set("-n -p --name --prefix"), 1),
    "mamba": (_set("-n -p --name --prefix"), 1),
    "aa-exec": (_set("-p -n --profile --namespace"), 0),
    "runcon": (_set("-t -u -r -l"), 0),
    "firejail": (_set(""), 0),
    "numactl": (_set("-N -m -C -p -i"), 0),
    "cpulimit": (_set("-l --limit"), 0),
    "xvfb-run": (_set("-n -s -e -f -p -w"), 0),
    "rlwrap": (_set("-H -f -s -p"), 0),
    "faketime": (_set("-f"), 1),
    "eatmydata": (_set(""), 0),
    "trickle": (_set("-d -u"), 0),
    "tini": (_set("-p"), 0),
    "dumb-init": (_set(""), 0),
    "catchsegv": (_set(""), 0),
    "qemu-x86_64": (_set("-L"), 0),
    "qemu-x86_64-static": (_set("-L"), 0),
}  # fmt: skip
_RUNNERS: Final = _set("uv poetry pipenv pdm hatch bundle yarn conda mamba perf")
"""What starts a program only behind a word of its own."""
_LOADER: Final = re.compile(r"ld(?:-(?:linux|musl|[\d.]+)[\w.-]*)?\.so[\d.]*")
_SETTING: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_BWRAP: Final = {
    **dict.fromkeys(
        _set("--bind --dev-bind --ro-bind --bind-try --dev-bind-try --ro-bind-try --symlink --setenv --chmod"
             " --file --bind-data --ro-bind-data"), 2),
    **dict.fromkeys(
        _set("--dev --proc --tmpfs --mqueue --dir --chdir --uid --gid --hostname --unsetenv --cap-add --cap-drop"
             " --remount-ro --seccomp --sync-fd --lock-file --exec-label --size --perms --userns --pidns --args"
             " --info-fd --json-status-fd --block-fd --argv0"), 1),
}  # fmt: skip


def unwrapped(program: str, args: Sequence[str]) -> Inner | None:
    """What a program starts; None if it starts nothing that its words name."""
    if program in _PLAIN:
        return _plain(program, args)
    if is_loader(program):
        operands = parsed(args, {"--library-path", "--preload", "--argv0"}, stops=True).operands
        return Inner(operands) if operands else None
    special = _SPECIAL.get(program)
    return special(args) if special is not None else None


def is_loader(program: str) -> bool:
    """Whether a program is the one that loads others, which the kernel calls as a rule."""
    return _LOADER.fullmatch(program) is not None


def _plain(program: str, args: Sequence[str]) -> Inner:
    valued, own = _PLAIN[program]
    found = parsed(args, valued, stops=True)
    if program in ("flock", "runuser") and found.values("-c"):
        return Inner(["sh", "-c", found.values("-c")[0]])
    operands = found.operands
    if program == "flock" and operands[1:2] == ["-c"]:
        return Inner(["sh", *operands[1:]])
    if program == "watch":
        return Inner(["sh", "-c", " ".join(operands)]) if operands else Inner([])
    settings: list[str] = []
    while operands and program == "sudo" and _SETTING.fullmatch(operands[0]):
        settings.append(operands.pop(0))
    if (
        program == "setarch"
        and operands
        and operands[0].startswith(("x86", "i", "linux", "aarch")) is False
    ):
        own = 0
    if program in _RUNNERS and operands[:1] not in (
        ["run"],
        ["exec"],
        ["stat"],
        ["record"],
        ["trace"],
    ):
        return Inner([])
    return Inner(list(operands[own:]), tuple(settings))


def _env(args: Sequence[str]) -> Inner:
    found = parsed(args, {"-u", "-C", "-S", "--unset", "--chdir", "--split-string"}, stops=True)
    operands = list(found.operands)
    for folder in found.values("-C", "--chdir"):
        return Inner(["sh", "-c", f"cd {quote(folder)} && {' '.join(map(quote, operands))}"])
    for text in found.values("-S", "--split-string"):
        return Inner(["sh", "-c", " ".join([text, *operands])])
    settings: list[str] = []
    while operands and _SETTING.fullmatch(operands[0]):
        settings.append(operands.pop(0))
    return Inner(operands, tuple(settings))


def _command(args: Sequence[str]) -> Inner:
    if args and args[0] in ("-v", "-V"):
        return Inner([])
    return Inner([arg for arg in args if arg not in ("-p", "--")] if args else [])


def _ssh(args: Sequence[str]) -> Inner | None:
    """``ssh localhost command`` runs here; what runs elsewhere is none of ours."""
    operands = parsed(
        args, _set("-p -i -l -o -L -R -D -J -F -b -c -e -E -I -m -O -Q -S -W -w -B"), stops=True
    ).operands
    if len(operands) > 1 and operands[0].rpartition("@")[2] in ("localhost", "127.0.0.1", "::1"):
        return Inner(["sh", "-c", " ".join(operands[1:])])
    return None


def _timed(args: Sequence[str]) -> Inner | None:
    operands = parsed(args, _set("-r -w -m -M -p -c -n -s")).operands
    return Inner(["sh", "-c", "; ".join(operands)]) if operands else None


def _su(args: Sequence[str]) -> Inner:
    commands = parsed(args, {"-c", "--command", "-s", "-g", "-G"}).values("-c", "--command")
    return Inner(["sh", "-c", commands[0]]) if commands else Inner([])


def _capsh(args: Sequence[str]) -> Inner:
    if "--" in args:
        rest = list(args[list(args).index("--") + 1 :])
        return Inner(["bash", *rest]) if rest else Inner([])
    return Inner([])


def _bwrap(args: Sequence[str]) -> Inner:
    at = 0
    while at < len(args) and args[at].startswith("-"):
        if args[at] == "--":
            at += 1
            break
        at += 1 + _BWRAP.get(args[at], 0)
    return Inner(list(args[at:]))


def _engine(args: Sequence[str]) -> Inner | None:
    """``docker exec box command`` and kin: the command runs in another container, yet it runs."""
    found = parsed(args, {"-H", "--host", "--context", "--config", "-l", "--url", "--root", "--address", "-a", "-n",
                          "--namespace", "-r"}, stops=True)  # fmt: skip
    operands = found.operands
    if operands[:1] in (["container"], ["compose"]):
        operands = operands[1:]
    if operands[:1] == ["exec"]:
        inner = parsed(
            operands[1:],
            _set("-u -w -e --user --workdir --env --env-file --detach-keys"),
            stops=True,
        )
        return Inner(list(inner.operands[1:]))
    if operands[:1] in (["run"], ["create"]):
        inner = parsed(operands[1:], RUN_VALUED, stops=True)
        return Inner(list(inner.operands[1:]))
    return None


def _kubectl(args: Sequence[str]) -> Inner | None:
    if "exec" in args[:8] and "--" in args:
        return Inner(list(args[list(args).index("--") + 1 :]))
    return None


_BUNDLED: Final = _set("kubectl ctr crictl etcdctl helm docker nerdctl runc")


def _bundle(args: Sequence[str]) -> Inner | None:
    """A distribution of Kubernetes that holds the clients of its parts."""
    words = [arg for arg in args if arg != "--"]
    return Inner(words) if words[:1] and words[0] in _BUNDLED else None


def _script(args: Sequence[str]) -> Inner:
    commands = parsed(args, {"-c", "--command", "-O", "-I", "-B", "-T"}).values("-c", "--command")
    return Inner(["sh", "-c", commands[0]]) if commands else Inner([])


def _daemon(args: Sequence[str]) -> Inner:
    found = parsed(args, _set("-x -a -p -u -n -g -c -r -s -m -P -N -k -d -R --exec --startas --pidfile --user"
                              " --name --chuid --chroot --chdir"), stops=True)  # fmt: skip
    program = found.values("-a", "--startas", "-x", "--exec")
    return Inner([program[0], *found.operands] if program and not found.has("-K", "--stop") else [])


def _tmux(args: Sequence[str]) -> Inner | None:
    if args[:1] and args[0].startswith("-") and "m" in args[0]:  # `screen -dm command`
        return Inner(list(parsed(args, _set("-S -c -t -L"), stops=True).operands))
    if args[:1] in (["new"], ["new-session"], ["send-keys"], ["neww"], ["new-window"]):
        operands = parsed(args[1:], _set("-s -n -t -c -x -y -e -F")).operands
        texts = [text for text in operands if text not in ("Enter", "C-m")]
        return Inner(["sh", "-c", " ".join(texts)]) if texts else None
    return None


RUN_VALUED: Final = _set(
    "-v --volume -e --env -p --publish -w --workdir -u --user --name --network --net --pid --ipc --uts --userns"
    " --cgroupns --mount --device --cap-add --cap-drop --security-opt --entrypoint -h --hostname --label -l"
    " --env-file --memory -m --cpus --restart --tmpfs --add-host --dns --gpus --runtime --platform --log-driver"
    " --ulimit --group-add --volumes-from --link --expose --shm-size --device-cgroup-rule --cgroup-parent --ip -a"
    " --attach --pull --stop-signal --sysctl --cidfile --log-opt --health-cmd --annotation"
)
"""The options of ``docker run`` that take a value."""

_SPECIAL: Final = {
    "env": _env,
    "command": _command,
    "su": _su,
    "sg": _su,
    "ssh": _ssh,
    "hyperfine": _timed,
    "capsh": _capsh,
    "bwrap": _bwrap,
    "docker": _engine,
    "podman": _engine,
    "nerdctl": _engine,
    "docker-compose": _engine,
    "kubectl": _kubectl,
    "oc": _kubectl,
    **dict.fromkeys(("k3s", "k0s", "microk8s", "minikube", "rke2"), _bundle),
    "script": _script,
    "start-stop-daemon": _daemon,
    "tmux": _tmux,
    "screen": _tmux,
}
