"""An ``.eval`` file of Inspect's: the header and the samples in its zip, one sample in memory at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.errors import Unreadable
from sandbox.transcript.formats.fields import mapping, sequence
from sandbox.transcript.formats.foreign import Oddity, Source
from sandbox.transcript.formats.members import Members
from sandbox.transcript.formats.text import unreadable

__all__ = ["header", "samples"]

_WHOLE: Final = re.compile(r"samples/.+_epoch_\d+\.json", re.DOTALL)
_CHUNKED: Final = re.compile(r"(samples/.+_epoch_\d+)/sample\.json", re.DOTALL)
_CHUNK: Final = re.compile(
    r"(samples/.+_epoch_\d+)/(messages|events|attachments)/(\d{1,12})\.json", re.DOTALL
)


def header(source: Source, members: Members, oddities: list[Oddity]) -> Mapping[str, Any]:
    """Read what is known of the whole evaluation; of one that was cut off, only how it began."""
    if "header.json" in members:
        return mapping(members.json("header.json"))
    if "_journal/start.json" not in members:
        raise unreadable(
            source,
            "a zip without header.json and _journal/start.json, so no log of Inspect's",
            "Unpack it and import what is in it",
        )
    oddities.append(Oddity("no header: the evaluation was cut off, and how it ended is not known"))
    return mapping(members.json("_journal/start.json"))


def samples(members: Members, oddities: list[Oddity]) -> Iterator[Mapping[str, Any]]:
    """Read the samples in the order of their names; one that is damaged is left out, and said so."""
    shells: dict[str, str] = {}
    chunks: dict[tuple[str, str], list[int]] = {}
    for name in members:
        if found := _CHUNK.fullmatch(name):
            chunks.setdefault((found[1], found[2]), []).append(int(found[3]))
        elif found := _CHUNKED.fullmatch(name):
            shells[name] = found[1]
        elif _WHOLE.fullmatch(name):
            shells[name] = ""
    failed: Unreadable | None = None
    read = 0
    for name, prefix in sorted(shells.items(), key=lambda item: _natural(item[0])):
        try:
            sample = mapping(members.json(name))
            yield _chunked(members, prefix, sample, chunks) if prefix else sample
            read += 1
        except Unreadable as error:
            failed = error
            oddities.append(Oddity(f"a sample is left out: {error}"))
    if failed is not None and not read:
        raise failed


def _natural(name: str) -> list[tuple[int, str]]:
    """Order sample 2 before sample 10."""
    return [
        (int(part) if part.isdecimal() and len(part) < 19 else -1, part)
        for part in re.split(r"(\d+)", name)
    ]


def _chunked(
    members: Members,
    prefix: str,
    shell: Mapping[str, Any],
    chunks: Mapping[tuple[str, str], list[int]],
) -> Mapping[str, Any]:
    """Put a sample together that is stored as sequences in chunks, each named by its first index."""
    held: dict[str, list[Any]] = {}
    for kind in ("messages", "events", "attachments"):
        held[kind] = []
        for start in sorted(chunks.get((prefix, kind), ())):
            held[kind] += sequence(members.json(f"{prefix}/{kind}/{start}.json"))
    own: list[Any] = []
    for ref in sequence(shell.get("message_refs")):
        match ref:
            case [int(start), int(end)] if (
                0 <= start < end and len(own) < len(held["messages"]) * 2
            ):
                own += held["messages"][start:end]
    metadata = f"{prefix}/metadata.json"
    return {
        **shell,
        "messages": own,
        "events": held["events"],
        "attachments": held["attachments"],
        "events_data": {"messages": held["messages"]},
        "metadata": members.json(metadata) if metadata in members else {},
    }
