"""Every widget that shows somebody's text, fed with the corpus: add yours to hostile_widgets.FED."""

import pytest
from rich.text import Text
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from sandbox.tui.bindings import classes
from tests.tui.hostile_widgets import FED
from tests.tui.test_hostile import CONTROL, CORPUS

WITHOUT = {
    "compare.side_by_side.SideBySide": "its rows are told by the console; tests/tui/test_wire.py has its page",
    "edit.bar._Choice": "a part of Bar",
    "footer.KeyCap": "shows the app's own bindings",
    "footer.KeyRow": "shows the app's own bindings",
    "heading.ModeKey": "shows a mode's name",
    "launch.override_form._Field": "a part of OverrideForm",
    "quit_bar.Answer": "a part of QuitBar",
    "replay.time_bar.TimeBar": "shows numbers",
    "text.ask_line.AskLine": "shows our own words, and what is typed",
    "text.sheet.Sheet": "a part of Transcript",
    "text.transcript.Badge": "shows a number",
    "too_small.TooSmall": "shows sizes",
}
"""Widgets that show no text of agents, files or errors, or only as a part of another; each with its reason."""


class Bare(App[None]):
    """An app without the filter that is the last line of defence."""

    CSS_PATH = "../../sandbox/tui/app.tcss"


def called(kind: type[Widget]) -> str:
    return f"{kind.__module__.removeprefix('sandbox.tui.')}.{kind.__qualname__}"


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
async def test_a_widget_makes_what_it_is_given_neutral(text):
    async with Bare().run_test(size=(100, 40)) as pilot:
        for fed in FED:
            widget = fed.widget(text)
            await pilot.app.mount(widget)
            fed.feed(widget, text)
            await pilot.pause()
            shown = "".join(s.text for s in pilot.app.screen._compositor.render_strips())
            assert (called(fed.kind), CONTROL.findall(shown)) == (called(fed.kind), [])
            assert shown.strip(), called(fed.kind)
            await widget.remove()


def test_every_widget_of_the_app_is_fed_or_says_why_not():
    ours = {called(kind) for kind in classes(Widget) if not issubclass(kind, Screen)}
    fed = {called(each.kind) for each in FED}
    assert fed & WITHOUT.keys() == set()
    assert ours == fed | WITHOUT.keys()


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
