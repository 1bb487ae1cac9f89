"""What bwrap's command line may say: each option is known, and opens nothing that the profile keeps shut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from sandbox.errors import BoxRefused
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.hole import PLACE
from sandbox.isolation.layout import SOCKETS
from sandbox.isolation.profile import PROFILE

__all__ = ["refusals", "refuse"]

Arguments: TypeAlias = tuple[str, ...]
Rule: TypeAlias = Callable[[Arguments], bool]

NEEDED: Final = (
    ("--unshare-all",),
    ("--unshare-user",),
    ("--disable-userns",),
    ("--assert-userns-disabled",),
    ("--die-with-parent",),
    ("--new-session",),
    ("--clearenv",),
    ("--uid", str(PROFILE.uid)),
    ("--gid", str(PROFILE.gid)),
    ("--cap-drop", "ALL"),
    ("--proc", "/proc"),
    ("--ro-bind", "/proc/sys", "/proc/sys"),
    ("--dev", "/dev"),
    ("--remount-ro", "/dev"),
    ("--remount-ro", "/"),
)
"""Without any of these the box has a hole; ``--seccomp`` is needed, too, with whatever descriptor."""

_LAYING: Final = frozenset(
    {"--bind", "--ro-bind", "--ro-bind-try", "--symlink", "--proc", "--dev", "--tmpfs", "--dir"}
)
"""Options that put something at the place that they name last."""

_SHOWN: Final = frozenset(
    {"/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc/alternatives", "/proc/sys"}
)
"""What of the host may be shown, read-only, and at its own place."""


def refuse(
    words: Sequence[str], spec: BoxSpec, guest: Path, *, as_root: bool, supervised: bool = False
) -> None:
    """Raise BoxRefused if a command line would make any box but the profile's.

    Args:
        words: bwrap's options, without the guest's command.
        spec: the box that is to be made.
        guest: the folder with the guest's code.
        as_root: whether bwrap would run as root, which leaves the kernel's settings writable inside.
        supervised: whether bwrap's filter leaves calls to one that the guest takes on, so that no process
            may be without the guest's.
    """
    found = [*refusals(words, spec, guest, as_root=as_root, supervised=supervised)]
    if found:
        raise BoxRefused(f"the box of '{spec.agent}'", found)


def refusals(
    words: Sequence[str], spec: BoxSpec, guest: Path, *, as_root: bool, supervised: bool = False
) -> Iterator[str]:
    """Say everything that is wrong with a command line."""
    if as_root:
        yield "bwrap would be started by root; every box needs a user of its own"
    rules = _rules(spec, guest)
    said: list[tuple[str, ...]] = []
    at = 0
    while at < len(words):
        option = words[at]
        if option not in rules:
            yield f"{option!r:.80} is not foreseen"
            return  # how many words belong to it is not known
        count, allowed = rules[option]
        arguments = tuple(words[at + 1 : at + 1 + count])
        if len(arguments) < count:
            yield f"{option} lacks an argument"
        elif not allowed(arguments):
            yield f"{option} {' '.join(arguments)!r:.160} is not foreseen"
        said.append((option, *arguments))
        at += 1 + count
    for needed in NEEDED:
        if needed not in said:
            yield f"{' '.join(needed)} is missing"
    if (("--as-pid-1",) in said) != supervised:
        yield "--as-pid-1 is missing" if supervised else "--as-pid-1 is for a supervised box alone"
    filters = sum(option == "--seccomp" for option, *_ in said)
    if filters != 1:
        yield "--seccomp is missing" if filters == 0 else "--seccomp comes twice: the last counts"
    yield from _open(said)
    yield from _covered(said)


def _open(said: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A tmpfs takes all memory unless its size stands before it; one that hides is made read-only after."""
    for at, (option, *arguments) in enumerate(said):
        if option != "--tmpfs":
            continue
        place = arguments[0]
        if place.startswith("/usr/"):
            if ("--remount-ro", place) not in said[at:]:
                yield f"--tmpfs {place} is writable"
        elif at == 0 or said[at - 1][0] != "--size":
            yield f"--tmpfs {place} has no size and is writable"


def _covered(said: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """What comes later lies over what came before: over what was hidden, or closed, it opens it again."""
    laid: list[str] = []
    for option, *arguments in said:
        if option == "--remount-ro":
            laid.append(arguments[0])
        elif option in _LAYING:
            place = arguments[-1]
            if any(f"{before}/".startswith(f"{place.rstrip('/')}/") for before in laid):
                yield f"{option} {place} covers what was laid there before"
            laid.append(place)


def _rules(spec: BoxSpec, guest: Path) -> Mapping[str, tuple[int, Rule]]:
    opt, sockets = (str(guest / "opt"), "/opt"), (str(spec.folder), SOCKETS)

    def shown(arguments: Arguments) -> bool:
        source, place = arguments
        return arguments in (opt, sockets) or (source == place and source in _SHOWN)

    def size(arguments: Arguments) -> bool:
        return arguments[0].isdecimal() and 0 < int(arguments[0]) <= max(
            PROFILE.tmp, PROFILE.shm, spec.limits.disk
        )

    def tmpfs(arguments: Arguments) -> bool:
        place = arguments[0]
        # Over a part of /usr it hides what lies there.
        below_usr = place.startswith("/usr/") and ".." not in place
        return place in {"/tmp", "/dev/shm", PROFILE.home} or below_usr  # noqa: S108 - inside

    def variable(arguments: Arguments) -> bool:
        return PROFILE.environment.get(arguments[0]) == arguments[1]

    def exactly(*wanted: str) -> Rule:
        return lambda arguments: arguments in [(one,) for one in wanted]

    def anything(_: Arguments) -> bool:
        return True

    flags = (
        "--unshare-all", "--unshare-user", "--disable-userns", "--assert-userns-disabled",
        "--die-with-parent", "--new-session", "--clearenv", "--as-pid-1",
    )  # fmt: skip

    def hole(arguments: Arguments) -> bool:
        return spec.hole is not None and arguments == (str(spec.hole.source), PLACE)

    holes: dict[str, tuple[int, Rule]] = {} if spec.hole is None else {"--bind": (2, hole)}
    return (
        dict.fromkeys(flags, (0, anything))
        | holes
        | {
            "--uid": (1, exactly(str(PROFILE.uid))),
            "--gid": (1, exactly(str(PROFILE.gid))),
            "--hostname": (1, exactly(PROFILE.hostname)),
            "--cap-drop": (1, exactly("ALL")),
            "--setenv": (2, variable),
            "--ro-bind": (2, shown),
            "--ro-bind-try": (2, shown),
            "--symlink": (2, lambda arguments: arguments[1] in _SHOWN and ".." not in arguments[0]),
            "--proc": (1, exactly("/proc")),
            "--dev": (1, exactly("/dev")),
            "--tmpfs": (1, tmpfs),
            "--size": (1, size),
            "--perms": (1, exactly("1777", "0700")),
            "--dir": (1, exactly("/home")),
            "--remount-ro": (1, anything),
            "--chdir": (1, exactly(PROFILE.home)),
            "--seccomp": (1, anything),
            "--json-status-fd": (1, anything),
        }
    )
