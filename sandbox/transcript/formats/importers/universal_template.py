"""Templates of UniversalBackrooms: what its models are told. No transcript, so never a run of ours."""

from __future__ import annotations

from typing import Final

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Foreign, Source
from sandbox.transcript.formats.importers.universal_prompts import template_actors
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "universal-template"
ABOUT: Final = "UniversalBackrooms templates: recognised; a log beside one gets its prompts"


def looks(source: Source) -> float:
    """Tell by the members of the first actor."""
    head = source.data[:4000]
    if source.name.endswith(".jsonl") and is_json(source):
        actor = b'"system_prompt"' in head and b'"context"' in head
        return 0.9 if actor or head.lstrip().startswith(b'{"cli": true') else 0.0
    if source.name.rpartition("/")[2] == "template.json":
        return 0.9 if b'"agents"' in head and (b'"system' in head or b'"history' in head) else 0.0
    return 0.0


def read(source: Source) -> list[Foreign]:
    """Say what the template is for.

    Raises:
        NoTranscript: always, if it is a template.
        Unreadable: it is none.
    """
    if source.name.endswith(".jsonl"):
        actors = template_actors(source.data)
        count = 0 if actors is None else len(actors)
    else:
        whole = document(source)
        agents = whole.get("agents") if isinstance(whole, dict) else None
        count = len(agents) if isinstance(agents, list) else 0
    if not count:
        raise unreadable(source, "not a template: an actor has a 'system_prompt'", "Look into it")
    raise NoTranscript(
        f"{source.name}: a template for {count} actors, and no transcript. A log that is imported "
        "together with it gets its prompts; to play it, copy them to `system` in a scenario's agents."
    )
