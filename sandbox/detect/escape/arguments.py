"""Which arguments of a program are paths, and what it does to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sandbox.detect.escape.clients import host_of, note_reach, reach_url
from sandbox.detect.escape.facts import Facts, Mode, Reach
from sandbox.detect.escape.options import Parsed, parsed

__all__ = ["FAMILIES", "Family", "found_paths", "note_arguments", "note_given", "valued_of"]


@dataclass(frozen=True, slots=True)
class Family:
    """Programs whose operands are used alike.

    ``skips`` operands at the front are no paths (a pattern, a script) unless an option in
    ``instead`` gave them; ``last`` is what happens to the last of several operands.
    """

    mode: Mode
    valued: frozenset[str] = frozenset()
    skips: int = 0
    instead: frozenset[str] = frozenset()
    last: Mode | None = None
    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GREP: Final = Family(
    "read",
    _set("-e -f -A -B -C -m -d -D --include --exclude --exclude-dir --color -g -t --glob --type"),
    skips=1,
    instead=_set("-e -f --regexp --file --files"),
    reads=_set("-f --file"),
)
_LIST: Final = Family(
    "look", _set("-I -w --block-size --sort --time-style -c --format -o -O -t -N -S")
)
_WRITE: Final = Family("write", _set("-t -s -d -m --mode --size --reference -r --from"))

FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys(
        _set("cat tac less more most bat batcat rev wc md5sum sha1sum sha256sum sha512sum cksum comm cmp diff"
             " colordiff zcat zless bzcat xzcat gunzip bunzip2 vi vim nvim nano vimdiff emacs ed ex view expand"
             " gzip bzip2 xz zstd uniq mapfile readarray hexyl zgrep sum b2sum crc32 tsort source . loadkeys"
             " ar cpio pv"),
        Family("read")),
    **dict.fromkeys(
        _set("nl paste join pr iconv shuf base32 fmt fold column basenc uuencode split csplit look pandoc"
             " enscript"),
        Family("read", _set("-w -d -s -b -l -C -f -o -N -j -1 -2 -e -i -n --from --to --wrap"))),
    "base64": Family("read", _set("-w --wrap -i -o")),
    **dict.fromkeys(_set("Get-Content gc Import-Csv"), Family("read", _set("-Path"), reads=_set("-Path"))),
    **dict.fromkeys(_set("Get-ChildItem gci Test-Path"), Family("look")),
    **dict.fromkeys(_set("head tail"), Family("read", _set("-n -c -s --lines --bytes --pid"))),
    "sort": Family("read", _set("-k -t -o -S -T --key --field-separator --output"), writes=_set("-o")),
    "cut": Family("read", _set("-d -f -c -b --delimiter --fields --characters --output-delimiter")),
    "xxd": Family("read", _set("-s -l -c -g -o")),
    **dict.fromkeys(_set("od hexdump hd"), Family("read", _set("-A -t -N -j -w -n -s -e -f"))),
    "strings": Family("read", _set("-n -t -e -T")),
    **dict.fromkeys(_set("grep egrep fgrep rg ag ack zgrep ugrep"), _GREP),
    "sed": Family("read", _set("-e -f --expression --file -l"), 1, _set("-e -f --expression --file")),
    **dict.fromkeys(
        _set("awk gawk mawk nawk"), Family("read", _set("-F -v -f --file --assign"), 1, _set("-f --file"))
    ),
    **dict.fromkeys(_set("jq yq"), Family("read", _set("-f --indent"), 1, _set("-f --from-file"))),
    **dict.fromkeys(_set("ls dir vdir exa eza lsd stat file readlink realpath du df tree getfacl lsattr"
                         " namei mountpoint fuser getfattr"), _LIST),
    **dict.fromkeys(_set("touch mkdir mkfifo truncate shred sponge setfacl"), _WRITE),
    **dict.fromkeys(_set("rm rmdir unlink tee chattr"), Family("write")),
    **dict.fromkeys(_set("chmod chown chgrp"), Family("write", skips=1)),
    **dict.fromkeys(_set("cp mv install scp rsync"), Family("read", _set("-t -m -o -g -P -i -e -S"), last="write")),
    "tar": Family("read", _set("-f -C -T -X --file --directory --exclude"), writes=_set("-C --directory")),
    "zip": Family("read", _set("-x -i")),
    "7z": Family("read"),
    "gdb": Family("read", _set("-p -ex -x -batch --pid")),
    "strace": Family("read"),
    "chroot": Family("enter"),
    "cd": Family("enter"),
    "pushd": Family("enter"),
    "losetup": Family("read", _set("-o")),
    **dict.fromkeys(_set("debugfs dumpe2fs tune2fs e2fsck fsck xfs_db mke2fs mkfs mkfs.ext4 parted sfdisk cfdisk"
                         " gdisk hdparm smartctl cryptsetup e2image ext4magic photorec fls icat"),
                    Family("read", _set("-R -f -l"))),
    **dict.fromkeys(_set("volatility volatility3 vol vol.py blkcat mmls fsstat tsk_recover testdisk foremost scalpel"
                         " extundelete bulk_extractor binwalk ntfs-3g fuse2fs ext4fuse e2cp e2ls e2tail guestmount"
                         " guestfish"
                         " virt-cat virt-ls virt-filesystems ddrescue ntfscat ntfsls badblocks"),
                    Family("read", _set("-a"), reads=_set("-f -i -a --file --add"))),
}  # fmt: skip

_TESTS: Final = re.compile(r"-[bcdefghLnprstuwxGNOS]")


def note_arguments(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    """Take in the paths and addresses that a program is given."""
    family = FAMILIES.get(program)
    own = _OWN.get(program)
    if family is not None:
        _by_family(family, program, parsed(args, family.valued), facts, cwd)
    elif own is not None:
        own(args, facts, cwd)
    else:
        note_reach(program, args, facts, cwd)
        _note_guarded(program, args, facts, cwd)
    if program not in _SAYERS:
        for arg in args[:64]:
            if _WHOLE_URL.match(arg[:2_048]):
                reach_url(arg[:2_048], facts, program)
    for option, value in pairwise(args[:65]):
        if option in _GIVES_FILE.get(program, ()):
            facts.touch(value, "read", cwd, program=program)
    for arg in args[:64]:
        if (match := _GIVEN_FILE.search(arg[:2_048])) is not None:
            facts.touch(match[1], "read", cwd, program=program)


def note_given(script: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    """Take in what a script is given whose text nobody knows: a door that it is shown is a door that it opens."""
    for arg in args[:64]:
        value = arg.partition("=")[2] if arg.startswith("-") else arg
        if _WHOLE_URL.match(value[:2_048]):
            reach_url(value[:2_048], facts, script)
        elif (door := _DOOR.fullmatch(value[:64])) is not None:
            facts.add(Reach(door[1], int(door[2]), program="given-address"))
        elif _GUARDED.match(value[:1_024]):
            facts.touch(value, "read", cwd, program=script)


def _note_guarded(program: str, args: Sequence[str], facts: Facts, cwd: str) -> None:
    """Whatever program is given a path beyond the box is given it to open it."""
    if program[:1].isalpha() and program not in _SAYERS and program not in _NAMERS:
        for arg in args[:32]:
            if _GUARDED.match(arg[:1_024]):
                facts.touch(arg, "read", cwd, program=program)


_WHOLE_URL: Final = re.compile(
    r"(?:https?|tcp|ftp|wss?|git|ssh|redis|mqtt|amqp|nats|postgres(?:ql)?|mysql)://[^\s/]+\S*$"
)
_SAYERS: Final = _set(
    "echo printf logger gh say wall write etcd test [ [[ expr basename dirname jq yq curl wget iptables ufw"
)
"""Who only says an address, or whose addresses are read elsewhere."""
_NAMERS: Final = _set(
    "docker podman nerdctl docker-compose kubectl oc helm ctr crictl runc crun mount umount ln which whereis type"
    " command man help tldr apropos git-commit bwrap nsenter unshare mknod semgrep shellcheck setpriv runuser stat"
    " ansible-playbook terraform bash sh chmod chown export alias unset pgrep pkill ps systemctl auditctl"
)
"""Who names a path without reading it, or whose paths are read elsewhere."""
_GUARDED: Final = re.compile(
    r"/proc/(?:\d{1,7}|\*)/(?:environ|mem|root/.+|cwd/.+|maps|fd/.+)$|(?:/var)?/run/secrets/\S+$|/host(?:fs)?/\S+$"
    r"|/etc/kubernetes/\S+$|/var/lib/kubelet/\S+$|/dev/(?:sd[a-z]|vd[a-z]|xvd[a-z]|nvme\d)\S*$"
    r"|(?:/var)?/run/(?:docker|containerd/containerd|crio/crio|podman/podman)\.sock$"
)
"""Whole paths beyond a box."""
_DOOR: Final = re.compile(r"([\w-]+(?:\.[\w-]+)*):(2375|2376|2379|10250|10255)")
"""A host with the port of an engine, an orchestrator's store or node."""
_GIVES_FILE: Final[Mapping[str, frozenset[str]]] = {
    "openssl": _set("-in -inkey -cert -key -CAfile"), "make": _set("-f --file"), "logger": _set("-f --file"),
    "docker": _set("--env-file"), "podman": _set("--env-file"), "bash": _set("--rcfile --init-file"),
    "date": _set("-f --file"), "ffmpeg": _set("-i"), "curl": _set("-K --config"), "ssh": _set("-F -i"),
    "tmux": _set("-S -f"), "git": _set("-C --git-dir --work-tree"),
}  # fmt: skip
"""Options whose value is a file that is read."""
_GIVEN_FILE: Final = re.compile(r"(?:^|=)(?:@|(?:file|fileb)://)(/[^\s,;]+)$")
"""A file whose content is the value: ``jwt=@/run/token``, ``file:///run/token``."""


