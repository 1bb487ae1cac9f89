"""What somebody put in the place of a run's files: nothing waits for it, nothing is written through it."""

import os

import pytest

from sandbox.cli import main
from sandbox.clock import ManualClock
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript import Notebook, read_notes, repair, verify
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.cut import cut_torn_tail
from sandbox.transcript.regular import open_regular
from sandbox.transcript.search import Search, parse


def pipe(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is no regular file"),
        (os.mkdir, "Is a directory"),
        (lambda path: path.symlink_to("/etc/hostname"), "it is a symbolic link"),
        (lambda path: None, "No such file or directory"),
    ],
)
def test_only_a_regular_file_is_opened(tmp_path, make, why):
    make(tmp_path / "x")
    with pytest.raises(OSError, match=f"{why}.*x") as caught:
        open_regular(tmp_path / "x", os.O_RDONLY | os.O_NOFOLLOW)
    assert caught.value.strerror == why


def test_a_pipe_is_no_artifact(tmp_path):
    name = "a" * 64
    path = pipe(tmp_path / "artifacts" / "aa" / name)
    with pytest.raises(Damaged) as caught:
        Artifacts(tmp_path).get(name)
    assert str(caught.value) == f"the artifact {path} cannot be read: it is no regular file"


def test_a_pipe_holds_no_notes(record):
    path = pipe(record / "notes.jsonl")
    assert read_notes(record).problems == (f"{path}: cannot be read: it is no regular file.",)


def test_a_note_is_not_written_through_a_link(record, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (record / "notes.jsonl").symlink_to(mine)
    with pytest.raises(TranscriptError, match=r"it is a symbolic link$"):
        Notebook(record, "rm", ManualClock()).add(3, "hm")
    assert mine.read_text() == "mine"


def test_verify_does_not_wait_for_a_pipe_beside_the_record(record):
    pipe(record / "events.jsonl.torn-1")
    assert verify(record).ok


def test_a_pipe_is_no_run(record, capsys):
    pipe(record.parent / "20990101-000000-pipe-aaaa" / "events.jsonl")
    search = Search(record.parent, parse("anybody"))
    assert [hit.document.seq for hit in search] == [3]
    log = record.parent / "opus_opus_cli_20240102_030405.txt"
    log.write_text("\n### Claude 1 ###\nhi\n\n### Claude 2 ###\nyes\n")
    assert main(["import", str(log), "--out", str(record.parent)]) == 0
    assert "1 run went into" in capsys.readouterr().out


def test_repair_writes_into_no_file_that_lies_ready(record, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (record / "events.jsonl.new").symlink_to(mine)
    path = record / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b"no event\n" + whole)
    assert repair(record).kept == 7
    assert (path.read_bytes(), mine.read_text()) == (whole, "mine")
    assert sorted(p.name for p in record.iterdir()) == [
        "events.jsonl",
        "events.jsonl.new",
        "events.jsonl.torn-1",
    ]


@pytest.mark.parametrize("mend", [repair, cut_torn_tail])
def test_a_record_that_is_a_link_is_not_mended(record, tmp_path, mend):
    path = record / "events.jsonl"
    elsewhere = path.rename(tmp_path / "elsewhere")
    torn = elsewhere.read_bytes() + b"torn"
    elsewhere.write_bytes(torn)
    path.symlink_to(elsewhere)
    with pytest.raises(TranscriptError, match=r"it is a symbolic link$"):
        mend(record)
    assert elsewhere.read_bytes() == torn
    assert verify(record).torn == 4
