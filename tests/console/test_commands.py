import argparse
import json
from importlib import import_module

import pytest

from sandbox.clock import ManualClock
from sandbox.errors import Damaged, UsageError
from sandbox.transcript import Event, FileStore

RUN = "20261121-113908-two-strangers-abcd"


@pytest.fixture
def root(tmp_path, run):
    store = FileStore(tmp_path / RUN, RUN, ManualClock(), "process")
    for event in run:
        store.append(event)
    store.close()
    return tmp_path


@pytest.fixture
def backrooms(root):
    parser = argparse.ArgumentParser(prog="backrooms")
    subparsers = parser.add_subparsers(dest="command")
    for name in ("runs", "show", "verify", "replay"):
        import_module(f"sandbox.commands.{name}").add_parser(subparsers)

    def call(command, *arguments):
        args = parser.parse_args([command, *arguments, "--dir", str(root)])
        return import_module(f"sandbox.commands.{command}").main(args)

    return call


def test_runs_lists_them_as_a_table_or_as_json(backrooms, root, capsys):
    size = (root / RUN / "events.jsonl").stat().st_size
    assert backrooms("runs") == 0
    assert capsys.readouterr().out == (
        "RUN                                 TURNS  EVENTS    SIZE  END    AGENTS   TITLE\n"
        f"{RUN}      4      26  {size / 1000:.1f} kB  turns  ada, bo  Two strangers\n"
    )
    assert backrooms("runs", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "id": RUN,
        "folder": str(root / RUN),
        "title": "Two strangers",
        "started": "2023-11-14T22:13:20.000000Z",
        "turns": 4,
        "agents": ["ada", "bo"],
        "end": "turns",
        "events": 26,
        "size": size,
        "imported": "",
        "forked": "",
    }


def test_show_prints_a_turn_an_agent_s_share_or_the_record(backrooms, root, capsys):
    assert backrooms("show", "last", "--turn", "3") == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "[3] ada turn: turn 3 of 4",
        "[3] ada turn: passes",
    ]
    assert backrooms("show", "last", "--agent", "bo", "--turn", "2") == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "[2] bo whisper: whispers to ada: Not so loud.",
        (
            "[2] watch flag: contact.cross-model bo (qwen) turned to ada (a) by whisper · event 12"
            " · nothing asked for it"
        ),
    ]
    assert backrooms("show", "last", "--json") == 0
    assert capsys.readouterr().out.encode() == (root / RUN / "events.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--turn", "9"), "there is no turn 9: the run has 3."),
        (("--agent", "cy"), "nothing in the run is of an agent called 'cy'."),
    ],
)
def test_show_says_what_is_not_there(backrooms, arguments, message):
    with pytest.raises(UsageError) as caught:
        backrooms("show", "last", *arguments)
    assert str(caught.value) == message


def test_show_says_that_the_last_line_is_torn(backrooms, root, capsys):
    with (root / RUN / "events.jsonl").open("ab") as file:
        file.write(b'{"seq":')
    assert backrooms("show", "last") == 0
    assert capsys.readouterr().err == "backrooms: the last line is torn after 7 bytes.\n"


def test_verify_tells_sound_from_damaged(backrooms, root, capsys):
    path = root / RUN / "events.jsonl"
    whole = path.read_bytes()
    last = json.loads(whole.splitlines()[-1])["hash"]
    assert backrooms("verify", "last") == 0
    assert capsys.readouterr().out == (
        f"{path}: 26 events, each as it was written.\n  last hash: {last}\n"
    )

    path.write_bytes(whole.replace(b"psst", b"pst!"))
    assert backrooms("verify", "last") == 1
    assert capsys.readouterr().out == (
        f"{path}: DAMAGED in 1 of 26 lines. The first 20 are as they were written; 26 can be read.\n"
        "  line 21: its hash does not fit: this line, or what stood before it, was changed\n"
        f"  last hash: {last}\n"
    )
    assert backrooms("verify", "last", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["sound"], report["problems"][0]["line"]) == (False, 20, 21)


def test_replay_plays_a_part(backrooms, capsys):
    assert backrooms("replay", "last", "--speed", "max", "--turn", "3") == 0
    assert capsys.readouterr().out.startswith("[3] ada turn: turn 3 of 4\n[3] ada turn: passes\n")
    assert backrooms("replay", "last", "--speed", "1e9", "--until", "0", "--plain") == 0
    assert capsys.readouterr().out.endswith("[0] bo joined: is here\n")
    with pytest.raises(UsageError, match="the run has 3 turns"):
        backrooms("replay", "last", "--turn", "9", "--speed", "max")


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "fast"])
def test_replay_refuses_what_is_no_speed(backrooms, capsys, speed):
    with pytest.raises(SystemExit):
        backrooms("replay", "last", f"--speed={speed}")
    assert f"'{speed}' is no speed: use a number above 0, or 'max'" in capsys.readouterr().err


def test_an_empty_record_is_no_sound_one(backrooms, root, capsys):
    path = root / RUN / "events.jsonl"
    path.write_bytes(b"")
    assert backrooms("verify", "last") == 1
    assert capsys.readouterr().out.startswith(f"{path}: EMPTY: there is no event in it.\n")
    with pytest.raises(Damaged, match="is empty: there is no event in it"):
        backrooms("show", "last", "--saw", "ada")


def test_saw_of_nobody_is_a_mistake_in_the_command(backrooms):
    with pytest.raises(UsageError) as caught:
        backrooms("show", "last", "--saw", "nobody")
    assert str(caught.value) == "there is no agent 'nobody' in this run; its agents are ada, bo"


def test_what_an_imported_run_was_sent_is_not_known(backrooms, root):
    started = {"agents": {"ada": {}}, "imported": {"format": "arc"}}
    store = FileStore(root / "imported", "imported", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", started))
    store.close()
    with pytest.raises(UsageError) as caught:
        backrooms("show", "imported", "--saw", "ada")
    assert str(caught.value) == (
        "the run was imported from arc: what its models were sent stands in no record. "
        "Without --saw, show tells what they said."
    )


def test_a_turn_behind_a_resumption_is_told_with_the_cast_of_then(backrooms, root, capsys):
    calls = [{"id": "c1", "tool": "say", "args": {}}]
    rows = [
        ("run.started", "engine", {"agents": {"ada": {"mode": "tools"}}}),
        ("turn.offered", "ada", {"turn": 1}),
        ("run.resumed", "engine", {"agents": {"ada": {"mode": "json"}}, "limits": {"turns": 9}}),
        ("turn.offered", "ada", {"turn": 2}),
        ("think.done", "ada", {"turn": 2, "text": "{}", "calls": calls}),
    ]
    store = FileStore(root / "resumed", "resumed", ManualClock(), "process")
    for seq, (kind, actor, data) in enumerate(rows, 1):
        store.append(Event(seq, kind, actor, data))
    store.close()
    assert backrooms("show", "resumed", "--turn", "2") == 0
    assert capsys.readouterr().out == "[2] ada turn: turn 2 of 9\n"
