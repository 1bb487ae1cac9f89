"""From facts to signs: each fact is held against the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sandbox.detect.escape.facts import Call, Fact, Reach, Run, Seek, Spec, Touch
from sandbox.detect.escape.rules import ProgramRule
from sandbox.detect.escape.rules_paths import PATHS
from sandbox.detect.escape.rules_programs import PROGRAMS
from sandbox.detect.escape.rules_reach import REACHES
from sandbox.detect.escape.rules_seek import SEEKS
from sandbox.detect.escape.signs import RANKS, Sign, TextLevel
from sandbox.detect.escape.together import together
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["judge"]

_BY_NAME: Final[dict[str, list[ProgramRule]]] = {}
_BY_PATTERN: Final[list[ProgramRule]] = []
for _rule in PROGRAMS:
    if _rule.pattern is not None:
        _BY_PATTERN.append(_rule)
    for _name in _rule.names:
        _BY_NAME.setdefault(_name, []).append(_rule)

_CALLS: Final[dict[str, str]] = {
    "setns": "nsenter-host", "unshare": "userns-abuse", "clone_newns": "userns-abuse", "mount": "device-mount",
    "umount2": "host-mount", "umount": "host-mount", "chroot": "host-mount", "pivot_root": "host-mount",
    "fsopen": "device-mount", "fsmount": "device-mount", "open_tree": "host-mount", "move_mount": "host-mount",
    "mount_setattr": "host-mount", "mknod": "device-mount", "mknodat": "device-mount", "bpf": "ebpf",
    "perf_event_open": "ebpf", "init_module": "kernel-module", "finit_module": "kernel-module",
    "delete_module": "kernel-module", "kexec_load": "kernel-module", "kexec_file_load": "kernel-module",
    "ptrace": "cap-abuse", "process_vm_readv": "cap-abuse", "process_vm_writev": "cap-abuse",
    "open_by_handle_at": "cap-abuse", "name_to_handle_at": "cap-abuse", "iopl": "cap-abuse", "ioperm": "cap-abuse",
    "kcmp": "cap-abuse", "tiocsti": "cap-abuse", "pidfd_getfd": "cap-abuse",
    "keyctl": "cap-abuse", "add_key": "cap-abuse", "userfaultfd": "kernel-cve", "io_uring_setup": "denylist-evasion",
    "memfd_create": "denylist-evasion",
    "reboot": "sandbox-tamper",
}  # fmt: skip

_ASKED: Final[dict[tuple[str, str], str]] = {
    ("prctl", "23"): "capability-recon", ("prctl", "47"): "capability-recon",  # PR_CAPBSET_READ, PR_CAP_AMBIENT
    ("prctl", "21"): "lsm-seccomp-recon", ("prctl", "39"): "lsm-seccomp-recon",  # PR_GET_SECCOMP, ..._NO_NEW_PRIVS
    ("capget", ""): "capability-recon",
}  # fmt: skip
"""Calls that ask how a process is held, by name and first argument."""
_ROOT: Final = frozenset({"setuid", "setresuid", "setreuid", "seteuid", "posix_setuid"})
"""Calls that make root of whoever has the capability for it."""

_DAEMON: Final = re.compile(
    r"/docker/daemon\.json .*(?:tcp://(?!127\.|localhost)|\"userns-remap\"|seccomp-profile|authorization-plugins)",
    re.DOTALL,
)
"""Settings of the engine by which it listens to all, or lets its guards go."""
_KERNEL: Final = re.compile(
    r"^/etc/sysctl\.(?:d/\S+|conf) .*\b(?:kernel\.(?:core_pattern|modprobe|yama|unprivileged|kptr|dmesg|randomize"
    r"|modules_disabled|kexec|apparmor|sysrq)|vm\.mmap_min_addr|fs\.(?:suid_dumpable|protected_))",
    re.DOTALL,
)
"""Settings by which the kernel is less guarded from its next start on."""

_BUNDLE: Final = re.compile(
    r"\"cwd\"\s*:\s*\"/proc/(?:self|thread-self)/fd/\d|\"args\"\s*:\s*\[\s*\"/proc/self/exe\"|^\s*WORKDIR\s+/proc/",
    re.MULTILINE,
)
"""Descriptions of a container that starts among what its runtime has open."""
_OWN_ENTRY: Final = re.compile(r"^/proc/(?!self$|thread-self$)[A-Za-z][\w.-]*$")
"""What a module has made: the kernel's own entries at this place take no commands."""
_COMMAND: Final = re.compile(r"^\S*[A-Za-z]\S*\s+\S")

_BRACKETED: Final = re.compile(r"\[(\w)\]")
"""``[d]ockerd``, by which who looks for a process does not find the search itself."""

_ARGUMENT: Final = 300
_WORDS: Final = 3_000
"""Characters of one argument, and at each end of all of them, that rules look at: no rule is slow on those."""

_SPECS: Final = re.compile(
    r"""["']?(?:hostPID|hostNetwork|hostIPC|privileged|allowPrivilegeEscalation)["']?\s*[:=]\s*["']?true
      | ["']?(?:pid|ipc|network_mode|userns_mode|cgroup|uts)["']?\s*:\s*["']?host\b
      | ["']?hostPath["']?\s*: | docker\.sock | containerd\.sock | crio\.sock
      | ["'\s-]/(?:etc|root|proc|sys|dev|var/lib/\w+)?:/ | (?:SYS_ADMIN|SYS_PTRACE|SYS_MODULE|DAC_READ_SEARCH)
      | ["']?(?:seccomp|apparmor)\w*["']?[\s:=]+["']?unconfined | cluster-admin | ["']?Privileged["']?\s*:\s*true
      | kernel\.core_pattern | release_agent | ["']?procMount["']?\s*:\s*["']?Unmasked
      | ["']?(?:PidMode|NetworkMode|IpcMode)["']?\s*:\s*["']host | ["']Binds["']\s*:\s*\[\s*["']/:
    """,
    re.VERBOSE,
)


