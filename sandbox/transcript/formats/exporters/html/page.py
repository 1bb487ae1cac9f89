"""The frame of the page: its policy, its looks, its script."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from sandbox.transcript.formats.exporters.facts import ending
from sandbox.transcript.formats.exporters.html.cover import title
from sandbox.transcript.formats.exporters.html.escape import attribute
from sandbox.transcript.formats.exporters.survey import Survey

__all__ = ["bottom", "top"]


def top(found: Survey) -> str:
    """Everything before the cover.

    The policy lets the page's own script run and nothing else be loaded or run: should a text ever
    come through as markup, it is dead.
    """
    script = b64encode(sha256(_asset("page.js").encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="backrooms">
<meta name="color-scheme" content="light dark">
<title>{title(found)} · Backrooms</title>
<style>
{_asset("page.css")}</style>
</head>
<body>
<a class="skip" href="#run">To the run</a>
"""


def bottom(found: Survey) -> str:
    """Everything behind the last turn."""
    end = "The record ends here." if found.ended is None else f"The run has ended: {ending(found)}"
    return f"""</main>
<footer><p>{attribute(end)}</p></footer>
<script>{_asset("page.js")}</script>
</body>
</html>
"""


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
