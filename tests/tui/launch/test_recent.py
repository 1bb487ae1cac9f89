"""The last runs on the launch page."""

import shutil
from pathlib import Path

from sandbox.tui.places import Played, Replayed

SAMPLES = Path(__file__).resolve().parents[3] / "transcripts" / "samples"


async def test_a_run_is_shown_and_opened(stage, size, ready):
    shutil.copytree(SAMPLES / "demo", "transcripts/demo")
    async with stage.at(size):
        await ready("end")
        assert "last runs" in stage.text
        assert "turns    9" in stage.text
        assert "enter replays it, r goes on with it" in stage.text
        places = []
        stage.launch.go = places.append
        await ready("enter")
        assert places == [Replayed(Path("transcripts/demo"))]


async def test_r_goes_on_with_a_run_or_says_what_it_lacks(stage, size, ready):
    shutil.copytree(SAMPLES / "demo", "transcripts/demo")
    async with stage.at(size):
        await ready("end")
        places = []
        stage.launch.go = places.append
        await ready("r")
        assert places == []
        assert "goes on only if it is given more" in str(stage.launch._flash.render())
        await ready("o", *"30", "enter", "r")
        (place,) = places
        assert isinstance(place, Played)
        assert (place.plan.resume.why, place.plan.scenario.limits.turns) == ("more", 30)