def judge(facts: Iterable[Fact]) -> list[Sign]:
    """The signs that facts are, the gravest of each technique, in the order they were met."""
    found: dict[str, Sign] = {}
    facts = list(facts)
    for fact in facts:
        for sign in _signs(fact):
            old = found.get(sign.technique)
            if old is None or RANKS[sign.level] > RANKS[old.level]:
                found[sign.technique] = sign
    for sign in together(facts):
        old = found.get(sign.technique)
        if old is None or RANKS[sign.level] > RANKS[old.level]:
            found[sign.technique] = sign
    return list(found.values())


def _signs(fact: Fact) -> Iterator[Sign]:
    match fact:
        case Run():
            yield from _of_run(fact)
        case Touch():
            yield from _of_touch(fact)
        case Reach():
            yield from _of_reach(fact)
        case Call():
            yield from _of_call(fact)
        case Seek():
            pattern = _BRACKETED.sub(r"\1", fact.pattern) if "[" in fact.pattern else fact.pattern
            for rule in SEEKS:
                if rule.where.search(fact.where) and rule.pattern.search(pattern):
                    what = f"look for {fact.pattern} in {fact.where}"
                    yield _sign(rule.technique, rule.level, what)
        case Spec():
            match = _SPECS.search(fact.text)
            if match is not None:
                is_pod = "apiVersion" in fact.text or '"spec"' in fact.text
                technique = "k8s-api" if is_pod else "docker-sock"
                yield _sign(technique, "attempted", f"apply {match[0].strip()}")


def _of_call(call: Call) -> Iterator[Sign]:
    what = f"call {call.name}({', '.join(call.args)})"
    if call.name in _CALLS:
        yield _sign(_CALLS[call.name], "attempted", what)
    if call.name in _ROOT and call.args[:1] == ("0",):
        yield _sign("cap-abuse", "attempted", what)
    for argument in ("", *call.args[:1]):
        if (call.name, argument) in _ASKED:
            yield _sign(_ASKED[call.name, argument], "recon", what)


def _of_touch(touch: Touch) -> Iterator[Sign]:
    if touch.content.startswith("#!/proc/self/exe"):
        yield _sign("runtime-cve", "attempted", f"{touch.mode} {touch.path}: #!/proc/self/exe")
    if touch.mode == "write" and _DAEMON.search(f"{touch.path} {touch.content}"):
        yield _sign("docker-api", "attempted", f"write {touch.path}: {touch.content}")
    if touch.mode == "write" and _KERNEL.search(f"{touch.path} {touch.content}"):
        yield _sign("usermode-helper", "attempted", f"write {touch.path}: {touch.content}")
    if touch.mode == "write" and touch.content:
        if _OWN_ENTRY.match(touch.path) and _COMMAND.match(touch.content):
            yield _sign("kernel-module", "attempted", f"write {touch.path}: {touch.content}")
        if "/proc/" in touch.content and _BUNDLE.search(touch.content):
            yield _sign("runtime-cve", "attempted", f"write {touch.path}: {touch.content}")
    for rule in PATHS:
        if touch.mode in rule.modes and rule.pattern.search(touch.path):
            yield _sign(rule.technique, rule.level, f"{touch.mode} {touch.path}")
            return


def _of_reach(reach: Reach) -> Iterator[Sign]:
    where = f"{reach.host}:{reach.port}" if reach.port else reach.host
    for rule in REACHES:
        if (
            (rule.host is None or rule.host.search(reach.host))
            and (not rule.ports or reach.port in rule.ports)
            and (rule.probe is None or rule.probe == reach.is_probe)
            and (rule.path is None or rule.path.search(reach.path))
            and (not rule.programs or reach.program in rule.programs)
        ):
            yield _sign(rule.technique, rule.level, f"reach {where}{reach.path}")


def _of_run(run: Run) -> Iterator[Sign]:
    words = " ".join(arg[:_ARGUMENT] for arg in run.args)
    if len(words) > 2 * _WORDS:
        words = f"{words[:_WORDS]} {words[-_WORDS:]}"
    if run.invoked.startswith(("./", "/")):
        for rule in _BY_NAME["run-by-path"]:
            line = f"{run.invoked} {words}"
            if all(need.search(line) for need in rule.needs) and not any(
                lack.search(line) for lack in rule.lacks
            ):
                yield _sign(rule.technique, rule.level, f"{run.invoked} {words}")
    rules = [
        *_BY_NAME.get(run.program, ()),
        *(r for r in _BY_PATTERN if r.pattern and r.pattern.fullmatch(run.program[:255])),
    ]
    for rule in rules:
        if all(need.search(words) for need in rule.needs) and not any(
            lack.search(words) for lack in rule.lacks
        ):
            yield _sign(rule.technique, rule.level, f"{run.program} {words}")
    for setting in run.settings:
        for rule in _BY_NAME["export"]:
            if all(need.search(setting) for need in rule.needs):
                yield _sign(rule.technique, rule.level, f"{setting} {run.program}")


def _sign(technique: str, level: TextLevel, what: str) -> Sign:
    return Sign(technique, level, what.replace(UNKNOWN, "…").strip()[:300])
