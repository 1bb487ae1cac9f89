"""The command as people and programs see it."""

import json
import subprocess
import sys

import pytest

from sandbox.cli import main
from tests.search.conftest import NEW, OLD, said, started


@pytest.fixture
def search(two, capsys):
    def call(*arguments):
        code = main(["search", *arguments, "--dir", str(two.root)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_lines_for_pipes(search, two):
    assert search("door kind:say") == (
        0,
        (
            f"{NEW} [1] #3 2023-11-14T22:13:32 bo say: Is there a «DOOR»? Café.  "
            f"(backrooms show {NEW} --turn 1 --dir {two.root})\n"
            f"{OLD} [1] #4 2023-11-14T22:13:24 ada say: The «door» hums.  "
            f"(backrooms show {OLD} --turn 1 --dir {two.root})\n"
        ),
        "",
    )


def test_json_for_programs(search, two):
    code, out, err = search("迷宫", "--json", "--context", "1")
    assert (code, err) == (0, "")
    assert out.isascii()
    assert json.loads(out) == {
        "run": OLD,
        "turn": 2,
        "seq": 8,
        "ts": "2023-11-14T22:13:28.000000Z",
        "agent": "bo",
        "kind": "whisper",
        "what": "whisper",
        "room": "",
        "tool": "",
        "to": ["ada"],
        "snippet": "Between us: 迷宫很大。",
        "marks": [[12, 14]],
        "command": f"backrooms show {OLD} --turn 2 --dir {two.root}",
        "before": [{"seq": 4, "kind": "say", "agent": "ada", "text": "The door hums."}],
    }


def test_context_and_limit(search):
    code, out, err = search("no", "OR", "hums", "kind:say", "--context", "1", "--limit", "1")
    assert [line.split(" ", 1)[1].split("  (")[0] for line in out.splitlines()] == [
        "[2] #3 bo say- Is there a DOOR? Café.",
        "[2] #5 2023-11-14T22:13:34 ada say: «No».",
    ]
    assert (code, err) == (0, "Only the first 1 shown: --limit 0 shows all.\n")


def test_one_run(search):
    assert [line[:15] for line in search("door", "--run", "last")[1].splitlines()] == [NEW[:15]]


def test_nothing_found(search, tmp_path, capsys):
    assert search("zanzibar") == (1, "", "Nothing in 2 runs matches.\n")
    assert main(["search", "x", "--dir", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (
        f"There is no run in {tmp_path / 'none'}. `backrooms run` makes one.\n"
    )


def test_a_mistake_is_pointed_at(search):
    assert search("door agnt:bo") == (
        2,
        "",
        (
            "backrooms: 'agnt' is no field. Did you mean 'agent:'? Words with a : stand in quotes.\n"
            "  door agnt:bo\n"
            "       ^\n"
        ),
    )


def test_hostile_text_reaches_no_terminal(runs, capsys):
    hostile = "\x1b]0;x\x07door\r\u202e\x9b2J\x7f\n" + "é" * 3
    runs.add("run\x1b[2J", started(hostile), said(hostile, hostile, to=hostile))
    for form in ("--plain", "--json"):
        main(["search", "door", "--context", "2", form, "--dir", str(runs.root)])
        out = capsys.readouterr().out
        assert out.count("\n") == len(out.splitlines()) >= 2
        assert not set(out) & set("\x1b\x07\r\u202e\x9b\x7f")


def test_on_a_terminal(two, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    main(["search", "door kind:say", "--dir", str(two.root)])
    out = capsys.readouterr().out
    assert "\x1b[30;43mDOOR\x1b[0m" in out.replace("1;", "")
    assert f"backrooms show {OLD} --turn 1 --dir" in out


def test_help_loads_neither_sqlite_nor_the_search():
    code = """
import sys
from sandbox.cli import main
try:
    main(["search", "--help"])
except SystemExit:
    print("LOADED", {"sqlite3", "orjson", "sandbox.transcript.search.query"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("LOADED set()\n")