def _test(args: Sequence[str], facts: Facts, cwd: str) -> None:
    for at, arg in enumerate(args[:-1]):
        if _TESTS.fullmatch(arg):
            facts.touch(args[at + 1], "look", cwd, program="test")


def _dd(args: Sequence[str], facts: Facts, cwd: str) -> None:
    for arg in args:
        name, _, value = arg.partition("=")
        if name in ("if", "of"):
            facts.touch(value, "read" if name == "if" else "write", cwd, program="dd")


def _find(args: Sequence[str], facts: Facts, cwd: str) -> None:
    for path in found_paths(args):
        facts.touch(path, "look", cwd, program="find")


def _ln(args: Sequence[str], facts: Facts, cwd: str) -> None:
    operands = parsed(args, _set("-t -S")).operands
    for operand in operands[-1:] if len(operands) > 1 else ():
        facts.touch(operand, "write", cwd, program="ln")


_OTHERS_TREE: Final = re.compile(r"/proc/[^/]+/(?:root|cwd)")


def _by_family(family: Family, program: str, found: Parsed, facts: Facts, cwd: str) -> None:
    operands = found.operands
    if family.skips and not found.has(*family.instead):
        operands = operands[family.skips :]
    if program in ("ls", "dir") and not found.has("-l", "-d", "-F"):
        # a link is followed where its own entry is not asked for
        operands = [f"{path}/" if _OTHERS_TREE.fullmatch(path) else path for path in operands]
    mode = family.mode
    if program == "sed" and any(name.startswith(("-i", "--in-place")) for name, _ in found.options):
        mode = "write"
    for at, operand in enumerate(operands):
        if "://" in operand and not operand.startswith("file://"):
            continue
        last = family.last is not None and at == len(operands) - 1 and len(operands) > 1
        facts.touch(operand, family.last if last and family.last else mode, cwd, program=program)
    for name, value in found.options:
        if name in family.writes:
            facts.touch(value, "write", cwd, program=program)
        elif name in family.reads:
            facts.touch(value, "read", cwd, program=program)
    if program in ("ls", "dir") and not found.operands:
        facts.touch(".", "look", cwd, program=program)
    if program in ("scp", "rsync", "ssh"):
        _copied_afar(program, operands, facts)


