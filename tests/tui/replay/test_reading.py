"""A long run is read through beside the screen, no faster than it is taken in."""

import asyncio
from contextlib import asynccontextmanager

from sandbox.transcript import EVENTS_FILE
from sandbox.tui.replay.page import _AHEAD


@asynccontextmanager
async def waiting(long, size):
    """The page of a run that has grown by more than two thousand events, of which none was taken in."""
    record = long.folder / EVENTS_FILE
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(lines[:1000]))
    async with long.at(size) as page:
        for _ in range(_AHEAD):
            page._ahead.acquire()
        with record.open("ab") as file:
            file.writelines(lines[1000:])
        long.clock.advance(1)
        page.tick()
        while page._source.survey.reached == 1000:  # noqa: ASYNC110  # a thread's number
            await asyncio.sleep(0)
        yield page


async def test_a_long_run_is_read_to_its_end_and_taken_in(long, size):
    async with long.at(size) as page:
        whole = page.clock.log
        flags = [index for index, event in enumerate(whole) if event.kind == "flag"]
        assert page._source.survey.reached == len(whole) == 3030
        assert page.room.marks.flags == flags


async def test_while_nothing_is_taken_in_the_reading_waits(long, size):
    async with waiting(long, size) as page:
        survey, marks = page._source.survey, page.room.marks
        assert (survey.reached, page.is_at("survey")) == (1500, True)
        assert marks.flags[-1] < 1000
        page._ahead.release(_AHEAD)
        await long.settle()
        assert survey.reached == len(page.clock.log) == 3030
        assert marks.flags[-1] > 3000


async def test_a_page_is_left_whose_reading_waits(long, size):
    async with waiting(long, size) as page:
        await long.press("escape")
        assert not page.is_at("survey")


async def test_the_app_ends_whose_reading_waits(long, size):
    async with waiting(long, size) as page:
        assert page.is_at("survey")
    assert not [worker for worker in long.app.workers if worker.is_running]
