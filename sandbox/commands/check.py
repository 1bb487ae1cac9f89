"""``backrooms check``: is a scenario right, and what is in it?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario

__all__ = ["add_parser", "main"]

_ABOUT = """\
Check scenarios: every mistake with its place and its remedy, or a summary of what is right.

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
    parser.add_argument("--json", action="store_true", help="a JSON object for each, in one list")
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
    reports = [_report(name) for name in args.scenarios]
    if args.json:
        print(json.dumps(reports, indent=2))
    else:
        _print(reports)
    return 0 if all(report["ok"] for report in reports) else 2


def _report(name: str) -> dict[str, Any]:
    """All that is to be said of one scenario, as ``--json`` prints it."""
    from sandbox.errors import ScenarioError
    from sandbox.scenario import InvalidScenario, find, lint, load

    try:
        path = find(name)
        scenario = load(path)
    except InvalidScenario as error:
        problems = [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "what": problem.what,
                "remedy": problem.remedy,
            }
            for problem in error.problems
        ]
        return {"file": name, "ok": False, "problems": problems, "text": str(error)}
    except ScenarioError as error:
        return {"file": name, "ok": False, "problems": [], "text": str(error)}
    warnings = [{"place": remark.place, "text": remark.text} for remark in lint(scenario)]
    return {"file": str(path), "ok": True} | _summary(scenario) | {"warnings": warnings}


def _summary(scenario: Scenario) -> dict[str, Any]:
    whole = scenario.model_dump(mode="json", exclude_none=True)
    agents = {
        name: {"model": agent.model, "tools": list(agent.tools)}
        for name, agent in scenario.agents.items()
    }
    kept = ("rooms", "order", "limits", "stop", "isolation", "asked")
    least = {"least_tier": scenario.least_tier}
    return {"title": scenario.title, "agents": agents} | {key: whole[key] for key in kept} | least


def _print(reports: list[dict[str, Any]]) -> None:
    from sandbox.console.neutral import neutralise

    for at, report in enumerate(reports):
        if not report["ok"]:
            sys.stdout.flush()  # so that the two streams keep their order where both are a file
            print(neutralise(report["text"]), file=sys.stderr)
            continue
        print("\n" * (at > 0) + neutralise(f"{report['file']}: {report['title']}"))
        for label, text in _rows(report):
            print(neutralise(f"  {label:<9} {text}", newlines=False))


def _rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a person wants to know of a scenario, as lines with a label."""
    cast = report["agents"].items()
    rows = [
        ("" if at else "agents", f"{name}  {agent['model']}  {_tools(agent['tools'])}")
        for at, (name, agent) in enumerate(cast)
    ]
    rows += [
        ("" if at else "rooms", f"{name}  {_room(room)}")
        for at, (name, room) in enumerate(report["rooms"].items())
    ]
    order = report["order"]
    chair = f", {order['moderator']} moderates" if "moderator" in order else ""
    rows.append(("order", order["kind"] + chair))
    rows.append(("ends", ", or ".join(_ends(report["limits"], report["stop"]))))
    rows.append(("boxes", _boxes(report)))
    if report["asked"]:
        rows.append(("asked", ", ".join(report["asked"])))
    rows += [("warning", f"{each['place']}: {each['text']}") for each in report["warnings"]]
    return rows


def _tools(tools: list[str]) -> str:
    from sandbox.scenario.schema import TALK_TOOLS

    if not set(TALK_TOOLS) <= set(tools):
        return ", ".join(tools) or "no tools"
    return ", ".join(["talk", *(tool for tool in tools if tool not in TALK_TOOLS)])


def _room(room: Mapping[str, Any]) -> str:
    members = ", ".join(room["members"]) or "empty" if "members" in room else "everybody"
    enter = room["enter"]
    who = {"anyone": "anyone", "invited": "who is invited", "nobody": "nobody else"}
    may = who[enter] if isinstance(enter, str) else ", ".join(enter) or "nobody else"
    return f"{members}; {may} may enter"


def _ends(limits: Mapping[str, Any], stop: Mapping[str, Any]) -> list[str]:
    ends = [f"after {limits['turns']:,} turns"]
    if "seconds" in limits:
        ends.append(f"after {limits['seconds']:g} s")
    if "tokens" in limits:
        ends.append(f"after {limits['tokens']:,} tokens")
    if "money" in limits:
        ends.append(f"after {limits['money']:g} USD")
    if "silence" in stop:
        ends.append(f"after {stop['silence']} silent turns")
    if "word" in stop:
        ends.append(f"when an agent says {stop['word']!r}")
    if stop["all_left"]:
        ends.append("when all have left")
    return ends


def _boxes(report: Mapping[str, Any]) -> str:
    tier, box = report["least_tier"], report["isolation"]
    least = "any tier" if tier == "none" else f"tier {tier} or stronger"
    return (
        f"{least}; {box['memory'] / (1 << 20):g} MiB, {box['cpu']:g} cores, {box['pids']} processes"
    )
