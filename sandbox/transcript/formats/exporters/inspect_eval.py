"""The same log packed as Inspect packs it: a zip of a header and a file a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sandbox.transcript.codec import dumps
from sandbox.transcript.formats.exporters.inspect_log import log_of
from sandbox.transcript.formats.exporters.inspect_sample import sample
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import survey

__all__ = ["write"]

_SUMMARY = (
    "id", "epoch", "input", "target", "scores", "model_usage", "started_at", "completed_at",
    "total_time", "uuid",
)  # fmt: skip


def write(source: Source, out: BinaryIO) -> None:
    """Write the log; it is the same bytes for the same run."""
    log = log_of(survey(source), source)
    summaries = []
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        start = {key: log.header[key] for key in ("version", "eval", "plan")}
        _put(packed, "_journal/start.json", start)
        for agent in log.agents:
            made = sample(source, agent, log)
            _put(packed, f"samples/{_file_name(made)}", made)
            summary = {key: made[key] for key in _SUMMARY if key in made}
            summaries.append({**summary, "completed": True, "message_count": len(made["messages"])})
        _put(packed, "summaries.json", summaries)
        _put(packed, "header.json", log.header)


def _file_name(made: Mapping[str, Any]) -> str:
    return f"{made['id']}_epoch_{made['epoch']}.json"


def _put(packed: ZipFile, name: str, value: object) -> None:
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    packed.writestr(entry, dumps(value))
