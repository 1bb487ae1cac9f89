"""The one-shot report of scenario-labs in Markdown, as the JSON that stands beside it."""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.transcript.formats.foreign import Source
from sandbox.transcript.formats.text import unreadable

__all__ = ["report"]

_FACT: Final = re.compile(r"^\*\*(Model|Provider)\*\*: `([^`\r\n]*)`\r?$", re.MULTILINE)
_PROMPT: Final = re.compile(
    r"^## System Prompt\r?\n\r?\n```text\r?\n(.*?)\r?\n```\r?\n\r?\n## Evaluation",
    re.MULTILINE | re.DOTALL,
)
_EXAMPLE: Final = re.compile(r"^### Example (\d{1,9})\r?\n\r?\n\*\*User:\*\*\t", re.MULTILINE)
_ANSWER: Final = re.compile(r"\r?\n\r?\n\*\*Assistant:\*\*\t")
_RULE: Final = re.compile(r"\r?\n\r?\n---\s*\Z")


def report(source: Source, whole: str) -> dict[str, Any]:
    """Take a report apart. Examples are numbered from 1; a line of the same look with another number is speech."""
    prompt = _PROMPT.search(whole)
    begin = prompt.end() if prompt else 0
    examples: list[re.Match[str]] = []
    for example in _EXAMPLE.finditer(whole, begin):
        if int(example[1]) == len(examples) + 1:
            examples.append(example)
    if not examples:
        raise unreadable(
            source,
            "a report of scenario-labs without an example",
            "If it was cut off, get it whole",
        )
    responses = []
    for at, example in enumerate(examples):
        stop = examples[at + 1].start() if at + 1 < len(examples) else len(whole)
        under = whole[example.end() : stop]
        if rule := _RULE.search(under, max(0, len(under) - 40)):
            under = under[: rule.start()]
        answer = _ANSWER.search(under)
        asked = under[: answer.start()] if answer else under
        responses.append({"user": asked, "assistant": under[answer.end() :] if answer else None})
    facts = {name.lower(): value for name, value in _FACT.findall(whole[: examples[0].start()])}
    title = whole.partition("\n")[0].strip().removeprefix("# Simulation Report: ")
    system = prompt[1] if prompt else ""
    return {**facts, "simulation_name": title, "system_prompt": system, "responses": responses}
