import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.errors import NoSuchRun
from sandbox.transcript import Event, FileStore, RunInfo, find_run, list_runs
from sandbox.transcript.tail import first_line, last_lines, tail


def make(root, run, turns=0, *, end=False):
    store = FileStore(root / run, run, ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": run, "agents": {"ada": {}, "bo": {}}}))
    for turn in range(1, turns + 1):
        store.append(Event(turn + 1, "turn.offered", "ada", {"turn": turn}))
    if end:
        store.append(Event(turns + 2, "run.ended", "engine", {"reason": "turns", "turns": turns}))
    store.write()
    return store


@pytest.fixture
def root(tmp_path):
    for run in ("20260101-000000-cellar-aaaa", "20260101-000000-attic-bbbb", "20260202-lobby-cccc"):
        make(tmp_path, run).close()
    (tmp_path / "no-run").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("last", "20260202-lobby-cccc"),
        ("202602", "20260202-lobby-cccc"),
        ("20260101-000000-c", "20260101-000000-cellar-aaaa"),
        ("20260101-000000-attic-bbbb", "20260101-000000-attic-bbbb"),
    ],
)
def test_a_run_is_found_by_the_start_of_its_id(root, name, found):
    assert find_run(root, name) == root / found


def test_a_run_is_found_as_a_folder_or_a_file(root):
    folder = root / "20260202-lobby-cccc"
    elsewhere = root / "no-run"
    assert find_run(elsewhere, str(folder)) == folder
    assert find_run(elsewhere, f"{folder}/") == folder
    assert find_run(elsewhere, str(folder / "events.jsonl")) == folder


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "20260101",
            (
                "2 runs in {root} begin with '20260101': 20260101-000000-attic-bbbb, "
                "20260101-000000-cellar-aaaa. Give more letters."
            ),
        ),
        ("cellar", "no run in {root} is called 'cellar'. Near: 20260101-000000-cellar-aaaa."),
        ("20260202-loby-cccc", "no run in {root} is called '20260202-loby-cccc'. Near: "),
        ("", "no run in {root} is called ''. Near: "),
    ],
)
def test_a_run_that_is_not_there_gets_near_names(root, name, message):
    with pytest.raises(NoSuchRun) as caught:
        find_run(root, name)
    assert str(caught.value).startswith(message.format(root=root))


def test_an_empty_folder_and_a_missing_one_say_how_to_make_a_run(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoSuchRun) as caught:
            find_run(folder, "last")
        assert str(caught.value) == (
            f"there is no run in {folder}. `backrooms run SCENARIO` makes one."
        )
        assert list_runs(folder) == []


def test_runs_are_listed_from_their_ends_alone(tmp_path):
    make(tmp_path, "a-ended", 3, end=True).close()
    make(tmp_path, "b-killed", 5).close()
    playing = make(tmp_path, "c-running", 1)
    damaged = make(tmp_path, "d-damaged", 1)
    damaged.close()
    damaged.path.write_bytes(b"?\n" + damaged.path.read_bytes())

    def info(run, turns, end, events):
        size = (tmp_path / run / "events.jsonl").stat().st_size
        started = "2023-11-14T22:13:20.000000Z"
        names = ("ada", "bo")
        return RunInfo(run, tmp_path / run, run, started, turns, names, end, events, size)

    assert list_runs(tmp_path)[:3] == [
        info("a-ended", 3, "turns", 5),
        info("b-killed", 5, "killed", 6),
        info("c-running", 1, "running", 2),
    ]
    assert list_runs(tmp_path)[3].end == "damaged"
    playing.close()


def test_turns_are_exact_however_long_ago_the_last_one_began(tmp_path):
    store = make(tmp_path, "a", 3)
    for seq in range(5, 1005):
        store.append(Event(seq, "gate.refused", "ada", {"turn": "many", "text": "x" * 90}))
    store.close()
    assert (list_runs(tmp_path)[0].turns, list_runs(tmp_path)[0].events) == (3, 1004)


