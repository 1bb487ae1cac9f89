"""The rows of the launch list: the reader's own scenarios, those that ship, and the last runs."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from rich.text import Text

from sandbox.console.fields import clause
from sandbox.tui.launch.earlier import RecentRun
from sandbox.tui.launch.shelf import Entry

__all__ = ["Item", "key_of", "matches", "row_of"]

Item: TypeAlias = Entry | RecentRun
_NAME = 24
_LONG = 60
"""Cells from which on there is room for words in place of letters."""


def key_of(item: Item) -> str:
    """What stays the same when an item is read anew."""
    return str(item.path) if isinstance(item, Entry) else f"run {item.info.id}"


def matches(item: Item, words: str) -> bool:
    """Whether each word occurs in what an item is called, case aside."""
    if isinstance(item, Entry):
        called = f"{item.name} {item.scenario.title if item.scenario else ''}"
    else:
        called = f"{item.info.id} {item.info.title} {item.info.end}"
    return all(word in called.lower() for word in words.lower().split())


def row_of(item: Item, now: float, width: int = 0) -> Text:
    """Draw one row for so many cells; ``now`` is unix seconds."""
    return _entry(item, width) if isinstance(item, Entry) else _run(item, now, width)


def _entry(entry: Entry, width: int) -> Text:
    name = Text(clause(entry.name), no_wrap=True, overflow="ellipsis")
    name.truncate(_room(width), overflow="ellipsis", pad=True)
    if entry.error:
        return name.append(f"  {_line(entry)}", "bold red")
    if entry.scenario is None:
        return name
    agents = len(entry.scenario.agents)
    turns = _short(entry.scenario.limits.turns)
    if width >= _LONG:
        name.append(f" {agents:>3} agent{'s' if agents != 1 else ' '} {turns:>5} turns", "dim")
    else:
        name.append(f" {agents:>3}a {turns:>5}t", "dim")
    return name.append(" !", "bold yellow") if entry.warnings else name


def _room(width: int) -> int:
    """Cells of a name beside the rest of its row."""
    return max(_NAME, width - (26 if width >= _LONG else 15))


def _line(entry: Entry) -> str:
    """Where the first problem is, as its message says."""
    place = entry.error.partition(": ")[0].rsplit(":", 2)
    return f"line {place[1]}" if len(place) == 3 and place[1].isdecimal() else "broken"


def _short(turns: int) -> str:
    return str(turns) if turns < 10_000 else f"{turns // 1000}k"


def _run(run: RecentRun, now: float, width: int) -> Text:
    info = run.info
    name = Text(clause(info.title or info.id), no_wrap=True, overflow="ellipsis")
    name.truncate(_room(width) - 4, overflow="ellipsis", pad=True)
    tone = {"running": "bold green", "error": "bold red", "killed": "red", "damaged": "red"}
    name.append(f" {_word(info.end):<8}", tone.get(info.end, "dim"))
    name.append(f"{_ago(info.started, now):>4}", "dim")
    return name.append(f" {run.flags}!", "yellow") if run.flags else name


def _word(end: str) -> str:
    return clause({"not played yet": "unplayed", "not told": "imported"}.get(end, end))[:8]


def _ago(started: str, now: float) -> str:
    try:
        seconds = now - datetime.fromisoformat(started).timestamp()
    except ValueError:
        return ""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f}{unit}"
    return "now"
