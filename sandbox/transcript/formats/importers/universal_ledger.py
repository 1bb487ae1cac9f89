"""The run ledger that the samhains fork keeps beside its logs: ``<template>_meta.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.transcript.formats.foreign import Source

__all__ = ["ledger"]


def ledger(source: Source) -> Mapping[str, Any]:
    """Find the ledger's line on a log; empty where there is none.

    It tells models, start, end, ``exit_reason`` and the query. It was written by another program than
    the log, so it adds to what the log says and never stands against it.
    """
    name = source.name.rpartition("/")[2]
    for beside in source.beside:
        if not beside.endswith("_meta.jsonl"):
            continue
        for line in source.beside[beside].split(b"\n"):
            if name.encode() not in line:
                continue
            try:
                facts = json.loads(line)
            except ValueError:
                continue  # the ledger was cut off while it was written: the log says enough
            if str(facts.get("log_file", "")).rpartition("/")[2] == name:
                return dict(facts)
    return {}
