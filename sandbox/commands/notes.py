"""``backrooms notes``: read what people wrote down about a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.console import Line
    from sandbox.transcript import Note

__all__ = ["add_parser", "main", "print_note", "report"]

_EPILOG: Final = """\
examples:
  backrooms note last 42 "she means the other room"     write one
  backrooms notes last --json | jq 'select(.verdict == "real")'
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "notes",
        help="list the notes and verdicts on a run's events",
        description="List the notes and verdicts on a run's events, by event.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the notes; 1 if some of the file is no note."""
    import json
    from dataclasses import asdict

    from sandbox.transcript import Record, find_run, read_notes

    folder = find_run(args.dir, args.run)
    notes = read_notes(folder)
    if args.json:
        for note in notes.notes:
            print(json.dumps(asdict(note)))
    else:
        with Record(folder) as record:
            for note in notes.notes:
                print_note(note, record.turn_of(note.seq), plain=True)
        if not notes.notes:
            print("There is no note on this run. `backrooms note` writes one.", file=sys.stderr)
    report(notes.problems)
    return 1 if notes.problems else 0


def report(problems: Sequence[str]) -> None:
    """Say on standard error which lines of the file are no notes."""
    from sandbox.console import neutralise

    for problem in problems:
        print(f"backrooms: {neutralise(problem, newlines=False)}", file=sys.stderr)


def print_note(note: Note, turn: int, *, plain: bool) -> None:
    """Print a note as the console tells an event; whoever wrote it stands in the speaker's place."""
    if plain:
        for line in _lines(note, turn):
            print(line.plain())
        return
    from sandbox.console.terminal import draw, terminal  # brings Rich, which a pipe does not need

    console = terminal(sys.stdout)
    for line in _lines(note, turn):
        for row in draw(line, console, console.width):
            console.print(row, soft_wrap=True)


def _lines(note: Note, turn: int) -> Iterator[Line]:
    from sandbox.console import Line, Span, neutralise

    about = [f"on event {note.seq}", *([note.verdict] if note.verdict else [])]
    about += [f"#{tag}" for tag in note.tags]
    first = f"{' · '.join(about)} ({note.id}, {note.at[:16].replace('T', ' ')})"
    author = neutralise(note.author, newlines=False)
    head = (Span(" "), Span(author, "note"))
    for number, text in enumerate([first, *(note.text.split("\n") if note.text else [])]):
        yield Line(
            turn=turn,
            who=author,
            what="note",
            body=(Span(neutralise(text, newlines=False), "" if number else "note"),),
            head=() if number else head,
            indent=len(author) + 3,
            mark=Span("✎ ", "note"),
            seq=note.seq,
        )
