"""What commands print that depend on nothing but their words and their input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.decode import LARGEST, decoded
from sandbox.detect.escape.options import parsed
from sandbox.detect.escape.shell_quotes import escapes
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["PURE", "SedParts", "as_text", "columns", "printed", "sed_parts"]

Args = Sequence[str]
_FROM_WORDS: Final = frozenset({"jq", "echo", "printf", "seq", "basename", "dirname"})


def as_text(data: bytes) -> str:
    """Bytes as text, without loss."""
    return data.decode("utf-8", "surrogateescape")


def printed(program: str, args: Args, stdin: str) -> str | None:
    """What a command prints; None if it is none of those that are known."""
    known = PURE.get(program)
    if known is None:
        return None
    if stdin.strip() == UNKNOWN and program not in _FROM_WORDS:
        return UNKNOWN
    output = known(args, stdin[:LARGEST])
    return None if output is None else output[:LARGEST]


def _undo(encoding: str, text: str) -> str | None:
    if not text or text == UNKNOWN:
        return None
    try:
        data = text.replace(UNKNOWN, "").encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
    plain = decoded(encoding, data)
    return None if plain is None else as_text(plain)


def _echo(args: Args, stdin: str) -> str:
    interprets, newline, words = False, "\n", list(args)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        interprets = interprets or "e" in flags
        newline = "" if "n" in flags else newline
    text = " ".join(words)
    # dash's echo always interprets; what looks encoded is taken as what it would become
    if interprets or re.search(r"\\x[0-9a-fA-F]{2}|\\0[0-7]{2}", text):
        text = escapes(text, zero=True)
    return _bytes_read(text) + newline


def _bytes_read(text: str) -> str:
    """Characters U+0080 to U+00FF that escapes made are bytes."""
    if not any("\x80" <= c <= "\xff" for c in text):
        return text
    try:
        return as_text(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


_SPEC: Final = re.compile(r"%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.\d+)?([sbqdiuxXoc]))")


def _printf(args: Args, stdin: str) -> str:
    words = list(args)
    if words[:1] == ["-v"]:
        return ""
    if words[:1] == ["--"]:
        words.pop(0)
    if not words:
        return ""
    form, *values = words
    form = escapes(form)
    found: list[str] = []
    while True:
        found.append(_SPEC.sub(lambda match: _filled(match, values), form))
        if not values or _SPEC.search(form) is None or len(found) > 500:
            return _bytes_read("".join(found))


def _filled(match: re.Match[str], values: list[str]) -> str:
    if match[0] == "%%":
        return "%"
    value = values.pop(0) if values else ""
    kind = match[1]
    if kind == "b":
        return escapes(value, zero=True)
    if kind == "c":
        return value[:1]
    if kind in "sq":
        return value
    try:
        number = (
            ord(value[1]) if value[:1] in ("'", '"') and len(value) > 1 else int(value or "0", 0)
        )
    except ValueError:
        return UNKNOWN
    if kind == "o":
        return f"{number:03o}" if "3" in match[0] or "03" in match[0] else f"{number:o}"
    if kind in "xX":
        return f"{number:02{kind}}" if "2" in match[0] else f"{number:{kind}}"
    return str(number)


def _base(encoding: str) -> Callable[[Args, str], str | None]:
    def run(args: Args, stdin: str) -> str | None:
        found = parsed(args, {"-w", "--wrap"})
        if not found.has("-d", "-D", "--decode"):
            return UNKNOWN
        return _undo(encoding, stdin)

    return run


def _openssl(args: Args, stdin: str) -> str | None:
    if args[:1] in (["base64"], ["enc"]) and "-d" in args:
        if args[0] == "base64" or "-base64" in args or "-a" in args:
            return _undo("base64", stdin)
        return UNKNOWN
    return None


def _xxd(args: Args, stdin: str) -> str | None:
    found = parsed(args, {"-s", "-l", "-c", "-g"})
    joined = "".join(name[1:] for name, _ in found.options)
    return _undo("hex", stdin) if "r" in joined else UNKNOWN


_LITERAL: Final = re.compile(
    r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|\.(\w+(?:\.\w+)*))\s*(\|\s*@base64d)?\s*"
)


def _jq(args: Args, stdin: str) -> str | None:
    found = parsed(args, {"--indent", "-f"})
    match = _LITERAL.fullmatch(found.operands[0][:4_000]) if found.operands else None
    if match is None:
        return UNKNOWN
    text: object = escapes(match[1]) if match[1] is not None else _member(stdin, match[2])
    if not isinstance(text, str):
        return UNKNOWN
    plain = _undo("base64", text) if match[3] else text
    return UNKNOWN if plain is None else plain + "\n"


def _member(text: str, path: str) -> object:
    """What lies in JSON under names that are joined by dots."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _tr(args: Args, stdin: str) -> str | None:
    found = parsed(args)
    flags = "".join(name[1:] for name, _ in found.options if not name.startswith("--"))
    sets = [_set(escapes(operand)) for operand in found.operands[:2]]
    if not sets:
        return None
    old = sets[0]
    if "d" in flags or found.has("--delete"):
        if "c" in flags.lower():
            return "".join(c for c in stdin if c in old)
        return stdin.translate({ord(c): None for c in old})
    if len(sets) < 2 or "c" in flags.lower():
        return stdin
    new = sets[1] or " "
    new += new[-1] * (len(old) - len(new))
    return stdin.translate({ord(a): b for a, b in zip(old, new, strict=False)})


