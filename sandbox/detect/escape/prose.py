"""Whether a text is something to run or something to read, where nothing else says it."""

from __future__ import annotations

import json
import re
from typing import Final, Literal, TypeAlias

from sandbox.detect.escape.dockerfile import is_dockerfile
from sandbox.detect.escape.known_programs import PROGRAMS, TOOL

__all__ = ["Form", "call_of", "command_of", "form"]

Form: TypeAlias = Literal["shell", "python", "call", "manifest", "dockerfile", "prose"]

_WORD: Final = re.compile(r"[A-Za-z][a-z']*[,.;:!?]?$")
_SENTENCE: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "to",
        "of",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "you",
        "your",
        "we",
        "our",
        "my",
        "i",
        "he",
        "she",
        "they",
        "them",
        "with",
        "without",
        "should",
        "could",
        "would",
        "can",
        "may",
        "might",
        "will",
        "must",
        "not",
        "into",
        "from",
        "by",
        "for",
        "and",
        "or",
        "but",
        "if",
        "when",
        "where",
        "which",
        "who",
        "what",
        "why",
        "how",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "as",
        "at",
        "on",
        "in",
        "there",
        "here",
        "their",
        "his",
        "her",
        "me",
        "us",
        "than",
        "then",
        "so",
        "just",
        "about",
        "very",
    ]
)
_PROMPT: Final = re.compile(
    r"[`*>\s]*(?:[\w.-]+@[\w.-]+(?:[: ][^\s$#]*)?[/$#]|>\s)|<cmd>|^\s*(?:\*|- |\d+[.)] |[-=]{3})"
)
_PYTHON: Final = re.compile(
    r"(?:import \w|from [\w.]+ import |def \w+\(|class \w+|print\(|with open\(|for \w+ in .*:\s|(?:[A-Za-z_][\w.]*)\()"
)
_STRUCTURE: Final = re.compile(r"[|&;<>$`]|\s-{1,2}[A-Za-z]|[\w.-]*/[\w.-]")
_TRUNCATION: Final = re.compile(r">>?\s*/\S+\s*(?:$|[;&<|])")
_TO_FILE: Final = re.compile(r"\s[12&]?>>?\s*/[\w.-]+/|\|\s*(?:sudo\s+)?(?:tee|sh|bash|python3?)\b")
_TAGGED: Final = re.compile(
    r"<(tool_call|function_call|tool_use|tool|call|action)>\s*([{\[].*[}\]])\s*(?:</\1>)?",
    re.DOTALL,
)
"""A call between marks, as some models write it."""
_MANIFEST: Final = re.compile(r"(?:---\s*\n)?(?:apiVersion|kind|services|version)\s*:")
_FUNCTION: Final = re.compile(r"(?:function\s+)?[\w-]+\s*\(\s*\)\s*\{")
_QUOTED_PATH: Final = re.compile(r"['\"][\w./-]+['\"](?:\s|$)|\"\$\(")
_BACKSLASHED: Final = re.compile(r"(?:[A-Za-z]:|\.{1,2})((?:\\[\w.-]+)+)(?=\s|$)")
"""A program by its path, as another system writes it."""
_KEYWORDS: Final = frozenset(
    {"for", "in", "if", "do", "then", "while", "until", "not", "and", "or"}
)
_FIRST: Final = 2_000
"""Characters of the first line that decide."""

_CRON: Final = re.compile(r"(?:@reboot|(?:[\d*/,-]+\s+){5})\s*(?:root\s+)?(?=[a-z/.])")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_COMPOUND: Final = re.compile(r";|\b(?:then|do)$|\[|\bin\b.*;|^for \w+ in [^.,]*$|[|&({]")
_HEADS: Final = frozenset(
    {
        "if",
        "for",
        "while",
        "until",
        "case",
        "function",
        "select",
        "time",
        "coproc",
        "{",
        "(",
        "!",
        "[[",
        "[",
        "((",
    }
)


def form(text: str) -> Form:
    """Decide what a bare text is.

    A command begins with a program that is known, a path to one, an assignment or a compound; and
    it is no sentence: few words of speech, or marks that only a shell gives a sense.
    """
    text = _slashed(text.strip())
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        return "prose"
    first = lines[0].strip()[:_FIRST]
    return _by_shape(text, first) or ("shell" if _is_command(first) else "prose")


