"""How a Pod fares, read from what the API server says of it; its words, made into sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.isolation.control import printable

__all__ = ["PodState", "pod_state"]

_HOPELESS: Final = frozenset(
    {
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
"""Reasons for waiting that no waiting changes."""
WORDS: Final = 300
"""Characters of what the cluster says that are passed on."""


@dataclass(frozen=True, slots=True)
class PodState:
    """One Pod at one time.

    ``why`` says why it does not run: what it waits for, or what ended it from outside. ``code`` is the
    exit code of its first process, where that has ended.
    """

    running: bool = False
    over: bool = False
    hopeless: bool = False
    why: str = ""
    node: str = ""
    code: int | None = None
    oom: bool = False


def pod_state(pod: Mapping[str, Any]) -> PodState:
    """Read a Pod's status; what is missing there has not come about yet."""
    status = pod.get("status") or {}
    phase = str(status.get("phase") or "Pending")
    containers = [one.get("state") or {} for one in status.get("containerStatuses") or ()]
    state = containers[0] if containers else {}
    ended = state.get("terminated") or {}
    waiting = state.get("waiting") or {}
    code = ended.get("exitCode")
    over = phase in {"Succeeded", "Failed"} or bool(ended)
    return PodState(
        running="running" in state and not over,
        over=over,
        hopeless=waiting.get("reason") in _HOPELESS,
        why="; ".join(_reasons(status, waiting, ended)),
        node=printable(str((pod.get("spec") or {}).get("nodeName") or "")[:WORDS]),
        code=code if type(code) is int else None,
        oom=ended.get("reason") == "OOMKilled",
    )


def _reasons(
    status: Mapping[str, Any], waiting: Mapping[str, Any], ended: Mapping[str, Any]
) -> Iterator[str]:
    """Say who holds the Pod up or has ended it: the node, kubelet, or the scheduler."""
    if status.get("reason"):  # Evicted, DeadlineExceeded, NodeLost, Preempting
        yield _sentence(status)
    elif waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
        yield _sentence(waiting)
    elif ended.get("reason") not in {None, "Completed", "Error", "OOMKilled"}:
        yield _sentence(ended)
    for condition in status.get("conditions") or ():
        found = condition.get("type"), condition.get("status")
        if found in {("PodScheduled", "False"), ("DisruptionTarget", "True")}:
            yield _sentence(condition)


def _sentence(what: Mapping[str, Any]) -> str:
    reason, message = str(what.get("reason") or ""), str(what.get("message") or "")
    return printable(f"{reason}: {message}" if message else reason)[:WORDS]
