"""The seccomp filter that an engine is given for a supervised box: Docker's own, and the calls that ours asks about.

An engine's own filter denies those calls, and of two answers the kernel takes the stricter: nobody would be asked.
So here they pass, and it is right for a box alone whose every process has the shim's filter too.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Final

from sandbox.isolation.guest import cache_folder
from sandbox.isolation.syscalls import WATCHED

__all__ = ["engine_filter", "filter_file", "is_engine_filter"]

_MACHINES: Final = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
_PERSONALITIES: Final = (0x0, 0x8, 0x20000, 0x20008, 0xFFFF_FFFF)
"""Linux, Linux32, each with the old uname; and the question which it is."""

_ALLOWED: Final = """
    accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown
    clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2
    dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
    epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
    fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr
    flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue
    futex_wait futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64
    getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority
    getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
    getuid getxattr getxattrat inotify_add_watch inotify_rm_watch io_cancel io_destroy io_getevents
    io_setup io_submit ioctl ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset
    landlock_restrict_self lchown lgetxattr link linkat listen listxattr listxattrat llistxattr
    lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create mincore mkdir mkdirat mknod
    mknodat mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr mq_notify mq_open
    mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock
    munlockall munmap nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe
    pipe2 poll ppoll prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev
    pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg removexattr
    removexattrat rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
    sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg
    sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups
    setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt
    setuid setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socket
    socketpair splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill
    time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
    timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat
    utimes vfork wait4 waitid write writev
"""
"""What Docker's default profile allows a container without capabilities on 64 bits; not what ours denies to all, or
older versions of Docker or Podman deny: no box has more than it would have by its engine's own."""


@functools.cache
def engine_filter() -> str:
    """Write the filter for this machine in Docker's words: JSON. Everything it does not name is denied."""
    allowed = {*_ALLOWED.split(), *WATCHED}
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": [_MACHINES[os.uname().machine]],
        "syscalls": [
            {"names": sorted(allowed), "action": "SCMP_ACT_ALLOW", "args": []},
            # Denied as Docker's does it: C libraries then fall back to clone.
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "args": []},
            *(
                {
                    "names": ["personality"],
                    "action": "SCMP_ACT_ALLOW",
                    "args": [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}],
                }
                for value in _PERSONALITIES
            ),
        ],
    }
    return json.dumps(profile, separators=(",", ":"))


def filter_file() -> Path:
    """Write the filter to a file, for an engine that takes no other: it lies among what is built once."""
    text = engine_filter().encode()
    file = cache_folder() / f"seccomp-{hashlib.sha256(text).hexdigest()[:16]}.json"
    if not _holds(file):
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(text)
        draft.replace(file)
    return file


def is_engine_filter(option: str) -> bool:
    """Whether an option of a container is this filter, or names a file that holds it."""
    name, _, value = option.partition("=")
    return name == "seccomp" and (value == engine_filter() or _holds(Path(value)))


def _holds(file: Path) -> bool:
    try:
        return file.read_text(encoding="utf-8") == engine_filter()
    except (OSError, ValueError):
        return False
