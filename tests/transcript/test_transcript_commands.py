"""The commands about a record: what a person reads, and what a program gets."""

import json

import pytest

from sandbox.cli import main
from sandbox.clock import ManualClock
from sandbox.errors import TranscriptError
from sandbox.transcript import Event, FileStore, read_notes
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.visit import Visit


@pytest.fixture
def backrooms(record, capsys):
    def call(*arguments):
        code = main([*arguments, "--dir", str(record.parent)])
        return code, *capsys.readouterr()

    return call


def test_notes_are_written_listed_and_shown_beside_their_events(backrooms, record):
    asks = ("who\x1b[2J\nasks?", "--author", "rm", "--tag", "a")
    code, out, _ = backrooms("note", "last", "3", *asks)
    one = read_notes(record).notes[0]
    assert (code, out) == (0, f"Note {one.id} stands on event 3.\n")
    assert backrooms("note", "last", "turn:2", "--verdict", "real", "--author", "rm")[0] == 0
    two = read_notes(record).notes[1]
    first = [
        f"[1] rm note: on event 3 · #a ({one.id}, {one.at[:10]} {one.at[11:16]})",
        "[1] rm note: who\u241b[2J",
        "[1] rm note: asks?",
    ]
    second = f"[2] rm note: on event 5 · real ({two.id}, {two.at[:10]} {two.at[11:16]})"

    assert backrooms("notes", "last") == (0, "\n".join([*first, second, ""]), "")
    told = backrooms("show", "last")[1].splitlines()
    assert told[told.index(first[0]) - 1].startswith("[1] ada say: ")
    assert told[told.index(first[0]) :][:3] == first
    assert told[told.index(second) - 1] == "[2] bo turn: turn 2"
    assert backrooms("show", "last", "--json")[1].encode() == (
        (record / "events.jsonl").read_bytes()
    )
    rows = [json.loads(line) for line in backrooms("notes", "last", "--json")[1].splitlines()]
    assert [(row["seq"], row["verdict"], row["tags"]) for row in rows] == [
        (3, None, ["a"]),
        (5, "real", []),
    ]
    assert backrooms("note", "last", "--delete", two.id) == (
        0,
        f"Note {two.id} on event 5 is taken away.\n",
        "",
    )
    assert backrooms("note", "last", "4", "no", "--replaces", one.id)[0] == 0
    assert [note.text for note in read_notes(record).notes] == ["no"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("8", "x"), "there is no event 8: the run has 7."),
        (("turn:3", "x"), "there is no turn 3: the run has 2."),
        (("turn:", "x"), "'turn:' is no event: use its number, as 42, or a turn, as turn:12."),
        (("-", "x"), "'-' is no event: use its number, as 42, or a turn, as turn:12."),
        ((), "which event? Give its number, or turn:N."),
        (("3",), "a note says something: give a text, a verdict or a tag."),
        (("3", "--delete", "x"), "--delete takes the id of a note, and nothing beside it."),
    ],
)
def test_a_note_that_cannot_be_is_refused(backrooms, arguments, message):
    assert backrooms("note", "last", *arguments) == (2, "", f"backrooms: {message}\n")


def test_a_bad_notes_file_hides_nothing(backrooms, record):
    shown = backrooms("show", "last")[1]
    (record / "notes.jsonl").write_bytes(b"?\n")
    problem = (
        f"backrooms: {record}/notes.jsonl:1: is no note and was passed over: Expecting value: line 1"
        " column 1 (char 0).\n"
    )
    assert backrooms("show", "last") == (0, shown, problem)
    assert backrooms("notes", "last") == (
        1,
        "",
        "There is no note on this run. `backrooms note` writes one.\n" + problem,
    )


def test_repair_says_in_plain_words_what_it_did(backrooms, record):
    path = record / "events.jsonl"
    whole = path.read_bytes()
    nothing = f"{path}: nothing to repair. All 7 events can be read.\n"
    assert backrooms("repair", "last") == (0, nothing, "")

    path.write_bytes(whole + b"torn")
    assert (
        backrooms("repair", "last", "--json")[1]
        == json.dumps(
            {
                "path": str(path),
                "kept": 7,
                "cuts": [{"line": 8, "size": 4, "torn": True}],
                "aside": f"{path}.torn-1",
            },
            indent=2,
        )
        + "\n"
    )

    path.write_bytes(b"?\n" * 30 + whole + b"torn")
    code, out, err = backrooms("repair", "last")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{path}: 31 lines cut out, and kept beside it in events.jsonl.torn-2:"
    assert lines[1] == "  line 1: cannot be read, 2 bytes"
    assert lines[21:] == [
        "  and 11 more",
        "The other 7 events are byte for byte as they were.",
        "What stood in such a line cannot be brought back: `backrooms verify` goes on saying so.",
    ]
    assert path.read_bytes() == whole
    assert backrooms("verify", "last")[0] == 1


