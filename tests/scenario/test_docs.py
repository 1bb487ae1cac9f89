"""``docs/scenarios.md`` says what the schema says, and its examples are scenarios."""

import re
from pathlib import Path

import pytest

from sandbox.scenario import (
    TALK_TOOLS,
    AgentSpec,
    CanarySpec,
    DoorSpec,
    DoorsSpec,
    IsolationSpec,
    Limits,
    MetadataDoor,
    ModelsDoor,
    OrderSpec,
    RoomSpec,
    Scenario,
    ScriptLine,
    ServedSpec,
    StopRules,
    WatchSpec,
    When,
    lint,
    loads,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "scenarios.md").read_text()
PARTS = [
    Scenario,
    AgentSpec,
    ScriptLine,
    When,
    RoomSpec,
    OrderSpec,
    Limits,
    StopRules,
    IsolationSpec,
    WatchSpec,
    DoorsSpec,
    DoorSpec,
    ModelsDoor,
    ServedSpec,
    MetadataDoor,
    CanarySpec,
]
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def table(part):
    """The reference of one part, as the page has it."""
    rows = ["| key | default | what it is |", "| --- | --- | --- |"]
    for key, field in part.model_fields.items():
        what = re.sub("``", "`", " ".join(field.description.split()))
        rows.append(f"| `{key}` | {default(key, field)} | {what} |")
    return "\n".join(rows) + "\n"


def default(key, field):
    if field.is_required():
        return "required"
    value = field.default
    if value == TALK_TOOLS:
        return "`[talk]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if key in {"memory", "disk"}:
        return f"`{value >> 20}MiB`"
    if isinstance(value, str) and value:
        return f"`{value}`"
    return f"`{value:g}`" if isinstance(value, int | float) else ""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_is_on_the_page(part):
    assert table(part) in PAGE, table(part)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_scenario(example):
    assert lint(loads(example)) == []


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
