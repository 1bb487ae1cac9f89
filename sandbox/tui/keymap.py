"""The reader's own keys: ``[keys]`` of the configuration file, and what is wrong with it, a line each."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from textual.keys import Keys as KeyNames

from sandbox.console.fields import clause

__all__ = ["Keys", "config_file", "read_keys", "wrong_keys"]

_MODIFIERS: Final = re.compile(r"^((ctrl|alt|shift|super)\+)*")
_NAMES: Final = frozenset(key.value for key in KeyNames)
_SIGNS: Final = frozenset(
    unicodedata.name(chr(code)).lower().replace(" ", "_").replace("-", "_")
    for code in range(0x21, 0x7F)
)
"""Textual's names of printable characters: ``question_mark``."""
_PLACE: Final = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by the id of their binding, as they may be given to Textual, and what is wrong."""

    file: Path
    keys: Mapping[str, str]
    lines: Mapping[str, int]
    """Where each stands in the file."""
    wrong: tuple[str, ...] = ()

    def say(self, binding: str, what: str) -> str:
        """Say what is wrong with one line of the file."""
        key = clause(self.keys[binding])
        return f'{self.file}:{self.lines[binding]}: "{clause(binding)}" = "{key}": {what}'


def config_file(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the reader's own file is: ``$XDG_CONFIG_HOME/backrooms/app.toml``."""
    environ = os.environ if environ is None else environ
    home = environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".config"
    return base / "backrooms" / "app.toml"


def read_keys(file: Path) -> Keys:
    """Read the file; there are no keys if there is no file, or if it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return Keys(file, {}, {})
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return Keys(file, {}, {}, (f"{file} cannot be read: {why}.",))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = f":{place[1]}" if place and place[1] else ""
        what = clause(_PLACE.sub("", str(error)).strip())
        wrong = f"{file}{line}: this is no TOML: {what}. No key was changed."
        return Keys(file, {}, {}, (wrong,))
    lines = {name: _line(text, name) for name in _names(tables)}
    faults = [
        f"{file}:{lines[name]}: '{clause(name)}' is unknown here; [keys] is what there is."
        for name in tables
        if name != "keys"
    ]
    keys = tables.get("keys", {})
    if not isinstance(keys, dict):
        faults.append(f"{file}:{lines['keys']}: keys is a table: [keys].")
        keys = {}
    good = {}
    for name, value in keys.items():
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else [""]
        if all(map(_is_key, parts)):
            good[name] = ",".join(parts)
        else:
            faults.append(
                f'{file}:{lines[name]}: "{clause(name)}" = {_quoted(value)}: this is no key.'
                " Keys are written like p, P, f5, ctrl+p, question_mark."
            )
    return Keys(file, good, lines, tuple(faults))


def wrong_keys(keys: Keys, scopes: Iterable[Mapping[str, Sequence[str]]]) -> list[str]:
    """Say what is wrong with keys that could be read, a line each.

    Args:
        keys: as they were read.
        scopes: of each page, and each pane, the keys of every binding by its id.
    """
    scopes = list(scopes)
    known = sorted({binding for scope in scopes for binding in scope})
    wrong: dict[str, None] = {}
    for binding in keys.keys:
        if binding not in known:
            near = get_close_matches(binding, known, 1)
            hint = f' Did you mean "{near[0]}"?' if near else " F1 shows the ids."
            wrong[keys.say(binding, f"there is no such binding.{hint}")] = None
    for scope in scopes:
        taken: dict[str, str] = {}
        for binding, usual in sorted(scope.items(), key=lambda item: item[0] in keys.keys):
            own = keys.keys.get(binding)
            for key in usual if own is None else own.split(","):
                other = taken.setdefault(key, binding)
                if other != binding and binding in keys.keys:
                    wrong[keys.say(binding, f'"{key}" is "{other}" on the same page.')] = None
    return [*wrong]


def _is_key(written: str) -> bool:
    bare = _MODIFIERS.sub("", written)
    one = len(bare) == 1 and bare.isprintable() and not bare.isspace()
    return one or bare in _NAMES or written in _NAMES or bare in _SIGNS


def _names(tables: Mapping[str, object]) -> list[str]:
    keys = tables.get("keys")
    return [*tables, *(keys if isinstance(keys, dict) else ())]


def _line(text: str, name: str) -> int:
    """The line on which a name is given a value, or a table its name."""
    written = re.compile(rf"""^\s*(\[\s*)?["']?{re.escape(name)}["']?\s*(=|\])""")
    for number, line in enumerate(text.splitlines(), 1):
        if written.search(line):
            return number
    return 1


def _quoted(value: object) -> str:
    return f'"{clause(value)}"' if isinstance(value, str) else clause(value)
