"""An index that is never wrong for long: whatever became of the runs, or of itself."""

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from sandbox.transcript.search import Search, parse
from sandbox.transcript.search.index import Index
from tests.search.conftest import NEW, OLD, offered, said, started


def index(runs):
    return runs.root / ".search.sqlite"


def rows(runs, sql):
    with closing(sqlite3.connect(index(runs))) as connection:
        return connection.execute(sql).fetchall()


def test_a_run_that_goes_on_is_taken_in_from_where_it_was_left(two):
    assert two.search("door kind:say") == [("bbbb", 3, "say"), ("aaaa", 4, "say")]
    two.add(NEW, offered(3, "bo"), said("bo", "A second door."))
    before = rows(two, "SELECT key, id FROM runs")
    (first, second, _) = two.hits("door kind:say")
    assert [(hit.document.seq, hit.place.turn) for hit in (first, second)] == [(3, 1), (7, 3)]
    assert rows(two, "SELECT key, id FROM runs") == before
    assert rows(two, "SELECT dead FROM counts") == [(0,)]


def test_what_is_unchanged_is_not_opened(two, monkeypatch):
    two.search("door")
    monkeypatch.setattr(Index, "update", None)
    assert len(two.search("door")) == 3


def test_a_torn_line_is_left_for_later(two):
    with two.record(NEW).open("r+b") as file:
        whole = file.read()
        file.truncate(len(whole) - 20)
    assert two.search("no kind:say") == []
    two.record(NEW).write_bytes(whole)
    assert two.search("no kind:say") == [("bbbb", 5, "say")]


def test_a_deleted_run_is_gone_and_its_words_with_it_in_time(two):
    two.search("door")
    two.record(OLD).unlink()
    assert two.search("door") == [("bbbb", 3, "say")]
    assert rows(two, "SELECT id FROM runs") == [(NEW,)]
    assert two.search("door") == [("bbbb", 3, "say")]
    assert rows(two, "SELECT dead FROM counts") == [(0,)]


@pytest.mark.parametrize("padding", ["", " and more", None])
def test_a_replaced_run_is_read_anew(two, padding):
    two.search("door")
    record = two.record(NEW)
    if padding is None:  # in place: as long as it was
        record.write_bytes(record.read_bytes().replace(b"DOOR", b"lamp"))
    else:
        record.unlink()
        two.seqs[NEW] = 0
        two.add(NEW, started(), offered(1, "bo"), said("bo", f"A lamp.{padding}"))
    os.utime(record, ns=(1, 1))
    assert two.search("door kind:say") == [("aaaa", 4, "say")]
    assert two.search("lamp kind:say") == [("bbbb", 3, "say")]


def test_one_that_was_replaced_unseen_is_noticed_when_it_is_found(two):
    two.search("door")
    record = two.record(NEW)
    stat = record.stat()
    text = record.read_bytes()
    record.write_bytes(b"\n" * len(text))
    os.utime(record, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert two.search("door kind:say") == [("aaaa", 4, "say")]
    assert two.notes == [f"{NEW} was changed while it was searched. Search again."]
    assert two.search("door kind:say") == [("aaaa", 4, "say")]
    assert two.notes[0].startswith(f"{NEW} is damaged at line 1: ")


def test_a_damaged_run_is_searched_up_to_the_damage_and_a_repaired_one_wholly(two):
    record = two.record(NEW)
    whole = record.read_bytes()
    lines = whole.split(b"\n")
    record.write_bytes(b"\n".join([*lines[:3], b"rubbish", *lines[4:]]))
    note = f"{NEW} is damaged at line 4: no JSON"
    for _ in range(2):
        assert two.search("agent:bo kind:say") == [("bbbb", 3, "say")]
        assert two.search("agent:ada no") == []
        assert two.notes[0].startswith(note)
    record.write_bytes(whole)
    assert two.search("agent:ada no") == [("bbbb", 5, "say")]
    assert two.notes == []


@pytest.mark.parametrize(
    "what", ["rubbish", "empty", "foreign", "older", "middle", "end", "tables"]
)
def test_an_index_that_is_of_no_use_is_made_anew(two, what):
    two.search("door")
    path = index(two)
    if what == "rubbish":
        path.write_bytes(b"this is no database, and longer than its header would be" * 20)
    elif what == "empty":
        path.write_bytes(b"")
    elif what in {"middle", "end"}:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096 if what == "middle" else size - 8192)
            file.write(b"\xff" * 8192)
    else:
        with closing(sqlite3.connect(path)) as connection:
            if what == "foreign":
                connection.execute("PRAGMA application_id = 7")
            elif what == "older":
                connection.execute("PRAGMA user_version = 0")
            else:
                connection.execute("DROP TABLE docs")
    assert two.search("door kind:say") == [("bbbb", 3, "say"), ("aaaa", 4, "say")]
    assert two.search("curl") == [("aaaa", 6, "action"), ("aaaa", 7, "result")]
    assert two.notes == []
    assert rows(two, "PRAGMA integrity_check") == [("ok",)]


