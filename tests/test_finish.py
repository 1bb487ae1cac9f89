"""Work that goes on to its end, whoever is cancelled meanwhile."""

import asyncio

import pytest

from sandbox.finish import finish


async def until(event: asyncio.Event, outcome):
    await event.wait()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@pytest.fixture
async def under_way():
    """A task that finishes some work, and the event that ends the work."""
    ends = asyncio.Event()
    tasks = []

    async def start(outcome):
        tasks.append(asyncio.create_task(finish(until(ends, outcome), name="work")))
        await asyncio.sleep(0)
        return tasks[-1], ends

    yield start
    ends.set()
    await asyncio.wait(tasks)


async def test_it_gives_what_the_work_gives(under_way):
    task, ends = await under_way(7)
    ends.set()
    assert await task == 7


async def test_it_raises_what_the_work_raises(under_way):
    task, ends = await under_way(ValueError("seven"))
    ends.set()
    with pytest.raises(ValueError, match=r"^seven$"):
        await task


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_the_work_ends_before_a_cancellation_is_raised(under_way, times):
    task, ends = await under_way(7)
    for _ in range(times):
        task.cancel()
        await asyncio.wait([task], timeout=0)
        await asyncio.sleep(0)
        assert not task.done()
    ends.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_an_error_is_the_cause_of_a_cancellation(under_way):
    task, ends = await under_way(ValueError("seven"))
    task.cancel()
    await asyncio.sleep(0)
    ends.set()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert repr(raised.value.__cause__) == "ValueError('seven')"


async def test_work_that_was_cancelled_itself_is_cancelled():
    async def work():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await finish(work(), name="work")
