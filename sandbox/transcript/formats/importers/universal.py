"""Logs of UniversalBackrooms and its forks: text, or the same text stored as Markdown.

Each turn is a blank line, a header and the words; headers are ``### Claude 1 ###``, before 18 October
2024 ``Claude 1:``. The samhains fork adds a preamble, ``### Round n/N`` and reports of its media and
Discord agents; the GPT-5 fork marks reasoning. Nobody escapes anything, so the order of the speakers
tells a header from a line in somebody's words that looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Party, Source
from sandbox.transcript.formats.importers.universal_cast import cast, headers
from sandbox.transcript.formats.importers.universal_ledger import ledger
from sandbox.transcript.formats.importers.universal_name import log_name
from sandbox.transcript.formats.importers.universal_prompts import prompts_of
from sandbox.transcript.formats.text import lines as lines_of
from sandbox.transcript.formats.text import text as text_of
from sandbox.transcript.formats.text import unreadable
from sandbox.transcript.formats.turn_order import Header, in_order, is_blank

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "universal"
ABOUT: Final = "UniversalBackrooms and its forks: logs, text or Markdown"

_PREAMBLE: Final = "### Backrooms Run ###"
_FACT: Final = re.compile(r"(Template|Models|Started): (.*?)\r?")
_ROUND: Final = re.compile(r"### Round (\d+)/(\d+|inf)\r?")
_REPORT: Final = re.compile(
    r"### ((?:Media Agent|Discord Agent|Discord Post|SQL)(?: \(.+\))?) ###\r?"
)
_FAILED: Final = re.compile(r"((?:Media|Discord) Agent) error: .*")
_SPEAKER: Final = re.compile(r"### \S.{0,60} ###|(?:\S.{0,60} 1|CLI):")
_ENDS: Final = (
    (re.compile(r"(.+) has ended the conversation with \^C\^C\.\r?"), "^C^C"),
    (re.compile(r"Reached maximum number of turns \(.+\)\. Conversation ended\.\r?"), "turns"),
    (re.compile(r"Context budget limit reached \(.+\)\. Conversation ended\.\r?"), "context"),
)
_SEALED: Final = "[Encrypted reasoning payload captured]"
_SUMMARY: Final = "--- Reasoning Summary (logs only) ---"


class _Block(NamedTuple):
    """A part of the file: what begins it, and the index of its first line and behind its last."""

    kind: str
    name: str
    first: int
    end: int
    round: int | None


def looks(source: Source) -> float:
    """Tell from the first line that is not blank, and from the name."""
    head = source.data[:2000].decode("utf-8", "replace").lstrip("\ufeff\r\n")
    line = head.split("\n", 1)[0].rstrip("\r")
    named = log_name(source.name) is not None
    if line == _PREAMBLE:
        return 0.95
    if _ROUND.fullmatch(line):
        return 0.9
    if _SPEAKER.fullmatch(line):
        return 0.9 if named else 0.6
    begun = any(_SPEAKER.fullmatch(line.rstrip("\r")) for line in head.split("\n")[:20])
    return 0.7 if named and begun else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one run of a log.

    Raises:
        Unreadable: nobody speaks in it and it has no preamble.
    """
    whole, oddities = text_of(source)
    lines = lines_of(whole)
    end = len(lines) - (lines[-1] == "")
    if lines[-1]:
        oddities.append(Oddity("the file does not end in a newline: it may be cut off", end))
    if any(line.endswith("\r") for line in lines[:3]):
        oddities.append(Oddity("Windows line ends: kept in what was said"))
    facts = _preamble(lines)
    known = ledger(source)
    named = log_name(source.name)
    most = len(facts["models"]) if "models" in facts else len(named.words) - 1 if named else None
    found = _headers(lines)
    speakers = cast(found, most)
    turns, odd = in_order(found, speakers)
    oddities += odd
    end, ends = _ends(lines, end, speakers)
    blocks = list(_blocks(lines, end, turns))
    if not blocks and not facts:
        why = "no line in it is a speaker's header such as '### Claude 1 ###'"
        raise unreadable(source, why, "If it is another system's, name its format with --format")
    models, name = named.split(len(speakers)) if named else ([], None)
    models, name = facts.get("models", models), facts.get("template", name)
    prompts = prompts_of(source, name, speakers)
    preamble = "\n".join(lines[: blocks[0].first - 1 if blocks else end]).strip()
    if preamble and not facts and not _ROUND.fullmatch(preamble):
        oddities.append(Oddity("words before the first header are nobody's: kept as 'preamble'", 1))
    more = {
        "template": name,
        "models": models,
        "end": [line for _, line in ends],
        "preamble": preamble,
        "ledger": known,
    }
    reporters = dict.fromkeys(block.name for block in blocks if block.kind == "report")
    return [
        Foreign(
            format=NAME,
            title=name or source.name.rpartition("/")[2],
            parties=[
                *(
                    Party(
                        speaker,
                        model=models[place] if place < len(models) and speaker != "CLI" else None,
                        system=prompts.systems.get(speaker),
                    )
                    for place, speaker in enumerate(speakers)
                ),
                *(Party(reporter) for reporter in reporters),
            ],
            entries=[entry for block in blocks for entry in _entries(lines, block)],
            started=facts.get("started") or (named.started if named else None),
            ended=_text(known, "end"),
            end_reason=ends[0][0] if ends else _text(known, "exit_reason"),
            seed_context=prompts.context,
            more={key: value for key, value in more.items() if value},
            oddities=[*oddities, *prompts.oddities],
        )
    ]