_CLASSES: Final = {
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz", "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:digit:]": "0123456789", "[:space:]": " \t\n\r\v\f", "[:blank:]": " \t",
}  # fmt: skip


def _set(text: str) -> str:
    for name, members in _CLASSES.items():
        text = text.replace(name, members)
    return re.sub(r"(.)-(.)", _range, text[:512], flags=re.DOTALL)


def _range(match: re.Match[str]) -> str:
    first, last = ord(match[1]), ord(match[2])
    return "".join(map(chr, range(first, last + 1))) if 0 <= last - first < 512 else match[0]


_SUBSTITUTE: Final = re.compile(
    r"s(?P<d>[^\w\s\\])(.*?)(?<!\\)(?P=d)(.*?)(?<!\\)(?P=d)([gIi0-9ep]*)$", re.DOTALL
)


_COLUMN: Final = re.compile(
    r"\s*(?:/(?P<wanted>[^/\\^$*+?()|{}\[\].]+)/|NR\s*==\s*\d+|\$1\s*==\s*\"(?P<first>\w+)\")?\s*"
    r"\{\s*print\s*\(?\s*\$(?P<number>\d{1,2}|NF)\)?\s*;?\s*(?:exit)?\s*;?\s*\}\s*"
)


def columns(script: str, separators: Args, stdin: str) -> str:
    """What awk prints that is asked for one column of its lines."""
    match = _COLUMN.fullmatch(script[:200])
    if match is None or stdin.strip() in ("", UNKNOWN):
        return UNKNOWN
    found: list[str] = []
    for line in stdin.splitlines()[:500]:
        fields = line.split(separators[0] if separators and separators[0].strip() else None)
        wanted, first = match["wanted"], match["first"]
        if (wanted and wanted not in line) or (first and fields[:1] != [first]) or not fields:
            continue
        at = len(fields) if match["number"] == "NF" else int(match["number"])
        found.append(line if at == 0 else fields[at - 1] if at <= len(fields) else "")
    return "".join(f"{each}\n" for each in found)


class SedParts(NamedTuple):
    """What a script of sed's reads, writes and runs; ``runs_result``: what a substitution made is run."""

    reads: list[str]
    writes: list[str]
    runs: list[str]
    runs_result: bool


_SED_FILE: Final = re.compile(r"(?:^|[;{}\d$/!\s])([rRwW])\s*(/[^\s;}]+)\s*(?:$|[;}\n])")
_SED_RUN: Final = re.compile(
    r"^[ \t]*(?:[\d,$]+|/[^/\n]*/)?[ \t]*\{?[ \t]*e[ \t]+([^\n]+)", re.MULTILINE
)


def sed_parts(script: str) -> SedParts:
    """The files that a script of sed's names, and what it runs."""
    files = _SED_FILE.findall(script) if not script.startswith("s") else []
    match = _SUBSTITUTE.match(script.strip())
    return SedParts(
        [path for mark, path in files if mark in "rR"],
        [path for mark, path in files if mark in "wW"],
        _SED_RUN.findall(script)[:8],
        match is not None and "e" in match[4],
    )


def _sed(args: Args, stdin: str) -> str | None:
    found = parsed(args, {"-e", "--expression", "-f"})
    scripts = found.values("-e", "--expression") or found.operands[:1]
    text = stdin
    for script in scripts:
        for each in script[:2_000].split(";") if "\\;" not in script else [script]:
            text = _sed_one(each.strip(), text)
    return text


def _sed_one(script: str, text: str) -> str:
    if len(script) > 200 or len(text) > 20_000 or (match := _SUBSTITUTE.match(script)) is None:
        return text
    old = match[2].replace("\\" + match["d"], match["d"])
    new = match[3].replace("\\" + match["d"], match["d"])
    # Only what is surely linear: characters, one class, or one star of them.
    if not re.fullmatch(
        r"\.{1,4}|(?:\\?[^*+?(){}|\[\]\\]|\[[^]]+\])[*+]?|(?:\\.|[^*+?(){}|\[\]\\.])+", old
    ):
        return text
    try:
        pattern = re.compile(old, re.IGNORECASE if "i" in match[4].lower() else 0)
        whole = re.compile(r"(?<!\\)&")
        return pattern.sub(
            lambda found: (
                escapes(whole.sub(lambda _: found[0], new)).replace("\\&", "&")
                if not new.startswith("\\\\")
                else "\\" + whole.sub(lambda _: found[0], new[2:])
            ),
            text,
            0 if "g" in match[4] else 1,
        )
    except re.error:
        return text


