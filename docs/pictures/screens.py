"""Draw the app's screens from a sitting: two scenarios are played in boxes, then looked at.

    python docs/pictures/screens.py [--size 80x24] [--theme light] [--into FOLDER]

Needs bubblewrap, and no model: all agents are scripted. Without arguments it draws what the
documentation shows: every screen at 120 x 36 in the dark theme, and one in the light one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from draw import without_web_fonts
from textual.pilot import Pilot

from sandbox.isolation.box import Tier
from sandbox.scenario import load, shipped
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.launch.plans import plan_for
from sandbox.tui.places import Compared, Edited, Flagged, Place, Played, Replayed

HERE: Final = Path(__file__).parent
PATIENCE: Final = 60.0
DARK: Final = "dark"

WAITING: Final = """\
title: The waiting room
about: Two strangers, one bench, and a number that is never called.

agents:
  ada:
    model: local/qwen
    persona: You came early. You always come early.
    tools: [talk, shell]
  bo:
    model: local/smollm2
    persona: You hold number 7. The display says 3.

rooms:
  bench: {about: 'A bench, a ticket machine, a display.'}

limits: {turns: 24}
isolation: {tier: bubblewrap}
"""


class Sitting:
    """The app at a size and in a theme, in the folder of a person who has just begun."""

    def __init__(self, size: tuple[int, int], theme: str, into: Path, suffix: str) -> None:
        self._size = size
        self._theme = theme
        self._into = into
        self._suffix = suffix

    @asynccontextmanager
    async def at(self, place: Place) -> AsyncIterator[None]:
        desk = Desk()
        desk.settings.theme = self._theme
        self._app = BackroomsApp(desk, place)
        async with self._app.run_test(size=self._size) as self._pilot:
            yield

    @property
    def pilot(self) -> Pilot[None]:
        return self._pilot

    @property
    def text(self) -> str:
        """What stands on the screen."""
        strips = self._app.screen._compositor.render_strips()  # noqa: SLF001  # Textual has no other
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def type(self, words: str) -> None:
        await self._pilot.press(*("space" if letter == " " else letter for letter in words))

    async def until(self, *words: str) -> None:
        """Wait until these words stand on the screen."""
        await self._see(lambda: all(each in self.text for each in words), f"{words} never came")

    async def without(self, word: str) -> None:
        """Wait until a word is gone."""
        await self._see(lambda: word not in self.text, f"{word!r} never went")

    async def _see(self, seen: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not seen():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{otherwise}:\n{self.text}")
            await self._pilot.pause(0.05)

    async def quiet(self) -> None:
        """Wait until the screen stays as it is, without news on its last row."""
        before = ""
        while before != self.text or self._app.screen.query("Flash").first().display:
            before = self.text
            await self._pilot.pause(0.5)

    async def draw(self, name: str) -> None:
        await self.quiet()
        await self.snap(name)

    async def snap(self, name: str) -> None:
        """Write what is on the screen now."""
        svg = self._app.export_screenshot(title="backrooms")
        file = self._into / f"{name}{self._suffix}.svg"
        file.write_text(without_web_fonts(svg), encoding="utf-8")


def plan(name: str, tier: Tier | None = None) -> Played:
    """A scenario that comes along, to be played."""
    scenario = load(next(path for path in shipped() if path.stem == name))
    return Played(plan_for(scenario, Path("transcripts"), tier))


def unhurried() -> Played:
    """The demonstration with a first turn that leaves time to press a key."""
    text = next(path for path in shipped() if path.stem == "demo").read_text(encoding="utf-8")
    first = "Does anybody else hear the lights?"
    slow = Path("unhurried.yaml")
    slow.write_text(text.replace(f"- {first}", f"- {{say: {first!r}, seconds: 5}}"))
    return Played(plan_for(load(slow), Path("transcripts"), None))


async def play(sitting: Sitting) -> None:
    """Play what is looked at later: the demonstration without boxes and in them, and the leak."""
    tiers: tuple[Tier | None, ...] = ("none", None)
    for tier in tiers:
        async with sitting.at(plan("demo", tier)):
            await sitting.until("The run has ended")
    async with sitting.at(unhurried()):
        await sitting.until("LIVE", "is here")
        await sitting.press("P")
        await sitting.without("PAUSING")
        while " bo turn 5 of 10 " not in sitting.text:
            await sitting.press("full_stop")
            await sitting.pilot.pause(0.5)
            await sitting.without("PAUSING")
        await sitting.quiet()
        await sitting.press("P")
        # And no longer: what is left of the run takes a tenth of a second.
        await sitting.until("LIVE")
        await sitting.snap("live")
        await sitting.until("The run has ended")
        await sitting.draw("ended")
    async with sitting.at(plan("the-kubernetes-leak")):
        await sitting.until("The run has ended")


async def look(sitting: Sitting) -> None:
    """Draw all that can be looked at in peace."""
    talk, demo, _, leak = played()
    async with sitting.at("launch"):
        await sitting.until("ready")
        await sitting.draw("launch")
    async with sitting.at(Replayed(leak)):
        await sitting.until("turn 0/", "event 0/")
        for _ in range(3):
            await sitting.press("right_square_bracket")
        await sitting.draw("replay")
        await sitting.press("o")
        await sitting.until("was sent")
        await sitting.draw("inspector")
    async with sitting.at("runs"):
        await sitting.until("4 runs", "began")
        await sitting.draw("runs")
        await sitting.press("slash")
        await sitting.type("wall")
        await sitting.until("hits")
        await sitting.draw("search")
    async with sitting.at(Flagged(leak)):
        await sitting.until("achieved")
        await sitting.press("end")
        await sitting.draw("flags")
    file = waiting_room()
    async with sitting.at(Edited(file, line=10)):
        await sitting.until("2 agents")
        await sitting.press(*["right"] * 7, "delete", "right", "e")
        await sitting.until("1 problem")
        await sitting.draw("edit")
    async with sitting.at(Compared(talk, demo)):
        await sitting.until("SPLIT AT")
        await sitting.draw("compare")


async def look_by_daylight(sitting: Sitting) -> None:
    """Draw one screen, for those who work in the sun."""
    talk, demo, *_ = played()
    async with sitting.at(Compared(talk, demo)):
        await sitting.until("SPLIT AT")
        await sitting.draw("compare-light")


def played() -> list[Path]:
    """The runs, in the order in which they were played."""
    return sorted(Path("transcripts").glob("2*"))


def waiting_room() -> Path:
    """A scenario of one's own."""
    file = Path("scenarios/waiting-room.yaml")
    file.parent.mkdir(exist_ok=True)
    file.write_text(WAITING)
    return file


async def main() -> None:
    """Play, then draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", default="120x36")
    parser.add_argument("--theme", default=DARK)
    parser.add_argument("--into", type=Path, default=HERE)
    parser.add_argument("--suffix", default="")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    into = args.into.resolve()
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as home:
        os.chdir(home)
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = home
        sitting = Sitting((width, height), args.theme, into, args.suffix)
        await play(sitting)
        await look(sitting)
        if args.theme == DARK:
            await look_by_daylight(Sitting((width, height), "light", into, args.suffix))


if __name__ == "__main__":
    asyncio.run(main())
