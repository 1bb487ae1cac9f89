"""Where keys are kept: ``keys.toml``, which only we may read, and the system's keyring."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import tomllib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sandbox.errors import KeyRefused
from sandbox.models.config import config_folder
from sandbox.models.keys import VARIABLES, Key

__all__ = [
    "KeyFile",
    "file_path",
    "from_file",
    "from_keyring",
    "read_key_file",
    "remove_from_file",
    "remove_from_keyring",
    "set_in_file",
    "set_in_keyring",
]

SERVICE: Final = "backrooms"
"""The name under which the system's keyring keeps our keys."""

KeyFile = dict[str, dict[str, object]]
"""By provider: ``key``, and ``may_go_to``, a list of addresses."""

_HEAD: Final = """\
# Keys of model makers. Only you may read this file (mode 0600).
# `may_go_to` lists other servers that a key may be sent to: may_go_to = ["https://proxy.example"]
"""


def file_path() -> Path:
    """Where ``keys.toml`` lies."""
    return config_folder() / "keys.toml"


def read_key_file() -> KeyFile:
    """Everything in ``keys.toml``; empty where there is none.

    Raises:
        KeyRefused: others can read or write it, it is not ours, or it is wrong. No message quotes it.
    """
    path = file_path()
    try:
        with path.open("rb") as file:
            _check_ours(path, os.fstat(file.fileno()))
            found = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise KeyRefused(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's message may quote what stands there.
        raise KeyRefused(
            f"{path} is no TOML. Set the key again: backrooms models key set PROVIDER"
        ) from None
    for provider, entry in found.items():
        _check_entry(path, provider, entry)
    return found


def _check_ours(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyRefused(f"{path} is no plain file")
    if found.st_uid != os.geteuid():
        raise KeyRefused(f"{path} belongs to uid {found.st_uid}, not to us: chown it, or remove it")
    if found.st_mode & 0o077:
        raise KeyRefused(
            f"{path} can be read or written by others (mode {found.st_mode & 0o777:04o}). "
            f"Run: chmod 600 {path}"
        )


def _check_entry(path: Path, provider: str, entry: object) -> None:
    if provider not in VARIABLES:
        raise KeyRefused(
            f"{path}: {provider!r:.60} is no provider with a key: there are {', '.join(VARIABLES)}"
        )
    if not isinstance(entry, dict) or not entry.keys() <= {"key", "may_go_to"}:
        raise KeyRefused(f"{path}: {provider} is to be a table of 'key' and 'may_go_to'")
    if not isinstance(entry.get("key", ""), str):
        raise KeyRefused(f"{path}: {provider}.key is to be a text")
    places = entry.get("may_go_to", [])
    if not isinstance(places, list) or not all(isinstance(each, str) for each in places):
        raise KeyRefused(f"{path}: {provider}.may_go_to is to be a list of addresses")


def from_file(provider: str) -> Key | None:
    """The key in ``keys.toml``. Raises KeyRefused as ``read_key_file`` does."""
    secret = read_key_file().get(provider, {}).get("key")
    return Key(str(secret), provider, str(file_path())) if secret else None


def set_in_file(key: Key) -> None:
    """Keep a key in ``keys.toml``; whatever else is in there stays. Raises KeyRefused."""
    kept = read_key_file()
    kept.setdefault(key.provider, {})["key"] = key.reveal()
    _write(kept)


def remove_from_file(provider: str) -> bool:
    """Take a key out of ``keys.toml``; whether there was one. Raises KeyRefused."""
    kept = read_key_file()
    if kept.get(provider, {}).pop("key", None) is None:
        return False
    _write({name: entry for name, entry in kept.items() if entry})
    return True


def _write(kept: KeyFile) -> None:
    path = file_path()
    lines = [_HEAD]
    for provider, entry in kept.items():
        lines.append(f"[{provider}]\n")
        # A text of JSON is one of TOML too, but for DEL, which neither a key nor an address has.
        lines += [f"{name} = {json.dumps(value)}\n" for name, value in entry.items()]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # 0600 from birth
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise KeyRefused(f"{path} cannot be written: {error.strerror}") from None


def from_keyring(provider: str) -> Key | None:
    """The key in the system's keyring; None where there is no keyring, or no package for it.

    Raises:
        KeyRefused: there is a keyring and it does not open.
    """
    if find_spec("keyring") is None:
        return None
    import keyring  # 0.1 s, and it may talk to the desktop
    from keyring.errors import KeyringError, NoKeyringError

    try:
        secret = keyring.get_password(SERVICE, provider)
    except NoKeyringError:
        return None
    except KeyringError as error:
        raise KeyRefused(
            f"the system's keyring does not open ({type(error).__name__}). Unlock it, or set "
            f"{VARIABLES[provider]}"
        ) from None
    return Key(secret, provider, "the system's keyring") if secret else None


def set_in_keyring(key: Key) -> None:
    """Keep a key in the system's keyring. Raises KeyRefused where that cannot be had."""
    if find_spec("keyring") is None:
        raise KeyRefused(
            "the system's keyring needs a package. Install the extra 'keys': pip install 'backrooms[keys]'"
        )
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, key.provider, key.reveal())
    except KeyringError as error:
        raise KeyRefused(
            f"the system's keyring does not take the key ({type(error).__name__}). "
            "Leave --keyring out, and it is kept in a file that only you can read"
        ) from None


def remove_from_keyring(provider: str) -> bool:
    """Take a key out of the system's keyring; whether there was one. Raises KeyRefused."""
    if from_keyring(provider) is None:
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, provider)
    except KeyringError as error:
        raise KeyRefused(
            f"the system's keyring does not give the key up ({type(error).__name__})"
        ) from None
    return True
