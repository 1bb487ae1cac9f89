"""Messages of mini-swe-agent that were kept as the Responses API has them, in the form of all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.transcript.formats.fields import kept, mapping, mappings, string

__all__ = ["chat_messages"]


def chat_messages(messages: object) -> Iterator[Mapping[str, Any]]:
    """Yield each message with a role; before a complaint, the reply that it is about.

    A reply in a wrong form is no message: it stands only beside the complaint.
    """
    for message in mappings(messages):
        extra = mapping(message.get("extra"))
        refused = mapping(extra.get("response"))
        if extra.get("interrupt_type") and refused:
            first = next(iter(mappings(refused.get("choices"))), {})
            reply = mapping(first.get("message")) or _chat(refused)
            yield {**reply, "role": "assistant", "extra": {"refused": True}}
        yield _chat(message)


def _chat(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if message.get("type") == "function_call_output":
        told = {"role": "tool", "content": message.get("output")}
        return {**told, "tool_call_id": message.get("call_id"), **kept(message, "extra")}
    if not isinstance(message.get("output"), list):
        return message
    output = mappings(message["output"])
    words = [text for item in output if item.get("type") == "message" for text in _texts(item)]
    thoughts = [
        text
        for item in output
        if item.get("type") == "reasoning"
        for part in mappings(item.get("summary"))
        if (text := string(part, "text"))
    ]
    calls = [
        {"id": item.get("call_id"), "function": item}
        for item in output
        if item.get("type") == "function_call"
    ]
    created = message.get("created_at")
    extra = {"timestamp": created, **mapping(message.get("extra"))}
    return {
        "role": "assistant",
        "content": "\n".join(words),
        "reasoning": "\n".join(thoughts),
        "tool_calls": calls,
        "extra": extra,
    }


def _texts(item: Mapping[str, Any]) -> list[str]:
    content = item.get("content")
    if isinstance(content, str):
        return [content]
    return [text for part in mappings(content) if (text := string(part, "text", "refusal"))]
