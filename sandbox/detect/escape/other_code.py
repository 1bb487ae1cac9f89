"""Perl, Ruby, JavaScript, PHP, Lua, awk, C and kin, by their tokens: calls with the texts they are given.

No grammar of each: what matters is which function that reaches outside is given which text, after
joining, undoing escapes and the usual decoders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.addresses import canonical_host, target
from sandbox.detect.escape.clients import reach_url
from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.decode import decoded
from sandbox.detect.escape.facts import Call, Mode, Reach, Seek, Touch
from sandbox.detect.escape.other_given import Given, Token
from sandbox.detect.escape.other_names import (
    CHARACTERS,
    DECODERS,
    ENCODINGS,
    EVALUATES,
    LISTS,
    LOOK,
    OTHERS,
    PRINTS,
    REACH,
    READ,
    RUN,
    SPACED,
    STARTERS,
    WRITE,
)
from sandbox.detect.escape.shell_quotes import escapes
from sandbox.detect.escape.started import Launch
from sandbox.detect.escape.syscalls import NAMES, NUMBERS
from sandbox.detect.escape.unknown import UNKNOWN

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_other"]

_TOKEN: Final = re.compile(
    r"""(?P<comment>(?:\#(?![!{\[])[^\n]*|//(?!/)[^\n"']*$|/\*.{0,1000}?\*/))
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`
          |(?:%x|qx|%q|%Q|\bq|\bqq)(?:\{[^{}]*\}|\([^()]*\)|\[[^][]*\]|/[^/]*/))
      | (?P<name>[$@]?[A-Za-z_][\w]*(?:(?:\.|::|->)[A-Za-z_]\w*[?!]?)*)
      | (?P<number>0x[0-9a-fA-F]+|\d+)
      | (?P<mark>[^\s])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


_TOKEN_OF_LISP: Final = re.compile(
    r"""(?P<comment>;[^\n]*|\(\*.{0,1000}?\*\))
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<name>[A-Za-z_][\w*!?-]*(?:[:/.]+[A-Za-z_][\w*!?-]*)*)
      | (?P<number>\d+)
      | (?P<mark>[^\s])
    """,
    re.VERBOSE | re.DOTALL,
)
"""Languages of brackets, and of blanks between a function and what it is given."""
_CLIENTS: Final = (
    (
        re.compile(
            r"require\([\"']dockerode[\"']\)|docker/docker/client\"|\bbollard::|\bDocker::(?:Container|Image)"
        ),
        "/run/docker.sock",
    ),
    (re.compile(r"containerd/containerd(?:/v2)?\""), "/run/containerd/containerd.sock"),
    (
        re.compile(r"\bInClusterConfig\(|\bloadFromCluster\(|Config::incluster\("),
        "/run/secrets/kubernetes.io/serviceaccount/token",
    ),
)
"""Libraries of control planes, and the door that code with them opens unless it says otherwise."""
_PATTERN: Final = re.compile(r"(?<![\w/])/([^/\s]{2,60})/")
_GIVEN: Final = 8_192
"""Characters of its input that code is given."""
_MOST: Final = 2_000
_RUNS_ITSELF: Final = re.compile(r"\.(?:!!?|execute$|lines$|lazyLines$)")
"""What a text is called with to be run: ``"id".execute()``, ``"id".!!``."""
_KNOWN: Final = RUN | READ | WRITE | LOOK | REACH | OTHERS | PRINTS | frozenset(NAMES)


_INDIRECT: Final = re.compile(
    r"\b(?:exec|system)\s*\{\s*([\"'][^\"']*[\"'])\s*\}\s*\(?\s*[\"'][^\"']*[\"']\s*,"
)


def follow_other(
    language: str, code: str, shell: Shell, stdin: str = "", args: Sequence[str] = ()
) -> str:
    """Follow code by its calls; what it prints as far as that is known."""
    if (
        language == "perl"
    ):  # the program stands before the words, of which the first is only its name
        code = _INDIRECT.sub(r"exec(\1,", code)
    pattern = _TOKEN_OF_LISP if language in SPACED else _TOKEN
    tokens = [
        Token(match.lastgroup or "", match[0])
        for match in pattern.finditer(code)
        if match.lastgroup != "comment" or language == "awk"
    ][: _MOST * 4]
    given = Given(language, args, shell.variables, stdin[:_GIVEN])
    printed = _Follower(given.put(tokens), shell, language, given).run()
    _note_sought(code, shell)
    for pattern, path in _CLIENTS:
        if pattern.search(code):
            shell.facts.touch(
                path, "connect" if path.endswith(".sock") else "read", program=language
            )
    return printed


def _note_sought(code: str, shell: Shell) -> None:
    """Patterns in code that reads what tells about a process: it looks for them there."""
    places = [
        fact.path
        for fact in shell.facts
        if isinstance(fact, Touch) and fact.path.endswith("/status")
    ]
    for pattern in _PATTERN.findall(code[:_GIVEN])[:16] if places else ():
        shell.facts.add(Seek(places[0], pattern))


class _Follower:
    def __init__(self, tokens: list[Token], shell: Shell, language: str, given: Given) -> None:
        self._tokens = tokens
        self._shell = shell
        self._language = language
        self._given = given
        self._values: dict[str, str] = {}
        self._printed: list[str] = []

    def run(self) -> str:
        tokens = self._tokens
        for at, token in enumerate(tokens):
            self._shell.budget.step()
            if token.kind == "string" and (
                token.text[0] == "`" or token.text.startswith(("%x", "qx"))
            ):
                tagged = at and tokens[at - 1].text == "$"  # Bun.$`command`
                if tagged or self._language not in ("node", "nodejs", "deno", "bun", "c", "go"):
                    self._shell.run_text(self._text(token))
            elif token.kind == "string" and self._language.endswith("awk"):
                self._awk(at)
            elif token.kind == "string" and _RUNS_ITSELF.match(self._after(at)):
                self._shell.run_text(self._text(token))
            elif token.kind == "name":
                self._name(at)
            elif token.text == "]" and self._after(at).startswith("("):
                self._indexed(at)
        return "".join(self._printed) if self._printed else UNKNOWN

    def _indexed(self, at: int) -> None:
        """A call of what a text names: ``object["na" + "me"](...)``."""
        begin = next(
            (n for n in range(at - 1, max(-1, at - 12), -1) if self._tokens[n].text == "["), at
        )
        name = self._joined(self._tokens[begin + 1 : at])
        if name.lower() in _KNOWN and (span := self._span(at + 1, ";")):
            self._called(name, name.lower(), span)

    def _after(self, at: int) -> str:
        return "".join(token.text for token in self._tokens[at + 1 : at + 3])

    def _awk(self, at: int) -> None:
        around = [t.text for t in self._tokens[max(0, at - 2) : at + 3]]
        before = self._tokens[at - 1].text if at else ""
        after = " ".join(t.text for t in self._tokens[at + 1 : at + 3])
        text = self._text(self._tokens[at])
        if text.startswith(("/inet/", "/inet4/", "/inet6/")):
            host, _, port = "/".join(text.split("/")[4:6]).partition("/")
            there = Reach(canonical_host(host), decimal(port) or 0, program="/dev/tcp")
            self._shell.facts.add(there)
        elif before == "|" or after.startswith("| getline"):
            said = next(
                (
                    self._value(t)
                    for t in self._tokens[max(0, at - 4) : at]
                    if t.kind in ("string", "known")
                ),
                "",
            )
            self._shell.run_text(text, said if before == "|" else "")
        elif before == "<" and "getline" in around:
            self._touch(text, "read")
        elif before == ">" and text.startswith("/"):
            self._touch(text, "write")

    def _name(self, at: int) -> None:
        token = self._tokens[at]
        following = self._tokens[at + 1].text if at + 1 < len(self._tokens) else ""
        last = re.split(r"\.|::|->", token.text)[-1].lower().removeprefix("$")
        if (
            following in ("=", ":")
            and (at + 2 < len(self._tokens))
            and self._tokens[at + 2].text != "="
        ):
            begin = at + 3 if following == ":" and self._tokens[at + 2].text == "=" else at + 2
            if self._tokens[begin : begin + 1]:
                self._values[token.text.lstrip("$@")] = self._joined(self._span(begin, ";\n"))
            return
        if following == "(" and token.text.startswith("$"):  # a function by the name that it holds
            last = self._values.get(token.text.lstrip("$"), last).lower()
        if any(token.text.lower().endswith(name) for name in STARTERS):
            self._started(at)
            return
        if last == "socketpath" and following == ":":
            return
        if self._language in SPACED:
            last = re.split(r"[:/.]", last)[-1]
        if last not in _KNOWN and token.text.lower() not in PRINTS:
            return
        span = self._span(at + 1, ";")
        if not span:
            return
        self._called(token.text, last, span)

    def _started(self, at: int) -> None:
        """A program with the arguments that calls in the same statement give it."""
        argv: list[str] = []
        for token in self._tokens[at + 1 : at + 80]:
            if token.text in (";", "}"):
                break
            if token.kind in ("string", "known"):
                argv.append(self._value(token))
        if argv:
            self._run(argv)

    def _run(self, argv: list[str]) -> None:
        if " " in argv[0].strip():
            self._shell.run_text(" ".join(argv))
        else:
            self._shell.launch(Launch(self._shell, argv, (), ""))

    def _span(self, at: int, ends: str) -> list[Token]:
        """A call's arguments, or what stands until the end of the statement."""
        tokens = self._tokens
        if at < len(tokens) and tokens[at].text == "(":
            depth, found = 0, []
            for token in tokens[at : at + 400]:
                depth += (token.text == "(") - (token.text == ")")
                found.append(token)
                if depth == 0:
                    break
            rest = tokens[at + len(found) : at + len(found) + 12]
            return found[1:-1] + _chained(rest)
        found, depth = [], 0
        for token in tokens[at : at + 60]:
            depth += (token.text == "(") - (token.text == ")")
            if token.text in ends or token.text == "}" or depth < 0:
                break
            found.append(token)
        return found

    def _value(self, token: Token) -> str:
        if token.kind != "known":
            return self._text(token)
        self._shell.budget.take(len(token.text))
        return token.text

    def _text(self, token: Token) -> str:
        text = token.text
        if text[0] in "\"'`":
            inner = text[1:-1]
            quoted = text[0] == "'" and self._language not in (
                "node",
                "nodejs",
                "deno",
                "bun",
                "lua",
                "python",
                "python3",
            )
            inner = re.sub(r"\\(['\\])", r"\1", inner) if quoted else escapes(inner)
        else:
            inner = (
                text[3:-1]
                if text[0] == "%" or (text.startswith("q") and text[1] in "xq")
                else text[2:-1]
            )
        if text[0] == "'":
            return inner
        inner = self._given.within(inner)
        return re.sub(r"#\{(\w+)\}|\$\{?(\w+)\}?", self._filled, inner)

    def _filled(self, match: re.Match[str]) -> str:
        return self._values.get(match[1] or match[2], match[0])

    def _joined(self, span: list[Token]) -> str:
        """The text that an expression becomes: its pieces in order, then its decoders."""
        pieces: list[str] = []
        numbers: list[int] = []
        undo: list[str] = []
        for at, token in enumerate(span):
            if token.kind in ("known", "string"):
                text = self._value(token)
                after_comma = at and span[at - 1].text in (",", "(")
                if text in ENCODINGS and (after_comma or (at and "pack" in span[at - 1].text)):
                    undo.append(ENCODINGS[text])
                else:
                    pieces.append(text)
            elif token.kind == "number":
                numbers.append(
                    int(token.text[:12], 16) if "x" in token.text else decimal(token.text) or 0
                )
            elif token.kind == "name":
                last = re.split(r"\.|::|->", token.text)[-1].lower()
                if DECODERS.get(last):
                    undo.append(DECODERS[last])
                elif last in CHARACTERS:
                    undo.append("characters")
                elif token.text.lstrip("$@") in self._values:
                    pieces.append(self._values[token.text.lstrip("$@")])
        text = "".join(pieces)
        for encoding in reversed(undo):
            if encoding == "characters":
                if numbers and all(n < 0x110000 for n in numbers):
                    text = "".join(chr(n) for n in numbers if not 0xD800 <= n < 0xE000)
                continue
            plain = decoded(encoding, text.encode("utf-8", "replace"))
            text = plain.decode("utf-8", "replace") if plain is not None else text
        return text[:65_536]

    def _texts(self, span: list[Token]) -> list[str]:
        if self._language in SPACED:
            return [self._value(token) for token in span if token.kind in ("string", "known")]
        return [self._joined(piece) for piece in _split(span)]

    def _argv(self, span: list[Token]) -> list[str]:
        """The words that a program is started with, be they in lists or not."""
        if self._language in SPACED:
            return self._texts(span)
        return [text for piece in _split(span, through_lists=True) if (text := self._joined(piece))]

    def _called(self, name: str, last: str, span: list[Token]) -> None:  # noqa: C901, PLR0912  # one branch a kind
        shell = self._shell
        texts = self._texts(span)
        strings = [text for text in texts if text]
        if last in NAMES or last == "syscall":
            number = span[0].text if span and span[0].kind == "number" else ""
            call = (
                NUMBERS.get(int(number[:12], 16) if "x" in number else decimal(number) or 0, "")
                if number
                else ""
            )
            named = re.search(r"(?:SYS|__NR)_(\w+)", " ".join(token.text for token in span[:3]))
            shell.facts.add(Call(call or (named[1] if named else last), tuple(texts)))
        if last == "ioctl" and re.search(
            r"TIOCSTI|0x5412|21522", " ".join(t.text for t in span[:6])
        ):
            shell.facts.add(Call("tiocsti"))
        if last.endswith("setuid"):
            shell.facts.add(Call(last, tuple(token.text for token in span[:1])))
        if last in EVALUATES:
            if strings and shell.budget.depth < 8:
                from sandbox.detect.escape.code import follow_code

                follow_code(self._language, strings[0], shell)
            return
        if name.lower() in PRINTS:
            if strings:
                self._printed.append(strings[0] + "\n")
            return
        if not strings:
            return
        if last in RUN:
            argv = self._argv(span)
            if last.startswith(("execv", "execl")) and self._language == "c":
                shell.run_text(" ".join(strings[1:] or strings))
                self._run(argv[1:] or argv)
            elif len(strings) == 1 and len(argv) < 2:
                shell.run_text(self._joined(span))
            elif argv:
                self._run(argv)
        if last in WRITE:
            self._touch(strings[0], "write")
        elif last in LOOK:
            self._touch(strings[0], "look")
        elif last in READ:
            self._opened(strings, span)
        if (
            last in REACH
            or "socket" in name.lower()
            or (last in READ and any("://" in text for text in strings))
        ):
            self._reached(strings, span)

    def _opened(self, strings: list[str], span: list[Token]) -> None:
        words = " ".join(token.text for token in span)
        writes = any(
            re.fullmatch(r"[+]?[>]{1,2}|[wa][b+]*|r\+", text) for text in strings[1:]
        ) or any(flag in words for flag in ("O_WRONLY", "O_RDWR"))
        for text in strings:
            match = re.match(r"\s*(<|>>?|\+<)?\s*(/.*)", text, re.DOTALL)
            if match:
                self._touch(
                    match[2], "write" if writes or (match[1] or "").startswith(">") else "read"
                )
            elif text.strip().endswith("|") or text.strip().startswith("|"):
                self._shell.run_text(text.strip().strip("|"))

    def _reached(self, strings: list[str], span: list[Token]) -> None:
        for text in strings:
            for piece in re.findall(r"\S+\.sock\b", text):
                self._shell.facts.touch(
                    piece.removeprefix("unix://").removeprefix("unix:"),
                    "connect",
                    program=self._language,
                )
            if "://" in text:
                reach_url(text, self._shell.facts, self._language)
            elif re.fullmatch(r"\d+\.\d+\.\d+\.\d+(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?", text):
                there = target(text)
                ports = [int(t.text) for t in span if t.kind == "number" and len(t.text) < 6]
                if there is not None:
                    self._shell.facts.add(
                        Reach(
                            canonical_host(there.host),
                            there.port or (ports[0] if ports else 0),
                            program=self._language,
                        )
                    )

    def _touch(self, path: str, mode: Mode) -> None:
        if path.startswith("/"):
            self._shell.facts.touch(path, mode, self._shell.memory.cwd, program=self._language)


def _chained(tokens: list[Token]) -> list[Token]:
    """Decoders called on what a call gives: ``.toString()``, ``.reverse``."""
    found: list[Token] = []
    for token in tokens:
        if token.text in (";", ",", "}", "\n") or token.kind == "string":
            break
        if token.kind == "name":
            found.append(token)
    return found


def _split(span: list[Token], *, through_lists: bool = False) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    depth = 0
    lists: list[bool] = []
    for at, token in enumerate(span):
        if token.kind == "mark" and token.text in "([{":
            before = span[at - 1] if at else None
            is_call = before is not None and before.kind == "name" and token.text == "("
            is_list = not is_call or (
                before is not None and re.split(r"\.|::", before.text)[-1].lower() in LISTS
            )
            lists.append(through_lists and is_list)
            depth += not lists[-1]
        elif token.kind == "mark" and token.text in ")]}" and lists:
            depth -= not lists.pop()
        if token.text == "," and depth <= 0:
            found.append([])
        else:
            found[-1].append(token)
    return found
