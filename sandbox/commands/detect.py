"""``backrooms detect``: the detectors of today over what is there already."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from sandbox.detect import Rescan
    from sandbox.detect.sources import Past

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Run the detectors over runs that were played, and over files of other systems (whatever `backrooms import`
reads), and list the flags. Nothing is written. What is found is what a live run would have flagged; where a
run has other flags in its record, the differences are listed.

In a file of another system, and in a record whose chain is broken, the kinds of events are the file's word:
no flag rises above 'attempted' there.

The exit code is 1 if a record has other flags although the detectors are of the same version, 3 if a detector
failed.
"""

_EPILOG: Final = """\
examples:
  backrooms detect last
  backrooms detect log.txt --only contact
  backrooms detect last --only escape --json | jq .flag.title
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "detect",
        help="run the detectors over old runs and other systems' files",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "sources",
        metavar="RUN|FILE",
        nargs="+",
        help="the start of a run's id, a folder, 'last', or a file of another system",
    )
    add_dir(parser)
    parser.add_argument(
        "--only",
        metavar="NAME",
        help="a detector (escape, contact), or one kind of flag (contact.cross-model)",
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Look at every source; the gravest exit code of all."""
    from sandbox.detect.rescan import rescan
    from sandbox.detect.sources import opened

    worst = 0
    for name in args.sources:
        with opened(name, args.dir) as runs:
            for past in runs:
                done = rescan(past.events, only=args.only, trusted=past.trusted)
                if args.json:
                    _print_json(past, done)
                else:
                    _print(past, done)
                worst = max(worst, _code(done))
    return worst


def _code(done: Rescan) -> int:
    from sandbox.commands.live import BLIND

    if done.failed:
        return BLIND
    return 1 if done.then and not done.same and _versions_agree(done) else 0


def _versions_agree(done: Rescan) -> bool:
    return set(done.now) <= set(done.then)


def _print_json(past: Past, done: Rescan) -> None:
    import json

    for kind, found in (("flag", done.flags), ("failed", done.failed)):
        for one in found:
            told: dict[str, Any] = {"run": past.name, "at": one.event.parent, "turn": one.turn}
            told |= {"in_record": one not in done.missing if done.then else None}
            print(json.dumps(told | {kind: dict(one.event.data)}))
    for event in done.gone:
        print(json.dumps({"run": past.name, "seq": event.seq, "gone": dict(event.data)}))


def _print(past: Past, done: Rescan) -> None:
    from sandbox.commands.tables import print_table
    from sandbox.console import neutralise
    from sandbox.detect import row

    count = len(done.flags)
    print(neutralise(f"{past.name}: {count:,} flag{'s' * (count != 1)}", newlines=False))
    cells = [("AT", "TURN", "LEVEL", "FLAG", "AGENT", "ELICITED", "WHAT")]
    for one in done.flags:
        flag = row(one.event, one.turn)
        cells.append(
            (
                str(one.event.parent),
                str(flag.turn),
                flag.level,
                flag.id,
                flag.agent,
                str(flag.elicited),
                flag.title[:200],
            )
        )
    if count:
        print_table(cells, right={0, 1, 5})
    sys.stdout.flush()  # so that the two streams keep their order where both are one file
    for line in _remarks(past, done):
        print(f"backrooms: {neutralise(line, newlines=False)}", file=sys.stderr)


def _remarks(past: Past, done: Rescan) -> Iterator[str]:
    for one in done.failed:
        data = one.event.data
        yield f"the detector {data['detector']} failed at event {data['at']}: {data['error']}"
    if not past.trusted and done.then:
        yield f"the chain of {past.name} is broken, so no event in it is a witness of anything."
    if not done.then or done.same:
        return
    then, now = ", ".join(done.then), ", ".join(done.now)
    why = "with the same detectors" if _versions_agree(done) else f"by {then}; here are {now}"
    yield f"the record of {past.name} has other flags, {why}:"
    for one in done.missing:
        yield f"  not in the record: {_brief(one.event.data)} (event {one.event.parent})"
    for event in done.gone:
        yield f"  not found any more: {_brief(event.data)} (event {event.seq})"


def _brief(data: Any) -> str:
    level = f", {data['level']}" if data.get("level") else ""
    return f"{data.get('id', data.get('detector'))}{level}: {str(data.get('title', data.get('error')))[:200]}"
