"""``backrooms new``: begin a scenario from a template."""

from __future__ import annotations

import argparse

__all__ = ["add_parser", "main"]

_ABOUT = """\
Write a new scenario file that runs as it is, to be changed into your own.

NAME becomes scenarios/NAME.yaml, where 'backrooms run NAME' and the app find it; with a folder or with
.yaml it is a path. No file is ever replaced.
"""
_EPILOG = """\
backrooms new corridor                        the shortest: two agents, four lines
backrooms new corridor --template rooms       two rooms, whispers, three agents
backrooms new --list                          all templates
backrooms check corridor                      is it right, and what is in it?
backrooms run corridor
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "new",
        help="begin a scenario from a template",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a name, or the path of a file")
    parser.add_argument(
        "--template", default="empty", metavar="T", help="which beginning (default: empty)"
    )
    parser.add_argument("--title", metavar="TEXT", help="its title, instead of the template's")
    parser.add_argument("--list", action="store_true", help="show the templates")


def main(args: argparse.Namespace) -> int:
    """Write the file and say what to do with it, or show the templates; 0."""
    from sandbox.errors import UsageError
    from sandbox.scenario.template import template, templates

    if args.list:
        found = templates()
        width = max(len(each.name) for each in found)
        for each in found:
            print(f"{each.name:<{width}}  {each.about}")
        return 0
    if not args.name:
        raise UsageError("new takes a NAME. For example: backrooms new corridor")
    path = _write(args.name, _titled(template(args.template).text, args.title))
    print(path)
    _advise(path, args.name)
    return 0


def _titled(text: str, title: str | None) -> str:
    if title is None:
        return text
    import json
    import re

    line = f"title: {json.dumps(title, ensure_ascii=False)}"
    return re.sub(r"(?m)^title: .*$", lambda _: line, text, count=1)


def _write(name: str, text: str) -> str:
    from pathlib import Path

    from sandbox.errors import ScenarioError, UsageError
    from sandbox.scenario import InvalidScenario, loads

    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        path = path.with_name(f"{path.name}.yaml")
    if len(path.parts) == 1 and Path(name).suffix == "":
        path = Path("scenarios") / path
    try:
        loads(text, str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except InvalidScenario as error:
        raise UsageError(f"that title makes no scenario: {error}") from None
    except FileExistsError:
        raise ScenarioError(f"{path} is there already. Choose another name.") from None
    except ValueError as error:  # a NUL in the name
        raise UsageError(f"{name!r:.80} is no name of a file: {error}") from None
    return str(path)


def _advise(path: str, name: str) -> None:
    import shlex
    import sys

    called = shlex.quote(name if "/" not in name and "." not in name else path)
    # The standard output is the path alone, for scripts.
    print(f"Edit it, then: backrooms check {called}, backrooms run {called}", file=sys.stderr)
