"""The events of a run as entries of the page, in sections of a turn each."""

from __future__ import annotations

from typing import Final

from sandbox.console.fields import clause, listed, text, word
from sandbox.console.flag_title import flag_title
from sandbox.console.status import duration
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.facts import asked_for
from sandbox.transcript.formats.exporters.html.escape import attribute, words
from sandbox.transcript.formats.exporters.html.prose import prose
from sandbox.transcript.formats.exporters.html.tint import Tints
from sandbox.transcript.formats.exporters.source import Placed
from sandbox.transcript.formats.exporters.survey import Survey, evidence, moment
from sandbox.transcript.formats.exporters.telling import Teller, Telling

__all__ = ["Entries"]

_MOST: Final = 60
"""Entries of one section: a browser skips whole sections that are out of sight."""
_PREVIEW: Final = 110
_TOLD_OF_FLAG: Final = frozenset(
    {"id", "version", "title", "level", "elicited", "evidence", "agent"}
)


class Entries:
    """Makes the entries of one run in their order; holds the turn and the last speaker."""

    def __init__(self, found: Survey) -> None:
        self._found = found
        self._teller = Teller(found)
        self._tints = Tints(found)
        self._began = moment(found.began)
        self._turn = -1
        self._speaker = ""
        self._count = 0

    def add(self, placed: Placed) -> str:
        """Write one event, with what opens the turn if it does; nothing where there is nothing to tell."""
        turn, event = placed
        told = self._teller.tell(event)
        # Before the first turn there may be nothing to tell; a turn is there to be linked to.
        html = self._open(turn, event) if turn != self._turn and (turn or told) else ""
        if told is None:
            return html
        if self._count >= _MOST:
            html += '</section>\n<section class="turn more">'
            self._count = 0
        self._count += 1
        html += self._entry(event, told)
        self._speaker = "" if told.group == "flags" else event.actor
        return html

    def end(self) -> str:
        """Close the last section."""
        return "</section>\n" if self._turn >= 0 else ""

    def _open(self, turn: int, event: Event) -> str:
        html = self.end()
        self._turn, self._speaker, self._count = turn, "", 0
        if not turn:
            return html + '<section class="turn" id="t0" aria-label="Before the first turn">'
        at = moment(event.ts)
        away = self._found.away.until(event.seq)
        clock = "" if at is None or self._began is None else duration(at - self._began - away)
        when = f'<time title="{attribute(event.ts)}">{clock}</time>' if clock else ""
        return (
            f'{html}<section class="turn" id="t{turn}" aria-label="Turn {turn}">'
            f'<div class="number"><h2><a href="#t{turn}" title="Link to turn {turn}">{turn}</a></h2>'
            f"{when}</div>"
        )

    def _entry(self, event: Event, told: Telling) -> str:
        seq, flags = event.seq, self._found.evidence.get(event.seq, ())
        kind = f"{told.group}{' wrong' * told.wrong}{' out' * (event.kind == 'action.result')}"
        room = "" if event.room is None else f' data-room="{attribute(event.room)}"'
        flagged = " data-flagged" * bool(flags or told.group == "flags")
        margin = "".join(
            f'<a class="mark" href="#e{flag.seq}" title="{attribute(clause(flag_title(flag.data)))}">'
            f"{attribute(word(flag.data, 'id'))}</a>"
            for flag in flags
        )
        return (
            f'<article class="{kind}" id="e{seq}" data-who="{attribute(event.actor)}"{room}{flagged}>'
            f'{self._who(event, told)}<div class="body">{self._body(event, told)}</div>'
            f'<div class="margin"><a class="seq" href="#e{seq}" title="Link to event {seq}">{seq}</a>'
            f"{margin}</div></article>\n"
        )

    def _who(self, event: Event, told: Telling) -> str:
        if told.group == "flags":
            return '<p class="who">flag</p>'
        again = event.actor == self._speaker
        tint = self._tints.of(event.actor)
        return f'<p class="who{tint}{" again" * again}">{attribute(clause(event.actor))}</p>'

    def _body(self, event: Event, told: Telling) -> str:
        if told.group == "flags":
            return _flag(event)
        head = f'<p class="how">{attribute(told.head)}</p>' if told.head and not told.folded else ""
        notes = "".join(f'<p class="note">{words(note)}</p>' for note in told.notes)
        if not told.text.strip():
            if told.folded:
                head = f'<p class="how">{attribute(told.head)}</p>'
            return head + notes
        shown = _code(told.text) if told.code else prose(told.text)
        if told.folded:
            shown = f"<details><summary>{_summary(told)}</summary>{shown}</details>"
        return head + shown + notes


def _summary(told: Telling) -> str:
    first, newline, _ = told.text.strip().partition("\n")
    first = first.rstrip()
    more = "…" if len(first) > _PREVIEW or newline else ""
    preview = f'<span class="first">{attribute(first[:_PREVIEW])}{more}</span>'
    return f'<span class="how">{attribute(told.head)}</span> {preview}'


def _code(text: str) -> str:
    return f'<pre tabindex="0">{words(text.strip(chr(10)))}</pre>'


def _flag(event: Event) -> str:
    data = event.data
    rests = ", ".join(f'<a href="#e{seq}">event {seq}</a>' for seq in evidence(event))
    asked = asked_for(data)
    level = word(data, "level")
    about = [f"<b>{attribute(word(data, 'id'))}</b>"]
    about += [f"<b>{attribute(level)}</b>"] if level else []
    about += [f"rests on {rests}"] if rests else []
    about += [attribute(asked)] if asked else []
    rows = "".join(
        f"<dt>{attribute(clause(key).replace('_', ' '))}</dt><dd>{words(_value(event, key))}</dd>"
        for key in data
        if key not in _TOLD_OF_FLAG and data[key] not in (None, "", [], {})
    )
    more = f"<details><summary>details</summary><dl>{rows}</dl></details>" if rows else ""
    title = attribute(clause(flag_title(data))) or "flag"
    return f'<p class="title">{title}</p><p class="about">{" · ".join(about)}</p>{more}'


def _value(event: Event, key: str) -> str:
    value = event.data[key]
    return ", ".join(listed(event.data, key)) if isinstance(value, list) else text(event.data, key)
