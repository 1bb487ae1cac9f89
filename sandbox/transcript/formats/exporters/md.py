"""Markdown for GitHub and notebooks: a heading a turn, words of others in fences that hold them.

A fence is longer than any run of backticks in what it holds, so nothing within it is Markdown, HTML, a
mention or a link. Long lines of prose are wrapped, since a fence is not.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from typing import BinaryIO, Final

from sandbox.console.fields import clause, listed, word
from sandbox.console.flag_title import flag_title
from sandbox.console.lines import shorten
from sandbox.console.neutral import neutralise
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.facts import asked_for, facts
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import Survey, evidence, survey
from sandbox.transcript.formats.exporters.telling import Teller, Telling

__all__ = ["fence", "inline", "write"]

_WIDTH: Final = 100
_LONGEST: Final = 1 << 18
"""Characters of one text; the record has all of it."""
_WRAP: Final = textwrap.TextWrapper(
    _WIDTH, replace_whitespace=False, drop_whitespace=False, break_long_words=False
)
_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9 ,;'()-]|[:.](?= |$))+")
_TICKS: Final = re.compile("`+")


def write(source: Source, out: BinaryIO) -> None:
    """Write the run; its head needs a pass of its own."""
    found = survey(source)
    teller, turn, speaker = Teller(found), 0, ""
    _put(out, _head(found, source))
    for placed in source:
        event = placed.event
        told = teller.tell(event)
        if placed.turn != turn:
            turn, speaker = placed.turn, ""
            _put(out, ["", f"## Turn {turn}"])
        if told is not None:
            anchor = [f'<a id="e{event.seq}"></a>', ""] if event.seq in found.evidence else []
            _put(out, ["", *anchor, *_entry(told, event, speaker)])
            speaker = "" if told.group == "flags" else event.actor


def fence(text: str, language: str = "text") -> str:
    """Put a hostile text between fences that it cannot close."""
    text = neutralise(shorten(text, _LONGEST))
    marks = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{marks}{language}\n{text}\n{marks}"


def inline(text: str) -> str:
    """Write a hostile text within a line: as it is where that says nothing to Markdown, else as code."""
    text = neutralise(text, newlines=False).strip()
    if not text or _PLAIN.fullmatch(text):
        return text
    marks = "`" * (1 + max(map(len, _TICKS.findall(text)), default=0))
    pad = " " if "`" in text else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def _put(out: BinaryIO, lines: list[str]) -> None:
    out.write(("\n".join(lines) + "\n").encode())


def _head(found: Survey, source: Source) -> list[str]:
    lines = [f"# {inline(word(found.started, 'title')) or 'A run'}", ""]
    lines += [f"- {name}: {inline(value)}" for name, value in facts(found, source)]
    lines += ["", "| who | model | tools |", "| --- | --- | --- |"]
    for name, spec in found.agents.items():
        cells = (clause(name), found.played(name), ", ".join(listed(spec, "tools")))
        lines.append("| " + " | ".join(inline(cell).replace("|", "\\|") for cell in cells) + " |")
    if found.flags:
        lines += ["", f"**What the watch noticed** ({len(found.flags)})", ""]
        lines += [
            f"- [turn {turn}](#e{flag.seq}): {inline(clause(flag_title(flag.data)))}"
            for turn, flag in found.flags
        ]
    return lines


def _entry(told: Telling, event: Event, speaker: str) -> Iterator[str]:
    name = clause(event.actor)
    if told.group == "flags":
        yield from _flag(event)
        return
    if told.group == "house":
        yield f"*{inline(name)}* " + "; ".join(map(inline, told.notes))
        return
    who = "" if event.actor == speaker or event.kind == "action.result" else name
    notes = "".join(f" ({note})" for note in told.notes)
    if told.folded:
        # GitHub reads no Markdown in a line of HTML, and links no mention in code.
        summary = html.escape(" ".join(filter(None, (who, told.head))) + notes)
        yield f"<details><summary><code>{summary}</code></summary>"
        yield ""
    elif who or told.head or notes:
        named = f"**{inline(who)}**" if who else ""
        yield " ".join(filter(None, (named, inline(told.head), inline(notes))))
        yield ""
    if told.text.strip():
        yield fence(told.text if told.code else _wrapped(told.text))
    if told.folded:
        yield ""
        yield "</details>"


def _flag(event: Event) -> Iterator[str]:
    data = event.data
    yield f'<a id="e{event.seq}"></a>'
    yield ""
    yield f"> **Flag** {inline(word(data, 'id'))} {inline(clause(flag_title(data)))}  "
    rests = ", ".join(f"[{seq}](#e{seq})" for seq in evidence(event))
    asked = asked_for(data)
    yield "> " + " · ".join(
        filter(None, (inline(word(data, "level")), rests and f"rests on {rests}", asked))
    )


def _wrapped(text: str) -> str:
    lines = [
        line if len(line) <= _WIDTH else "\n".join(_WRAP.wrap(line))
        for line in neutralise(shorten(text, _LONGEST)).split("\n")
    ]
    return "\n".join(lines)
