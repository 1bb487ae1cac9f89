"""The threat model is held to what it names: tests that exist, promises in their words, what was really seen."""

import ast
import re
import runpy
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from sandbox.isolation import bubblewrap_rules, container_rules
from sandbox.isolation.box import BoxLimits, BoxSpec
from sandbox.isolation.bubblewrap_command import HostTree, options
from sandbox.isolation.container_payload import payload
from sandbox.isolation.examine import Check, TierReport
from sandbox.isolation.guest import Guest
from sandbox.isolation.machine import Fact

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
DOCTOR = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([a-z0-9_/]+\.py::test_\w+)`", PAGE)))
BENCHMARKS = runpy.run_path(str(ROOT / "tests" / "isolation" / "test_benchmarks.py"))
LOOK = runpy.run_path(str(ROOT / "docs" / "inside" / "look.py"))
SPEC = BoxSpec("20261121-113908-x-abcd", "ada", Path("/run/br/ada"))
STABLE = (
    "user", "user map", "capabilities", "no new rights", "seccomp", "processes seen", "interfaces",
    "environment", "devices",
)  # fmt: skip
"""What does not differ from one Linux machine to the next."""


@cache
def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    table = PAGE.partition(f"{heading}\n")[2].partition("\n| --- |")[2].partition("\n")[2]
    lines = table.partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_it_names_many_tests():
    assert len(NAMED) > 40


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_is_named_exists(named):
    file, _, test = named.partition("::")
    assert test in names_in(ROOT / "tests" / file)


def test_every_member_of_a_request_is_on_the_page():
    asked = payload(SPEC, "sha256:" + "0" * 64)
    members = {*asked, *asked["HostConfig"], "Runtime", "Env"}
    assert {member for member in members if f"`{member}`" not in PAGE} == set()
    assert [*container_rules.refusals(asked, SPEC)] == []


def test_every_option_of_bwrap_is_on_the_page():
    guest = Guest(Path("/cache/guest-1"), "/usr/bin/python3")
    words = options(
        guest=guest,
        folder=SPEC.folder,
        limits=BoxLimits(),
        host=HostTree(),
        filter_fd=10,
        status_fd=11,
    )
    needed = {option for option, *_ in bubblewrap_rules.NEEDED}
    used = {word for word in words if word.startswith("--")} | needed
    assert {option for option in used if f"`{option}`" not in PAGE} == set()


def test_every_item_of_cis_section_5_is_on_the_page():
    table = rows("### CIS Docker Benchmark 1.6, section 5")
    assert [item for item, *_ in table] == [f"5.{number}" for number in range(1, 33)]
    excused = {
        item for item, _, here in table if here.startswith(("not ours", "not by the engine"))
    }
    assert excused == BENCHMARKS["NOT_OURS"]


def test_every_control_of_pod_security_is_on_the_page():
    table = rows("### Pod Security, `restricted`")
    named = {name for controls, _ in table for name in controls.split(", ")}
    assert named == {*BENCHMARKS["POD_SECURITY"], "HostProcess"}


def test_the_table_is_made_of_what_was_seen():
    written = PAGE.partition(LOOK["BEGIN"])[2].partition(LOOK["END"])[0]
    assert written == LOOK["table"]()


@pytest.mark.needs("bubblewrap")
def test_what_was_seen_inside_is_still_seen():
    look = (
        "import asyncio, runpy, sys;"
        "print(asyncio.run(runpy.run_path(sys.argv[1])['seen']('bubblewrap')))"
    )
    command = [sys.executable, "-c", look, ROOT / "docs" / "inside" / "look.py"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    seen = [line for line in done.stdout.splitlines() if line.partition(":")[0] in STABLE]
    kept = (ROOT / "docs" / "inside" / "bubblewrap.txt").read_text(encoding="utf-8").splitlines()
    assert seen == [line for line in kept if line.partition(":")[0] in STABLE]


@pytest.mark.parametrize("part", [TierReport, Check, Fact], ids=lambda part: part.__name__)
def test_every_member_of_the_doctor_s_json_is_described(part):
    assert {one.name for one in fields(part) if f"`{one.name}`" not in DOCTOR} == set()
