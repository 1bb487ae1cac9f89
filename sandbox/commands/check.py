"""``backrooms check``: is a scenario right, and what is in it?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.errors import ScenarioError
    from sandbox.scenario import Remark, Scenario

__all__ = ["add_parser", "main"]

_ABOUT = """\
Check scenarios: every mistake with its place and its remedy, or what is in those that are right.

SCENARIO is a YAML file, or the name of a scenario that ships with Backrooms. The exit code is 2
where anything is wrong.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "check",
        help="check scenarios and say what is in them",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help="a file, or a name such as 'demo'"
    )
    parser.add_argument("--json", action="store_true", help="one list, an object for each scenario")
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of scenarios, for editors"
    )


def main(args: argparse.Namespace) -> int:
    """Check every scenario that is named; 0 if all are right, else 2."""
    from sandbox.errors import UsageError
    from sandbox.scenario import json_schema

    if args.schema:
        print(json.dumps(json_schema(), indent=2))
        return 0
    if not args.scenarios:
        raise UsageError("check takes at least one SCENARIO. For example: backrooms check demo")
    checked = [_check(name) for name in args.scenarios]
    if args.json:
        print(json.dumps([_facts(each) for each in checked], indent=2))
    else:
        _print(checked)
    return 2 if any(each.error for each in checked) else 0


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found: a scenario and its remarks, or an error."""

    file: str
    scenario: Scenario | None = None
    remarks: Sequence[Remark] = ()
    error: ScenarioError | None = None


def _check(name: str) -> _Checked:
    from sandbox.errors import ScenarioError
    from sandbox.scenario import find, lint, load

    try:
        path = find(name)
        scenario = load(path)
    except ScenarioError as error:
        return _Checked(name, error=error)
    return _Checked(str(path), scenario, lint(scenario))


def _facts(checked: _Checked) -> dict[str, Any]:
    """What ``--json`` prints."""
    from sandbox.scenario import InvalidScenario

    scenario, error = checked.scenario, checked.error
    if scenario is not None:
        return {
            "file": checked.file,
            "ok": True,
            "least_tier": scenario.least_tier,
            "warnings": [{"place": each.place, "text": each.text} for each in checked.remarks],
            "scenario": scenario.model_dump(mode="json"),
        }
    problems = error.problems if isinstance(error, InvalidScenario) else ()
    return {
        "file": checked.file,
        "ok": False,
        "error": str(error),
        "problems": [
            {
                "file": each.place.file,
                "line": each.place.line,
                "column": each.place.column,
                "what": each.what,
                "remedy": each.remedy,
            }
            for each in problems
        ],
    }


def _print(checked: Sequence[_Checked]) -> None:
    from sandbox.console.neutral import neutralise
    from sandbox.scenario.summary import HOLE, summary

    first = True
    for each in checked:
        if each.scenario is None:
            sys.stdout.flush()  # so that the two streams keep their order where both are one file
            print(neutralise(str(each.error)), file=sys.stderr)
            continue
        if not first:
            print()
        first = False
        print(neutralise(f"{each.file}: {each.scenario.title}", newlines=False))
        rows = summary(each.scenario) + [("warning", str(remark)) for remark in each.remarks]
        for label, text in rows:
            line = neutralise(f"  {label:<9} {text}", newlines=False)
            print(f"\x1b[1;31m{line}\x1b[0m" if label == HOLE and sys.stdout.isatty() else line)
