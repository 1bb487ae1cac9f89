"""``backrooms models key``: keep a maker's key where only its owner can read it, or remove it."""

from __future__ import annotations

import argparse
import sys

__all__ = ["main"]


def main(args: argparse.Namespace) -> int:
    """Keep or remove the key of ``args.provider``; errors are raised, and no message holds a key."""
    if args.doing == "set":
        return _set(args.provider, keyring=args.keyring)
    return _remove(args.provider)


def _set(provider: str, *, keyring: bool) -> int:
    from sandbox.models.key_store import file_path, set_in_file, set_in_keyring
    from sandbox.models.keys import Key, key_for

    key = Key(_read(provider), provider, "what you typed" if sys.stdin.isatty() else "stdin")
    if keyring:
        set_in_keyring(key)
        kept = "the system's keyring"
    else:
        set_in_file(key)
        kept = str(file_path())
    print(f"The key of {provider} is kept in {kept}.")
    used = key_for(provider)
    if used is not None and used.source != kept:
        print(f"But the one from {used.source} goes before it.", file=sys.stderr)
    return 0


def _read(provider: str) -> str:
    """From a terminal without echo, else the first line of standard input."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"Key of {provider} (it is not shown): ")
    return sys.stdin.readline()


def _remove(provider: str) -> int:
    from sandbox.models.key_store import file_path, remove_from_file, remove_from_keyring
    from sandbox.models.keys import VARIABLES, key_for

    places = []
    if remove_from_file(provider):
        places.append(str(file_path()))
    if remove_from_keyring(provider):
        places.append("the system's keyring")
    if places:
        print(f"The key of {provider} is removed from {' and '.join(places)}.")
    else:
        print(f"No key of {provider} was kept.")
    if key_for(provider) is not None:
        print(
            f"{VARIABLES[provider]} is still set in the environment and is used.", file=sys.stderr
        )
    return 0 if places else 1