def test_verify_tells_what_can_be_read_and_which_artifacts_are_lost(backrooms, record):
    name = "ab" * 32
    store = FileStore(record, record.name, ManualClock(), "process")
    store.append(Event(8, "workspace.saved", "ada", {"manifest": name}))
    store.append(Event(9, "run.ended", "engine", {}))
    store.close()
    path = record / "events.jsonl"
    lost = f"  line 8: the artifact {record}/artifacts/ab/{name} is missing\n"
    code, out, _ = backrooms("verify", "last")
    assert code == 1
    assert out == (
        f"{path}: 9 events, each as it was written.\n"
        f"LOST: 1 of the 1 artifacts that it names.\n{lost}  last hash: {store.last_hash}\n"
    )
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"?\n", *lines[4:]]))
    assert "\n  events that can be read: 1 to 3, 5 to 9\n" in backrooms("verify", "last")[1]


def test_runs_names_where_a_run_comes_from_if_any_does(backrooms, record):
    assert "FROM" not in backrooms("runs")[1]
    store = FileStore(record.parent / "x", "x", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"imported": {"format": "arc\x07"}}))
    store.close()
    lines = backrooms("runs")[1].splitlines()
    at = lines[0].index("FROM")
    assert [line[at : at + 5].strip() for line in lines] == ["FROM", "", "arc\u2407"]


def test_a_tree_names_the_runs_in_it(backrooms, record):
    for name, title in (("x", "A\x07 walk"), ("y", "A\x07 walk"), ("z", "Another")):
        store = FileStore(record.parent / name, name, ManualClock(), "process")
        forked = {} if name == "x" else {"forked": {"run": "x", "seq": 1, "turn": 0}}
        store.append(Event(1, "run.started", "engine", {"title": title, **forked}))
        store.close()
    assert backrooms("tree", "x")[1].splitlines() == [
        "x  A\u2407 walk  killed, 0 turns",
        "├─ y  not played yet  from event 1, turn 0",
        "└─ z  Another  not played yet  from event 1, turn 0",
    ]


def test_the_folder_of_runs_may_stand_behind_a_verb_too(backrooms, record):
    assert backrooms("tell", "nobody", "pause") == (
        2,
        "",
        f"backrooms: no run in {record.parent} is called 'nobody'. Near: {record.name}.\n",
    )


@pytest.mark.parametrize("command", [("watch", "here.json"), ("tell", "here.json", "pause")])
def test_a_control_file_that_is_not_there_is_said_so(backrooms, command):
    assert backrooms(*command) == (
        2,
        "",
        (
            "backrooms: there is no file 'here.json'. A run on another machine is followed by a copy of the"
            " control.json that is in its runtime folder there; docs/operator.md says more.\n"
        ),
    )


def test_a_run_is_followed_to_its_end(backrooms):
    assert backrooms("show", "last", "--follow") == backrooms("show", "last")
    assert backrooms("show", "last", "--follow", "--saw", "ada") == (
        2,
        "",
        "backrooms: --saw shows what is in the record; --follow does not go with it.\n",
    )


def test_a_turn_of_a_damaged_record_can_be_shown(backrooms, record):
    path = record / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"?\n", *lines[3:]]))
    code, out, _ = backrooms("show", "last", "--turn", "2")
    assert (code, out.splitlines()[0]) == (0, "[2] bo turn: turn 2")


def test_a_map_without_a_folder_is_refused_before_anything_is_written(backrooms, tmp_path):
    out, there = tmp_path / "x.csv", tmp_path / "no" / "map.json"
    command = ("export", "last", "--out", str(out), "--redact", "--redact-map", str(there))
    assert backrooms(*command) == (
        2,
        "",
        f"backrooms: there is no folder {there.parent} to write the map in.\n",
    )
    assert not out.exists()


def test_files_that_were_copied_out_are_counted(backrooms, record, tmp_path):
    artifacts = Artifacts(record, "process")
    things = {
        name: {"mode": 0o644, "size": 3, "sha256": artifacts.put(b"abc")} for name in ("a", "b\x1b")
    }
    saved = {"turn": 2, "manifest": artifacts.put(json.dumps(things).encode()), "files": 2}
    store = FileStore(record, record.name, ManualClock(), "process")
    store.append(Event(8, "workspace.saved", "ada", saved))
    store.close()
    out = tmp_path / "out"
    code, told, left_out = backrooms("shell", "last", "ada", "--out", str(out))
    assert (code, told.splitlines()[0]) == (0, f"1 file (3 bytes), as after turn 2: {out}")
    assert left_out == "left out: b␛: its name has characters that a terminal obeys\n"
    assert [path.name for path in out.iterdir()] == ["a"]


def test_a_visit_is_not_written_through_a_link(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "shells").symlink_to(tmp_path)
    with pytest.raises(TranscriptError, match="it is a symbolic link"):
        Visit(tmp_path / "run", {"agent": "ada"}, (24, 80), ManualClock())
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_search_from_within_a_run_names_it_and_leaves_it_alone(record, capsys, monkeypatch):
    monkeypatch.chdir(record)
    assert main(["search", "anybody", "--run", "."]) == 0
    assert (
        f"(backrooms show {record.name} --turn 1 --dir {record.parent})" in capsys.readouterr().out
    )
    assert [path.name for path in record.iterdir()] == ["events.jsonl"]
