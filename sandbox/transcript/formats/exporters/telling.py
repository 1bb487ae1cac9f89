"""An event as a page tells it: whose, of what sort, in which words. Every page draws it its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import orjson

from sandbox.console.actions import TOLD_BY_EFFECT
from sandbox.console.ends import count
from sandbox.console.fields import clause, listed, number, text, word
from sandbox.console.flag_title import flag_title
from sandbox.console.narrator import Narrator
from sandbox.console.stage import Stage
from sandbox.transcript.codec import dumps
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.survey import Survey

__all__ = ["GROUPS", "Group", "Teller", "Telling"]

Group: TypeAlias = Literal["speech", "whispers", "thoughts", "actions", "flags", "house"]
GROUPS: Final[Mapping[Group, str]] = {
    "speech": "speech",
    "whispers": "whispers",
    "thoughts": "thoughts",
    "actions": "actions",
    "flags": "flags",
    "house": "machinery",
}
"""What a reader may leave out, and what it is called."""

_WRONG: Final = frozenset({"refused", "failed", "warning"})


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of one event. ``text`` is as it was recorded, hostile; the rest is neutral.

    ``head`` goes on where the name ends: *whispers to bo*. ``notes`` are remarks of the house.
    ``code`` says that the text is a command or its output, ``folded`` that it is opened on demand.
    """

    group: Group
    head: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    code: bool = False
    folded: bool = False
    wrong: bool = False


class Teller:
    """Tells the events of one run in their order."""

    def __init__(self, found: Survey) -> None:
        self._stage = Stage()
        self._narrator = Narrator()
        self._evidence = found.evidence
        self._last = 0 if found.last is None else found.last.seq

    def tell(self, event: Event) -> Telling | None:
        """Tell one event; None where a reader misses nothing, and no flag rests on it."""
        self._stage.take(event)
        if event.kind == "run.started" or (event.kind == "run.ended" and event.seq == self._last):
            self._narrator.narrate(event)
            return None  # told by the cover
        own = _OWN.get(event.kind)
        told = self._machinery(event) if own is None else own(event, self._stage)
        if told is None and event.seq in self._evidence:
            return Telling("house", notes=(f"{clause(event.kind)} {clause(event.data)}",))
        return told

    def _machinery(self, event: Event) -> Telling | None:
        lines = self._narrator.narrate(event)
        actor = clause(event.actor)
        notes = tuple(
            line.text if line.who == actor else f"{line.who}: {line.text}"
            for line in lines
            if not line.rule
        )
        wrong = any(span.style in _WRONG for line in lines for span in line.body)
        return Telling("house", notes=notes, wrong=wrong) if notes else None


def _speech(event: Event, stage: Stage) -> Telling:
    head = []
    if event.room is not None and event.room != stage.main_room:
        head.append(f"in {clause(event.room)}")
    if event.data.get("to"):
        head.append(f"to {word(event.data, 'to')}")
    private = event.data.get("private") and isinstance(event.visible_to, tuple)
    if private:
        hearers = (clause(name) for name in event.visible_to if name != event.actor)
        head.append(f"for {', '.join(hearers)} alone")
    return Telling(
        "whispers" if private else "speech", ", ".join(head), _words(event), _whose(event)
    )


def _whisper(event: Event, stage: Stage) -> Telling:
    how = "on a direct line to" if event.kind == "peer.message" else "whispers to"
    head = f"{how} {word(event.data, 'to')}"
    return Telling("whispers", head, _words(event), _whose(event))


def _thought(event: Event, stage: Stage) -> Telling | None:
    data = event.data
    if data.get("purpose") == "bid":
        return None
    answer, reasoning = _words(event), _words(event, "reasoning")
    stopped = word(data, "stop") in {"refusal", "filter"}
    notes = ("the model's maker stopped this answer",) if stopped else ()
    if data.get("malformed"):
        head = f"gives an answer that is no action: {word(data, 'malformed')}"
        return Telling("thoughts", head, answer, notes, folded=True, wrong=True)
    beside = answer if data.get("calls") and not stage.answers_in_json(event.actor) else ""
    words = "\n\n".join(filter(str.strip, (reasoning, beside)))
    if not words and not notes:
        return None
    return Telling("thoughts", "thinks", words, notes, folded=True, wrong=stopped)


