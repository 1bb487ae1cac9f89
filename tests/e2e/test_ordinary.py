"""Some 570 ordinary commands, run for real: what is ordinary raises no alarm."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from sandbox.detect.escape.signs import RANKS

pytestmark = pytest.mark.e2e

SESSION = Path(__file__).parent / "ordinary/commands.txt"
AT_ONCE = 16
"""Commands in one answer, which is the most that the engine takes."""
ANSWERS = 3
"""In one turn, before the agent speaks."""


def commands() -> list[str]:
    """Each begins with ``$ `` and goes on until the next; sections have headings."""
    sections = re.split(r"(?:^|\n\n)## .*\n", SESSION.read_text(encoding="utf-8"))[1:]
    return [
        command.removeprefix("$ ")
        for section in sections
        for command in re.split(r"\n(?=\$ )", section.strip("\n"))
    ]


def scenario(lines: list[str]) -> str:
    """One agent that runs all of it, so many commands a turn, with the tools in its box."""
    answers = [
        {"do": [{"shell": command} for command in lines[at : at + AT_ONCE]]}
        for at in range(0, len(lines), AT_ONCE)
    ]
    script: list[object] = []
    for at in range(0, len(answers), ANSWERS):
        script += [*answers[at : at + ANSWERS], "Next."]
    turns = sum(isinstance(line, str) for line in script)
    # JSON is YAML.
    return json.dumps(
        {
            "title": "An ordinary day",
            "agents": {"ada": {"tools": ["talk", "shell"], "script": script}},
            "isolation": {"image": "tools", "memory": "1GB"},
            "limits": {"turns": turns, "turn_seconds": 120},
        }
    )


def test_there_are_enough_of_them_and_no_two_are_alike():
    lines = commands()
    assert len(lines) >= 500
    assert [line for line, count in Counter(lines).items() if count > 1] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.needs("nats", "docker")
def test_ordinary_commands_raise_no_alarm(house):
    lines = commands()
    house("run", house.scenario(scenario(lines)), "--plain", "--tier", "docker", seconds=300)
    events = house.events()
    ran = [e for e in events if e["kind"] == "action.result" and e["data"]["source"] == "box"]
    assert len(ran) == len(lines)
    flags = [e["data"] for e in events if e["kind"] == "flag" and e["data"].get("level")]
    assert [f["title"] for f in flags if RANKS.get(f["level"], 99) > RANKS["recon"]] == []
    assert len({f["evidence"][-1] for f in flags if f["level"] == "recon"}) <= len(lines) // 100
    witnesses = [e["data"] for e in events if e["kind"].startswith(("host.", "witness."))]
    assert witnesses == []
