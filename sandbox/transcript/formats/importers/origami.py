"""origami: one run as JSON, its messages in rounds; and chains, whose ``parts`` are runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import (
    integer,
    kept,
    mapping,
    mappings,
    moment,
    sequence,
    string,
)
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "origami"
ABOUT: Final = "origami back room: runs and chains as JSON"


def looks(source: Source) -> float:
    """Tell by the members that no other format has together."""
    head = source.data[:50_000]
    if not is_json(source):
        return 0.0
    if b'"participants"' in head and b'"system_prompts"' in head:
        return 0.95
    return 0.7 if b'"parts"' in head and b'"started_at"' in head else 0.0


def read(source: Source) -> list[Foreign]:
    """Read a run, or every run of a chain, in order.

    Raises:
        Unreadable: no messages in it, and no parts.
    """
    whole = mapping(document(source))
    parts = mappings(whole.get("parts"))
    runs = [part for part in parts if "messages" in part] if parts else [whole]
    if not runs or not all("messages" in run for run in runs):
        why = "neither 'messages' nor 'parts' with messages in it"
        raise unreadable(source, why, "A chain that only names its parts: import those")
    chain = {"chain": whole.get("id"), "parts": len(runs)} if parts else {}
    left_out = len(parts) - len(runs) if parts else 0
    odd = [Oddity(f"{left_out} parts are only named, not there")] if left_out else []
    return [_run(run, chain | ({"part": n} if parts else {}), odd) for n, run in enumerate(runs, 1)]


def _run(run: Mapping[str, Any], chain: Mapping[str, Any], odd: list[Oddity]) -> Foreign:
    scenario, models = mapping(run.get("scenario")), mapping(run.get("participants"))
    prompts, handles = (
        mapping(scenario.get("system_prompts")),
        mapping(run.get("participant_handles")),
    )
    oddities = list(odd)
    parties = Parties()
    for role in models:
        handle = {"handle": handles[role]} if role in handles else {}
        parties.add(role, model=string(models, role), system=string(prompts, role), more=handle)
    entries = []
    for turn, message in _messages(run.get("messages"), oddities):
        role = string(message, "role") or "?"
        if role not in parties:
            oddities.append(Oddity(f"role '{role}' is not among the participants"))
        parties.add(role, model=string(message, "model"))
        content = message.get("content")
        if not isinstance(content, str):
            oddities.append(Oddity("a message without words is taken as an empty turn"))
            content = ""
        at = moment(message.get("ended_at")) or moment(message.get("started_at"))
        more = kept(message, "started_at", "stop_reason", "attempt", "model")
        entries.append(Entry("say", role, content, at=at, turn=turn, more=more))
    runtime = mapping(run.get("runtime"))
    rest = {k: v for k, v in scenario.items() if k not in {"name", "system_prompts"}}
    return Foreign(
        format=NAME,
        title=string(scenario, "name") or "origami",
        parties=parties.all(),
        entries=entries,
        started=moment(run.get("started_at")),
        ended=moment(run.get("ended_at")),
        end_reason=_reason(run, runtime),
        more={
            **kept(run, "id", "stopped_early"),
            **({"scenario": rest} if rest else {}),
            **({"runtime": dict(runtime)} if runtime else {}),
            **chain,
        },
        oddities=oddities,
    )


def _messages(
    messages: object, oddities: list[Oddity]
) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Yield the messages with the number of their round; an older form has no rounds."""
    for number, item in enumerate(sequence(messages), 1):
        if isinstance(item, list):
            yield from ((number, message) for message in mappings(item))
        elif isinstance(item, dict):
            yield integer(item, "turn"), item
        else:
            oddities.append(Oddity(f"message {number} is no object: left out"))


def _reason(run: Mapping[str, Any], runtime: Mapping[str, Any]) -> str | None:
    """``stopped_early`` is a model's own end; else the limit of turns was met, if there was one."""
    if run.get("stopped_early") is True:
        return "stopped early"
    ended = run.get("stopped_early") is False and integer(runtime, "turn_limit") is not None
    return "turn limit" if ended and run.get("ended_at") else None