def _by_shape(text: str, first: str) -> Form | None:
    """What the first marks of a text decide by themselves."""
    if text[0] in "{[" and _is_json(text):
        return "call"
    if text[0] == "<" and (within := _TAGGED.fullmatch(text)) is not None and _is_json(within[2]):
        return "call"
    if _MANIFEST.match(text) and "\n" in text:
        return "manifest"
    if is_dockerfile(text):
        return "dockerfile"
    if _TRUNCATION.match(first) or _CRON.match(first) or _FUNCTION.match(first):
        return "shell"
    if _PROMPT.match(first):
        return "prose"
    if _PYTHON.match(first) and _is_python(text):
        return "python"
    if first[0] in "|`*_#\u2022\u2013\u2014\"\u201c\u201d'" and not _QUOTED_PATH.match(first):
        return "prose"
    return None


def _is_command(first: str) -> bool:
    words = first.split()
    if words[0] in _HEADS and _COMPOUND.search(first):
        return True
    begins = _begins(words[0], words)
    if begins and _TO_FILE.search(first):
        return True
    return (begins or _STRUCTURE.search(first) is not None) and not _is_sentence(first, words)


def _begins(head: str, words: list[str]) -> bool:
    if head in _HEADS or head.startswith(("(", "$(", "{", "<", ">")):
        return True
    if _ASSIGNMENT.match(head):
        return True
    bare = head.replace("'", "").replace('"', "").replace("\\", "").rstrip(";&|")
    bare = re.split(r"\$\{?IFS|[;|&<>{(]", bare)[0] or bare
    name = bare.rpartition("/")[2]
    if name in PROGRAMS or re.sub(r"[\d.]+$", "", name) in PROGRAMS or TOOL.fullmatch(name):
        return True
    if head.startswith(("./", "/", "~/", "../", "$")) and len(head) > 2:
        return True
    if re.fullmatch(r"[\w.-]+\.(?:sh|py|pl|rb|js|bin|elf|exe|out)", head):
        return True
    return bool(re.search(r"[$?*\[{]", bare)) and not bare.endswith(("?", "*"))


def _is_sentence(first: str, words: list[str]) -> bool:
    if len(words) < 3:
        return words[0][:1].isupper() and words[0].lower() in PROGRAMS and words[0] not in PROGRAMS
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", " q ", first).split()
    spoken = _SENTENCE if not re.search(r"[;|&]", first) else _SENTENCE - _KEYWORDS
    after = outside[1:] if words[0] in PROGRAMS else outside  # `which` is a program as well
    speech = sum(word.lower().strip(".,;:!?()") in spoken for word in after)
    plain = sum(_WORD.match(word) is not None for word in outside)
    if words[0][:1].isupper() and words[0] not in PROGRAMS and not _ASSIGNMENT.match(words[0]):
        return speech > 0 or plain > len(outside) // 2 or not _STRUCTURE.search(first)
    marks = len(_STRUCTURE.findall(" ".join(outside)))
    return (speech >= 2 and speech * 2 + plain > len(outside) + marks * 3) or (
        speech >= 1 and plain == len(outside) and len(outside) > 3
    )


def _slashed(text: str) -> str:
    """The same with slashes in the path of the program that it begins with."""
    if "\\" not in text[:4] or (match := _BACKSLASHED.match(text[:_FIRST])) is None:
        return text
    return "." + match[1].replace("\\", "/") + text[match.end() :]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_python(text: str) -> bool:
    from sandbox.detect.escape.python_code import parse_python

    return parse_python(text[:65_536]) is not None


def call_of(text: str) -> str:
    """The JSON of a call, without the marks around it."""
    match = _TAGGED.fullmatch(text.strip())
    return text if match is None else match[2]


def command_of(text: str) -> str:
    """The command in a line that a table of times or a notebook's mark stands before."""
    text = _slashed(text.strip())
    match = _CRON.match(text)
    if match is not None:
        return text[match.end() :]
    return text[1:] if re.match(r"![a-z/]", text) else text
