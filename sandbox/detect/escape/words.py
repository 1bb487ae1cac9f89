"""Words of a shell as they are after all its expansions, with what is not known left open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import translate
from typing import Final

from sandbox.detect.escape.budget import Budget
from sandbox.detect.escape.shell_quotes import escapes
from sandbox.detect.escape.shell_reader import read_word
from sandbox.detect.escape.shell_tree import Arithmetic, Literal, Part, Script, Variable, Word
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["Words", "hidden", "shown", "split_by"]

# Quoted characters that would mean something unquoted travel as private ones.
_SPECIAL: Final = "*?[]{}, \t\n~"
_HIDE: Final = {ord(c): 0xE010 + n for n, c in enumerate(_SPECIAL)}
_SHOW: Final = {0xE010 + n: c for n, c in enumerate(_SPECIAL)}
_FROM_VARIABLE: Final = {ord(c): 0xE010 + _SPECIAL.index(c) for c in "{},~"}

_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}|\{(-?\d{1,4})\.\.(-?\d{1,4})\}|\{(\w)\.\.(\w)\}")
_TELLING: Final = re.compile(r"KUBERNETES_|container$|ECS_|AWS_(?:SECRET|SESSION|CONTAINER)")
_MOST: Final = 256
"""Words that one word may become."""


def hidden(text: str) -> str:
    """Take a text as quoted."""
    return text.translate(_HIDE)


def shown(text: str) -> str:
    """The characters themselves again."""
    return text.translate(_SHOW)


def split_by(separators: str, text: str) -> list[str]:
    """Split a text at the characters of IFS."""
    if separators == " \t\n":
        return text.split()
    if not separators:
        return [text] if text else []
    return [piece for piece in re.split(f"[{re.escape(separators[:16])}]", text) if piece]


class Words:
    """Expands words with the variables of one shell."""

    def __init__(
        self, budget: Budget, run: Callable[[Script, str], str], variables: dict[str, list[str]]
    ) -> None:
        """``run(script, mark)`` is what a substitution becomes."""
        self._budget = budget
        self._run = run
        self.variables = variables
        self.references: dict[str, str] = {}
        """Names that stand for other names (``declare -n``)."""
        self.asked: set[str] = set()
        """Variables of the surroundings that were used, of those that tell where this is."""

    def one(self, word: Word) -> str:
        """Expand a word that stays one: an assignment's value, a here-document, a redirect's target."""
        return shown(self._raw(word, quoted=True))

    def many(self, words: Iterable[Word]) -> list[str]:
        """Expand words as a command's: braces, splitting; patterns of file names stay as they are."""
        return [field for field, _ in self.marked(words)]

    def marked(self, words: Iterable[Word]) -> list[tuple[str, bool]]:
        """The same, and whether each is a pattern of file names."""
        found: list[tuple[str, bool]] = []
        for word in words:
            if len(word) == 1 and isinstance(word[0], Literal):
                part = word[0]
                if part.quoted or not any(mark in part.text for mark in "{*?[~"):
                    found.append((part.text, False))
                    continue
            self._budget.step()
            found += self._fields(word)
            if len(found) > _MOST * 16:
                break
        return found

    def _fields(self, word: Word) -> Iterator[tuple[str, bool]]:
        if (
            len(word) == 1
            and isinstance(word[0], Variable)
            and word[0].quoted
            and not word[0].operator
        ):
            name, _, index = word[0].name.partition("[")
            if (name == "@" or index == "@]") and name in self.variables:
                for value in self.variables[name][:_MOST]:
                    yield value, False
                return
        raw = self._raw(word, quoted=False)
        self._budget.take(len(raw))
        if raw.startswith("~") and (raw == "~" or raw[1] in "/+"):
            raw = "/home/agent" + raw[1:].lstrip("+")
        fields = self._split(raw) if any(not isinstance(part, Literal) for part in word) else [raw]
        if not fields and any(isinstance(part, Literal) and part.quoted for part in word):
            fields = [""]
        for field in fields:
            for each in _braced(field):
                yield shown(each), any(mark in each for mark in "*?[")

    def _split(self, text: str) -> list[str]:
        separators = self.variables.get("IFS", [" \t\n"])[0]
        return split_by(
            separators, text.translate({_HIDE[ord(c)]: c for c in separators if c in "{},~"})
        )

    def _raw(self, word: Word, *, quoted: bool) -> str:
        return "".join(self._part(part, quoted=quoted) for part in word)

    def _part(self, part: Part, *, quoted: bool) -> str:
        if isinstance(part, Literal):
            return part.text.translate(_HIDE) if part.quoted or quoted else part.text
        if isinstance(part, Arithmetic):
            return self._sum(part.text)
        value = (
            self.value(part) if isinstance(part, Variable) else self._run(part.script, part.mark)
        )
        self._budget.take(len(value))
        return value.translate(_HIDE if quoted or part.quoted else _FROM_VARIABLE)

    def value(self, variable: Variable) -> str:
        """What a variable's expansion becomes."""
        name, operator = variable.name, variable.operator
        if name.startswith("#") and len(name) > 1:
            value = self._get(name[1:])
            return UNKNOWN if value is None else str(len(value))
        if name.startswith("!"):
            inner = self._get(name[1:])
            return self._get(inner) or "" if inner and inner.isidentifier() else UNKNOWN
        value = self._get(name)
        if not operator:
            return value if value is not None else UNKNOWN
        return self._operated(name, value, operator, variable.operand)

    def _operated(self, name: str, value: str | None, operator: str, operand: str) -> str:
        kind = operator.lstrip(":")
        if kind in ("-", "=", "+", "?") and operator != ":":
            if value is None and kind in ("-", "="):
                value = self._word(operand)
                if kind == "=":
                    self.variables[name] = [value]
                return value
            return self._word(operand) if kind == "+" else value if value is not None else UNKNOWN
        if value is None:
            return UNKNOWN
        match operator:
            case ":":
                return self._slice(value, operand)
            case "@":
                return escapes(value) if operand == "E" else self._word(value)
            case "^" | "^^":
                return value.upper() if operator == "^^" else value[:1].upper() + value[1:]
            case "," | ",,":
                return value.lower() if operator == ",," else value[:1].lower() + value[1:]
            case "#" | "##" | "%" | "%%":
                return _trimmed(value, operator, self._word(operand))
            case "/" | "//":
                old, _, new = operand.partition("/")
                pattern = _pattern(self._word(old), greedy=True)
                return pattern.sub(lambda _: self._word(new), value, 0 if operator == "//" else 1)
            case _:
                return value

    def _slice(self, value: str, operand: str) -> str:
        start, _, length = (self._word(operand)).partition(":")
        try:
            first = int(start or "0")
            size = int(length) if length.strip() else len(value)
        except ValueError:
            return UNKNOWN
        first = first if first >= 0 else max(0, len(value) + first)
        return value[first : first + size] if size >= 0 else value[first:size]

    def _word(self, text: str) -> str:
        self._budget.step()
        if not any(mark in text for mark in "$`\\'\""):
            return text
        return shown(self._raw(read_word(text.strip("'\"")), quoted=True))

    def _get(self, name: str) -> str | None:
        name, _, index = name.partition("[")
        if _TELLING.match(name):
            self.asked.add(name)
        name = self.references.get(name, name)
        values = self.variables.get(f"{name}[{index}" if index else name, self.variables.get(name))
        if values is None:
            return "" if name in ("@", "*") or name.isdigit() else None
        index = index.rstrip("]")
        if index == "*" or name == "*":
            return self.variables.get("IFS", [" "])[0][:1].join(values)
        if index == "@" or name == "@":
            return " ".join(values)
        if index:
            position = self._get(index) if not index.lstrip("-").isdigit() else index
            at = int(position) if position and re.fullmatch(r"-?\d{1,4}", position) else 0
            return values[at] if -len(values) <= at < len(values) else ""
        return values[0] if values else ""

    def _sum(self, text: str) -> str:
        filled = re.sub(r"\$?\b([A-Za-z_]\w*)\b", lambda m: self._get(m[1]) or "x", text)
        plain = re.fullmatch(r"\s*(\d{1,9})\s*(?:([-+*])\s*(\d{1,9}))?\s*", filled)
        if plain is None:
            return UNKNOWN
        left, sign, right = int(plain[1]), plain[2], int(plain[3] or 0)
        return str(left + right if sign == "+" else left - right if sign == "-" else left * right
                   if sign else left)  # fmt: skip


