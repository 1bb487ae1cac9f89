"""What a Pod may say: every member is known, and says what the profile says.

It is a list of what is allowed. Two Pods are held to it: the one that is to be asked for, and the one
that the API server says it will run, to which admission may have added containers, mounts or rights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sandbox.errors import BoxRefused
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.engine import AGENT_LABEL, ROLE_LABEL, RUN_LABEL
from sandbox.isolation.kubernetes.pod import (
    ACCOUNT,
    ARCH_LABEL,
    CONTAINER,
    LIFETIME,
    STORAGE,
    Manifest,
    amount,
    name,
    volumes,
)
from sandbox.isolation.kubernetes.settings import IMAGE, Settings
from sandbox.isolation.profile import PROFILE

__all__ = ["refusals", "refuse"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the Pod is held to."""

    spec: BoxSpec
    settings: Settings


Rule: TypeAlias = Callable[[str, Any, _Asked], Iterable[str]]
"""Says everything that is wrong with the value at a path."""


def refuse(pod: Manifest, spec: BoxSpec, settings: Settings) -> None:
    """Raise BoxRefused if the Pod would make any box but the profile's."""
    found = [*refusals(pod, spec, settings)]
    if found:
        raise BoxRefused(f"the box of '{spec.agent}' (tier 'kubernetes')", found)


def refusals(pod: Manifest, spec: BoxSpec, settings: Settings) -> Iterator[str]:
    """Say everything that is wrong with a Pod."""
    asked = _Asked(spec, settings)
    yield from _POD("", pod, asked)
    for member, wanted in (
        ("hostUsers", False if settings.own_users else None),
        ("runtimeClassName", settings.runtime_class),
    ):
        seen = (pod.get("spec") or {}).get(member)
        if seen is not wanted and seen != wanted:
            yield f"spec.{member} is {seen!r:.80}, not {wanted!r}"


def _table(rules: Mapping[str, Rule], *needed: str) -> Rule:
    def rule(path: str, value: Any, asked: _Asked) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path or 'the Pod'} is no object: {value!r:.80}"
            return
        prefix = f"{path}." if path else ""
        for member in needed:
            if member not in value:
                yield f"{prefix}{member} is missing"
        for member, one in value.items():
            known = rules.get(member)
            if known is None:
                yield f"{prefix}{member} is not foreseen: {one!r:.80}"
            else:
                yield from known(f"{prefix}{member}", one, asked)

    return rule


def _is(*wanted: object) -> Rule:
    def rule(path: str, value: Any, _: _Asked) -> Iterator[str]:
        if not any(value == one and type(value) is type(one) for one in wanted):
            yield f"{path} is {value!r:.80}, not {' or '.join(map(repr, wanted))}"

    return rule


def _as(of: Callable[[_Asked], object]) -> Rule:
    return lambda path, value, asked: _is(of(asked))(path, value, asked)


def _at_most(of: Callable[[_Asked], float]) -> Rule:
    def rule(path: str, value: Any, asked: _Asked) -> Iterator[str]:
        given, most = amount(value), of(asked)
        if not 0 < given <= most:
            yield f"{path} is {value!r:.80}, not from 1 to {most:g}"

    return rule


def _each(one: Rule) -> Rule:
    def rule(path: str, value: Any, asked: _Asked) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} is no list: {value!r:.80}"
            return
        for place, entry in enumerate(value):
            yield from one(f"{path}[{place}]", entry, asked)

    return rule


def _any(_path: str, _value: Any, _asked: _Asked) -> Iterable[str]:
    return ()


