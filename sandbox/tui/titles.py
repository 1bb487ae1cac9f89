"""Titles on the borders of panes: a plain string there would be read as markup."""

from __future__ import annotations

from textual.content import Content

from sandbox.console.fields import clause

__all__ = ["literal"]


def literal(text: str) -> Content:
    """A title in which nothing is markup and no character is one of control."""
    return Content(clause(text))
