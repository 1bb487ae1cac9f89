"""Inspect logs: ``.json``, ``.eval`` (zip), and the samples of an unpacked ``.eval``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Foreign, Oddity, Source
from sandbox.transcript.formats.importers import inspect_archive
from sandbox.transcript.formats.importers.inspect_sample import Sample
from sandbox.transcript.formats.members import Members, is_zip
from sandbox.transcript.formats.text import document, is_json, no_transcript, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "inspect"
ABOUT: Final = "Inspect AI: evaluation logs (.eval, .json), each sample and epoch a run"

_LOG: Final = (rb'"eval"\s*:\s*\{', rb'"task"\s*:\s*"', rb'"dataset"\s*:', rb'"model"\s*:')
_SAMPLE: Final = (
    rb'"epoch"\s*:\s*\d',
    rb'"input"\s*:\s*["[]',
    rb'"target"\s*:',
    rb'"messages"\s*:\s*\[',
)
"""Keys with what they hold: any description of an API has the names."""
_MEMBERS: Final = re.compile(rb"header\.json|_journal/start\.json")


def looks(source: Source) -> float:
    """Tell by the members of the zip, or the keys of a log or a sample."""
    if is_zip(source):
        return 0.97 if _MEMBERS.search(source.data[:4096] + source.data[-65536:]) else 0.0
    if not is_json(source):
        return 0.0
    head = source.data[:65536]
    if all(re.search(key, head) for key in _LOG):
        return 0.95
    return 0.92 if all(re.search(key, source.data) for key in _SAMPLE) else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the samples of a log, each a run. A log without any is one run in which nothing happened."""
    oddities: list[Oddity] = []
    if is_zip(source):
        members = Members(source)
        head = inspect_archive.header(source, members, oddities)
        return _runs(source, head, inspect_archive.samples(members, oddities), oddities)
    log = _json(source)
    if "eval" in log:
        if "samples" not in log and source.name.rpartition("/")[2] == "header.json":
            raise no_transcript(
                source,
                "the header of an unpacked .eval: it holds the scores of the evaluation, no words",
                "Import the .eval, or the files in samples/ beside it",
            )
        if not {"version", "status", "samples"} & log.keys():
            raise unreadable(
                source,
                "it has an 'eval' and neither version, status nor samples, so it is no log that Inspect wrote",
                "Import the one that it wrote",
            )
        return _runs(source, log, mappings(log.get("samples")), oddities)
    if log and all(name.endswith((".eval", ".json")) for name in log):
        raise no_transcript(
            source,
            "the list of the logs in a folder of Inspect's viewer: it holds their heads, no words",
            "Import the logs beside it",
        )
    if "epoch" not in log:
        raise unreadable(
            source, "neither a log nor a sample of Inspect's", "Give the format with --format"
        )
    oddities.append(
        Oddity("a sample alone: task, model and outcome of the evaluation are in another file")
    )
    return _runs(source, {}, [log], oddities)


def _json(source: Source) -> Mapping[str, Any]:
    """Parse a log, which may have 100 MB: straight from its bytes where it is strict JSON."""
    import orjson

    try:
        return mapping(orjson.loads(source.data))
    except orjson.JSONDecodeError:
        return mapping(document(source))  # NaN and half surrogates are in real logs


def _runs(
    source: Source,
    head: Mapping[str, Any],
    samples: Iterable[Mapping[str, Any]],
    oddities: list[Oddity],
) -> list[Foreign]:
    spec, stats = mapping(head.get("eval")), mapping(head.get("stats"))
    status, model = string(head, "status"), string(spec, "model")
    task = string(spec, "task") or source.name.rpartition("/")[2]
    more: dict[str, Any] = {
        **kept(head, "version", "status", "error"),
        "eval": kept(
            spec, "eval_id", "run_id", "task_id", "created", "task", "task_version", "task_args", "dataset",
            "sandbox", "model", "model_generate_config", "config", "packages", "tags", "metadata",
        ),
    }  # fmt: skip
    runs = [
        Sample(sample, model).foreign(
            f"{task}: {sample.get('id')}, epoch {sample.get('epoch', 1)}", more, status=status
        )
        for sample in samples
    ]
    if not runs:
        oddities.append(Oddity("no sample was recorded: there is only the start of a run"))
        runs = [
            Foreign(
                NAME,
                task,
                (),
                (),
                started=moment(stats.get("started_at")) or moment(spec.get("created")),
                ended=moment(stats.get("completed_at")),
                end_reason=status,
                more=more,
            )
        ]
    runs[0] = replace(runs[0], oddities=[*oddities, *runs[0].oddities])
    return runs