def _copied_afar(program: str, operands: Sequence[str], facts: Facts) -> None:
    for operand in operands:
        host, colon, path = operand.partition(":")
        if colon and "/" not in host:
            facts.add(Reach(host_of(host), 22, path, program=program))


def found_paths(args: Sequence[str]) -> list[str]:
    """What `find` looks for: where it begins, joined with the names it wants."""
    at = 0
    starts: list[str] = []
    while at < len(args) and args[at] in ("-L", "-H", "-P"):
        at += 1
    while at < len(args) and not args[at].startswith(("-", "(", "!", ")")):
        starts.append(args[at])
        at += 1
    found: list[str] = list(starts)
    rest = args[at:]
    for place, arg in enumerate(rest[:-1]):
        name = rest[place + 1]
        if place and rest[place - 1] in ("!", "-not"):
            continue
        if arg in ("-name", "-iname", "-lname"):
            for start in starts or ["."]:
                found += [f"{start.rstrip('/')}/*/{name}", f"{start.rstrip('/')}/{name}"]
        elif arg in ("-path", "-ipath", "-wholename"):
            found.append(name)
    return found[:64]


def _locate(args: Sequence[str], facts: Facts, cwd: str) -> None:
    for name in parsed(args, _set("-n -l -d --limit --database")).operands:
        facts.touch(
            name if name.startswith("/") else f"/*/{name.rpartition('/')[2]}",
            "look",
            program="locate",
        )


def _sysctl(args: Sequence[str], facts: Facts, cwd: str) -> None:
    writes = any(arg in ("-w", "--write") for arg in args)
    for arg in args:
        name, equals, value = arg.partition("=")
        if arg.startswith("-") or not name:
            continue
        path = "/proc/sys/" + name.strip().replace(".", "/")
        mode: Mode = "write" if writes or equals else "read"
        facts.touch(path, mode, content=value, program="sysctl")


def _rooted(args: Sequence[str], facts: Facts, cwd: str) -> None:
    """What is changed in the tree of another system, as ``useradd -R /mnt/other`` does."""
    for value in parsed(args, _ROOTS).values(*_ROOTS):
        facts.touch(value, "write", cwd)


_ROOTS: Final = _set("-R -P --root --prefix --sysroot")
_OWN: Final[Mapping[str, Callable[[Sequence[str], Facts, str], None]]] = {
    "test": _test,
    "[": _test,
    "[[": _test,
    "dd": _dd,
    "dcfldd": _dd,
    "find": _find,
    "ln": _ln,
    **dict.fromkeys(_set("locate plocate mlocate"), _locate),
    "sysctl": _sysctl,
    **dict.fromkeys(
        _set(
            "useradd usermod userdel groupadd passwd chpasswd chage systemctl systemd-tmpfiles dpkg rpm apk"
        ),
        _rooted,
    ),
}


def valued_of(program: str) -> Collection[str]:
    """The options of a program that take a value, where it is known."""
    family = FAMILIES.get(program)
    return family.valued if family is not None else ()
