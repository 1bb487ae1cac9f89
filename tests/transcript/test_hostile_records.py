"""Records that somebody wrote to do harm: long, deep, of unknown kinds, or full of escape codes."""

import json
import time

import pytest

from sandbox.cli import main
from sandbox.transcript import NO_HASH, Event, Record, encode, verify
from sandbox.transcript.codec import chained, dumps

RUN = "20261121-113908-hostile-abcd"
STARTED = {"title": "A run", "agents": {"ada": {}}, "rooms": {"lobby": {"members": ["ada"]}}}
DEEP = "[" * 1000 + "]" * 1000


def write(folder, *events):
    folder.mkdir(exist_ok=True)
    lines, previous = [], NO_HASH
    for seq, (kind, actor, data) in enumerate(events, 1):
        line, previous = encode(Event(seq, kind, actor, data), previous, run=RUN)
        lines.append(line)
    (folder / "events.jsonl").write_bytes(b"".join(lines))
    return folder


@pytest.fixture
def backrooms(tmp_path, capsys):
    def call(*arguments):
        code = main([*arguments, "--dir", str(tmp_path)])
        return code, *capsys.readouterr()

    return call


def test_many_lines_with_a_wrong_hash_take_no_longer_than_right_ones(tmp_path):
    folder = write(tmp_path / RUN, ("run.started", "engine", STARTED))
    with (folder / "events.jsonl").open("ab") as file:
        for seq in range(2, 8000):
            file.write(encode(Event(seq, "say", "ada", {"text": "x"}), "f" * 64, run=RUN)[0])
    began = time.process_time()
    report = verify(folder)
    assert time.process_time() - began < 10
    assert (report.lines, report.damaged, report.sound) == (7999, 7998, 1)


@pytest.mark.parametrize("bad", [1, 3, 7])
def test_some_wrong_hashes_in_a_row_are_as_many_problems(tmp_path, bad):
    events = [("say", "ada", {"text": str(n)}) for n in range(20)]
    folder = write(tmp_path / RUN, ("run.started", "engine", STARTED), *events)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    for at in range(5, 5 + bad):
        lines[at] = lines[at][:-67] + b"0" * 64 + b'"}\n'
    (folder / "events.jsonl").write_bytes(b"".join(lines))
    assert [problem.line for problem in verify(folder).problems] == [*range(6, 6 + bad)]


def test_a_name_of_megabytes_is_passed_over_quickly(tmp_path):
    started = ("run.started", "engine", STARTED)
    folder = write(tmp_path / RUN, started, ("say", 'a\\"' * 2_000_000, {}), ("say", "bo", {}))
    began = time.process_time()
    with Record(folder) as record:
        assert [event.seq for event in record.of(actor="bo")] == [3]
        assert record.last == 3
    assert time.process_time() - began < 2


def test_what_is_nested_too_deep_to_be_written_becomes_a_note():
    value = json.loads(DEEP[:500] + DEEP[-500:])
    assert b"nested too deep to record" in dumps({"a": value})
    assert dumps({"a": [1]}) == b'{"a":[1]}'


def test_a_record_that_is_nested_too_deep_can_be_exported_and_is_not_compared(backrooms, tmp_path):
    intent = {"tool": "x", "author": "box", "args": {"a": "RAW"}}
    events = [("run.started", "engine", STARTED), ("action.intent", "ada", intent)]
    path = write(tmp_path / RUN, *events) / "events.jsonl"
    first, second = path.read_bytes().splitlines(keepends=True)
    body = second[:-76].replace(b'"RAW"', DEEP.encode()) + b"}"
    digest = chained(json.loads(first)["hash"], body).encode()
    path.write_bytes(first + body[:-1] + b',"hash":"' + digest + b'"}\n')
    write(tmp_path / "b", *events)

    assert backrooms("verify", RUN)[0] == 0
    for form in ("html", "md", "txt", "csv", "cast", "svg", "inspect", "jsonl"):
        assert backrooms("export", RUN, "--format", form)[0] == 0
    assert backrooms("diff", RUN, "b") == (
        2,
        "",
        (
            "backrooms: something in one of the runs is nested deeper than any engine writes: "
            "they cannot be compared.\n"
        ),
    )


def test_a_kind_of_event_cannot_drive_a_terminal(backrooms, tmp_path):
    kind = "x\x1b]0;pwn\x07"
    write(tmp_path / RUN, ("run.started", "engine", STARTED), (kind, "ada", {"a": 1, "tail": "t"}))
    for command in (("show", "last", "--plain"), ("export", "last", "--format", "txt")):
        assert backrooms(*command)[1].splitlines()[-2:] == [
            "[0] ada x␛]0;pwn␇: a: 1, tail: t",
            "[0] ada x␛]0;pwn␇: t",
        ]


def test_an_error_cannot_drive_a_terminal(backrooms, tmp_path):
    started = {"agents": {"\x1b[31mada": {}}}
    write(tmp_path / "a\x1b[2J", ("run.started", "engine", started))
    assert backrooms("show", "a", "--saw", "bo")[2] == (
        "backrooms: there is no agent 'bo' in this run; its agents are ␛[31mada\n"
    )
    assert backrooms("show", "b")[2].endswith("is called 'b'. Near: a␛[2J.\n")


def test_a_list_of_runs_stays_a_list(backrooms, tmp_path):
    ended = {"reason": "r" * 1_000_000, "turns": 0}
    agents = {"a" * 100_000: {}}
    write(
        tmp_path / RUN,
        ("run.started", "engine", {"agents": agents, "imported": {"format": "f" * 100_000}}),
        ("run.ended", "engine", ended),
    )
    code, out, err = backrooms("runs")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) < 400


def test_kept_folders_are_listed_whatever_they_say_of_themselves(backrooms, tmp_path):
    saved = {"turn": "x", "manifest": [], "files": "many", "bytes": None, "changed": ["\x1b[31m"]}
    write(tmp_path / RUN, ("run.started", "engine", STARTED), ("workspace.saved", "ada", saved))
    assert backrooms("shell", "last", "--list")[1].splitlines()[1:] == [
        f"{'ada':<12} {0:>5} {0:>6} {0:>11}  ␛[31m"
    ]
    assert "  line 2: names no manifest" in backrooms("verify", "last")[1].splitlines()