def _preamble(lines: Sequence[str]) -> dict[str, Any]:
    """What a samhains log says of itself at its head; empty for every other log."""
    if lines[0].rstrip("\r") != _PREAMBLE:
        return {}
    told = [fact for line in lines[1:4] if (fact := _FACT.fullmatch(line))]
    facts: dict[str, Any] = {fact[1].lower(): fact[2] for fact in told if fact[2]}
    if "models" in facts:
        facts["models"] = facts["models"].split(", ")
    return facts or {"template": None}


def _headers(lines: Sequence[str]) -> list[Header]:
    """Find what looks like a speaker's header, in the one style of the file: that of the first."""
    hashes = [h for h in headers(lines, "hash") if not _is_mark(lines[h.at])]
    colons = list(headers(lines, "colon"))
    if hashes and (not colons or hashes[0] < colons[0]):
        return hashes
    return colons


def _is_mark(line: str) -> bool:
    return line.startswith(_PREAMBLE) or _REPORT.fullmatch(line) is not None


def _ends(
    lines: Sequence[str], end: int, speakers: Sequence[str]
) -> tuple[int, list[tuple[str, str]]]:
    """Take the writer's last words off: where the talk ends, and why, with the lines themselves."""
    why: list[tuple[str, str]] = []
    while end >= 2 and is_blank(lines[end - 2]):
        for pattern, reason in _ENDS:
            found = pattern.fullmatch(lines[end - 1])
            if found and (not pattern.groups or found[1] in speakers):
                why.insert(0, (reason, lines[end - 1].rstrip("\r")))
                end -= 2
                break
        else:
            break
    return end, why


def _blocks(lines: Sequence[str], end: int, turns: Sequence[Header]) -> Iterator[_Block]:
    """Part the file at its marks: turns, reports, rounds. What is before the first mark is left out."""
    speaking = {header.at: header.name for header in turns}
    opening = turns[0].at if turns else end
    reported = not turns or lines[opening].startswith("### ")
    rounds = reported and any(_ROUND.fullmatch(line) for line in lines[:opening])
    marks: list[
        tuple[int, int, str, str, int | None]
    ] = []  # behind the one before, first line, ...
    count = 0
    for at in range(end):
        line, before = lines[at], max(at - 1, 0)
        if at in speaking:
            marks.append((before, at + 1, "turn", speaking[at], count or None))
        elif not reported or (at and not is_blank(lines[before])):
            continue
        elif rounds and (begun := _ROUND.fullmatch(line)) and begun[1] == str(count + 1):
            count += 1
            marks.append((before, at + 1, "round", "", count))
        elif report := _REPORT.fullmatch(line):
            marks.append((before, at + 1, "report", report[1], count or None))
        elif failed := _FAILED.fullmatch(line):
            marks.append((before, at, "report", failed[1], count or None))
    for index, (_, first, kind, name, number) in enumerate(marks):
        behind = marks[index + 1][0] if index + 1 < len(marks) else end
        yield _Block(kind, name, first, max(behind, first), number)


def _entries(lines: Sequence[str], block: _Block) -> Iterator[Entry]:
    """Make of a block what was said, thought or reported in it."""
    if block.kind == "round":
        return
    body = list(lines[block.first : block.end])
    if body and lines[block.first - 1].endswith("\r"):
        body[-1] = body[-1].removesuffix("\r")  # the writer's line end, not the speaker's
    number, line = block.round, block.first
    if block.kind == "report":
        yield Entry("note", block.name, "\n".join(body), turn=number, line=line)
        return
    thoughts = _take_thoughts(body)
    for thought in thoughts:
        yield Entry("thought", block.name, thought, turn=number, line=line)
    yield Entry("say", block.name, "\n".join(body), turn=number, line=line)


def _take_thoughts(body: list[str]) -> list[str]:
    """Take reasoning off the end of a turn's lines, where the GPT-5 fork writes it."""
    thoughts = []
    for at in range(len(body) - 1, 0, -1):
        if body[at].rstrip("\r") == _SUMMARY and is_blank(body[at - 1]):
            thoughts.append("\n".join(body[at + 1 :]))
            del body[at - 1 :]
            break
    if body and body[-1].rstrip("\r") == _SEALED:
        thoughts.insert(0, body.pop().rstrip("\r"))
    return thoughts


def _text(facts: Mapping[str, Any], key: str) -> str | None:
    value = facts.get(key)
    return value if isinstance(value, str) else None