def _thought_failed(event: Event, stage: Stage) -> Telling | None:
    if event.data.get("kind") == "TurnOver":
        return None
    return Telling("thoughts", f"gets no answer: {word(event.data, 'error')}", wrong=True)


def _intent(event: Event, stage: Stage) -> Telling | None:
    data, args = event.data, stage.arguments(event)
    tool = word(data, "tool")
    boxed = data.get("author") == "box"
    if tool in TOLD_BY_EFFECT and not boxed:
        return None
    notes = ("the box, not the model, wants this",) if boxed else ()
    if tool == "shell" and isinstance(args.get("command"), str):
        return Telling("actions", "", args["command"], notes, code=True, wrong=boxed)
    if tool == "write_file" and isinstance(args.get("text"), str):
        head = f"writes {clause(args.get('path'))}, {count(len(args['text']), 'character')}"
        return Telling("actions", head, args["text"], notes, code=True, folded=True, wrong=boxed)
    if tool == "read_file":
        return Telling("actions", f"reads {clause(args.get('path'))}", notes=notes, wrong=boxed)
    given = dumps(args, orjson.OPT_INDENT_2).decode() if args else ""
    return Telling("actions", f"uses {tool}", given, notes, code=True, wrong=boxed)


def _result(event: Event, stage: Stage) -> Telling:
    data = event.data
    output = _words(event, "output")
    status, cut = data.get("exit"), int(number(data, "cut"))
    wrong = status not in (None, 0) or data.get("ok") is False
    head = [count(len(output.splitlines()), "line") if output else "no output"]
    head += [f"exit {clause(status)}"] if status not in (None, 0) else ["failed"] * wrong
    head += [f"{number(data, 'seconds'):.2f} s"] if data.get("seconds") is not None else []
    notes = (f"{cut:,} bytes were left out",) if cut else ()
    told = " · ".join(head)
    return Telling("actions", told, output, notes, code=True, folded=True, wrong=wrong)


def _refused(event: Event, stage: Stage) -> Telling:
    note = f"{word(event.data, 'tool')} refused: {word(event.data, 'reason')}"
    return Telling("actions", notes=(note,), wrong=True)


def _ended(event: Event, stage: Stage) -> Telling:
    return Telling("house", notes=(f"the run has ended: {word(event.data, 'reason')}",))


def _note(event: Event, stage: Stage) -> Telling:
    return Telling("house", notes=(text(event.data, "text"),))


def _flag(event: Event, stage: Stage) -> Telling:
    return Telling("flags", clause(flag_title(event.data)), wrong=True)


def _nothing(event: Event, stage: Stage) -> None:
    return None


def _words(event: Event, member: str = "text") -> str:
    value = event.data.get(member)
    return value if isinstance(value, str) else clause(value)


def _whose(event: Event) -> tuple[str, ...]:
    voices = listed(event.data, "speaks_for")
    notes = (f"writes words for {', '.join(voices)}",) if voices else ()
    author = event.data.get("author")
    if author == "box":
        return (*notes, "the box's words, not the model's")
    if author == "operator" and event.actor != "operator":
        return (*notes, "the operator's words in its place")
    return notes


_OWN: Final[Mapping[str, Callable[[Event, Stage], Telling | None]]] = {
    "say": _speech,
    "operator.say": _speech,
    "whisper": _whisper,
    "operator.whisper": _whisper,
    "peer.message": _whisper,
    "think.request": _nothing,
    "think.done": _thought,
    "think.failed": _thought_failed,
    "action.intent": _intent,
    "action.result": _result,
    "action.refused": _refused,
    "flag": _flag,
    "run.ended": _ended,
    "imported.note": _note,
}
"""Every other kind is told as the console tells it."""
