"""The inspector on a recorded run, at both sizes."""

import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.inspector.page import InspectorPage
from sandbox.tui.places import Inspected

DEMO = Path("transcripts/samples/demo")


class Bench:
    """An inspector over the demonstration."""

    def __init__(self, folder):
        self.folder = folder

    @asynccontextmanager
    async def at(self, size, agent="ada", position=1000):
        app = BackroomsApp(Desk(self.folder.parent, find=lambda: (), clock=ManualClock()))
        self.app = app
        with RecordLog(self.folder) as log:
            async with app.run_test(size=size) as self.pilot:
                self.page = InspectorPage(app.desk, Inspected(log, agent, position, self.folder))
                await app.push_screen(self.page)
                await self.settle()
                yield self.page

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self):
        busy = [one for one in self.app.workers if one.group in {"inspect", "shell"}]
        if busy:
            await self.app.workers.wait_for_complete(busy)
        await self.pilot.pause()

    @property
    def text(self):
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def flashed(self):
        return str(self.page._flash.visual).strip()


@pytest.fixture
def bench(tmp_path):
    folder = tmp_path / "20261121-132134-demo-pysv"
    shutil.copytree(DEMO, folder)
    return Bench(folder)


async def test_what_was_sent_and_done_is_shown_and_turns_are_gone_through(bench, size):
    async with bench.at(size) as page:
        assert page.view.sent.border_title == "What ada was sent   turn 7, think 4"
        assert page.view.sent.border_subtitle == "digest agrees"
        assert "ada  1 of 3  turn 7" in bench.text
        assert "RECORDED" in bench.text
        await bench.press("k", "k", "k")
        assert page.view.sent.border_title == "What ada was sent   turn 7, think 1"
        assert page.view.sent.border_subtitle == "not sent: 1 message not for it   digest agrees"
        await bench.press("k", "k", "k", "k")
        assert bench.flashed == "this is the first one"
        await bench.press("j")
        assert page.view.sent.border_title == "What ada was sent   turn 4, think 1"
        assert page.view.did.pointed is not None


async def test_only_what_is_new(bench, size):
    async with bench.at(size) as page:
        whole = page.view.sent.count
        await bench.press("d")
        assert page.view.sent.count < whole
        assert "turns as before, the same instructions" in bench.text
        await bench.press("d")
        assert page.view.sent.count == whole


async def test_other_agents(bench, size):
    async with bench.at(size) as page:
        await bench.press("right_curly_bracket")
        assert page.book.agent == "bo"
        await bench.press("left_curly_bracket", "left_curly_bracket")
        assert page.book.agent == "clerk"
        assert "clerk  3 of 3" in bench.text


async def test_panes_are_gone_through(bench, size):
    narrow = size[0] == 80
    async with bench.at(size) as page:
        assert ("Sent" in bench.text) == narrow
        await bench.press("tab", "tab")
        assert page.view.current == "box"
        assert "limits  512 MiB" in bench.text
        await bench.press("tab")
        assert page.view.current == "shell"
        assert "bus send" in bench.text
        await bench.press("shift+tab")
        assert page.view.current == "box"


async def test_links_and_shells(bench, size):
    async with bench.at(size):
        await bench.press("y")
        command = f"backrooms replay {bench.folder.name} --turn 7 --agent ada"
        assert (bench.flashed, bench.app.clipboard) == (f"copied: {command}", command)
        await bench.press("s")
        assert bench.flashed == "nothing of ada's folder was kept up to here"


async def test_a_pager_that_is_not_there_is_said_so(bench, monkeypatch):
    monkeypatch.setenv("PAGER", "no-such-pager")
    async with bench.at((120, 36)):
        await bench.press("p")
        assert (
            bench.flashed == "there is no pager 'no-such-pager': set PAGER to one that is installed"
        )


async def test_as_of_an_event_nothing_later_is_known(bench, size):
    async with bench.at(size, position=14) as page:
        assert [asked.turn for asked in page.book.asked] == [1]
        await bench.press("escape")
        assert bench.app.screen is not page


async def test_before_it_was_asked_it_says_so(bench, size):
    async with bench.at(size, position=8):
        assert "ada was not asked up to here" in bench.text
        assert "The box is gone; this is the recording." in bench.text or size[0] == 80


async def test_what_was_tampered_with_is_marked(bench):
    path = bench.folder / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"It has been B flat", b"It was always B flat"))
    async with bench.at((120, 36)) as page:
        assert page.view.sent.border_subtitle == "NOT what was sent then: the digest differs"
        assert page.view.sent.has_class("broken")
