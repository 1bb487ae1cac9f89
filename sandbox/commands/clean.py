"""``backrooms clean``: remove what killed runs and earlier versions left on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.isolation.clean import Find, Use

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Find what is ours and in nobody's use, and remove it: boxes, brokers and folders of killed runs,
containers, control groups, images and caches of earlier versions. Never a transcript, never a model,
never anything of a run that lives. The next run does the first of these by itself. Ends with 0, or
with 1 if something could not be removed.
"""
_EPILOG: Final = """\
backrooms clean --dry-run    only say what would go, and how much that frees
backrooms clean              remove it
backrooms clean --all        also images and caches that the next run would make again
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "clean",
        help="remove what killed runs and earlier versions left",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    parser.add_argument("--all", action="store_true", help="also what can be made again")
    parser.add_argument("--json", action="store_true", help="one JSON object, for scripts")


def main(args: argparse.Namespace) -> int:
    """Remove what is in nobody's use; 0 if all of it is gone."""
    import json

    from docker.errors import DockerException

    from sandbox.commands.sizes import size
    from sandbox.errors import BoxError
    from sandbox.isolation.clean import finds

    done: list[dict[str, Any]] = []

    def report(kind: str, name: str, count: int, error: str | None = None) -> None:
        done.append({"kind": kind, "name": name, "bytes": count, "error": error})
        if error is not None:
            _tell(f"The {kind} {name} stays: {error}")
        elif not args.json:
            verb = "would remove" if args.dry_run else "removed"
            amount = f" ({size(count)})" if count else ""
            _print(f"{verb} {kind} {name}{amount}")

    use = _use()
    for run in use.killed:
        report("killed run", run, 0)
    if not args.dry_run:
        _sweep()
    try:
        for find in finds(use, _tell, everything=args.all):
            error = None if args.dry_run else _removed(find)
            report(find.kind, find.name, find.bytes, error)
    except DockerException as error:
        raise BoxError(f"an engine failed: {error}") from error
    gone = [one for one in done if one["error"] is None]
    freed = sum(one["bytes"] for one in gone)
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, "bytes": freed, "found": done}, indent=2))
    elif not done:
        print("There is nothing to remove.")
    else:
        print(f"That {'would free' if args.dry_run else 'freed'} about {size(freed)}.")
    return 0 if len(gone) == len(done) else 1


def _use() -> Use:
    """The runs on this machine, by their runtime folders."""
    from sandbox.engine.runtime import dead_runs, runtime_root
    from sandbox.ids import RunId
    from sandbox.isolation.clean import Use

    killed = tuple(folder.run for folder in dead_runs())
    root = runtime_root()
    folders = list(root.glob("[!.]*/"))
    living = {RunId(path.name): path for path in folders if path.name not in killed}
    return Use(living, killed)


def _sweep() -> None:
    """What the next run would do first."""
    import asyncio

    from sandbox.engine.sweep import sweep

    asyncio.run(sweep(_tell))


def _removed(find: Find) -> str | None:
    """Remove it; why it stays if it does."""
    from docker.errors import APIError, NotFound

    try:
        find.remove()
    except (FileNotFoundError, NotFound):
        return None  # somebody else was faster
    except APIError as error:
        return str(error.explanation or error)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _print(line: str) -> None:
    from sandbox.console import neutralise

    print(neutralise(line, newlines=False), flush=True)


def _tell(line: str) -> None:
    from sandbox.console import neutralise

    print(neutralise(line, newlines=False), file=sys.stderr, flush=True)