def _braced(field: str) -> Sequence[str]:
    if "{" not in field:
        return [field]
    done: list[str] = []
    todo = [field]
    while todo and len(done) + len(todo) <= _MOST:
        each = todo.pop()
        match = _BRACES.search(each)
        if match is None:
            done.append(each)
            continue
        head, tail = each[: match.start()], each[match.end() :]
        todo += [head + choice + tail for choice in reversed(_choices(match))]
    return (done + todo)[:_MOST]


def _choices(match: re.Match[str]) -> list[str]:
    if match[1] is not None:
        return match[1].split(",")
    first, last = (
        (int(match[2]), int(match[3])) if match[2] is not None else (ord(match[4]), ord(match[5]))
    )
    step = 1 if first <= last else -1
    numbers = list(range(first, last + step, step))[:_MOST]
    return [str(n) if match[2] is not None else chr(n) for n in numbers]


def _pattern(glob: str, *, greedy: bool) -> re.Pattern[str]:
    """A shell's pattern as a regular expression; few stars, so that it cannot run away."""
    if glob.count("*") > 3 or len(glob) > 100:
        return re.compile(re.escape(glob))
    inside = translate(glob).removeprefix("(?s:").removesuffix(")\\Z").removesuffix(")\\z")
    return re.compile(inside if greedy else inside.replace(".*", ".*?"), re.DOTALL)


def _trimmed(value: str, operator: str, glob: str) -> str:
    value = value[:4_096]
    pattern = _pattern(glob, greedy=len(operator) == 2)
    if operator[0] == "#":
        match = pattern.match(value)
        return value[match.end() :] if match else value
    ends = range(len(value) + 1) if len(operator) == 2 else range(len(value), -1, -1)
    for start in list(ends)[:512]:
        if pattern.fullmatch(value, start):
            return value[:start]
    return value
