"""Every widget that shows somebody's text, fed with the corpus: add yours to WIDGETS."""

from collections.abc import Callable

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widget import Widget

from sandbox.console.fields import clause
from sandbox.console.lines import Line, Span
from sandbox.console.neutral import neutralise
from sandbox.tui.flash import Flash
from sandbox.tui.heading import Heading
from sandbox.tui.live.outcome import Outcome
from sandbox.tui.text.transcript import Transcript
from tests.tui.test_hostile import CONTROL, CORPUS


def heading(text: str) -> Callable[[Widget], None]:
    def feed(widget: Widget) -> None:
        assert isinstance(widget, Heading)
        widget.say(text)
        widget.state(text, "bad")

    return feed


def flash(text: str) -> Callable[[Widget], None]:
    def feed(widget: Widget) -> None:
        assert isinstance(widget, Flash)
        widget.say(text, "bad")

    return feed


def outcome(text: str) -> Callable[[Widget], None]:
    def feed(widget: Widget) -> None:
        assert isinstance(widget, Outcome)
        widget.failed(text)

    return feed


def transcript(text: str) -> Callable[[Widget], None]:
    def feed(widget: Widget) -> None:
        assert isinstance(widget, Transcript)
        shown = Span(neutralise(text), "speech")
        widget.append([Line(1, clause(text), "say", (shown,), (shown,), 6, seq=1)] * 3)
        widget.find(text[:50])
        widget.filter([text[:50], "-nothing"])
        widget.filter([])

    return feed


WIDGETS = {
    "heading": (lambda: Heading("live"), heading),
    "flash": (Flash, flash),
    "outcome": (Outcome, outcome),
    "transcript": (Transcript, transcript),
}


class Alone(App[None]):
    """One widget, without the filter that is the last line of defence."""

    CSS_PATH = "../../sandbox/tui/app.tcss"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


@pytest.mark.parametrize("name", WIDGETS)
@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
async def test_a_widget_makes_what_it_is_given_neutral(name, text):
    make, feeder = WIDGETS[name]
    widget = make()
    async with Alone(widget).run_test(size=(100, 40)) as pilot:
        feeder(text)(widget)
        await pilot.pause()
        rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
        assert CONTROL.findall("".join(rows)) == []
        assert "".join(rows).strip()


async def test_titles_toasts_and_tooltips_pass_the_filter(stage):
    text = " ".join(sample[:60] for sample in CORPUS.values())
    async with stage.at((100, 30)):
        stage.app.title = text
        stage.launch.list.border_title = Text(text)  # a plain string would be read as markup
        stage.launch.list.tooltip = Text(text)
        stage.app.notify(text, markup=False)
        stage.app.announce(text, "bad")
        await stage.settle()
        await stage.pilot.hover(stage.launch.list)
        await stage.pilot.pause(0.4)
        assert CONTROL.findall(stage.text.replace("\n", "")) == []
