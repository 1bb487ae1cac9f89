"""The record, its table and its lines, whole and in part; and the command."""

import csv
import io
import json
import os
import stat
from pathlib import Path

import orjson
import pytest

from sandbox.cli import main
from sandbox.clock import ManualClock
from sandbox.errors import UsageError
from sandbox.transcript import NO_HASH, Event, FileStore, encode, read, verify
from sandbox.transcript.formats.exporters import Part, Source, export
from sandbox.transcript.formats.exporters.written import written

SAMPLES = Path(__file__).parents[2] / "transcripts" / "samples"
DEMO = SAMPLES / "demo"


def exported(form, folder=DEMO, part=None, suffix=""):
    out = io.BytesIO()
    export(Source(folder, part), form, out, suffix=suffix)
    return out.getvalue()


def record(folder, *events):
    """A run of these events behind a first one that says hardly anything."""
    store = FileStore(folder, "a-run", ManualClock(), "process")
    for event in (Event(1, "run.started", "engine", {"title": "A run"}), *events):
        store.append(event)
    store.close()
    return folder


@pytest.mark.parametrize("sample", ["demo", "demo-talk-only", "two-strangers"])
def test_jsonl_is_the_record_byte_for_byte(sample):
    assert exported("jsonl", SAMPLES / sample) == (SAMPLES / sample / "events.jsonl").read_bytes()


def test_jsonl_of_a_record_with_a_torn_line_leaves_it_out(tmp_path):
    whole = (DEMO / "events.jsonl").read_bytes()
    (tmp_path / "events.jsonl").write_bytes(whole + b'{"seq":100,"ts"')
    assert exported("jsonl", tmp_path) == whole


def test_jsonl_of_some_turns_is_a_chain_of_its_own_that_says_so(tmp_path):
    (tmp_path / "events.jsonl").write_bytes(exported("jsonl", part=Part(7, 8)))
    events = list(read(tmp_path))
    assert verify(tmp_path).sound == len(events) == 32
    assert [event.seq for event in events] == list(range(1, 33))
    assert events[0].data["exported"] == {
        "from": "20261121-132134-the-room-behind-the-room-pysv",
        "redacted": [],
        "turns": "7..8",
    }
    flag = next(event for event in events if event.kind == "flag")
    message = events[flag.data["evidence"][0] - 1]
    assert (message.kind, message.data["text"]) == ("peer.message", "are you there?")
    assert flag.parent == message.seq
    assert events[1].data == {"turn": 7, "agent": "ada", "upto": 1}


def test_txt_is_what_show_prints_plainly(capsys):
    assert main(["show", str(DEMO), "--plain"]) == 0
    assert exported("txt").decode() == capsys.readouterr().out