def _cut(args: Args, stdin: str) -> str | None:
    found = parsed(args, {"-d", "-f", "-c", "-b", "--delimiter", "--fields"})
    spans = (found.values("-c", "-b") or found.values("-f", "--fields") or [""])[0]
    span = re.fullmatch(r"(\d*)(-?)(\d*)", spans)
    if span is None or not spans:
        return stdin
    first = (decimal(span[1]) or 1) - 1
    last = decimal(span[3]) if span[3] else None if span[2] else first + 1
    delimiter = (found.values("-d", "--delimiter") or ["\t"])[0] or "\t"
    by_field = not found.values("-c", "-b")
    lines = [
        delimiter.join(line.split(delimiter)[first:last]) if by_field else line[first:last]
        for line in stdin.splitlines()[:5_000]
    ]
    return "\n".join(lines) + "\n" if lines else stdin


def _rev(args: Args, stdin: str) -> str:
    return "".join(line[::-1] + "\n" for line in stdin.removesuffix("\n").split("\n"))


def _tac(args: Args, stdin: str) -> str:
    return "".join(line + "\n" for line in reversed(stdin.removesuffix("\n").split("\n")))


def _head(args: Args, stdin: str) -> str:
    size = parsed(args, {"-c", "--bytes"}).values("-c", "--bytes")
    return stdin[: decimal(size[0])] if size else stdin


def _tail(args: Args, stdin: str) -> str:
    size = parsed(args, {"-c", "--bytes"}).values("-c", "--bytes")
    if size and (match := re.fullmatch(r"\+(\d{1,6})", size[0])):
        return stdin[int(match[1]) - 1 :]
    lines = parsed(args, {"-n", "--lines"}).values("-n", "--lines")
    if lines and (match := re.fullmatch(r"\+(\d{1,6})", lines[0])):
        return "".join(stdin.splitlines(keepends=True)[int(match[1]) - 1 :])
    return stdin


def _same(args: Args, stdin: str) -> str:
    return stdin


def _seq(args: Args, stdin: str) -> str:
    numbers = [int(arg) for arg in args if re.fullmatch(r"-?\d{1,5}", arg)]
    first, last = (
        (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1]) if numbers else (1, 0)
    )
    return "".join(f"{n}\n" for n in range(first, min(last, first + 500) + 1))


def _basename(args: Args, stdin: str) -> str:
    return args[0].rstrip("/").rpartition("/")[2] if args else ""


def _dirname(args: Args, stdin: str) -> str:
    return (args[0].rpartition("/")[0] or ".") if args else ""


def _undone(encoding: str, *flags: str) -> Callable[[Args, str], str | None]:
    def run(args: Args, stdin: str) -> str | None:
        found = parsed(args)
        return _undo(encoding, stdin) if not flags or found.has(*flags) else UNKNOWN

    return run


PURE: Final[Mapping[str, Callable[[Args, str], str | None]]] = {
    "echo": _echo,
    "printf": _printf,
    "base64": _base("base64"),
    "base32": _base("base32"),
    "openssl": _openssl,
    "xxd": _xxd,
    "jq": _jq,
    "tr": _tr,
    "sed": _sed,
    "cut": _cut,
    "rev": _rev,
    "tac": _tac,
    "head": _head,
    "tail": _tail,
    "seq": _seq,
    "basename": _basename,
    "dirname": _dirname,
    "gunzip": _undone("gzip"),
    "zcat": _undone("gzip"),
    "gzip": _undone("gzip", "-d", "--decompress", "--uncompress"),
    "pigz": _undone("gzip", "-d"),
    "zlib-flate": _undone("gzip"),
    "bunzip2": _undone("bzip2"),
    "bzcat": _undone("bzip2"),
    "bzip2": _undone("bzip2", "-d", "--decompress"),
    "unxz": _undone("xz"),
    "xzcat": _undone("xz"),
    "xz": _undone("xz", "-d", "--decompress"),
    "rot13": _undone("rot13"),
    "caesar": _undone("rot13"),
    **dict.fromkeys(
        ("cat", "tee", "grep", "egrep", "sort", "uniq", "fold", "fmt", "dd", "paste", "column",
         "pv", "envsubst", "sponge", "split", "iconv", "strings", "nl", "stdbuf", "dos2unix", "expand"), _same),
}  # fmt: skip
"""Programs whose output is a function of arguments and input. A file's content is put in before."""
