import re
from pathlib import Path

import pytest

import sandbox.console
import sandbox.transcript
from sandbox.transcript import KINDS

REFERENCE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def test_the_reference_describes_every_kind_once():
    rows = re.findall(
        r"^\| `([a-z.]+)` \| (?:agent|engine|operator|watch)", REFERENCE, re.MULTILINE
    )
    assert sorted(rows) == sorted(KINDS)


def test_the_check_in_the_reference_works(record):
    code = re.search(r"```python\n(.*?)```", REFERENCE, re.DOTALL)[1]
    scope = {}
    exec(
        code.replace('open("events.jsonl", "rb")', "lines"), scope | {"lines": lines(record)}, scope
    )
    assert scope["previous"] == lines(record)[-1][-67:-3]


def lines(record):
    return (record / "events.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("package", [sandbox.transcript, sandbox.console])
def test_every_public_name_can_be_had(package):
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert not hasattr(package, "nothing")
