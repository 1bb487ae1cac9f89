"""`backrooms doctor` where every tier works, where a box has a hole, and what it prints of each."""

import json
import subprocess
from dataclasses import asdict

import pytest

from sandbox.cli import main
from sandbox.commands.doctor import _lines
from sandbox.isolation import bubblewrap, bubblewrap_command, examine
from sandbox.isolation.examine import CHECKS, Calls, Check, Diagnosis, TierReport
from sandbox.isolation.machine import Fact, machine
from sandbox.isolation.supervisor import why_not

ELSEWHERE = "kubernetes"
ALL = pytest.mark.needs("bubblewrap", "docker", "podman", "gvisor")
SOUND = {"state": "sound", "why": "", "remedy": "", "seconds": "some", "uncovered": "some"}
PASSED = [{"name": name, "passed": True, "detail": ""} for name in CHECKS]
NO_BOX = {"supervised": False, "why": "there is no box"}
HARD = [
    "a thousand processes", "a hundred megabytes of files", "a name looked up on a network",
    "a gigabyte of memory",
]  # fmt: skip


def told(capsys, *words: str) -> tuple[int, dict]:
    """Run the command; its exit code and its JSON, without the tier that is not of this machine alone."""
    code = main(["doctor", "--json", *words])
    found = json.loads(capsys.readouterr().out)
    return code, found | {"tiers": [one for one in found["tiers"] if one["tier"] != ELSEWHERE]}


def masked(report: dict) -> dict:
    """A tier's report without what differs from machine to machine."""
    some = {name: "some" for name in ("seconds", "uncovered") if report[name]}
    return report | some | {"version": report["version"].partition(" ")[0]}


@ALL
def test_where_everything_works(capsys):
    code, found = told(capsys)
    assert code == 0
    assert {name: value for name, value in found.items() if name not in {"machine", "tiers"}} == {
        "format": 1,
        "healthy": True,
    }
    assert found["machine"] == [asdict(fact) for fact in machine()]
    sealed = {"checks": PASSED, "calls": {"supervised": True, "why": ""}} | SOUND
    own_kernel = {"supervised": False, "why": why_not("gvisor")}
    assert [masked(report) for report in found["tiers"]] == [
        {"tier": "none", "version": "", "checks": [], "calls": NO_BOX} | SOUND,
        {"tier": "bubblewrap", "version": "bubblewrap"} | sealed,
        {"tier": "docker", "version": "docker"} | sealed,
        {"tier": "podman", "version": "podman"} | sealed,
        {"tier": "gvisor", "version": "docker"} | sealed | {"calls": own_kernel},
    ]


@pytest.mark.parametrize(
    "tier",
    [
        pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
        pytest.param("docker", marks=pytest.mark.needs("docker")),
        pytest.param("gvisor", marks=pytest.mark.needs("gvisor")),
    ],
)
def test_hardships(tier, capsys):
    code, found = told(capsys, "--hard", "--tier", tier)
    (report,) = found["tiers"]
    assert [(one["name"], one["passed"]) for one in report["checks"]] == [
        (name, True) for name in (*CHECKS, *HARD)
    ], report["checks"]
    assert (code, report["state"]) == (0, "sound")


def test_tier_none_alone(capsys):
    code, found = told(capsys, "--tier", "none")
    assert (code, [masked(report) for report in found["tiers"]]) == (
        0,
        [{"tier": "none", "version": "", "checks": [], "calls": NO_BOX} | SOUND],
    )


