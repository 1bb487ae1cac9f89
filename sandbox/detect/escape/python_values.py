"""Values of Python expressions that are known without running them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sandbox.detect.escape.decode import decoded
from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["UNSURE", "Dotted", "Value", "as_string", "called", "method"]


@dataclass(frozen=True, slots=True)
class Dotted:
    """A module, a function or an object, by how it was reached; ``of`` is what it was made from."""

    name: str
    of: str = ""


class _Unsure:
    """A value that cannot be known."""

    def __repr__(self) -> str:
        return "UNSURE"


UNSURE: Final = _Unsure()
Value: TypeAlias = "str | bytes | int | list[Value] | dict[str, Value] | Dotted | _Unsure"

_LONGEST: Final = 200_000


def as_string(value: Value) -> str:
    """A value where a text is wanted; what is not known in it is marked."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, Dotted) and value.of:
        return value.of
    return UNKNOWN


def _decoder(encoding: str) -> Callable[[Sequence[Value]], Value]:
    def run(args: Sequence[Value]) -> Value:
        if not args:
            return UNSURE
        first = args[0]
        data = first.encode("utf-8", "replace") if isinstance(first, str) else first
        if not isinstance(data, bytes):
            return UNSURE
        plain = decoded(encoding, data)
        return UNSURE if plain is None else plain

    return run


def _codecs(args: Sequence[Value]) -> Value:
    if len(args) < 2 or not isinstance(args[0], str | bytes):
        return UNSURE
    return _by_codec(args[0], as_string(args[1]))


_CODECS: Final = {
    "rot13": "rot13", "rot_13": "rot13", "rot-13": "rot13", "base64": "base64", "base64_codec": "base64",
    "hex": "hex", "hex_codec": "hex", "zlib": "gzip", "zip": "gzip", "bz2": "bzip2",
}  # fmt: skip


def _by_codec(value: str | bytes, codec: str) -> Value:
    encoding = _CODECS.get(codec.lower())
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    if encoding is None:
        return data.decode("utf-8", "surrogateescape")
    plain = decoded(encoding, data)
    if plain is None:
        return UNSURE
    return plain.decode("utf-8", "replace") if encoding == "rot13" else plain


def _chr(args: Sequence[Value]) -> Value:
    first = args[0] if args else UNSURE
    return chr(first) if isinstance(first, int) and 0 <= first < 0xD800 else UNSURE


def _bytes(args: Sequence[Value]) -> Value:
    first = args[0] if args else UNSURE
    if isinstance(first, str):
        return first.encode("utf-8", "replace")
    if isinstance(first, list):
        numbers = [n for n in first if isinstance(n, int) and 0 <= n < 256]
        return bytes(numbers) if len(numbers) == len(first) else UNSURE
    return first if isinstance(first, bytes) else UNSURE


def _list(args: Sequence[Value]) -> Value:
    first = args[0] if args else []
    if isinstance(first, str | bytes):
        return list(first)
    return list(first) if isinstance(first, list) else UNSURE


def _reversed(args: Sequence[Value]) -> Value:
    values = _list(args)
    return values[::-1] if isinstance(values, list) else UNSURE


def _str(args: Sequence[Value]) -> Value:
    return as_string(args[0]) if args else ""


def _int(args: Sequence[Value]) -> Value:
    first = args[0] if args else UNSURE
    base = args[1] if len(args) > 1 and isinstance(args[1], int) else 10
    try:
        return (
            int(first[:40], base)
            if isinstance(first, str)
            else first
            if isinstance(first, int)
            else UNSURE
        )
    except ValueError:
        return UNSURE


def _ord(args: Sequence[Value]) -> Value:
    first = args[0] if args else UNSURE
    return ord(first) if isinstance(first, str) and len(first) == 1 else UNSURE


def _join_path(args: Sequence[Value]) -> Value:
    from posixpath import join

    return join(*(as_string(arg) for arg in args)) if args else ""


_KNOWN: Final[Mapping[str, Callable[[Sequence[Value]], Value]]] = {
    "base64.b64decode": _decoder("base64"), "base64.standard_b64decode": _decoder("base64"),
    "base64.urlsafe_b64decode": _decoder("base64"), "base64.decodebytes": _decoder("base64"),
    "base64.decodestring": _decoder("base64"), "base64.b32decode": _decoder("base32"),
    "base64.b16decode": _decoder("hex"), "base64.b85decode": _decoder("base85"),
    "base64.a85decode": _decoder("ascii85"), "binascii.unhexlify": _decoder("hex"),
    "binascii.a2b_hex": _decoder("hex"), "binascii.a2b_base64": _decoder("base64"),
    "bytes.fromhex": _decoder("hex"), "bytearray.fromhex": _decoder("hex"), "zlib.decompress": _decoder("gzip"),
    "gzip.decompress": _decoder("gzip"), "bz2.decompress": _decoder("bzip2"), "lzma.decompress": _decoder("xz"),
    "urllib.parse.unquote": _decoder("percent"), "codecs.decode": _codecs, "codecs.encode": _codecs,
    "chr": _chr, "bytes": _bytes, "bytearray": _bytes, "str": _str, "int": _int, "ord": _ord, "list": _list,
    "tuple": _list, "reversed": _reversed, "os.path.join": _join_path, "memoryview": _bytes, "iter": _list,
    "os.getpid": lambda _: "self",
    "os.fsencode": _bytes, "os.fsdecode": _str, "os.fspath": _str, "ctypes.c_char_p": _bytes, "sorted": _list,
}  # fmt: skip


def called(name: str, args: Sequence[Value]) -> Value:
    """What a function without effect gives."""
    known = _KNOWN.get(name)
    return UNSURE if known is None else known(args)


def method(value: Value, name: str, args: Sequence[Value]) -> Value:
    """What a method of a known value gives."""
    if name == "decode" and isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if name in ("encode", "decode") and isinstance(value, str):
        if args and as_string(args[0]).lower() in _CODECS:
            return _by_codec(value, as_string(args[0]))
        return value.encode("utf-8", "replace") if name == "encode" else value
    if name == "join" and isinstance(value, str | bytes) and args and isinstance(args[0], list):
        joined = as_string(value).join(as_string(part) for part in args[0])[:_LONGEST]
        return joined.encode("utf-8", "replace") if isinstance(value, bytes) else joined
    if isinstance(value, str):
        return _text_method(value, name, [as_string(arg) for arg in args], args)
    return UNSURE


def _text_method(value: str, name: str, args: list[str], raw: Sequence[Value]) -> Value:
    match name:
        case "replace" if len(args) >= 2 and args[0]:
            return value.replace(args[0], args[1])[:_LONGEST] if len(args[1]) < 1_000 else UNSURE
        case "strip" | "lstrip" | "rstrip":
            stripped: str = getattr(value, name)(*args[:1])
            return stripped
        case "lower" | "upper" | "swapcase" | "title":
            changed: str = getattr(value, name)()
            return changed
        case "split":
            pieces: list[Value] = list(value.split(*(args[:1] if args and args[0] else ())))
            return pieces[:5_000]
        case "format":
            text = value
            for at, arg in enumerate(args[:20]):
                text = text.replace(f"{{{at}}}", arg).replace("{}", arg, 1)
            return text[:_LONGEST]
        case "removeprefix" | "removesuffix" if args:
            cut: str = getattr(value, name)(args[0])
            return cut
        case "translate" if raw and isinstance(raw[0], dict):
            return UNSURE
        case _:
            return UNSURE
