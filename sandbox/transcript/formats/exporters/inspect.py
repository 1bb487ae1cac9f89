"""A log that opens in Inspect AI's viewer: one JSON document, a sample for each agent.

A sample holds what its agent heard, thought and did, in Inspect's words: ``messages`` is the whole
conversation as that agent had it, ``events`` its model calls, tool calls and the house's remarks, in a
span a turn. A model event's ``input`` holds what is new to it, not the history again: that would grow
with the square of the run. ``scores`` counts the flags of each kind.
"""

from __future__ import annotations

from typing import BinaryIO

from sandbox.transcript.codec import dumps
from sandbox.transcript.formats.exporters.inspect_log import log_of
from sandbox.transcript.formats.exporters.inspect_sample import sample
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import survey

__all__ = ["write"]


def write(source: Source, out: BinaryIO) -> None:
    """Write the log. Each agent takes a pass of its own, so that one sample is held at a time."""
    log = log_of(survey(source), source)
    head = dumps(log.header)
    out.write(head[:-1] + b',"samples":[')
    samples = (dumps(sample(source, agent, log)) for agent in log.agents)
    out.writelines(b"," * bool(number) + made for number, made in enumerate(samples))
    out.write(b"]}\n")
