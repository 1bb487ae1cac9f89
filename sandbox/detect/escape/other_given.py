"""What code of other languages is given: its words, its surroundings and its input, put where it names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.other_names import GIVEN, STDIN, SURROUNDINGS
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["Given", "Token"]

_FROM_ZERO: Final = frozenset({"perl", "ruby", "deno", "crystal", "elixir"})
"""Languages whose first word has the number 0; elsewhere that is the program."""
_OPENS: Final = frozenset({"[", "{", "(", "."})
_CLOSES: Final = frozenset({"]", "}", ")"})
_WITHIN: Final = re.compile(
    r"(?:\$|#\{|\$\{)(?:process\.)?(?:ARGV|argv|ENV|env)(?:\[|\{|\.)[\"']?(\w+)[\"']?(?:\]|\})?\}?"
)


class Token:
    """A word of code. One of the kind ``known`` is a text that the code is given."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text


@dataclass(frozen=True, slots=True)
class Given:
    """What a program is started with."""

    language: str
    args: Sequence[str]
    variables: Mapping[str, list[str]]
    stdin: str

    def put(self, tokens: list[Token]) -> list[Token]:
        """The tokens, with what the code is given in place of its names."""
        found: list[Token] = []
        at = 0
        while at < len(tokens):
            known, size = self._known(tokens, at)
            found += known or tokens[at : at + 1]
            at += size if known else 1
        return found

    def within(self, text: str) -> str:
        """A text in which words and variables are filled in."""
        if "ARGV" not in text and "argv" not in text and "env" not in text and "ENV" not in text:
            return text
        return _WITHIN.sub(self._filled, text)

    def _filled(self, match: re.Match[str]) -> str:
        name = match[1]
        known = self._word(name) if name.isdecimal() else self._variable(name)
        return match[0] if known is None else known

    def _known(self, tokens: list[Token], at: int) -> tuple[list[Token], int]:
        token = tokens[at]
        if token.kind == "mark":
            return self._marked(tokens, at)
        if token.kind != "name":
            return [], 1
        name = token.text.lstrip("$@%").lower()
        if name in GIVEN and self.args:
            return self._words(tokens, at)
        head, _, key = token.text.lstrip("$@%").rpartition(".")
        if head.lower() in SURROUNDINGS and (value := self._variable(key)) is not None:
            return [Token("known", value)], 1
        if name.removesuffix(".get").removesuffix(".fetch").rpartition(".")[2] in SURROUNDINGS:
            return self._surroundings(tokens, at)
        if name == "shift" and self.language == "perl" and self.args:
            return [Token("known", self.args[0])], 1
        if name.rpartition(".")[2] in STDIN | {"stdin"} and self._has_input():
            return self._input(tokens, at, name)
        return [], 1

    def _marked(self, tokens: list[Token], at: int) -> tuple[list[Token], int]:
        words = [token.text for token in tokens[at : at + 3]]
        if not self._has_input():
            return [], 1
        if words[:2] == ["<", ">"]:
            return [Token("known", self.stdin)], 2
        if words[0] == "<" and words[2:] == [">"] and words[1].lstrip("$") == "STDIN":
            return [Token("known", self.stdin)], 3
        if (
            self.language.endswith("awk")
            and words[0] == "$"
            and len(words) > 1
            and ((number := decimal(words[1])) is not None)
        ):
            fields = self.stdin.split("\n", 1)[0].split()
            text = (
                self.stdin if number == 0 else fields[number - 1] if number <= len(fields) else ""
            )
            return [Token("known", text)], 2
        return [], 1

    def _words(self, tokens: list[Token], at: int) -> tuple[list[Token], int]:
        texts = [token.text for token in tokens[at + 1 : at + 4]]
        if len(texts) == 3 and texts[0] in _OPENS and texts[1].isdecimal() and texts[2] in _CLOSES:
            word = self._word(texts[1])
            return ([Token("known", word)], 4) if word is not None else ([], 1)
        found: list[Token] = []
        for word in self.args[:16]:
            found += [Token("mark", ","), Token("known", word)]
        return found[1:], 1

    def _word(self, number: str) -> str | None:
        if not self.args:
            return None
        at = (decimal(number) or 0) - (0 if self.language in _FROM_ZERO else 1)
        return self.args[at] if 0 <= at < len(self.args) else self.args[-1]

    def _surroundings(self, tokens: list[Token], at: int) -> tuple[list[Token], int]:
        texts = [token.text for token in tokens[at + 1 : at + 4]]
        if len(texts) < 3 or texts[0] not in _OPENS or texts[2] not in _CLOSES | {","}:
            return [], 1
        value = self._variable(texts[1].strip("'\""))
        return ([Token("known", value)], 4) if value is not None else ([], 1)

    def _input(self, tokens: list[Token], at: int, name: str) -> tuple[list[Token], int]:
        if not name.startswith("readfilesync") and not name.endswith(".readfilesync"):
            return [Token("known", self.stdin)], 1
        texts = [token.text.strip("'\"") for token in tokens[at + 1 : at + 3]]
        is_input = texts[:1] == ["("] and texts[1:] in (["0"], ["/dev/stdin"])
        return ([Token("known", self.stdin)], 4) if is_input else ([], 1)

    def _variable(self, name: str) -> str | None:
        values = self.variables.get(name)
        return values[0] if values and name not in ("PATH", "HOME", "SHELL") else None

    def _has_input(self) -> bool:
        return self.stdin.strip() not in ("", UNKNOWN)
