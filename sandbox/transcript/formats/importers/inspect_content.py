"""What a message of Inspect's holds: words, reasoning, calls of tools, and things that are no text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.transcript.formats.fields import mapping, mappings, string

__all__ = ["Attachments", "Content"]

_SCHEMES: Final = ("attachment://", "tc://")  # the second until autumn 2024
_MEDIA: Final = ("image", "audio", "video", "document")


class Attachments:
    """The long texts of a sample, which stand elsewhere in it by hash, or by index in chunked samples."""

    def __init__(self, held: object) -> None:
        self._held: Mapping[str, Any] = (
            {str(at): value for at, value in enumerate(held)}
            if isinstance(held, list)
            else mapping(held)
        )
        self.missing: set[str] = set()
        self.ids = True
        """Whether the ids of messages tell them apart; see ``key``."""

    def text(self, value: str) -> str:
        """Put an attachment's text in the place of its reference."""
        for scheme in _SCHEMES:
            if value.startswith(scheme):
                found = self._held.get(value[len(scheme) :])
                if isinstance(found, str):
                    return found
                self.missing.add(value)
        return value

    def resolve(self, value: Any, depth: int = 0) -> Any:
        """Do so in every text of a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if depth > 100:
            return value
        if isinstance(value, list):
            return [self.resolve(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {key: self.resolve(item, depth + 1) for key, item in value.items()}
        return value

    def key(self, message: Mapping[str, Any]) -> tuple[object, ...]:
        """Tell messages apart: by id, or by role and content where there are no ids or not the same ones."""
        if self.ids and (id := string(message, "id")):
            return (id,)
        return self.content(message)

    def content(self, message: Mapping[str, Any]) -> tuple[object, ...]:
        """Tell messages apart by role and content."""
        held = self.resolve([message.get("content"), message.get("tool_calls")])
        return (string(message, "role"), hash(repr(held)))


@dataclass(frozen=True, slots=True)
class Content:
    """A message taken apart, in the order: reasoning, words, the rest."""

    words: str | None
    """None where the message has no text at all."""
    thoughts: Sequence[tuple[str, Mapping[str, Any]]] = ()
    media: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Images and the like: what the file holds of each, mostly a URL or a data URI."""
    served: Sequence[Mapping[str, Any]] = field(default=())
    """Tools that the model's maker ran at its side, with their results."""

    @classmethod
    def of(cls, content: object, attachments: Attachments) -> Content:
        """Take the ``content`` of a message apart, or the result of a tool: both have these shapes."""
        if isinstance(content, str):
            return cls(attachments.text(content))
        if not isinstance(content, list):
            return cls(None if content is None else json.dumps(content, ensure_ascii=False))
        words, thoughts, media, served = [], [], [], []
        for part in mappings(content):
            kind = part.get("type")
            if kind == "text" and isinstance(part.get("text"), str):
                words.append(attachments.text(part["text"]))
            elif kind == "reasoning":
                hidden = bool(part.get("redacted"))
                told = string(part, "summary") if hidden else string(part, "reasoning", "summary")
                thoughts.append(
                    (attachments.text(told or ""), {"redacted": True} if hidden else {})
                )
            elif kind == "tool_use":
                served.append(attachments.resolve(dict(part)))
            elif kind in _MEDIA:
                media.append((attachments.text(string(part, str(kind)) or ""), {"media": kind}))
            else:
                held = json.dumps(attachments.resolve(dict(part)), ensure_ascii=False)
                media.append((held, {"media": kind}))
        # Inspect's own reading of several parts
        return cls("\n".join(words) if words else None, thoughts, media, served)