def test_a_run_that_was_resumed_has_not_ended(tmp_path):
    make(tmp_path, "a", 3, end=True).close()
    store = FileStore(tmp_path / "a", "a", ManualClock())
    store.append(Event(6, "run.resumed", "engine"))
    store.write()
    assert (list_runs(tmp_path)[0].end, list_runs(tmp_path)[0].turns) == ("running", 3)
    store.append(Event(7, "turn.offered", "bo", {"turn": 4}))
    store.close()
    assert (list_runs(tmp_path)[0].end, list_runs(tmp_path)[0].turns) == ("killed", 4)


def test_where_a_run_comes_from_is_told(tmp_path):
    origins = {
        "a": {"imported": {"format": "universal"}},
        "b": {"forked": {"run": "a", "seq": 7, "hash": "0" * 64}},
        "c": {"imported": "yes", "forked": {"run": 3}},
    }
    for run, origin in origins.items():
        store = FileStore(tmp_path / run, run, ManualClock(), "process")
        store.append(Event(1, "run.started", "engine", origin))
        store.close()
    assert [(run.imported, run.forked) for run in list_runs(tmp_path)] == [
        ("universal", ""),
        ("", "a"),
        ("", ""),
    ]


def test_a_run_without_an_event_is_listed_as_empty_and_is_not_the_last(root):
    newest = root / "20270101-000000-nothing-dddd"
    newest.mkdir()
    (newest / "events.jsonl").write_bytes(b'{"seq":1,')
    assert list_runs(root)[-1] == RunInfo(newest.name, newest, "", "", 0, (), "empty", 0, 9)
    assert find_run(root, "last") == root / "20260202-lobby-cccc"
    assert find_run(root, "2027") == newest


def test_a_record_that_cannot_be_read_hides_no_other(root, monkeypatch):
    unreadable = root / "20270101-000000-theirs-dddd"
    unreadable.mkdir()
    (unreadable / "events.jsonl").touch()
    real = os.open

    def denied(path, *rest, **more):
        if path == unreadable / "events.jsonl":  # root may read everything, so no mode would do
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", denied)
    listed = list_runs(root)
    assert [run.end for run in listed] == ["killed"] * 3 + ["unreadable"]
    assert find_run(root, "last") == root / "20260202-lobby-cccc"


def test_the_list_does_not_stop_a_run_from_beginning(tmp_path):
    make(tmp_path, "a", 1).close()
    list_runs(tmp_path)
    make_again = FileStore(tmp_path / "a", "a", ManualClock())
    make_again.close()


@given(st.lists(st.integers(0, 200_000), max_size=6), st.integers(0, 100))
def test_lines_are_read_from_the_end_as_they_are_from_the_start(lengths, torn):
    data = b"".join(b"x" * length + b"\n" for length in lengths) + b"t" * torn
    fd = os.memfd_create("lines")
    try:
        os.write(fd, data)
        lines = data.splitlines(keepends=True)
        assert [*last_lines(fd, len(data))] == lines[::-1]
        whole = [line for line in lines if line.endswith(b"\n")]
        assert first_line(fd) == (whole[0] if whole else b"")
        end = tail(fd)
        assert (end.line, end.whole, end.torn) == (
            whole[-1] if whole else b"",
            len(data) - torn,
            torn,
        )
    finally:
        os.close(fd)


def test_the_folder_one_stands_in_is_a_run(root, monkeypatch):
    folder = root / "20260202-lobby-cccc"
    (folder / "artifacts").mkdir()
    monkeypatch.chdir(folder)
    assert find_run(root, ".") == find_run(root, "./") == find_run(root, "events.jsonl") == folder
    monkeypatch.chdir(folder / "artifacts")
    assert find_run(root, "..") == folder


def test_a_fork_that_was_only_made_was_not_killed(tmp_path):
    store = FileStore(tmp_path / "fork", "fork", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"forked": {"run": "a", "seq": 2}}))
    store.append(Event(2, "agent.joined", "ada", {}))
    store.write()
    assert [run.end for run in list_runs(tmp_path)] == ["running"]
    store.close()
    assert [run.end for run in list_runs(tmp_path)] == ["not played yet"]
