"""The looks, as pictures: after a change on purpose, `pytest tests/tui/test_pictures.py --snapshot-update`.

Every screen in three themes, the wide one in the first; then what is shown where there is nothing, or
something is wrong. The recorded runs are the samples that come along, so that nothing here depends on a clock.
"""

import shutil
from pathlib import Path

import pytest

from sandbox.errors import BusError
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.edit.page import EditPage
from sandbox.tui.edit.yaml_area import YamlArea
from sandbox.tui.places import Compared, Edited, Flagged, Inspected, Replayed

WIDE, NARROW = (120, 36), (80, 24)
LOOKS = {"dark": WIDE, "light": NARROW, "ansi": NARROW}
SAMPLES = Path(__file__).parents[2] / "transcripts" / "samples"
DEMO = Path("transcripts/20261121-132134-the-room-behind-the-room-pysv")
TALK = Path("transcripts/20261121-132140-the-room-behind-the-room-talk")
BROKEN = Path("transcripts/20261121-132150-torn-abcd")

DRAFT = """\
title: Draft
agents:
  ada: {modle: local/qwen}
  bo: {script: [Hush.]}
limits: {turns: 4}
"""

PLACES = {
    "launch": ("launch", ["down"]),
    "runs": ("runs", []),
    "replay": (Replayed(DEMO), ["right_square_bracket"]),
    "flags": (Flagged(DEMO), []),
    "edit": (Edited(Path("scenarios/draft.yaml"), line=3), []),
    "compare": (Compared(TALK, DEMO), []),
}
EMPTY = {"runs": "runs", "live": "live", "flags": "flags", "compare": "compare", "edit": "edit"}


class Camera:
    """Opens the app at a place, presses keys, waits until all is there that will be, and takes a picture."""

    def __init__(self, stage, snap_compare):
        self.stage = stage
        self._compare = snap_compare

    def __call__(self, place, keys=(), *, theme="dark", player=None, then=None):
        self.stage.settings.theme = theme

        async def look(pilot):
            self.stage.pilot = pilot
            await self.settle()
            await self.stage.press(*keys)
            if then is not None:
                await then()
            await self.settle()

        app = self.stage.make(player, place)
        return self._compare(app, terminal_size=LOOKS[theme], run_before=look)

    async def settle(self):
        app = self.stage.app
        await self.stage.settle()
        if busy := [worker for worker in app.workers if worker.name != "run"]:
            await app.workers.wait_for_complete(busy)
        if isinstance(app.screen, EditPage):
            await app.screen.checker.idle.wait()
        await self.stage.settle()


@pytest.fixture
def camera(stage, snap_compare, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    # Other people of this machine may play.
    monkeypatch.setattr("sandbox.tui.live.page.live_runs", list)
    # A cursor that blinks is on one picture and not on the next.
    monkeypatch.setattr(YamlArea, "_toggle_cursor_blink_visible", lambda area: None)
    return Camera(stage, snap_compare)


@pytest.fixture
def records(stage):
    """Two runs, and a scenario with a mistake."""
    shutil.copytree(SAMPLES / "demo", DEMO)
    shutil.copytree(SAMPLES / "demo-talk-only", TALK)
    stage.write("draft.yaml", DRAFT)


@pytest.mark.parametrize("theme", LOOKS)
@pytest.mark.parametrize("screen", PLACES)
@pytest.mark.usefixtures("records")
def test_screen(camera, screen, theme):
    place, keys = PLACES[screen]
    assert camera(place, keys, theme=theme)


@pytest.mark.parametrize("theme", LOOKS)
@pytest.mark.usefixtures("records")
def test_inspector(camera, theme):
    with RecordLog(DEMO) as log:
        assert camera(Inspected(log, "ada", 80, DEMO), theme=theme)


@pytest.mark.parametrize("theme", LOOKS)
def test_live_held(camera, theme):
    async def play():
        await camera.stage.play(7)
        await camera.stage.press("space")
        await camera.stage.play(2)

    assert camera("launch", ["enter"], theme=theme, then=play)


@pytest.mark.parametrize("screen", EMPTY)
def test_nothing_there(camera, screen):
    assert camera(EMPTY[screen])


def test_ended_without_colours(camera, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def play():
        for _ in range(13):  # a turn that was never seen has an estimated height in the scroll bar
            await camera.stage.play(1)

    assert camera("launch", ["enter"], theme="ansi", then=play)


def test_a_run_that_could_not_be_played(camera):
    async def fail(plan, *, observe, progress, stop, hear):
        raise BusError("the broker at 127.0.0.1:4222 does not answer")

    assert camera("launch", ["enter"], player=fail)


def test_a_record_that_cannot_be_read(camera):
    BROKEN.mkdir(parents=True)
    (BROKEN / "events.jsonl").write_text('{"seq":1,"ts":"x"\n')
    assert camera(Replayed(BROKEN))


def test_a_replay_before_its_first_event(camera, records):
    assert camera(Replayed(DEMO))


def test_too_small(stage, snap_compare):
    assert snap_compare(stage.make(), terminal_size=(50, 14))
