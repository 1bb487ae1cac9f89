"""YAML configuration files of other systems: what lies beside a transcript, or was given in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import mapping
from sandbox.transcript.formats.foreign import Source

__all__ = ["beside", "is_yaml", "parsed"]

_LARGEST: Final = 1 << 18
_ENDINGS: Final = (".yaml", ".yml", ".yaml.txt", ".yml.txt")


def is_yaml(name: str) -> bool:
    """Whether a file is YAML by its name."""
    return name.lower().endswith(_ENDINGS)


def parsed(data: bytes) -> Mapping[str, Any]:
    """Parse a configuration: every scalar is text. Empty for what is no YAML mapping, or too large for one.

    Aliases make one value stand in many places; take single fields from the result, never walk it.
    """
    if len(data) > _LARGEST:
        return {}
    from ruamel.yaml import YAML  # 20 ms
    from ruamel.yaml.error import YAMLError

    try:
        return mapping(YAML(typ="base", pure=True).load(data.decode("utf-8", "replace")))
    except (YAMLError, RecursionError, TypeError, ValueError):
        return {}


def beside(source: Source, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the configurations of a file's folder that have a top-level key, by name."""
    for name in sorted(filter(is_yaml, source.beside)):
        if key in (config := parsed(source.beside.get(name, b""))):
            yield name, config
