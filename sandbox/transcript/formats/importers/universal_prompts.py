"""The prompts of a UniversalBackrooms template, for a log that lies beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.transcript.formats.fields import mapping, mappings, string
from sandbox.transcript.formats.foreign import Entry, Oddity, Source

__all__ = ["Prompts", "prompts_of", "template_actors"]

_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{(?:lm|model)(\d+)_(actor|display_name)\}")

_HEADING: Final = re.compile(
    r"^ {0,3}#{1,6}[ \t]*(user|assistant)[ \t]*\n(.*?)(?=^ {0,3}#{1,6}[ \t]*(?:user|assistant|end)[ \t]*$)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
"""A message of a history in Markdown: a heading with its role, and what follows."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """System prompts by speaker, and the history that each was given."""

    systems: Mapping[str, str] = field(default_factory=dict)
    context: Sequence[Entry] = ()
    oddities: Sequence[Oddity] = ()


def template_actors(data: bytes) -> list[Mapping[str, Any]] | None:
    """Read a template, one JSON object a line and actor; None where it is none."""
    try:
        actors = [json.loads(line) for line in data.split(b"\n") if line.strip()]
    except (ValueError, RecursionError):
        return None
    fits = [isinstance(a, dict) and ("system_prompt" in a or a.get("cli") is True) for a in actors]
    return actors if actors and all(fits) else None


def prompts_of(source: Source, template: str | None, speakers: Sequence[str]) -> Prompts:
    """Find the template of a log beside it, and fill in the speakers' names."""
    names = (
        f"{template}.jsonl",
        f"templates/{template}.jsonl",
        f"templates/{template}/template.json",
    )
    name = next((name for name in names if name in source.beside), None)
    if template is None or name is None:
        return Prompts()
    folder = not name.endswith(".jsonl")
    actors = _folder_actors(source, name) if folder else template_actors(source.beside[name])
    if actors is None or len(actors) != len(speakers):
        return Prompts(oddities=[Oddity(f"{name} does not fit this log: it is left out")])
    systems = {}
    context = []
    for speaker, actor in zip(speakers, actors, strict=True):
        if prompt := string(actor, "system_prompt"):
            systems[speaker] = _filled(prompt, speakers)
        for message in mappings(actor.get("context")):
            if words := string(message, "content"):
                role = {"role": message.get("role")}
                context.append(Entry("say", speaker, _filled(words, speakers), more=role))
    what = f"prompts are those of {name}; the log does not say that it was played with this version"
    return Prompts(systems, context, [Oddity(what)])


def _folder_actors(source: Source, name: str) -> list[Mapping[str, Any]] | None:
    """Read a template of the samhains fork: a folder with prompts and histories as Markdown."""
    try:
        spec = mapping(json.loads(source.beside[name]))
    except (ValueError, RecursionError):
        return None
    folder = name.rpartition("/")[0]

    def markdown(file: object) -> str:
        path = f"{folder}/{file}"
        return source.beside[path].decode("utf-8", "replace") if path in source.beside else ""

    return [
        {
            "system_prompt": markdown(agent.get("system")).strip(),
            "context": [
                {"role": role.lower(), "content": words.strip("\n")}
                for role, words in _HEADING.findall(markdown(agent.get("history")) + "\n# end")
            ],
        }
        for agent in mappings(spec.get("agents"))
    ]


def _filled(prompt: str, speakers: Sequence[str]) -> str:
    """Fill in the names as ``str.format`` would; what cannot be known stays as it is."""

    def fill(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        place = int(found[1]) - 1
        if place not in range(len(speakers)):
            return found[0]
        name = speakers[place]
        return name.rpartition(" ")[0] or name if found[2] == "display_name" else name

    return _PLACEHOLDER.sub(fill, prompt)
