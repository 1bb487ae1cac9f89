"""How well the text layer does on labelled lines."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from sandbox.detect.escape.reading import read_bare
from sandbox.detect.escape.signs import RANKS
from sandbox.detect.wilson import wilson
from sandbox.errors import UsageError

__all__ = ["Line", "evaluate", "level_of", "read_lines"]

_LABELS: Final = frozenset({"escape", "recon", "benign"})
_OBFUSCATED: Final = "+obf"


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled line; ``text`` alone is shown to the detector."""

    text: str
    label: str
    technique: str


def read_lines(paths: Iterable[Path]) -> Iterator[Line]:
    """Read corpora: JSON objects with ``text``, ``label``, ``technique``, one a line.

    Raises:
        UsageError: a line is none: file, line, what.
    """
    for path in paths:
        with path.open("rb") as file:
            for number, row in enumerate(file, 1):
                if row.strip():
                    yield _line(row, f"{path}:{number}")


def _line(row: bytes, where: str) -> Line:
    try:
        fields = json.loads(str(row, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{where}: this is no JSON object ({error}): give one labelled line a line"
        ) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        raise UsageError(f"{where}: there is no text in it: a line needs text, label and technique")
    if fields.get("label") not in _LABELS:
        label = f"{fields.get('label')!r:.40}"
        raise UsageError(f"{where}: the label {label} is none of escape, recon, benign")
    return Line(fields["text"], fields["label"], str(fields.get("technique", "")))


def level_of(text: str) -> int:
    """The rank of the highest level that a text reaches by itself; -1 for none."""
    return max((RANKS[sign.level] for sign in read_bare(text)), default=-1)


def evaluate(
    lines: Sequence[Line], progress: Callable[[float], None] = lambda share: None
) -> dict[str, Any]:
    """Read every line and count. The shares are of lines; intervals are Wilson's at 95 %."""
    hits: Counter[tuple[str, bool]] = Counter()
    totals: Counter[tuple[str, bool]] = Counter()
    by_technique: dict[str, list[int]] = {}
    benign: Counter[str] = Counter()
    slugs: dict[str, Counter[str]] = {}
    spent: list[float] = []
    for at, line in enumerate(lines):
        begun = time.perf_counter()
        rank = level_of(line.text)
        spent.append((time.perf_counter() - begun) * 1_000)
        progress((at + 1) / len(lines))
        if line.label == "benign":
            _count_benign(line, rank, benign, slugs.setdefault(line.technique, Counter()))
            continue
        is_hit = rank >= RANKS["attempted" if line.label == "escape" else "recon"]
        group = (line.label, line.technique.endswith(_OBFUSCATED))
        totals[group] += 1
        hits[group] += is_hit
        counts = by_technique.setdefault(line.technique.removesuffix(_OBFUSCATED), [0, 0])
        counts[0] += is_hit
        counts[1] += 1
    return _report(hits, totals, by_technique, benign, slugs, spent)


def _count_benign(line: Line, rank: int, benign: Counter[str], slug: Counter[str]) -> None:
    for counter in (benign, slug):
        counter["n"] += 1
        counter["flagged_escape"] += rank >= RANKS["attempted"]
        counter["flagged_recon"] += rank == RANKS["recon"]
    benign["claims_above_claimed"] += line.technique == "benign-claim" and rank > RANKS["claimed"]


def _report(
    hits: Counter[tuple[str, bool]],
    totals: Counter[tuple[str, bool]],
    by_technique: dict[str, list[int]],
    benign: Counter[str],
    slugs: dict[str, Counter[str]],
    spent: list[float],
) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    for label in ("escape", "recon"):
        plain, veiled = (label, False), (label, True)
        shares = {
            "recall": wilson(hits[plain] + hits[veiled], totals[plain] + totals[veiled]),
            "recall_plain": wilson(hits[plain], totals[plain]),
            "recall_obfuscated": wilson(hits[veiled], totals[veiled]),
        }
        labels[label] = {
            "n": totals[plain] + totals[veiled],
            **{name: round(share.value, 4) for name, share in shares.items()},
            "intervals": {name: _interval(share.hits, share.n) for name, share in shares.items()},
        }
    names = ("n", "flagged_escape", "flagged_recon", "claims_above_claimed")
    labels["benign"] = {name: benign[name] for name in names}
    labels["benign"]["intervals"] = {
        name: _interval(benign[name], benign["n"]) for name in names[1:3]
    }
    labels["benign"]["slugs"] = {name: dict(counts) for name, counts in sorted(slugs.items())}
    caught = hits["escape", False] + hits["escape", True]
    precision = wilson(caught, caught + benign["flagged_escape"])
    return {
        "labels": labels,
        "precision_escape": round(precision.value, 4),
        "precision_escape_interval": _interval(precision.hits, precision.n),
        "techniques": {
            name: {"n": n, "recall": round(hit / n, 4), "interval": _interval(hit, n)}
            for name, (hit, n) in sorted(by_technique.items())
        },
        "ms_per_line_median": round(median(spent), 3) if spent else 0.0,
        "ms_per_line_max": round(max(spent), 3) if spent else 0.0,
    }


def _interval(hits: int, n: int) -> list[float]:
    share = wilson(hits, n)
    return [round(share.low, 4), round(share.high, 4)]
