"""``backrooms peek``: look at what an agent serves in its box, while the run plays."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.engine.peeking import Page

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Fetch one page, by one GET, from a service that an agent has started in its box, while the run plays.

Nobody in the run is told, and nothing is changed but what the service itself does when it is asked.
That you looked is written beside the record, in peeks.jsonl.
"""

_EXAMPLES: Final = """\
backrooms peek last ada 8080                        print the page at / (the record's service.seen tells ports)
backrooms peek last ada 8080 /notes.html --out notes.html
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "peek",
        help="look at a page that an agent serves in its box",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("agent", metavar="AGENT", help="whose box")
    parser.add_argument("port", metavar="PORT", type=int, help="where the service listens")
    parser.add_argument(
        "path", metavar="PATH", nargs="?", default="/", help="the page (default: /)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="save the page as it is")
    parser.add_argument(
        "--json", action="store_true", help="status, headers and text as one object"
    )


def main(args: argparse.Namespace) -> int:
    """Print or save the page; 1 if there is none."""
    from sandbox.engine.peeking import peek
    from sandbox.engine.runtime import runtime_root
    from sandbox.transcript import find_run

    run = find_run(args.dir, args.run).name
    page = peek(runtime_root() / run, args.agent, args.port, args.path)
    if args.out is not None:
        args.out.write_bytes(page.body)
    print(_as_json(page) if args.json else _words(page, args.out))
    return 0


def _words(page: Page, out: Path | None) -> str:
    from sandbox.console.neutral import neutralise

    def line(text: str) -> str:
        return neutralise(text, newlines=False)

    head = "no HTTP" if page.status is None else line(f"HTTP {page.status} {page.reason}").rstrip()
    lines = [head, *(line(f"{name}: {value}") for name, value in page.headers), ""]
    if out is not None:
        lines.append(
            f"{len(page.body):,} bytes in {line(str(out))}. They are the agent's: open them with care."
        )
    else:
        lines.append(neutralise(page.body.decode("utf-8", "replace")))
    if page.cut:
        lines.append("(there was more, or it broke off)")
    return "\n".join(lines)


def _as_json(page: Page) -> str:
    import json

    told = {"status": page.status, "reason": page.reason, "headers": page.headers}
    told |= {"text": page.body.decode("utf-8", "replace"), "bytes": len(page.body), "cut": page.cut}
    return json.dumps(told)
