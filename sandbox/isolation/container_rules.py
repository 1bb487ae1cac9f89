"""What the request for a container may say: every member is known, and says what the profile says.

It is a list of what is allowed. A member that nobody foresaw is refused, so that neither a slip here
nor a new feature of an engine opens a box.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from sandbox.errors import BoxRefused
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.container_filter import is_engine_filter
from sandbox.isolation.container_payload import Payload, command
from sandbox.isolation.engine import AGENT_LABEL, ROLE_LABEL, RUN_LABEL
from sandbox.isolation.hole import host_config, mounts
from sandbox.isolation.layout import OLD_GVISOR_PATH, SOCKETS
from sandbox.isolation.profile import PROFILE, tmpfs

__all__ = ["refusals", "refuse"]

Rule: TypeAlias = Callable[[Any, BoxSpec], str | None]
"""Says what is wrong with a value, or None."""

RUNTIMES: Final = frozenset({"runsc"})
_IMAGE: Final = re.compile(r"sha256:[0-9a-f]{1,64}")


def refuse(payload: Payload, spec: BoxSpec, *, supervised: bool = False) -> None:
    """Raise BoxRefused if the request would make any box but the profile's, which is another if ``supervised``."""
    found = [*refusals(payload, spec, supervised=supervised)]
    if found:
        raise BoxRefused(f"the box of '{spec.agent}'", found)


def refusals(payload: Payload, spec: BoxSpec, *, supervised: bool = False) -> Iterator[str]:
    """Say everything that is wrong with a request."""
    top = {**_TOP, "Cmd": _command(supervised=supervised)}
    yield from _members("", payload, spec, top, needed=("Image", "Cmd", "User", "HostConfig"))
    host = payload.get("HostConfig")
    if isinstance(host, Mapping):
        rules = {
            **_HOST,
            "SecurityOpt": _security(supervised=supervised),
            "Init": _is(not supervised),
            **{name: _is(wanted) for name, wanted in host_config(spec.hole).items()},
        }
        yield from _members("HostConfig.", host, spec, rules, needed=_NEEDED)


def _members(
    prefix: str,
    given: Mapping[str, Any],
    spec: BoxSpec,
    rules: Mapping[str, Rule],
    needed: tuple[str, ...],
) -> Iterator[str]:
    for member in needed:
        if member not in given:
            yield f"{prefix}{member} is missing"
    for member, value in given.items():
        rule = rules.get(member)
        if rule is None:
            yield f"{prefix}{member} is not foreseen: {value!r:.80}"
        elif (wrong := rule(value, spec)) is not None:
            yield f"{prefix}{member}: {wrong}"


def _is(wanted: object) -> Rule:
    def rule(value: Any, _: BoxSpec) -> str | None:
        same = value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
        return None if same else f"{value!r:.80}, not {wanted!r}"

    return rule


def _limit(of: Callable[[BoxSpec], int]) -> Rule:
    def rule(value: Any, spec: BoxSpec) -> str | None:
        most = of(spec)
        fine = type(value) is int and 0 < value <= most
        return None if fine else f"{value!r:.80}, not from 1 to {most}"

    return rule


def _image(value: Any, _: BoxSpec) -> str | None:
    fine = isinstance(value, str) and _IMAGE.fullmatch(value)
    return None if fine else f"{value!r:.80} is no id: a tag can be moved"


def _command(*, supervised: bool) -> Rule:
    def rule(value: Any, spec: BoxSpec) -> str | None:
        wanted = command(spec, {}, supervised=supervised)
        if not isinstance(value, list) or value[: len(wanted)] != wanted:
            return f"{value!r:.80} is not the guest with its filter"
        # Of an option that comes twice the last counts.
        others = value[len(wanted) :: 2]
        return None if others in ([], ["--limits"]) else f"{others!r:.80} is not foreseen"

    return rule


def _labels(value: Any, spec: BoxSpec) -> str | None:
    wanted = {RUN_LABEL: spec.run, AGENT_LABEL: spec.agent, ROLE_LABEL: "sandbox"}
    return None if value == wanted else f"{value!r:.120}: by these it is found again"


def _security(*, supervised: bool) -> Rule:
    def rule(value: Any, _: BoxSpec) -> str | None:
        options = [str(option) for option in value] if isinstance(value, list) else []
        if "no-new-privileges:true" not in options:
            return "no-new-privileges:true is missing"
        options.remove("no-new-privileges:true")
        # It leaves calls to the shim's filter: right with a shim that asks, and with no other.
        ours = [option for option in options if supervised and is_engine_filter(option)]
        if supervised and not ours:
            return "the filter that leaves calls to the shim's is missing"
        others = [option for option in options if option not in ours]
        return f"{others[0]!r:.80} is not foreseen" if others else None

    return rule


