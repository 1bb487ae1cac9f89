"""The bar above the run: search, and what is to be seen."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.console.fields import clause
from sandbox.transcript.formats.exporters.html.escape import attribute
from sandbox.transcript.formats.exporters.survey import Survey
from sandbox.transcript.formats.exporters.telling import GROUPS

__all__ = ["toolbar"]


def toolbar(found: Survey) -> str:
    """Write the bar, and open the run below it. Without its script the page shows neither."""
    kinds = "".join(
        f'<label><input type="checkbox" name="kind" value="{group}" checked> {name}</label>'
        for group, name in GROUPS.items()
    )
    people = _select("who", "everybody", dict.fromkeys((*found.agents, *found.actors)))
    rooms = _select("room", "every room", found.rooms) if len(found.rooms) > 1 else ""
    flagged = (
        '<label><input type="checkbox" id="flagged"> flagged only</label>' if found.flags else ""
    )
    return f"""
<form class="bar" role="search" aria-label="Search and filter" hidden>
<div class="find"><input type="search" id="q" placeholder="Search" aria-label="Search all turns"
 autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><output id="count" for="q"></output>
<button type="button" id="before" aria-label="Previous match" title="Previous (Shift+Enter)">↑</button>
<button type="button" id="next" aria-label="Next match" title="Next (Enter)">↓</button></div>
<details class="filters"><summary>Filter<span id="filtered"></span></summary><div class="sheet">
{people}{rooms}<fieldset><legend>Show</legend>{kinds}{flagged}</fieldset>
<button type="button" id="reset">Show everything</button></div></details>
<button type="button" id="theme" aria-label="Light or dark" title="Light or dark">◐</button>
</form>
<main id="run" aria-label="The run" data-turns="{found.turns}">
"""


def _select(name: str, everything: str, values: Iterable[str]) -> str:
    options = "".join(
        f'<option value="{attribute(value)}">{attribute(clause(value))}</option>'
        for value in values
    )
    return (
        f'<select id="{name}" aria-label="{everything}">'
        f'<option value="">{everything}</option>{options}</select>'
    )
