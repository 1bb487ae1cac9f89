"""What an import says meanwhile, on a terminal and nowhere else."""

import io
import json
import sys

import pytest

from sandbox.cli import main
from sandbox.transcript.formats import importing


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A file of three messages that counts as large."""
    monkeypatch.setattr(importing, "_LARGE", 1)
    monkeypatch.setattr(importing, "_OFTEN", 5)
    said = [{"author": name, "content": "hi", "timestamp": None} for name in ("ada", "bo", "ada")]
    file = tmp_path / "a\x1b[2J.json"
    file.write_text(json.dumps({"id": "1", "channel": "room", "messages": said}))
    return file


def shown(monkeypatch, *args):
    """The exit code of an import, and what it wrote on a terminal."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    return main(["import", *map(str, args)]), sys.stderr.getvalue()


def test_a_large_file_is_told_while_it_is_read_and_written_and_nothing_is_left(
    history, tmp_path, monkeypatch
):
    code, told = shown(monkeypatch, history, "--out", tmp_path / "out")
    before, reading, writing, *_, after = told.split("\r\x1b[K")
    assert (code, before, after) == (0, "", "")
    assert reading == "a␛[2J.json: reading 0 MB ..."
    assert writing == "a␛[2J.json: 5 events written ..."


def test_a_program_that_reads_the_results_is_told_nothing_else(history, tmp_path, monkeypatch):
    assert shown(monkeypatch, history, "--json", "--out", tmp_path / "out") == (0, "")


def test_the_line_is_gone_when_a_file_fails(history, tmp_path, monkeypatch):
    history.write_text('{"id": "1", "channel": "room", "messages": [')
    code, told = shown(monkeypatch, history, "--out", tmp_path / "out")
    before, _, why = told.rpartition("\r\x1b[K")
    assert code == 1
    assert before.endswith("reading 0 MB ...")
    assert why.startswith("backrooms: ")
