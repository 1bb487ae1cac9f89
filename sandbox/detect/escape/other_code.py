"""Perl, Ruby, JavaScript, PHP, Lua, awk, C and kin, by their tokens: calls with the texts they are given.

No grammar of each: what matters is which function that reaches outside is given which text, after
joining, undoing escapes and the usual decoders.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.addresses import canonical_host, target
from sandbox.detect.escape.clients import reach_url
from sandbox.detect.escape.decode import decoded
from sandbox.detect.escape.facts import Call, Mode, Reach
from sandbox.detect.escape.shell_quotes import escapes
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


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RUN: Final = _set(
    "system exec popen shell_exec passthru proc_open spawn spawnsync execsync execfile "
    "execfilesync execute"
    " capture2 capture3 capture2e popen3 execl execlp execle execv execvp execve "
    "posix_spawn getoutput run"
    " check_output call command sh"
)
_READ: Final = _set(
    "open file_get_contents readfilesync readfile fopen opendir readtextfile "
    "readtextfilesync createreadstream"
    " read readlines lines read! slurp path file show_source include require new openat getline "
    "readlink binread io.open foreach"
)
_WRITE: Final = _set(
    "writefilesync writefile appendfilesync appendfile file_put_contents "
    "createwritestream write binwrite"
)
_LOOK: Final = _set("existssync statsync lstatsync readdirsync readlinksync accesssync stat lstat exist? "
        "is_dir is_file scandir"
                    " access readdir glob entries children")  # fmt: skip
_REACH: Final = _set("fetch get post request connect createconnection fsockopen new gethostbyname "
        "inet_addr curl_init"
                     " get_response open netconnect start dial put stream_socket_client pfsockopen "
        "socket_connect dialunix")  # fmt: skip
_DECODERS: Final = {
    "atob": "base64", "decode64": "base64", "decode_base64": "base64", "base64_decode": "base64",
    "strict_decode64": "base64", "urlsafe_decode64": "base64", "hex2bin": "hex", "strrev": "reverse",
    "reverse": "reverse", "str_rot13": "rot13", "gzinflate": "gzip", "gzuncompress": "gzip", "gunzipsync": "gzip",
    "inflate": "gzip", "unescape": "percent", "decodeuricomponent": "percent", "urldecode": "percent",
    "reverse!": "reverse", "scalar": "", "inflatesync": "gzip", "rawurldecode": "percent",
}  # fmt: skip
_CHARACTERS: Final = _set("fromcharcode chr pack fromcodepoint string.char char")
_ENCODINGS: Final = {
    "base64": "base64",
    "hex": "hex",
    "H*": "hex",
    "m": "base64",
    "m0": "base64",
    "base64url": "base64",
}
_OTHERS: Final = _set(
    "setuid seteuid posix_setuid syscall print puts eval function instance_eval class_eval loadstring load assert"
)
_MOST: Final = 2_000


class _Token:
    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text


def follow_other(language: str, code: str, shell: Shell, stdin: str = "") -> str:
    """Follow code by its calls; what it prints as far as that is known."""
    tokens = [
        _Token(match.lastgroup or "", match[0])
        for match in _TOKEN.finditer(code)
        if match.lastgroup != "comment" or language in ("c", "awk")
    ][: _MOST * 4]
    if language == "c":
        tokens = [token for token in tokens if token.kind != "comment"]
    return _Follower(tokens, shell, language).run()


class _Follower:
    def __init__(self, tokens: list[_Token], shell: Shell, language: str) -> None:
        self._tokens = tokens
        self._shell = shell
        self._language = language
        self._values: dict[str, str] = {}
        self._printed: list[str] = []

    def run(self) -> str:
        tokens = self._tokens
        for at, token in enumerate(tokens):
            self._shell.budget.step()
            if token.kind == "string" and (
                token.text[0] == "`" or token.text.startswith(("%x", "qx"))
            ):
                if self._language not in ("node", "nodejs", "deno", "bun", "c"):
                    self._shell.run_text(self._text(token))
            elif token.kind == "string" and self._language.endswith("awk"):
                self._awk(at)
            elif token.kind == "name":
                self._name(at)
        return "".join(self._printed) if self._printed else UNKNOWN

    def _awk(self, at: int) -> None:
        around = [t.text for t in self._tokens[max(0, at - 2) : at + 3]]
        before = self._tokens[at - 1].text if at else ""
        after = " ".join(t.text for t in self._tokens[at + 1 : at + 3])
        text = self._text(self._tokens[at])
        if after.startswith("| getline") or before == "|":
            self._shell.run_text(text)
        elif before == "<" and "getline" in around:
            self._touch(text, "read")
        elif before == ">" and text.startswith("/"):
            self._touch(text, "write")

    def _name(self, at: int) -> None:
        token = self._tokens[at]
        following = self._tokens[at + 1].text if at + 1 < len(self._tokens) else ""
        last = re.split(r"\.|::|->", token.text)[-1].lower()
        if (
            following in ("=", ":")
            and (at + 2 < len(self._tokens))
            and self._tokens[at + 2].text != "="
        ):
            begin = at + 3 if following == ":" and self._tokens[at + 2].text == "=" else at + 2
            if self._tokens[begin : begin + 1]:
                self._values[token.text.lstrip("$@")] = self._joined(self._span(begin, ";\n"))
            return
        if last == "socketpath" and following == ":":
            return
        is_known = (
            last in _RUN | _READ | _WRITE | _LOOK | _REACH or last in NAMES or last in _OTHERS
        )
        if not is_known:
            return
        span = self._span(at + 1, ";")
        if not span:
            return
        self._called(token.text, last, span)

    def _span(self, at: int, ends: str) -> list[_Token]:
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
        found = []
        for token in tokens[at : at + 60]:
            if token.text in ends or token.text == "}":
                break
            found.append(token)
        return found

    def _text(self, token: _Token) -> str:
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
        return re.sub(r"#\{(\w+)\}|\$\{?(\w+)\}?", self._filled, inner) if text[0] != "'" else inner

    def _filled(self, match: re.Match[str]) -> str:
        return self._values.get(match[1] or match[2], match[0])

    def _joined(self, span: list[_Token]) -> str:
        """The text that an expression becomes: its pieces in order, then its decoders."""
        pieces: list[str] = []
        numbers: list[int] = []
        undo: list[str] = []
        for at, token in enumerate(span):
            if token.kind == "string":
                text = self._text(token)
                after_comma = at and span[at - 1].text in (",", "(")
                if text in _ENCODINGS and (after_comma or (at and "pack" in span[at - 1].text)):
                    undo.append(_ENCODINGS[text])
                else:
                    pieces.append(text)
            elif token.kind == "number":
                numbers.append(
                    int(token.text, 0) if not token.text.startswith("0") or "x" in token.text else 0
                )
            elif token.kind == "name":
                last = re.split(r"\.|::|->", token.text)[-1].lower()
                if _DECODERS.get(last):
                    undo.append(_DECODERS[last])
                elif last in _CHARACTERS:
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

    def _texts(self, span: list[_Token]) -> list[str]:
        return [self._joined(piece) for piece in _split(span)]

    def _called(self, name: str, last: str, span: list[_Token]) -> None:  # noqa: C901, PLR0912  # one branch a kind
        shell = self._shell
        texts = self._texts(span)
        strings = [text for text in texts if text]
        if last in NAMES or last == "syscall":
            number = span[0].text if span and span[0].kind == "number" else ""
            call = (
                NUMBERS.get(int(number, 0) if not number.startswith("0") else 0, "")
                if number
                else ""
            )
            named = re.search(r"(?:SYS|__NR)_(\w+)", " ".join(token.text for token in span[:3]))
            shell.facts.add(Call(call or (named[1] if named else last), tuple(texts)))
        if last.endswith("setuid"):
            shell.facts.add(Call(last, tuple(token.text for token in span[:1])))
        if last in (
            "eval",
            "function",
            "instance_eval",
            "class_eval",
            "loadstring",
            "load",
            "assert",
        ):
            if strings and shell.budget.depth < 8:
                from sandbox.detect.escape.code import follow_code

                follow_code(self._language, strings[0], shell)
            return
        if last in ("print", "puts"):
            if strings:
                self._printed.append(strings[0] + "\n")
            return
        if not strings:
            return
        if last in _RUN:
            if last.startswith(("execv", "execl")):
                shell.run_text(" ".join(strings[1:] or strings))
            else:
                whole = self._joined(span) if len(strings) == 1 else " ".join(strings)
                shell.run_text(whole)
        if last in _WRITE:
            self._touch(strings[0], "write")
        elif last in _LOOK:
            self._touch(strings[0], "look")
        elif last in _READ:
            self._opened(strings, span)
        if last in _REACH or "socket" in name.lower():
            self._reached(strings, span)

    def _opened(self, strings: list[str], span: list[_Token]) -> None:
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

    def _reached(self, strings: list[str], span: list[_Token]) -> None:
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


def _chained(tokens: list[_Token]) -> list[_Token]:
    """Decoders called on what a call gives: ``.toString()``, ``.reverse``."""
    found: list[_Token] = []
    for token in tokens:
        if token.text in (";", ",", "}", "\n") or token.kind == "string":
            break
        if token.kind == "name":
            found.append(token)
    return found


def _split(span: list[_Token]) -> list[list[_Token]]:
    found: list[list[_Token]] = [[]]
    depth = 0
    for token in span:
        depth += (token.text in "([{") - (token.text in ")]}") if len(token.text) == 1 else 0
        if token.text == "," and depth <= 0:
            found.append([])
        else:
            found[-1].append(token)
    return found
