"""A reader of shell scripts that never fails: what no shell would take is read as far as it goes.

It knows the grammar of bash: quoting, expansions, here-documents, pipelines, compounds. It is
linear in the text; what is nested deeper than ``DEPTH`` is read as plain characters.
"""

from __future__ import annotations

import re
from typing import Final

from sandbox.detect.escape.shell_quotes import ansi_c, backticked
from sandbox.detect.escape.shell_tree import (
    Arithmetic,
    Assignment,
    Command,
    Coprocess,
    Function,
    Group,
    Literal,
    Loop,
    Node,
    Part,
    Pipeline,
    Redirect,
    Script,
    Substitution,
    Variable,
    Word,
)

__all__ = ["DEPTH", "read_shell", "read_word"]

DEPTH: Final = 24
"""Levels of nesting; each costs some frames of Python's own stack."""

_BLANK: Final = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN: Final = re.compile(r"[^\s|&;()<>\"'`$\\#]+")
_QUOTED: Final = re.compile(r"[^\"`$\\]+")
_HERE: Final = re.compile(r"[^`$\\]+")
_REDIRECT: Final = re.compile(
    r"(\d{1,3}|\{\w+\})?(<<<|<<-|<<|<>|<&|>&|>>|>\||&>>|&>|<(?!\()|>(?!\())"
)
_ASSIGN: Final = re.compile(r"([A-Za-z_]\w*)(?:\[([^]\s]{0,40})\])?(\+?)=")
_NAME: Final = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED: Final = re.compile(r"\{([#!]?[A-Za-z_]\w*|[#!]?[0-9@*?$!-]|#)(\[[^]}]{0,40}\])?")
_ARITHMETIC: Final = re.compile(r"\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)")
_FUNCTION: Final = re.compile(
    r"(?:function[ \t]+)?([\w.:-]+)[ \t]*\([ \t]*\)\s*(?=[{(]|if|for|while)"
)
_FUNCTION_WORD: Final = re.compile(r"function[ \t]+([\w.:-]+)\s*(?=[{(])")
_FOR: Final = re.compile(r"(?:for|select)[ \t]+([A-Za-z_]\w*)\s*(?:in(?=[\s;]))?")
_RESERVED: Final = re.compile(
    r"(if|then|elif|else|fi|while|until|do|done|for|select|case|esac|time|coproc|\{|\}|!)(?=[\s;&|()<>]|$)"
)
_COPROCESS: Final = re.compile(r"(?:([A-Za-z_]\w*)[ \t]+(?=[{(]))?")
_DECLARES: Final = frozenset({"declare", "typeset", "local", "readonly", "export"})
_SKIPPED: Final = frozenset({"then", "elif", "else", "do", "time", "!"})
_OPENS: Final = {"if": "fi", "while": "done", "until": "done", "{": "}"}
_STRAY: Final = frozenset({"fi", "done", "esac", "}"})
_END_OF_CASE: Final = (";;&", ";;", ";&")


def read_shell(text: str) -> Script:
    """Read a script."""
    reader = _Reader(text)
    found: list[Pipeline] = []
    while reader.at < len(text):
        found += reader.script(frozenset())
        reader.at += 1  # a closing mark that nothing opened
    return tuple(found)