def _image(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    if not isinstance(value, str) or not IMAGE.fullmatch(value):
        yield f"{path} {value!r:.120} is not named by digest: a tag can be moved"
    elif value != asked.settings.image:
        yield f"{path} {value!r:.120} is not the one that was asked for"


def _command(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    spec = asked.spec
    guest = ["python3", "-I", "-S", "/opt/backrooms/agents/init.py"]
    start = [*guest, "--run", spec.run, "--agent", spec.agent]
    if not isinstance(value, list) or value[: len(start)] != start or "--filter" not in value:
        yield f"{path} {value!r:.80} is not the guest with its filter"


def _one_container(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != 1:
        names = [one.get("name") for one in value] if isinstance(value, list) else value
        yield f"{path} are {names!r:.120}, not the agent's alone"
    yield from _each(_CONTAINER)(path, value, asked)


def _volumes(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    wanted = volumes(asked.spec)
    seen = set()
    for one in value if isinstance(value, list) else [value]:
        title = one.get("name") if isinstance(one, Mapping) else None
        if title not in wanted or set(one) != {"name", "emptyDir"}:
            yield f"{path}: {one!r:.160} is not foreseen"
            continue
        seen.add(title)
        rule = _table(
            {"medium": _is("Memory"), "sizeLimit": _at_most(lambda _, size=wanted[title][1]: size)},  # type: ignore[misc]
            "medium",
            "sizeLimit",
        )
        yield from rule(f"{path}.{title}.emptyDir", one["emptyDir"], asked)
    yield from (f"{path}: {missing} is missing" for missing in sorted(wanted.keys() - seen))


def _mounts(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    wanted = [{"name": one, "mountPath": place} for one, (place, _) in volumes(asked.spec).items()]
    found = value if isinstance(value, list) else [value]
    yield from (f"{path}: {one!r:.160} is not foreseen" for one in found if one not in wanted)
    yield from (f"{path}: {one['mountPath']} is missing" for one in wanted if one not in found)


def _toleration(path: str, value: Any, _: _Asked) -> Iterator[str]:
    """What the API server gives every Pod, and a RuntimeClass its own; not a way onto the masters' nodes."""
    key = value.get("key") if isinstance(value, Mapping) else None
    if not isinstance(key, str) or key.startswith("node-role.kubernetes.io/"):
        yield f"{path} {value!r:.120} is not foreseen"


def _nodes(path: str, value: Any, asked: _Asked) -> Iterator[str]:
    # A RuntimeClass adds to it where its runtime is.
    if not isinstance(value, Mapping) or value.get(ARCH_LABEL) != asked.settings.arch:
        yield f"{path} is {value!r:.120}: the filter is made for {asked.settings.arch}"


def _ordinary(path: str, value: Any, _: _Asked) -> Iterator[str]:
    """A priority that no part of the cluster itself has: nothing of it makes way for a box."""
    fine = not value.startswith("system-") if isinstance(value, str) else type(value) is int
    if not fine or (type(value) is int and value > 1_000_000_000):
        yield f"{path} is {value!r:.80}: that is for the cluster's own"


_SECCOMP: Final = _table({"type": _is("RuntimeDefault")}, "type")
_USER: Final[Mapping[str, Rule]] = {
    "runAsNonRoot": _is(True),
    "runAsUser": _is(PROFILE.uid),
    "runAsGroup": _is(PROFILE.gid),
    "seccompProfile": _SECCOMP,
    "appArmorProfile": _table({"type": _is("RuntimeDefault")}),
}
_RESOURCES: Final = _table(
    {
        "cpu": _at_most(lambda asked: asked.spec.limits.cpu),
        "memory": _at_most(lambda asked: asked.spec.limits.memory),
        "ephemeral-storage": _at_most(lambda _: STORAGE),
    },
    "cpu",
    "memory",
    "ephemeral-storage",
)

_CONTAINER: Final = _table(
    {
        "name": _is(CONTAINER),
        "image": _image,
        "imagePullPolicy": _is("IfNotPresent", "Always"),
        "command": _command,
        "workingDir": _is(PROFILE.home),
        "securityContext": _table(
            {
                **_USER,
                "privileged": _is(False),
                "allowPrivilegeEscalation": _is(False),
                "readOnlyRootFilesystem": _is(True),
                "capabilities": _table({"drop": _is(["ALL"])}, "drop"),
                "procMount": _is("Default"),
            },
            "allowPrivilegeEscalation",
            "readOnlyRootFilesystem",
            "runAsNonRoot",
            "capabilities",
            "seccompProfile",
        ),
        "resources": _table({"requests": _RESOURCES, "limits": _RESOURCES}, "limits"),
        "volumeMounts": _mounts,
        # What the API server adds of its own.
        "terminationMessagePath": _is("/dev/termination-log"),
        "terminationMessagePolicy": _is("File"),
        "resizePolicy": _any,
    },
    "name",
    "image",
    "command",
    "securityContext",
    "resources",
    "volumeMounts",
)

_SPEC: Final = _table(
    {
        "automountServiceAccountToken": _is(False),
        "serviceAccountName": _is(ACCOUNT),
        "serviceAccount": _is(ACCOUNT),  # its name before 1.0, which the API server still writes
        "enableServiceLinks": _is(False),
        "hostUsers": _is(False),
        "hostNetwork": _is(False),
        "hostPID": _is(False),
        "hostIPC": _is(False),
        "shareProcessNamespace": _is(False),
        "hostname": _is(PROFILE.hostname),
        "dnsPolicy": _is("None"),
        "dnsConfig": _is({"nameservers": ["127.0.0.1"]}),
        "restartPolicy": _is("Never"),
        "activeDeadlineSeconds": _at_most(lambda _: LIFETIME),
        "terminationGracePeriodSeconds": _at_most(lambda _: 30),
        "runtimeClassName": _as(lambda asked: asked.settings.runtime_class),
        "nodeSelector": _nodes,
        "securityContext": _table(
            {**_USER, "fsGroup": _is(PROFILE.gid), "supplementalGroups": _is([])},
            "runAsNonRoot",
            "runAsUser",
            "runAsGroup",
            "fsGroup",
            "seccompProfile",
        ),
        "containers": _one_container,
        "volumes": _volumes,
        # What the API server adds of its own; a RuntimeClass says what its kernel costs.
        "nodeName": _any,
        "schedulerName": _is("default-scheduler"),
        "priority": _ordinary,
        "priorityClassName": _ordinary,
        "preemptionPolicy": _is("PreemptLowerPriority", "Never"),
        "tolerations": _each(_toleration),
        "overhead": _any,
        "imagePullSecrets": _any,
    },
    "automountServiceAccountToken",
    "serviceAccountName",
    "enableServiceLinks",
    "dnsPolicy",
    "dnsConfig",
    "restartPolicy",
    "activeDeadlineSeconds",
    "nodeSelector",
    "securityContext",
    "containers",
    "volumes",
)

_METADATA: Final = _table(
    {
        "name": _as(lambda asked: name(asked.spec)),
        "namespace": _as(lambda asked: asked.settings.namespace),
        "labels": _as(lambda asked: {RUN_LABEL: asked.spec.run, ROLE_LABEL: "sandbox"}),
        "annotations": _as(lambda asked: {AGENT_LABEL: asked.spec.agent}),
        **dict.fromkeys(
            ("uid", "creationTimestamp", "resourceVersion", "generation", "managedFields"), _any
        ),
    },
    "name",
    "namespace",
    "labels",
)

_POD: Final = _table(
    {
        "apiVersion": _is("v1"),
        "kind": _is("Pod"),
        "metadata": _METADATA,
        "spec": _SPEC,
        "status": _any,
    },
    "metadata",
    "spec",
)