def _mounts(value: Any, spec: BoxSpec) -> str | None:
    wanted = {
        "Type": "bind",
        "Source": str(Path(spec.folder).resolve()),
        "Target": SOCKETS,
        "ReadOnly": True,
    }
    if value == [wanted, *mounts(spec.hole)]:
        return None
    other = (
        next((one for one in value if one != wanted), value) if isinstance(value, list) else value
    )
    return f"{other!r:.160} is not the folder with the agent's sockets, read-only"


def _tmpfs(value: Any, spec: BoxSpec) -> str | None:
    if not isinstance(value, Mapping):
        return f"{value!r:.80} is no table"
    wanted = {one.place: one.size for one in tmpfs(spec.limits)}
    for place, options in value.items():
        words = str(options).split(",")
        size = next((word[5:] for word in words if word.startswith("size=")), "")
        most = wanted.get(place, 0) if place in wanted else _SMALL.get(place, 0)
        if not {"nosuid", "nodev"} <= set(words):
            return f"{place} without nosuid and nodev"
        if spec.limits.noexec and "noexec" not in words:
            return f"{place} without noexec"
        if most == 0:
            return f"{place} is not foreseen"
        if not size.isdecimal() or not 0 < int(size) <= most:
            return f"{place} with size {size!r}, not from 1 to {most}"
    missing = wanted.keys() - value.keys()
    return f"{missing.pop()} is missing" if missing else None


def _ulimits(value: Any, spec: BoxSpec) -> str | None:
    if not isinstance(value, list):
        return f"{value!r:.80} is no list"
    most = {
        "nofile": PROFILE.nofile,
        "core": PROFILE.core,
        "fsize": spec.limits.disk,
        "nproc": 32_768,
    }
    seen = set()
    for limit in value:
        what, soft, hard = (limit.get(member) for member in ("Name", "Soft", "Hard"))
        if what not in most:
            return f"{what!r:.40} is not foreseen"
        if not all(type(number) is int and 0 <= number <= most[what] for number in (soft, hard)):
            return f"{what} {soft!r}:{hard!r}, not up to {most[what]}"
        seen.add(what)
    missing = {"nofile", "core", "fsize"} - seen
    return f"{min(missing)} is missing" if missing else None


def _log(value: Any, _: BoxSpec) -> str | None:
    kinds = {"json-file": PROFILE.log, "k8s-file": PROFILE.log}
    if not isinstance(value, Mapping) or value.get("Type") not in kinds:
        return f"{value!r:.80} is not a bounded file"
    size = (value.get("Config") or {}).get("max-size", "")
    fine = isinstance(size, str) and size.isdecimal() and 0 < int(size) <= PROFILE.log
    return None if fine else f"max-size is {size!r}: the log could fill the disk"


def _runtime(value: Any, _: BoxSpec) -> str | None:
    return None if value in RUNTIMES else f"{value!r:.80} is not foreseen"


_SMALL: Final = {"/run": 4 << 20, "/var/tmp": 4 << 20}  # noqa: S108 - inside the box

_TOP: Final[Mapping[str, Rule]] = {
    "Image": _image,
    "Env": _is([f"PATH={OLD_GVISOR_PATH}"]),
    "Hostname": _is(PROFILE.hostname),
    "Labels": _labels,
    "User": _is(f"{PROFILE.uid}:{PROFILE.gid}"),
    "WorkingDir": _is(PROFILE.home),
    "NetworkDisabled": _is(True),
    "HostConfig": lambda value, _: None if isinstance(value, Mapping) else "is no object",
}

_HOST: Final[Mapping[str, Rule]] = {
    "Privileged": _is(False),
    "CapDrop": _is(["ALL"]),
    "ReadonlyRootfs": _is(True),
    "NetworkMode": _is("none"),
    "IpcMode": _is("private"),
    "CgroupnsMode": _is("private"),
    "Mounts": _mounts,
    "Tmpfs": _tmpfs,
    "Memory": _limit(lambda spec: spec.limits.memory),
    "MemorySwap": lambda value, spec: _is(spec.limits.memory)(value, spec),
    "NanoCpus": _limit(lambda spec: max(1, int(spec.limits.cpu * 1e9))),
    # gVisor's own threads count as well.
    "PidsLimit": _limit(lambda spec: 256 + 3 * spec.limits.pids),
    "ShmSize": _limit(lambda _: PROFILE.shm),
    "OomScoreAdj": _is(PROFILE.oom_score),
    "Ulimits": _ulimits,
    "RestartPolicy": _is({"Name": "no"}),
    "AutoRemove": _is(False),
    "LogConfig": _log,
    "Runtime": _runtime,
}

_NEEDED: Final = ("SecurityOpt", "Init", *(member for member in _HOST if member != "Runtime"))
