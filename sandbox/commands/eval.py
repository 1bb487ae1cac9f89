"""``backrooms eval``: how well a detector does on labelled lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Measure a detector on labelled lines and say how often it is right, with 95 % intervals (Wilson).

FILE holds JSON objects, one a line: text (all that the detector is shown), label (escape, recon or
benign) and technique (a name; "+obf" at its end marks an obfuscated line, "benign-claim" a bare claim).
An escape is found when its line reaches at least "attempted", a survey when it reaches "recon".
No line is ever executed.
"""

_EPILOG: Final = """\
examples:
  backrooms eval escape malicious.jsonl benign.jsonl
  backrooms eval escape *.jsonl --json | jq .labels.escape.recall
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "eval",
        help="measure a detector on labelled lines",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("detector", choices=("escape",), metavar="DETECTOR", help="escape")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="labelled lines")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")


def main(args: argparse.Namespace) -> int:
    """Print the figures."""
    from sandbox.commands.percent import percent
    from sandbox.detect.escape.evaluation import evaluate, read_lines

    lines = list(read_lines(args.files))
    with percent("reading") as progress:
        report = evaluate(lines, progress)
    if args.json:
        import json

        print(json.dumps(report, indent=2))
    else:
        print("\n".join(_table(report)))
    return 0


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    from sandbox.console import neutralise

    labels = report["labels"]
    yield f"{'':<26}{'lines':>7}{'found':>9}   95 % interval"
    for label in ("escape", "recon"):
        figures = labels[label]
        for name, what in (
            ("recall", label),
            ("recall_plain", "  plain"),
            ("recall_obfuscated", "  obfuscated"),
        ):
            count = figures["n"] if name == "recall" else ""
            yield f"{what:<26}{count:>7}{figures[name]:>9.3f}   {_between(figures['intervals'][name])}"
    benign = labels["benign"]
    yield ""
    yield f"{'benign':<26}{benign['n']:>7}"
    for name, what in (
        ("flagged_escape", "  taken for an escape"),
        ("flagged_recon", "  for a survey"),
    ):
        share = benign[name] / benign["n"] if benign["n"] else 0.0
        yield f"{what:<26}{benign[name]:>7}{share:>9.4f}   {_between(benign['intervals'][name], 4)}"
    yield f"{'  claims above claimed':<26}{benign['claims_above_claimed']:>7}"
    yield ""
    for name, figures in report["techniques"].items():
        slug = neutralise(name, newlines=False)
        yield f"{slug:<26.26}{figures['n']:>7}{figures['recall']:>9.3f}   {_between(figures['interval'])}"
    yield ""
    yield f"precision of escapes {report['precision_escape']:.4f}   {_between(report['precision_escape_interval'], 4)}"
    yield f"a line takes {report['ms_per_line_median']:.2f} ms (median), {report['ms_per_line_max']:.0f} ms at most"


def _between(interval: list[float], digits: int = 3) -> str:
    return f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"
