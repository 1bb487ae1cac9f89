"""Which tier a run gets: never silently a weaker one."""

import pytest

from sandbox.errors import TierUnavailable
from sandbox.isolation import tiers
from sandbox.isolation.box import STRENGTH
from sandbox.isolation.tiers import available, choose

TOO_WEAK = (
    "tier 'bubblewrap' is not available here: the scenario accepts no tier weaker than 'docker'. "
    "Ask for 'docker', or change 'isolation: tier' or the agents' tools."
)


@pytest.fixture
def machine(monkeypatch):
    """Says which tiers this machine has."""

    def has(*names: str) -> None:
        def probe(tier: str):
            def run() -> None:
                if tier not in names:
                    raise TierUnavailable(tier, "a part is missing", "Get it.")

            return run

        probes = {tier: probe(tier) for tier in STRENGTH}
        monkeypatch.setattr(tiers, "_PROBES", probes)

    return has


@pytest.mark.parametrize(
    ("has", "least", "wanted", "chosen"),
    [
        (("none", "bubblewrap", "docker"), "none", None, "bubblewrap"),
        (("none", "bubblewrap", "docker"), "bubblewrap", None, "bubblewrap"),
        (("none", "bubblewrap", "docker"), "docker", None, "docker"),
        (("none", "bubblewrap", "docker"), "none", "none", "none"),
        (("none", "bubblewrap", "docker"), "bubblewrap", "docker", "docker"),
        (("none", "docker"), "bubblewrap", None, "docker"),
        (("none", "docker"), "none", None, "none"),
        (("none",), "none", None, "none"),
        (("none", "podman"), "docker", None, "podman"),
        (("none", "bubblewrap", "docker", "gvisor"), "gvisor", None, "gvisor"),
        (("none", "podman", "gvisor"), "none", None, "none"),
        (("none", "kubernetes"), "docker", "kubernetes", "kubernetes"),
        (("none", "kubernetes", "podman"), "kubernetes", None, "podman"),
    ],
)
async def test_what_is_chosen(has, least, wanted, chosen, machine):
    machine(*has)
    assert await choose(least, wanted) == chosen


@pytest.mark.parametrize(
    ("has", "least", "wanted", "message"),
    [
        (
            ("none",),
            "bubblewrap",
            None,
            "tier 'bubblewrap' is not available here: a part is missing. Get it.",
        ),
        (
            ("none", "bubblewrap"),
            "none",
            "docker",
            "tier 'docker' is not available here: a part is missing. Get it.",
        ),
        (
            ("none", "bubblewrap", "docker"),
            "docker",
            "bubblewrap",
            TOO_WEAK,
        ),
    ],
)
async def test_what_is_refused(has, least, wanted, message, machine):
    machine(*has)
    with pytest.raises(TierUnavailable) as caught:
        await choose(least, wanted)
    assert str(caught.value) == message


async def test_going_on_without_a_box_is_said(machine):
    machine("none")
    said = []
    assert await choose("none", progress=said.append) == "none"
    why = "tier 'bubblewrap' is not available here: a part is missing. Get it."
    assert said == [f"{why} Going on in tier 'none'."]


async def test_what_there_is(machine):
    machine("none", "docker")
    found = await available()
    assert [(tier, error and error.why) for tier, error in found] == [
        ("none", None),
        ("bubblewrap", "a part is missing"),
        ("docker", None),
        ("podman", "a part is missing"),
        ("gvisor", "a part is missing"),
        ("kubernetes", "a part is missing"),
    ]
