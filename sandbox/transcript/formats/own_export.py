"""Whether a file is a run of ours that was written for readers: of those no record can be made again."""

from __future__ import annotations

import re
from typing import Final

from sandbox.transcript.formats.exporters.csv import COLUMNS

__all__ = ["own_export"]

_LOOK: Final = 1 << 16
"""Bytes by which it is known; the titles and facts that stand in them are short."""
_MARKS: Final = (
    ("page", re.compile(rb'<!DOCTYPE html>.{,1000}?<meta name="generator" content="backrooms">', re.DOTALL)),
    ("Markdown", re.compile(rb"# [^\n]*\n\r?\n(?:- [a-z ]+: [^\n]*\n)+\r?\n\| who \| model \| tools \|")),
    ("plain text", re.compile(rb"\[0\] engine run: [^\n]*\n\[0\] engine run: ")),
    ("table", re.compile(re.escape(",".join(COLUMNS).encode()) + rb"\r?\n")),
    ("recording", re.compile(rb'{"version":2,"width":100,"height":30,[^\n]*\n(?:\[[0-9.]+,"m",[^\n]*\n)*'
                             rb'\[[0-9.]+,"o","[^ ]*\xe2\x94\x80\xe2\x94\x80 ')),
    ("Inspect log", re.compile(rb'{"version":2,"status":"\w+","eval":{"run_id":".*?'
                               rb'"plan":{"name":"backrooms","steps":\[\]}', re.DOTALL)),
    ("picture", re.compile(rb'<svg class="rich-terminal".{,400}?\.backrooms-matrix ', re.DOTALL)),
)  # fmt: skip
"""What each exporter begins with, before any word of an agent."""


def own_export(data: bytes) -> str | None:
    """Return what a file is if ``backrooms export`` or ``show --plain`` wrote it: ``page``, ``table``; else None."""
    head = data[:_LOOK].removeprefix(b"\xef\xbb\xbf")
    return next((what for what, mark in _MARKS if mark.match(head)), None)
