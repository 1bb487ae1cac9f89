"""The two HTML forms of a liminal_backrooms conversation.

``conversation_full.html`` has a ``div.message`` for each message, drawn from escaped text: code fences
became ``pre`` and ``code``, quoted lines ``p.greentext``, and all of that is undone exactly.
``conversation.html`` is what the window's widget writes: paragraphs, without a class to go by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

__all__ = ["Message", "exported", "qt_text"]

_KINDS: Final = ("user", "assistant", "system", "agent-notification")
_VOID: Final = frozenset({"img", "br", "hr", "meta", "link", "input"})
_NAMED: Final = re.compile(r"\s*(.*?)(?: \((.*)\))?\s*", re.DOTALL)


@dataclass(slots=True)
class Message:
    """One message as drawn: its class, whose it is, and its words."""

    kind: str
    line: int
    name: str = ""
    model: str = ""
    text: str = ""
    reasoning: str = ""
    images: list[str] = field(default_factory=list)


def exported(html: str) -> list[Message]:
    """Read ``conversation_full.html``; empty where there is no message in it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for message in reader.messages:
        message.name = message.name.strip()
        if not message.model and (named := _NAMED.fullmatch(message.name)):
            message.name, message.model = named[1], named[2] or ""
    return reader.messages


class _Reader(HTMLParser):
    """Keeps a stack of open elements, and what each one's text is part of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[Message] = []
        self._open: list[tuple[str, str]] = []  # element, and the field its text goes to
        self._fences: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag == "img":
            if self._message is not None:
                self._message.images.append((given.get("src") or "")[:2000])
            return
        if tag == "br":
            self.handle_data("\n")
        if tag in _VOID:
            return
        into = self._open[-1][1] if self._open else ""
        if (
            tag == "div"
            and classes[:1] == ["message"]
            and (kind := classes[1:2])
            and kind[0] in _KINDS
        ):
            self.messages.append(Message(kind[0], self.getpos()[0]))
            into = "body"
        elif into:
            into = self._part(classes, into)
        self._open.append((tag, into))
        if tag == "code" and into in {"text", "reasoning"}:
            fenced = len(self._open) > 1 and self._open[-2][0] == "pre"
            language = next((c[9:] for c in classes if c.startswith("language-")), "")
            self.handle_data(f"```{language}\n" if fenced else "`")
            self._fences.append("```" if fenced else "`")

    @staticmethod
    def _part(classes: list[str], into: str) -> str:
        for name, part in (
            ("header", "name"), ("ai-name", "name"), ("model-name", "model"), ("timestamp", "time"),
            ("cot-label", "label"), ("cot-final", "text"), ("cot-section", "reasoning"),
        ):  # fmt: skip
            if name in classes:
                return part
        return "text" if "content" in classes and into == "body" else into

    def handle_endtag(self, tag: str) -> None:
        if all(name != tag for name, _ in self._open):
            return
        while self._open:
            name, into = self._open.pop()
            if name == "code" and into in {"text", "reasoning"} and self._fences:
                self._write(into, self._fences.pop())
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._open:
            self._write(self._open[-1][1], data)

    @property
    def _message(self) -> Message | None:
        return self.messages[-1] if self.messages and any(into for _, into in self._open) else None

    def _write(self, into: str, data: str) -> None:
        message = self._message
        if message is None:
            return
        if into == "text":
            message.text += data
        elif into == "reasoning":
            message.reasoning += data
        elif into == "name":
            message.name += data
        elif into == "model":
            message.model += data.strip("()")


def qt_text(html: str) -> str:
    """Read what a Qt widget writes as HTML back into lines of text."""
    reader = _Paragraphs()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.lines).replace("\u00a0", " ")


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"p", "pre"}:
            self._inside = True
            self.lines.append("")
        elif tag == "br" and self._inside and ("style", "-qt-paragraph-type:empty;") not in attrs:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in {"p", "pre"}

    def handle_data(self, data: str) -> None:
        if self._inside:
            first, *rest = data.split("\n")
            self.lines[-1] += first
            self.lines += rest
