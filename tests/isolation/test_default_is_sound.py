"""The default is never refused: twenty boxes of each tier, each with a use and a limit of its own."""

import asyncio
from dataclasses import replace

import pytest

from sandbox.ids import AgentId
from sandbox.isolation.box import BoxLimits
from sandbox.isolation.tiers import make_box

AT_ONCE = 4
LIMITS = (
    BoxLimits(),
    BoxLimits(noexec=True),
    BoxLimits(memory=96 << 20, cpu=0.5, pids=40, disk=2 << 20),
)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "tier",
    [
        pytest.param(t, marks=pytest.mark.needs(t))
        for t in ("bubblewrap", "docker", "podman", "gvisor")
    ],
)
async def test_twenty_boxes_begin(tier, spec, runtime):
    free = asyncio.Semaphore(AT_ONCE)

    async def sound(number: int) -> bool:
        name = f"ada-{number}"
        (runtime / name).mkdir()
        limits = LIMITS[number % len(LIMITS)]
        wanted = replace(
            spec, agent=AgentId(name), folder=runtime / name, index=number, limits=limits
        )
        box = make_box(tier, wanted, progress=print)
        async with free:
            try:
                facts = await box.start()
            finally:
                await box.stop()
        return facts.facts["check"]["sound"]

    async with asyncio.TaskGroup() as group:
        began = [group.create_task(sound(number)) for number in range(20)]
    assert [task.result() for task in began] == [True] * 20