def test_reindex_begins_anew(two):
    two.search("door")
    assert two.search("door", reindex=True) == two.search("door")
    assert rows(two, "SELECT count(*) FROM runs") == [(2,)]


def test_while_another_search_writes_the_records_are_read_through(two):
    two.search("door", run=OLD)
    with Index(two.root) as other:
        other.forget([])  # which begins to write
        assert two.search("door kind:say") == [("bbbb", 3, "say"), ("aaaa", 4, "say")]
        assert "(another search writes it)" in two.notes[0]
    assert two.search("door kind:say") == [("bbbb", 3, "say"), ("aaaa", 4, "say")]
    assert two.notes == []


def test_a_folder_that_cannot_be_written_is_searched_all_the_same(two):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    two.root.chmod(0o500)
    try:
        assert two.search("door kind:say") == [("bbbb", 3, "say"), ("aaaa", 4, "say")]
        assert len(two.notes) == 1
    finally:
        two.root.chmod(0o700)


def test_one_that_stops_early_keeps_what_it_took_in(two):
    search = Search(two.root, parse("door"))
    next(search)
    search.close()
    assert rows(two, "SELECT id FROM runs") == [(NEW,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_indexing_leaves_an_index_that_the_next_search_goes_on_with(runs, how):
    for number in range(40):
        runs.add(f"2026-{number:02}", started(), *(said("ada", f"w{n} door") for n in range(300)))
    code = (
        "import sys; from pathlib import Path\n"
        "from sandbox.transcript.search import Search, index, parse\n"
        "index._COMMIT = 0.0\n"
        "def tell(done, of): done == 5 and print('on', flush=True)\n"
        "list(Search(Path(sys.argv[1]), parse('nowhere'), progress=tell))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(runs.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout.readline() == b"on\n"
        child.send_signal(how)
    assert len(runs.search("door")) == 12_000
    assert runs.notes == []
    assert rows(runs, "PRAGMA integrity_check") == [("ok",)]
    assert rows(runs, "SELECT count(*), count(DISTINCT seq) FROM docs") == [(12_040, 301)]


def test_searches_at_once_find_all_and_spoil_nothing(runs, monkeypatch):
    monkeypatch.setattr("sandbox.transcript.search.index._COMMIT", 0.0)
    for run in ("a", "b", "c"):
        runs.add(run, started(), *(said("ada", f"w{n} door") for n in range(2500)))
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(lambda: len(list(Search(runs.root, parse("door"))))) for _ in range(3)]
    assert [each.result() for each in found] == [7500] * 3
    assert runs.search("w7") == [(run, 9, "say") for run in "cba"]
    assert rows(runs, "SELECT count(*), count(DISTINCT seq) FROM docs") == [(7503, 2501)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("facts", "no JSON"),
        ("facts", "[]"),
        ("facts", '{"id": "x", "title": 1, "format": "", "models": []}'),
        ("facts", 1.5),
        ("done", "x"),
        ("tail", None),
    ],
)
def test_an_index_that_says_nonsense_of_a_run_is_made_anew(two, column, value):
    two.search("door")
    with closing(sqlite3.connect(index(two))) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = ?", (value,))
    assert two.search("door kind:say model:claude") == [("aaaa", 4, "say")]
    assert two.notes == []


def test_a_run_that_is_being_made_is_not_searched(two):
    two.record(NEW).parent.rename(two.root / f".{NEW}.1.partial")
    assert two.search("door kind:say") == [("aaaa", 4, "say")]


def test_names_that_are_no_utf8_stop_no_search(two):
    two.record(NEW).parent.rename(two.root / "b\udcffd")
    assert two.search("door kind:say") == [("b\ufffdd", 3, "say"), ("aaaa", 4, "say")]
    assert two.search("agent:\udcff OR \udcff") == []
    assert two.notes == []
