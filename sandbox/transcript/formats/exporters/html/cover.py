"""The head of the page: what was played, by whom, how it ended, what the watch noticed."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.console.fields import clause, listed, text, word
from sandbox.console.flag_title import flag_title
from sandbox.transcript.formats.exporters.facts import facts
from sandbox.transcript.formats.exporters.html.escape import attribute, words
from sandbox.transcript.formats.exporters.html.tint import Tints
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import Survey

__all__ = ["cover", "title"]


def title(found: Survey) -> str:
    """The name of the page, as HTML."""
    return attribute(word(found.started, "title") or clause(found.run) or "A run")


def cover(found: Survey, source: Source) -> str:
    """Write the head."""
    scenario = found.started.get("scenario")
    played = scenario if isinstance(scenario, Mapping) else {}
    premise, about = text(played, "premise").strip(), text(played, "about").strip()
    parts = [
        f"<h1>{title(found)}</h1>",
        f'<p class="premise">{words(premise)}</p>' if premise else "",
        _cast(found, played),
        f'<dl class="facts">{_facts(found, source)}</dl>',
        _rooms(found),
        _folded("About this scenario", f"<p>{words(about)}</p>" if about else ""),
        _folded("What the models were given before the first turn", _given(found)),
        _flags(found),
    ]
    return f'<header class="cover">{"".join(parts)}</header>'


def _folded(summary: str, held: str) -> str:
    return f"<details><summary>{summary}</summary>{held}</details>" if held else ""


def _given(found: Survey) -> str:
    """The history that an imported run began with, which was not said in it."""
    imported = found.started.get("imported")
    seeds = imported.get("seed_context") if isinstance(imported, Mapping) else None
    return "".join(
        f"<p><b>{attribute(word(seed, 'agent') or word(seed, 'role'))}</b> {words(text(seed, 'text'))}</p>"
        for seed in (seeds if isinstance(seeds, list | tuple) else ())
        if isinstance(seed, Mapping)
    )


def _facts(found: Survey, source: Source) -> str:
    return "".join(
        f'<div class="{name.replace(" ", "-")}"><dt>{name}</dt><dd>{attribute(value)}</dd></div>'
        for name, value in facts(found, source)
    )


def _cast(found: Survey, played: Mapping[str, object]) -> str:
    tints = Tints(found)
    agents = played.get("agents")
    written = agents if isinstance(agents, Mapping) else {}
    rows = []
    for name, spec in found.agents.items():
        own = written.get(name)
        persona = text(own, "persona").strip() if isinstance(own, Mapping) else ""
        model, tools = attribute(found.played(name)), attribute(", ".join(listed(spec, "tools")))
        known = word(spec, "name")
        system = text(own, "system").strip() if isinstance(own, Mapping) else ""
        rows.append(
            f'<li><b class="who{tints.of(name)}">{attribute(clause(name))}</b>'
            + (f"<span>{attribute(known)}</span> " if known not in {"", name} else "")
            + f'<span class="model">{model}</span>'
            + (f'<span class="persona">{words(persona)}</span>' if persona else "")
            + (f'<span class="tools">{tools}</span>' if tools else "")
            + _folded("System prompt", f"<p>{words(system)}</p>" if system else "")
            + "</li>"
        )
    return f'<ul class="cast" aria-label="Cast">{"".join(rows)}</ul>' if rows else ""


def _rooms(found: Survey) -> str:
    rooms = found.started.get("rooms")
    rows = [
        f"<li><b>{attribute(clause(name))}</b> {words(text(spec, 'about'))}</li>"
        for name, spec in (rooms.items() if isinstance(rooms, Mapping) else ())
        if isinstance(spec, Mapping) and spec.get("about")
    ]
    return f'<ul class="rooms" aria-label="Rooms">{"".join(rows)}</ul>' if rows else ""


def _flags(found: Survey) -> str:
    if not found.flags:
        return ""
    rows = "".join(
        f'<li><a href="#e{flag.seq}">{attribute(clause(flag_title(flag.data)) or "flag")}</a> '
        f'<span class="at">turn {turn}</span></li>'
        for turn, flag in found.flags
    )
    return f'<nav class="flagged" aria-label="Flags"><h2>What the watch noticed</h2><ol>{rows}</ol></nav>'
