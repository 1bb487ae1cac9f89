"""Search over the runs of a folder: a language for it, an index that heals itself, and hits as they are found."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript.search.around import neighbours
    from sandbox.transcript.search.document import Document
    from sandbox.transcript.search.excerpt import snippet
    from sandbox.transcript.search.grammar import parse
    from sandbox.transcript.search.query import CLASSES, FIELDS, Query, write
    from sandbox.transcript.search.search import Search
    from sandbox.transcript.search.sift import Hit

__all__ = [
    "CLASSES",
    "FIELDS",
    "Document",
    "Hit",
    "Query",
    "Search",
    "neighbours",
    "parse",
    "snippet",
    "write",
]

_HOMES = {
    "CLASSES": "query",
    "FIELDS": "query",
    "Document": "document",
    "Hit": "sift",
    "Query": "query",
    "Search": "search",
    "neighbours": "around",
    "parse": "grammar",
    "snippet": "excerpt",
    "write": "query",
}


def __getattr__(name: str) -> object:
    # Lazy: the command's help needs none of it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
