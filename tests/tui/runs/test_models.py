"""The list of runs without a screen: names, facts, order, searches that are stopped."""

from sandbox.console.lines import Span
from sandbox.transcript import list_runs
from sandbox.tui.runs.finding import Found, find
from sandbox.tui.runs.run_row import run_spans
from sandbox.tui.runs.shelf import Row, flags_of, named, ordered, why_broken
from tests.tui.replay.conftest import Path


def test_names_are_there_before_anything_is_read(runs):
    assert [(row.id[-4:], row.info, row.title) for row in named(Path("transcripts"))] == [
        (f"aa{day}", None, f"202611{day}-113908-many-turns-aa{day}") for day in (21, 20, 19)
    ]


def test_flags_are_told_by_the_end_or_counted(runs):
    infos = list_runs(Path("transcripts"))
    rows = [Row(info.id, info.folder, info.size, info) for info in infos]
    assert [flags_of(row) for row in rows] == [3, 3, None]
    assert "cannot be read" not in why_broken(rows[0].folder)
    assert why_broken(rows[2].folder).startswith("transcripts/20261121-113908-many-turns-aa21/")


def test_a_row_has_exactly_the_cells_it_is_given():
    row = Row("20261121-113908-x-aaaa", Path("x"))
    for width in (38, 52, 80):
        spans = run_spans(row, width)
        assert sum(len(span.text) for span in spans) == width
    assert run_spans(row, 60, mark="A")[0] == Span("A ", "title")


def test_order_is_stable():
    rows = [Row(run, Path(run)) for run in ("b", "a", "c")]
    assert [row.id for row in ordered(rows, "turns")] == ["c", "b", "a"]
    assert [row.id for row in ordered(rows, "oldest")] == ["a", "b", "c"]


def test_a_search_that_is_stopped_says_so(runs):
    told = []
    find(Path("transcripts"), "word", told.append, lambda: True)
    assert told == [Found(over=True, sentences=("Stopped.",))]