def read_word(text: str) -> Word:
    """Read a text as the inside of double quotes, as bodies of here-documents are."""
    return tuple(_Reader(text).quoted(""))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self._depth = 0
        self._pending: list[tuple[Redirect, str, bool, bool]] = []

    # Lists and pipelines

    def script(self, closers: frozenset[str]) -> list[Pipeline]:
        """Read pipelines up to a closer, which is left to be read."""
        found: list[Pipeline] = []
        while True:
            self._skip(newlines=True)
            if self.at >= len(self._text) or self._closes(closers):
                return found
            if self._text[self.at] in ";&|":
                if "esac" in closers and self._text.startswith(_END_OF_CASE, self.at):
                    return found
                self.at += 1
                continue
            before = self.at
            pipeline = self._pipeline(closers)
            if pipeline:
                found.append(pipeline)
            elif self.at == before:
                return found  # a closing bracket that belongs to somebody else

    def _closes(self, closers: frozenset[str]) -> bool:
        if self._text[self.at] == ")":
            return True
        word = _RESERVED.match(self._text, self.at)
        return word is not None and word[1] in closers

    def _pipeline(self, closers: frozenset[str]) -> Pipeline:
        nodes: list[Node] = []
        while True:
            node = self._node(closers)
            if node is not None:
                nodes.append(node)
            self._skip()
            text, at = self._text, self.at
            if text.startswith("|", at) and not text.startswith("||", at):
                self.at += 2 if text.startswith("|&", at) else 1
                self._skip(newlines=True)
                continue
            return tuple(nodes)

    def _node(self, closers: frozenset[str]) -> Node | None:
        while (word := _RESERVED.match(self._text, self.at)) is not None:
            name = word[1]
            if name in closers:
                return None
            if name not in _SKIPPED and name not in _STRAY:
                break
            self.at = word.end()
            self._skip(newlines=True)
        if self._depth >= DEPTH:
            return self._command()
        function = _FUNCTION.match(self._text, self.at) or _FUNCTION_WORD.match(self._text, self.at)
        if function is not None:
            return self._function(function)
        if word is not None:
            return self._compound(word[1], word.end())
        if self._text.startswith("((", self.at) and (sums := self._sums(self.at)):
            self.at += sums.end()
            return None
        if self._text.startswith("(", self.at):
            self.at += 1
            inner = self._nested(frozenset())
            self._take(")")
            return Group(inner, self._redirects(), is_subshell=True)
        return self._command()

    def _function(self, match: re.Match[str]) -> Node:
        self.at = match.end()
        self._depth += 1
        body = self._node(frozenset())
        self._depth -= 1
        return Function(match[1], ((body,),) if body is not None else ())

    def _coprocess(self) -> Node:
        self._skip()
        match = _COPROCESS.match(self._text, self.at)
        name = match[1] if match is not None and match[1] else ""
        self.at = match.end() if match is not None else self.at
        self._depth += 1
        body = self._node(frozenset())
        self._depth -= 1
        return Coprocess(name or "COPROC", ((body,),) if body is not None else ())

    def _compound(self, name: str, end: int) -> Node:
        if name in ("for", "select"):
            return self._for(end)
        self.at = end
        if name == "coproc":
            return self._coprocess()
        if name == "case":
            return self._case()
        closer = _OPENS[name]
        inner = self._nested(frozenset({closer}))
        self._close(closer)
        return Group(inner, self._redirects())

    def _for(self, end: int) -> Node:
        match = _FOR.match(self._text, self.at)
        if match is None:  # for ((;;))
            self.at = end
            name, words = "", []
        else:
            self.at = match.end()
            name, words = match[1], self._words_of_line()
        inner = self._nested(frozenset({"done"}))
        self._close("done")
        return Loop(name, tuple(words), inner, self._redirects())

    def _case(self) -> Node:
        self._words_of_line(stop="in")
        found: list[Pipeline] = []
        self._depth += 1
        while self.at < len(self._text):
            self._skip(newlines=True)
            before = self.at
            if before >= len(self._text) or self._closes(frozenset({"esac"})):
                break
            end = self._text.find(")", self.at, self.at + 500)
            if end < 0:
                break
            self.at = end + 1
            found += self.script(frozenset({"esac"}))
            while self.at < len(self._text) and self._text[self.at] in ";&":
                self.at += 1
            if self.at <= before:
                break
        self._depth -= 1
        self._close("esac")
        return Group(tuple(found), self._redirects())

    def _nested(self, closers: frozenset[str]) -> Script:
        self._depth += 1
        inner = self.script(closers)
        self._depth -= 1
        return tuple(inner)

    def _close(self, closer: str) -> None:
        word = _RESERVED.match(self._text, self.at)
        if word is not None and word[1] == closer:
            self.at = word.end()

    def _take(self, mark: str) -> None:
        if self._text.startswith(mark, self.at):
            self.at += len(mark)

    # Simple commands

    def _command(self) -> Command | None:
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        start = self.at
        while True:
            self._skip()
            if self._redirect(redirects):
                continue
            if not words and (match := _ASSIGN.match(self._text, self.at)) is not None:
                assignments.append(self._assignment(match))
                continue
            if words and (match := self._array_behind(words[0])) is not None:
                assignments.append(self._assignment(match))
                continue
            word = self._word()
            if word is None:
                break
            words.append(word)
        if self.at == start and self._text.startswith("(", start):
            self.at += 1  # deeper than is read, or no shell's syntax
        if not (assignments or words or redirects):
            return None
        return Command(tuple(assignments), tuple(words), tuple(redirects))

    def _array_behind(self, first: Word) -> re.Match[str] | None:
        """``declare -A name=(...)``: an assignment behind the word that declares it."""
        part = first[0] if len(first) == 1 else None
        if not isinstance(part, Literal) or part.text not in _DECLARES:
            return None
        match = _ASSIGN.match(self._text, self.at)
        return match if match is not None and self._text.startswith("(", match.end()) else None

    def _assignment(self, match: re.Match[str]) -> Assignment:
        self.at = match.end()
        appends = bool(match[3])
        if not self._text.startswith("(", self.at):
            return Assignment(match[1], (self._word() or (),), appends, index=match[2] or "")
        self.at += 1
        values: list[Word] = []
        while True:
            self._skip(newlines=True)
            word = self._word()
            if word is None:
                break
            values.append(word)
        self._take(")")
        return Assignment(match[1], tuple(values), appends, is_array=True)

    def _words_of_line(self, stop: str = "") -> list[Word]:
        words: list[Word] = []
        while True:
            self._skip()
            word = self._word()
            if word is None or (stop and word == (Literal(stop),)):
                return words
            words.append(word)

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        self._skip()
        while self._redirect(found):
            self._skip()
        return tuple(found)

    def _redirect(self, into: list[Redirect]) -> bool:
        match = _REDIRECT.match(self._text, self.at)
        if match is None:
            return False
        self.at = match.end()
        fd, operator = match[1] or "", match[2]
        self._skip()
        if operator in ("<<", "<<-"):
            start = self.at
            delimiter = self._word() or ()
            raw = self._text[start : self.at]
            name = "".join(part.text for part in delimiter if isinstance(part, Literal))
            plain = not any(mark in raw for mark in "'\"\\")
            into.append(Redirect("<<", (), fd))
            self._pending.append((into[-1], name, operator == "<<-", plain))
        else:
            into.append(Redirect(operator, self._word() or (), fd))
        return True

    def _bodies(self) -> None:
        """Read the here-documents that begin with the line that begins now."""
        pending, self._pending = self._pending, []
        for redirect, name, strips, expands in pending:
            end = re.compile(
                rf"^{chr(9) + '*' if strips else ''}{re.escape(name)}[ \t\r]*$", re.MULTILINE
            )
            match = end.search(self._text, self.at)
            body = self._text[self.at : match.start() if match else len(self._text)]
            self.at = min(match.end() + 1, len(self._text)) if match else len(self._text)
            if strips:
                body = re.sub(r"^\t+", "", body, flags=re.MULTILINE)
            is_plain = not expands or not any(mark in body for mark in "$`\\")
            redirect.target = (Literal(body, quoted=True),) if is_plain else read_word(body)

    # Words

    def _skip(self, *, newlines: bool = False) -> None:
        text = self._text
        while self.at < len(text):
            if (blank := _BLANK.match(text, self.at)) is not None:
                self.at = blank.end()
            elif text[self.at] == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            elif newlines and text[self.at] == "\n":
                self.at += 1
                if self._pending:
                    self._bodies()
            else:
                return

    def _word(self) -> Word | None:
        parts: list[Part] = []
        text = self._text
        start = self.at
        while self.at < len(text):
            character = text[self.at]
            if (plain := _PLAIN.match(text, self.at)) is not None:
                parts.append(Literal(plain[0]))
                self.at = plain.end()
            elif character == "'":
                end = text.find("'", self.at + 1)
                end = len(text) if end < 0 else end
                parts.append(Literal(text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif character == '"':
                self.at += 1
                parts += self.quoted('"')
                self.at += 1
            elif character == "\\":
                if text[self.at + 1 : self.at + 2] != "\n":
                    parts.append(Literal(text[self.at + 1 : self.at + 2], quoted=True))
                self.at += 2
            elif character in "$`":
                parts.append(self._expansion(quoted=False))
            elif character == "#" and self.at > start:
                parts.append(Literal("#"))
                self.at += 1
            elif character in "<>" and text.startswith("(", self.at + 1) and self._depth < DEPTH:
                self.at += 2
                parts.append(Substitution(self._nested(frozenset()), character))
                self._take(")")
            else:
                break
        return tuple(parts) if self.at > start else None

    def quoted(self, end: str) -> list[Part]:
        """Read the inside of double quotes; at the end of the text if ``end`` is empty."""
        parts: list[Part] = []
        text, run = self._text, _QUOTED if end else _HERE
        while self.at < len(text) and text[self.at] != end:
            if (plain := run.match(text, self.at)) is not None:
                parts.append(Literal(plain[0], quoted=True))
                self.at = plain.end()
            elif text[self.at] == "\\":
                following = text[self.at + 1 : self.at + 2]
                kept = "" if following in '$`"\\\n' else "\\"
                parts.append(Literal(kept + ("" if following == "\n" else following), quoted=True))
                self.at += 2
            else:
                parts.append(self._expansion(quoted=True))
        return parts

    def _expansion(self, *, quoted: bool) -> Part:
        text, at = self._text, self.at
        if text[at] == "`":
            inner, self.at = backticked(text, at)
            if self._depth >= DEPTH:
                return Literal(inner, quoted)
            reader = _Reader(inner)
            reader._depth = self._depth + 1  # the same reader, one level further in
            return Substitution(tuple(reader.script(frozenset())), quoted=quoted)
        following = text[at + 1 : at + 2]
        if following == "'" and not quoted:
            value, self.at = ansi_c(text, at + 2)
            return Literal(value, quoted=True)
        if following == '"' and not quoted:
            self.at += 1  # $"..." is translated text
            return Literal("")
        if following == "(":
            return self._parenthesised(quoted=quoted)
        if following == "{" and (match := _BRACED.match(text, at + 1)) is not None:
            return self._braced(match, quoted=quoted)
        if (name := _NAME.match(text, at + 1)) is not None:
            self.at = name.end()
            return Variable(name[0], quoted=quoted)
        self.at += 1
        return Literal("$", quoted)

    def _parenthesised(self, *, quoted: bool) -> Part:
        if self._text.startswith("$((", self.at):
            sums = self._sums(self.at + 1)
            if sums is not None:
                self.at += sums.end() + 1
                return Arithmetic(sums[1])
        if self._depth >= DEPTH:
            self.at += 2
            return Literal("$(", quoted)
        self.at += 2
        inner = self._nested(frozenset())
        self._take(")")
        return Substitution(inner, quoted=quoted)

    def _sums(self, at: int) -> re.Match[str] | None:
        if self._text.find("))", at, at + 500) < 0:
            return None
        return _ARITHMETIC.match(self._text[at : at + 500])

    def _braced(self, match: re.Match[str], *, quoted: bool) -> Part:
        text = self._text
        depth, at = 1, match.end()
        limit = min(len(text), at + 4_000)
        while at < limit and depth:
            if text[at] == "\\":
                at += 1
            elif text[at] == "{":
                depth += 1
            elif text[at] == "}":
                depth -= 1
            at += 1
        inner = text[match.end() : at - 1]
        self.at = at
        operator = re.match(r":[-=+?]|##?|%%?|//?|\^\^?|,,?|[-=+?:@]", inner)
        length = operator.end() if operator else 0
        name = match[1] + (match[2] or "")
        return Variable(name, inner[:length], inner[length:], quoted)