def test_csv_has_a_row_for_each_turn():
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode(), newline="")))
    assert [row["turn"] for row in rows] == [str(turn) for turn in range(1, 10)]
    assert rows[6] == {
        "turn": "7",
        "agent": "ada",
        "model": "scripted/claude-like",
        "began": "2026-11-21T13:21:35.119022Z",
        "ended": "2026-11-21T13:21:35.225747Z",
        "rooms": "lobby",
        "reason": "spoke",
        "thinks": "4",
        "says": "1",
        "whispers": "1",
        "actions": "4",
        "refused": "0",
        "flags": "contact.cross-model",
        "tokens_in": "709",
        "tokens_out": "13",
        "money": "",
        "model_ms": "0.3",
        "text": "There is a thread in the wallpaper. I pulled it.",
    }


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
def test_csv_has_no_formula_that_an_agent_wrote(tmp_path, begin):
    words = f'{begin}HYPERLINK("http://x","y"),1\r\nnext'
    folder = record(tmp_path / "run", Event(2, "say", "ada", {"text": words}, "lobby", "room"))
    raw = exported("csv", folder).decode()
    (row,) = csv.DictReader(io.StringIO(raw, newline=""))
    shown = words.replace("\r\n", "\n").replace("\t", " " * 8).replace("\r", "\u240d")
    assert row["text"] in {f"'{shown}", shown}
    assert not row["text"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert raw.count("\r\n") == 2


def test_a_run_without_times_and_models_is_exported_to_everything(tmp_path):
    started = Event(1, "run.started", "engine", {"title": "Found", "agents": {"a1": {}, "b2": {}}})
    said = [
        Event(2, "say", "a1", {"text": "ls"}, "main", "room"),
        Event(3, "say", "b2", {"text": "void/"}, "main", "room"),
    ]
    line, previous = b"", NO_HASH
    for event in (started, *said):
        made, previous = encode(event, previous, run="imported", ts="")
        line += made
    (tmp_path / "events.jsonl").write_bytes(line)
    texts = {form: exported(form, tmp_path) for form in ("html", "md", "txt", "csv", "cast", "svg")}
    assert {form: b"void" in text for form, text in texts.items()} == dict.fromkeys(texts, True)
    log = json.loads(exported("inspect", tmp_path))
    assert [[m["role"] for m in sample["messages"]] for sample in log["samples"]] == [
        ["assistant", "user"],
        ["user", "assistant"],
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [("7", Part(7, 7)), ("3..9", Part(3, 9)), ("3..", Part(3, None)), ("..9", Part(None, 9))],
)
def test_a_part_reads_back_as_it_is_written(text, part):
    assert Part.parse(text) == part
    assert str(part) == text


@pytest.mark.parametrize("text", ["", "..", "x", "1-2", "-1", "1..2..3", "\u0661"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(
        UsageError, match=r"is no part of a run: write 7, 3\.\.9, 3\.\. or \.\.9\.$"
    ):
        Part.parse(text)


def test_a_file_that_could_not_be_written_leaves_the_old_one(tmp_path):
    file = tmp_path / "run.html"
    file.write_text("old")
    with pytest.raises(TypeError), written(file) as out:
        out.writelines([b"half", None])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("run.html", "old")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["-o", "run.pdf"],
            "'run.pdf' does not say which format: use --format with html, md, txt,",
        ),
        ([], "say which format with --format: html, md, txt, jsonl, csv, cast, svg, inspect."),
        (["-f", "md", "--turns", "40.."], "there is nothing in turns 40.. of the run."),
        (["-f", "md", "--turns", "9..3"], "'9..3' ends before it begins: write 3..9."),
        (
            ["-f", "md", "--redact", "faces"],
            "--redact takes names,keys,paths, or some of them, not",
        ),
        (
            ["-f", "md", "--redact-map", "m"],
            "--redact-map says what tags stand for: it needs --red",
        ),
        (["-o", "no/run.md"], "there is no folder no to write run.md in."),
    ],
)
def test_the_command_says_what_is_wrong_and_what_to_do(capsys, arguments, complaint):
    assert main(["export", str(DEMO), *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_the_command_writes_a_file_and_keeps_the_map_to_its_owner(tmp_path, capsys):
    page, tags = tmp_path / "run.html", tmp_path / "tags.json"
    arguments = ["-o", str(page), "--redact=names", "--redact-map", str(tags)]
    assert main(["export", str(DEMO), *arguments]) == 0
    size = page.stat().st_size
    assert capsys.readouterr() == ("", f"Written: {page} ({size:,} bytes).\n")
    assert stat.S_IMODE(tags.stat().st_mode) == 0o600
    assert set(orjson.loads(tags.read_bytes()).values()) == {
        "ada", "bo", "clerk", "lobby", "archive",
    }  # fmt: skip


def test_pipes_devices_and_links_stay_what_they_are(tmp_path):
    pipe, mine, link = tmp_path / "pipe.csv", tmp_path / "mine.csv", tmp_path / "link.csv"
    os.mkfifo(pipe)
    mine.write_text("old")
    link.symlink_to(mine)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert main(["export", str(DEMO), "--out", str(pipe)]) == 0
    assert main(["export", str(DEMO), "--out", str(link)]) == 0
    table = exported("csv")
    assert os.read(reader, 1 << 16) == mine.read_bytes() == table
    assert (pipe.is_fifo(), link.is_symlink()) == (True, True)
    os.close(reader)


def test_a_run_that_was_given_another_model_says_so_everywhere(tmp_path):
    cast = {"ada": {"model": "one"}, "bo": {"model": "b"}}
    recast = {"ada": {"model": "two"}, "bo": {"model": "b"}}
    events = [
        ("run.started", "engine", {"title": "A run", "agents": cast}),
        ("turn.offered", "ada", {"turn": 1}),
        ("think.done", "ada", {"turn": 1, "text": "x", "tokens_in": 3, "tokens_out": 4}),
        ("turn.ended", "ada", {"turn": 1, "reason": "spoke"}),
        ("run.resumed", "engine", {"why": "more", "gap": 1, "agents": recast}),
        ("turn.offered", "ada", {"turn": 2}),
        ("think.done", "ada", {"turn": 2, "text": "y", "tokens_in": 5, "tokens_out": 6}),
        ("turn.ended", "ada", {"turn": 2, "reason": "spoke"}),
    ]
    store = FileStore(tmp_path, "a-run", ManualClock(), "process")
    for seq, (kind, actor, data) in enumerate(events, 1):
        store.append(Event(seq, kind, actor, data))
    store.close()

    rows = csv.DictReader(io.StringIO(exported("csv", tmp_path).decode(), newline=""))
    assert [row["model"] for row in rows] == ["one", "two"]
    assert '<span class="model">one, then two</span>' in exported("html", tmp_path).decode()
    page = exported("md", tmp_path).decode()
    assert "| ada | one, then two |  |" in page
    assert "*engine* it was given more · after 1.0 s" in page.replace("`", "")
    assert "ada: two; bo: b" in page.replace("`", "")
    sample = orjson.loads(exported("inspect", tmp_path))["samples"][0]
    asked = [event["model"] for event in sample["events"] if event["event"] == "model"]
    assert asked == ["one", "two"]
    assert {model: usage["total_tokens"] for model, usage in sample["model_usage"].items()} == {
        "one": 7,
        "two": 11,
    }


def test_calls_that_are_none_do_not_stop_an_export(tmp_path):
    folder = record(tmp_path, Event(2, "think.done", "ada", {"text": "hm", "calls": 5}))
    sample = orjson.loads(exported("inspect", folder))["samples"][0]
    assert sample["messages"][0]["tool_calls"] == []


@pytest.mark.parametrize("sign", ["=", "@", "\uff1d", "\uff20", "\n=", "\t-"])
def test_no_cell_is_a_formula(tmp_path, sign):
    folder = record(tmp_path, Event(2, "say", "ada", {"text": f"{sign}1+1"}))
    (row,) = csv.DictReader(io.StringIO(exported("csv", folder).decode(), newline=""))
    assert row["text"].startswith(("'", " "))


@pytest.mark.parametrize("form", ["html", "md", "txt", "cast"])
def test_a_claim_is_told_in_every_form_as_it_is_on_the_terminal(tmp_path, form):
    claim = {"id": "escape.claim", "level": "claimed", "agent": "ada", "technique": "claim", "what": "I am out",
             "title": "ada claimed claim: I am out", "evidence": [1], "elicited": 0}  # fmt: skip
    told = exported(form, record(tmp_path, Event(2, "flag", "watch", claim))).decode()
    assert "ada claims to be out: " in told
    assert "claimed claim" not in told
