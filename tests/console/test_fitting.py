"""Tables in a terminal: what is cut first, what is left out, and that no row is wider."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sandbox.cli import main
from sandbox.clock import ManualClock
from sandbox.commands import fitting, models_list
from sandbox.commands.fitting import fit
from sandbox.commands.tree import _row
from sandbox.transcript import Event, FileStore

ROWS = [["ID", "SIZE", "WHO", "TITLE"], ["run-1", "12 kB", "ada, bo", "The room behind"]]
GIVE, DROP = [("TITLE", 6), ("WHO", 4)], ["SIZE", "WHO", "TITLE"]


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (None, ["run-1", "12 kB", "ada, bo", "The room behind"]),
        (38, ["run-1", "12 kB", "ada, bo", "The room behind"]),
        (37, ["run-1", "12 kB", "ada, bo", "The room behi…"]),
        (29, ["run-1", "12 kB", "ada, bo", "The r…"]),
        (28, ["run-1", "12 kB", "ada,…", "The r…"]),
        (26, ["run-1", "12 kB", "ada…", "The r…"]),
        (25, ["run-1", "ada, bo", "The room…"]),
        (14, ["run-1", "The ro…"]),
        (12, ["run-1"]),
        (3, ["run-1"]),
    ],
)
def test_titles_are_cut_first_and_sizes_left_out_before_names_are(width, row):
    assert fit(ROWS, width, give=GIVE, drop=DROP)[1] == row


@given(st.lists(st.tuples(*[st.text("ab漢🙂 ", max_size=30)] * 3), min_size=1), st.integers(8, 90))
def test_no_row_is_wider_than_the_terminal(cells, width):
    rows = fit([ROWS[0], *(["r-1", *row] for row in cells)], width, give=GIVE, drop=DROP)
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    assert sum(widths) + 2 * (len(widths) - 1) <= width


def test_runs_fit_the_terminal_and_a_pipe_gets_all_of_it(tmp_path, capsys, monkeypatch):
    run = "20261122-020906-the-room-behind-the-room-pp4d"
    store = FileStore(tmp_path / run, run, ManualClock(), "process")
    agents = {"ada": {}, "bo": {}, "clerk": {}}
    title = "The room behind the room, and the one behind that"
    store.append(Event(1, "run.started", "engine", {"title": title, "agents": agents}))
    store.close()
    main(["runs", "--dir", str(tmp_path)])
    assert title in capsys.readouterr().out
    monkeypatch.setattr(fitting, "terminal_width", lambda: 80)
    main(["runs", "--dir", str(tmp_path)])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["RUN", "TURNS", "END", "TITLE"]
    assert row.startswith(run)
    assert len(row) <= 80


RUN = "20261122-020906-the-room-behind-the-room-pp4d"
FORK = "20261122-031530-the-room-behind-the-room-k2xq"


@pytest.fixture
def family(tmp_path):
    """A run, and a fork of it that has another title."""
    title = "The room behind the room, and the one behind that"
    forked = {
        "run": RUN,
        "seq": 1,
        "turn": 0,
        "set": {"agents.ada.model": "local/漢字-of-many-words"},
    }
    for run, data in ((RUN, {"title": title}), (FORK, {"title": "漢字 walk", "forked": forked})):
        store = FileStore(tmp_path / run, run, ManualClock(), "process")
        store.append(Event(1, "run.started", "engine", data))
        store.close()
    return tmp_path


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (
            None,
            (
                "  The room behind the room, and the one behind that  killed, 0 turns",
                "  漢字 walk  not played yet  from event 1, turn 0: agents.ada.model=local/漢字-of-many-words",
            ),
        ),
        (
            100,
            (
                "  The room behind the room, and the o…  killed, 0 turns",
                "  漢字 walk  not played yet  from event 1, turn 0:…",
            ),
        ),
        (80, ("  The room behind…  killed, 0 turns", "  漢字 walk  not played yet  fr…")),
        (70, ("  The room be…  killed,…", "  漢字 walk  not play…")),
        (50, ("  Th…", "")),
        (40, ("", "")),
    ],
)
def test_a_tree_fits_the_terminal_and_a_pipe_gets_all_of_it(
    family, capsys, monkeypatch, width, rows
):
    monkeypatch.setattr(fitting, "terminal_width", lambda: width)
    main(["tree", "--dir", str(family)])
    assert capsys.readouterr().out.splitlines() == [f"{RUN}{rows[0]}", f"└─ {FORK}{rows[1]}"]


@given(st.text("ab漢🙂 ", max_size=30), st.text("ab漢🙂 ", min_size=1), st.integers(7, 90))
def test_no_row_of_a_tree_is_wider_than_the_terminal(title, told, width):
    row = _row("└─ r-1", title, told, width)
    assert row.startswith("└─ r-1")
    assert cell_len(row) <= width


def test_no_row_of_the_models_is_wrapped_by_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(models_list, "terminal_width", lambda: 80)
    assert main(["models", "list"]) == 0
    rows = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert rows[0].split() == ["MODEL", "CONTEXT", "OUTPUT", "$", "IN", "$", "OUT", "STATE"]
    assert [row for row in rows if cell_len(row) > 80] == []
