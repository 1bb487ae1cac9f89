"""``docs/detectors.md``: its example runs, its table has every technique, its events are those of the ladder."""

import re
from pathlib import Path

from sandbox.detect import Watch
from sandbox.detect.escape.judge import judge  # noqa: F401  # loads every rule
from sandbox.detect.escape.ladder import OUTSIDE
from sandbox.detect.escape.rules_paths import PATHS
from sandbox.detect.escape.rules_programs import PROGRAMS
from sandbox.detect.escape.rules_reach import REACHES
from sandbox.detect.escape.rules_seek import SEEKS
from sandbox.detect.levels import LEVELS
from sandbox.transcript.event import Event

PAGE = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text()
NEVER_FLAGGED = {"message.refused"}


def test_the_example_is_a_detector_of_twenty_lines():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    body = code[code.index("class Lullabies") :]
    assert len([line for line in body.splitlines() if line.strip()]) <= 20
    names: dict[str, type] = {}
    exec(code, names)
    watch = Watch([names["Lullabies"]()])
    scenario = {"agents": {"ada": {"persona": "Sing a lullaby."}, "bo": {}}}
    watch.observe(Event(1, "run.started", "engine", {"scenario": scenario, "rooms": {}}))
    found = [
        watch.observe(Event(seq, "say", agent, {"text": "Hush, little baby."}, "lobby", "all"))
        for seq, agent in ((2, "ada"), (3, "bo"))
    ]
    assert [(f.data["agent"], f.data["elicited"], f.data["evidence"]) for (f,) in found] == [
        ("ada", 2, [1, 2]),
        ("bo", 0, [3]),
    ]
    assert watch.failed == []


def test_every_technique_is_on_the_page():
    known = {rule.technique for rules in (PATHS, PROGRAMS, REACHES, SEEKS) for rule in rules}
    assert {slug for slug in known if f"| `{slug}` |" not in PAGE} == set()


def test_every_kind_of_witness_is_on_the_page():
    assert {kind for kind in OUTSIDE if f"`{kind}`" not in PAGE} == NEVER_FLAGGED


def test_every_level_is_on_the_page():
    assert {level for level in LEVELS if f"`{level.partition('.')[0]}`" not in PAGE} <= {
        "achieved"
    } | {level for level in LEVELS if level.startswith("achieved.")}
