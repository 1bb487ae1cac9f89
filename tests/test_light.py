"""What an installation brings and what the command loads before it is told what to do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {
    "aiohttp", "aiomqtt", "anthropic", "docker", "h11", "httpx2", "kubernetes_asyncio", "mistralai",
    "orjson", "pydantic", "rich", "ruamel", "textual", "xllamacpp",
}  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["models", "--help"], ["--version"]]
)
def test_help_loads_no_sdk_and_nothing_heavy(arguments):
    code = f"""
import sys
from sandbox.cli import main
try:
    main({arguments!r})
except SystemExit:
    pass
print("LOADED", *sorted({HEAVY!r} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.rpartition("LOADED")[2].split() == []


@pytest.mark.parametrize("file", ["base.txt", "local.txt", "dev.txt"])
def test_no_requirement_brings_a_deep_learning_framework(file):
    names = re.findall(
        r"^([a-z0-9._-]+)==", (ROOT / "requirements" / file).read_text(), re.MULTILINE
    )
    assert len(names) > 1
    assert {"torch", "transformers", "tensorflow", "jax"} & set(names) == set()
