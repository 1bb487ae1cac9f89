"""Draw the pictures of the README from the sample transcripts: ``python docs/pictures/draw.py``.

The app's screens are drawn by ``screens.py``.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.theme import Theme

from sandbox.console import Narrator
from sandbox.console.styles import STYLES
from sandbox.console.terminal import draw
from sandbox.transcript import read

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "transcripts" / "samples"
WIDTH = 100


def transcript(sample: str, title: str) -> None:
    """A run as ``backrooms replay`` shows it."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), theme=Theme(STYLES), force_terminal=True
    )
    narrator = Narrator()
    for event in read(SAMPLES / sample):
        for line in narrator.narrate(event):
            for row in draw(line, console, WIDTH):
                console.print(row, highlight=False, markup=False)
    svg = console.export_svg(title=title, theme=MONOKAI, unique_id=sample)
    (HERE / f"{sample}.svg").write_text(without_web_fonts(svg), encoding="utf-8")


def without_web_fonts(svg: str) -> str:
    """Leave out the fonts that a viewer would fetch from the web."""
    while (start := svg.find("@font-face")) >= 0:
        svg = svg[:start] + svg[svg.index("}", start) + 1 :]
    return svg


if __name__ == "__main__":
    transcript("demo", "backrooms run demo")
    transcript("two-strangers", "backrooms run two-strangers")
