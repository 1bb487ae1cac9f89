"""The tools as models are shown them."""

import subprocess
import sys

import pytest

from agents.tools import SCHEMAS, schemas
from sandbox.scenario.schema import ToolName


def test_every_tool_that_a_scenario_can_name_has_a_schema():
    assert sorted(SCHEMAS) == sorted(ToolName.__args__)


def test_the_arguments_of_each_tool():
    optional = {
        name: " ".join(
            arg if arg in tool["schema"]["required"] else f"{arg}?"
            for arg in tool["schema"]["properties"]
        )
        for name, tool in schemas.SCHEMAS.items()
    }
    assert optional == {
        "say": "text to?",
        "whisper": "to text",
        "open_room": "name members? about? enter?",
        "invite": "agent room?",
        "enter": "room",
        "leave": "room?",
        "next": "agent",
        "pass": "",
        "shell": "command seconds?",
        "read_file": "path",
        "write_file": "path text",
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_tool_is_described_by_one_sentence_that_urges_nothing(name):
    about = SCHEMAS[name]["about"]
    assert about.endswith(".")
    assert about.count(".") == 1 or name == "shell"
    urging = {
        "you",
        "your",
        "should",
        "must",
        "please",
        "try",
        "want",
        "can",
        "use",
        "feel",
        "free",
    }
    assert urging.isdisjoint(about.lower().rstrip(".").split())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_an_object_that_allows_nothing_unknown(name):
    schema = SCHEMAS[name]["schema"]
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) <= set(schema["properties"])


def test_the_house_can_read_them_without_the_effects():
    code = "import agents.tools.schemas, sys; print([m for m in sys.modules if 'agents.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ["agents.tools", "agents.tools.outcome", "agents.tools.schemas"]
    assert sorted(eval(done.stdout)) == loaded
