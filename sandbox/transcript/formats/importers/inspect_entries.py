"""The pieces of an Inspect sample as entries: words, results of tools, the sandbox, notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, moment, string
from sandbox.transcript.formats.foreign import Entry
from sandbox.transcript.formats.importers.inspect_content import Attachments, Content

__all__ = ["NOTED", "arguments", "note", "outcome", "ran", "shown", "spoken"]

NOTED: Final = {
    "approval": "decision",
    "error": "error",
    "info": "data",
    "input": "input",
    "interrupt": "source",
    "sample_limit": "message",
    "sentinel": "decision",
}
"""Events that are told as notes, with the field that says the most."""

_UNTOLD: Final = frozenset({"uuid", "span_id", "event", "timestamp", "working_start", "input_ansi"})


def spoken(
    who: str, content: Content, at: str | None, more: Mapping[str, Any], *, calls: bool
) -> list[Entry]:
    """Tell what a model wrote: reasoning, words, things that are no text, tools at its maker's side.

    A message without anything in it is an empty turn; one that only calls tools says nothing.
    """
    entries = [Entry("thought", who, words, at=at, more=how) for words, how in content.thoughts]
    silent = calls or content.served or content.thoughts or content.media
    if content.words or not silent:
        entries.append(Entry("say", who, content.words or "", at=at, more=more))
    entries += shown(who, content, at)
    for served in content.served:
        about = {"where": "the model's maker", **kept(served, "tool_type", "error")}
        if id := string(served, "id"):
            about["call"] = id
        tool = string(served, "name")
        asked, answer = (string(served, key) or "" for key in ("arguments", "result"))
        entries.append(Entry("action", who, asked, at=at, tool=tool, more=about))
        entries.append(Entry("result", who, answer, at=at, tool=tool, more=about))
    return entries


def shown(who: str, content: Content, at: str | None) -> list[Entry]:
    """Tell images and the like: what the file holds of each, mostly a URL or a data URI."""
    return [Entry("note", who, held, at=at, more=how) for held, how in content.media]


def outcome(
    who: str, told: Mapping[str, Any], content: Content, at: str | None, about: Mapping[str, Any]
) -> list[Entry]:
    """Tell what came of a tool: ``told`` is its event, or the message that the model was given."""
    words, error = content.words or "", told.get("error") or told.get("tool_error")
    if error:
        why = mapping(error)
        about = {**about, "ok": False, "error": string(why, "type") or "unknown"}
        words = words or string(why, "message") or (error if isinstance(error, str) else "")
    tool = string(told, "function")
    return [Entry("result", who, words, at=at, tool=tool, more=about), *shown(who, content, at)]


def arguments(call: Mapping[str, Any], attachments: Attachments) -> dict[str, Any]:
    """Return the arguments of a call, under their names where they have names."""
    args = attachments.resolve(call.get("arguments"))
    return args if isinstance(args, dict) else {} if args is None else {"arguments": args}


def ran(who: str, event: Mapping[str, Any], call: str, attachments: Attachments) -> list[Entry]:
    """Tell what ran in the sandbox, and what came of it where that is told."""
    tool = f"sandbox.{string(event, 'action') or 'exec'}"
    at, about = moment(event.get("timestamp")), {"call": call, "author": "box"}
    args = attachments.resolve(kept(event, "cmd", "file", "options", "input"))
    words = string(event, "cmd", "file") or ""
    entries = [Entry("action", who, words, at=at, tool=tool, args=args, more=about)]
    if event.get("completed") is not None or event.get("output") is not None:
        code = event.get("result")
        how = {"exit": code, "ok": code == 0} if isinstance(code, int) else {}
        text, done = attachments.text(string(event, "output") or ""), moment(event.get("completed"))
        entries.append(Entry("result", who, text, at=done or at, tool=tool, more={**about, **how}))
    return entries


def note(who: str, event: Mapping[str, Any], field: str, attachments: Attachments) -> Entry:
    """Tell an event that is a report of Inspect's, with all that it tells."""
    told = event.get(field)
    told = mapping(told).get("message", told) if field == "error" else told
    text = attachments.resolve(told)
    words = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    rest = {k: v for k, v in event.items() if k not in _UNTOLD and v not in (None, told)}
    more = {"event": event.get("event"), **attachments.resolve(rest)}
    return Entry("note", who, words, at=moment(event.get("timestamp")), more=more)