@pytest.mark.needs("bubblewrap")
def test_a_box_with_a_hole(capsys, monkeypatch):
    plain = bubblewrap_command.options

    def holed(**given):
        words = plain(**given)
        return [
            *words[: words.index("--remount-ro")],
            "--share-net",
            *words[words.index("--remount-ro") :],
        ]

    monkeypatch.setattr(bubblewrap_command, "options", holed)
    monkeypatch.setattr(bubblewrap, "refuse", lambda *_, **__: None)
    code = main(["doctor", "--tier", "bubblewrap"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert "bubblewrap: HAS A HOLE" in lines
    assert any(line.startswith("    FAILED: interfaces: network interfaces ['") for line in lines)
    assert any(line.startswith("    FAILED: host.namespaces: process ") for line in lines)
    assert lines[-1] == "Tier 'bubblewrap' does not work here."


@pytest.mark.needs("bubblewrap")
def test_a_limit_that_does_not_hold_is_a_hole(capsys, monkeypatch):
    async def none_holds(box):
        return Check("a gigabyte of memory", passed=False, detail="got as far as 1073741824")

    monkeypatch.setattr(examine, "HARDSHIPS", (none_holds,))
    code, found = told(capsys, "--hard", "--tier", "bubblewrap")
    (report,) = found["tiers"]
    assert (code, report["state"], report["why"]) == (
        *(1, "unsound"),
        "its limits did not stop a gigabyte of memory",
    )


@pytest.mark.needs("docker")
def test_an_image_that_cannot_be_built(capsys, monkeypatch):
    monkeypatch.setenv("BACKROOMS_BASE_IMAGE", "127.0.0.1:9/nowhere/none:1")
    code, found = told(capsys, "--tier", "docker")
    (report,) = found["tiers"]
    why = report.pop("why")
    assert (code, found["healthy"]) == (1, False)
    assert "cannot be built on '127.0.0.1:9/nowhere/none:1': " in why
    assert why.endswith("BACKROOMS_BASE_IMAGE=<image>")
    assert report | {"why": ""} == asdict(TierReport("docker", "broken", checks=[], uncovered=[]))


@pytest.mark.needs("docker")
def test_nothing_is_left_behind(capsys):
    assert told(capsys, "--tier", "docker")[0] == 0
    listed = ["docker", "ps", "--all", "--quiet", "--filter", "name=br-doctor-"]
    assert subprocess.run(listed, capture_output=True, check=True, text=True).stdout == ""


def test_what_is_printed():
    passed = [Check("mounts", passed=True), Check("sockets", passed=True)]
    failed = Check("mounts.host", passed=False, detail="/data (ext4 from /dev/sda1/etc)")
    found = Diagnosis(
        [Fact("system", "Linux"), Fact("user namespaces", "for everyone")],
        [
            TierReport("none", "sound", seconds=0.04, uncovered=["nothing is stopped"]),
            TierReport("bubblewrap", "absent", "there is no bwrap", "Install it."),
            TierReport("docker", "broken", "no image", "Name another."),
            TierReport("podman", "unsound", "it never begins", checks=[failed]),
            TierReport(
                *("gvisor", "sound", "", "", "docker 1, runsc 2", 0.5, passed, ["a fault"]),
                calls=Calls(supervised=False, why="it asks nobody"),
            ),
            TierReport("kubernetes", "sound", checks=passed, calls=Calls(supervised=True)),
        ],
    )
    assert "\n".join(_lines(found)) == (
        "system           Linux\n"
        "user namespaces  for everyone\n"
        "\n"
        "none: works, 0.04 s from start to a checked box\n"
        "    not stopped: nothing is stopped\n"
        "\n"
        "bubblewrap: is not here\n"
        "    there is no bwrap\n"
        "    Install it.\n"
        "\n"
        "docker: does not work\n"
        "    no image\n"
        "    Name another.\n"
        "\n"
        "podman: HAS A HOLE\n"
        "    it never begins\n"
        "    FAILED: mounts.host: /data (ext4 from /dev/sda1/etc)\n"
        "\n"
        "gvisor: works, docker 1, runsc 2, 0.50 s from start to a checked box\n"
        "    passed: mounts, sockets\n"
        "    calls: not supervised: it asks nobody;"
        " what is denied in a box is not seen from outside\n"
        "    not stopped: a fault\n"
        "\n"
        "kubernetes: works\n"
        "    passed: mounts, sockets\n"
        "    calls: supervised: what is denied in a box is seen from outside\n"
        "\n"
        "Sealed boxes work here in: gvisor, kubernetes."
    )
    assert not found.healthy  # one has a hole


@pytest.mark.parametrize(
    ("states", "healthy"),
    [
        ({"none": "sound"}, True),
        ({"docker": "sound"}, True),
        ({"docker": "broken"}, False),
        ({"docker": "unsound"}, False),
        ({"none": "sound", "bubblewrap": "absent", "docker": "absent"}, False),
        ({"none": "sound", "bubblewrap": "sound", "docker": "broken"}, True),
        ({"none": "sound", "bubblewrap": "sound", "docker": "unsound"}, False),
        ({"none": "broken"}, False),
    ],
)
def test_when_a_machine_is_healthy(states, healthy):
    assert Diagnosis(tiers=[TierReport(*one) for one in states.items()]).healthy == healthy


async def test_another_system_has_none_of_it_and_says_so(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    said: list[str] = []
    found = await examine.diagnose(said.append)
    assert [fact.name for fact in found.machine] == ["system", "python", "user"]
    namespaces = "namespaces are Linux', and this is darwin"
    engine = "on darwin the engine runs in a virtual machine, which a box's sockets do not reach"
    remedy = "Use a Linux machine, or a scenario whose agents only talk (tier 'none')."
    here = [one for one in found.tiers if one.tier != ELSEWHERE]
    assert [(one.tier, one.state, one.why, one.remedy) for one in here] == [
        ("none", "sound", "", ""),
        ("bubblewrap", "absent", namespaces, remedy),
        ("docker", "absent", engine, remedy),
        ("podman", "absent", engine, remedy),
        ("gvisor", "absent", engine, remedy),
    ]
    assert not found.healthy
    assert said == ["Looking for what each tier needs.", "Making a box of tier 'none'."]
