"""``backrooms import``: what is found, what becomes of it, and what is said about it."""

import json
from hashlib import sha256
from zipfile import ZipFile

import pytest

from sandbox.cli import main
from sandbox.transcript import read, verify
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.formats.gather import gather
from sandbox.transcript.formats.importing import Importing

LOG = "\n### Claude 1 ###\n{}\n\n### Claude 2 ###\nyes\n"
NAME = "opus_opus_cli_20240102_030405.txt"


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def put(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def run(capsys, *arguments):
    code = main(["import", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_log_becomes_a_run_with_its_file_kept(logs, tmp_path, capsys):
    log = put(logs, NAME, LOG.format("ls"))
    code, out, err = run(capsys, log, "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    digest = sha256(log.read_bytes()).hexdigest()
    assert (code, err) == (0, "")
    assert out == (
        f"{log}: universal, 2 turns -> {folder.name}\n1 run went into {tmp_path / 'out'}.\n"
    )
    assert folder.name.startswith("20240102-030405-cli-")
    assert verify(folder).ok
    assert Artifacts(folder).get(digest) == log.read_bytes()
    assert [e.data["text"] for e in read(folder) if e.kind == "say"] == ["ls", "yes"]


def test_importing_twice_is_recognised_whatever_the_name(logs, tmp_path, capsys):
    log = put(logs, NAME, LOG.format("ls"))
    run(capsys, log, "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    log = log.rename(log.with_name("renamed.txt"))
    code, out, _ = run(capsys, log, "--out", tmp_path / "out")
    assert (code, len(list((tmp_path / "out").iterdir()))) == (0, 1)
    assert out.startswith(f"{log}: already imported as {folder.name}\n0 runs went into")


def test_runs_of_one_file_share_it_on_the_disk(logs, tmp_path, capsys):
    nodes = {"1": {"text": "a", "parentId": None}} | {
        name: {"text": name, "parentId": "1"} for name in "234"
    }
    tree = put(logs, "tree.json", json.dumps({"current": "2", "nodes": nodes}))
    code, out, _ = run(capsys, tree, "--out", tmp_path / "out", "--all-branches")
    kept = list((tmp_path / "out").glob("*/artifacts/*/*"))
    assert (code, len(kept), len({path.stat().st_ino for path in kept})) == (0, 3, 1)
    assert all(verify(path.parents[2]).ok for path in kept)
    code, out, _ = run(capsys, tree, "--out", tmp_path / "out", "--all-branches")
    assert out.splitlines()[-1] == f"0 runs went into {tmp_path / 'out'}; 3 were there already."


def test_files_whose_names_collide_are_two_runs(logs, tmp_path, capsys):
    put(logs / "a", NAME, LOG.format("ls"))
    put(logs / "b", NAME, LOG.format("pwd"))
    code, _, _ = run(capsys, logs, "--out", tmp_path / "out")
    assert (code, len(list((tmp_path / "out").iterdir()))) == (0, 2)


def test_a_bad_file_stops_no_other_and_is_told(logs, tmp_path, capsys):
    bad = put(logs, "a.transcript.json", '{"meta": {"args_models": []}, "messages": [{"actor": ')
    put(logs, NAME, LOG.format("ls"))
    code, out, err = run(capsys, logs, "--out", tmp_path / "out")
    assert code == 1
    assert err == (
        f"backrooms: {bad}:1: no JSON: Expecting value at column 54. If the file was cut off, get it whole\n"
    )
    assert out.endswith(f"1 run went into {tmp_path / 'out'}; 1 FAILED.\n")


def test_what_is_no_transcript_is_passed_over_in_folders_and_refused_by_name(
    logs, tmp_path, capsys
):
    put(logs, NAME, LOG.format("ls"))
    empty = put(logs, "empty.txt", "")
    notes = put(logs, "notes.md", "just words\n")
    put(logs, "picture.png", "x")
    put(logs, ".hidden.txt", LOG)
    code, out, _ = run(capsys, logs, "--out", tmp_path / "out")
    assert code == 0
    assert out.splitlines()[:1] == [f"skipped {empty}: empty: nothing was said in it."]
    assert out.splitlines()[-1] == (
        f"1 run went into {tmp_path / 'out'}; 2 files hold no transcript; 1 cannot be one by their names."
    )
    code, _, err = run(capsys, empty, notes, "--out", tmp_path / "out")
    assert code == 1
    assert err == (
        f"backrooms: {empty}: empty: nothing was said in it.\n"
        f"backrooms: {notes}: no format is known that looks like this. "
        "`backrooms import --list` names those that are; "
        "`backrooms import --format NAME` insists on one.\n"
    )


def test_a_dry_run_writes_nothing(logs, tmp_path, capsys):
    put(logs, NAME, LOG.format("ls"))
    code, out, _ = run(capsys, logs, "--out", tmp_path / "out", "--dry-run")
    assert (code, (tmp_path / "out").exists()) == (0, False)
    assert out.endswith(f"1 run would go into {tmp_path / 'out'}.\n")


def test_json_has_every_oddity_and_text_the_first(logs, tmp_path, capsys):
    turns = "".join(f"\n### Claude {n} ###\nx\n" for n in (1, 2, 2, 2, 2, 2))
    log = put(logs, NAME, turns)
    _, out, _ = run(capsys, log, "--out", tmp_path / "out", "--dry-run")
    assert out.splitlines()[4].strip() == "and 1 more oddities, all in the run's first event"
    _, out, _ = run(capsys, log, "--out", tmp_path / "out", "--json")
    (told,) = map(json.loads, out.splitlines())
    assert (told["outcome"], told["format"], told["turns"]) == ("imported", "universal", 6)
    assert [oddity["line"] for oddity in told["oddities"]] == [8, 11, 14, 17]
    with read(tmp_path / "out" / told["run"]) as reading:
        first = next(reading)
    assert first.data["imported"]["oddities"] == told["oddities"]


def test_hostile_names_and_words_reach_neither_terminal_nor_path(logs, tmp_path, capsys):
    chat = {"channel": "\x1b[31m../../x", "messages": [{"author": "../\x1b]0;x", "content": "a"}]}
    log = put(logs, "a\x1b[2J.json", json.dumps(chat))
    code, out, _ = run(capsys, log, "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    assert code == 0
    assert "\x1b" not in out
    assert folder.name.startswith("00000000-000000-31m-x-")


def test_our_own_record_comes_in_as_it_is(logs, tmp_path, capsys):
    run(capsys, put(logs, NAME, LOG.format("ls")), "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    record = (folder / "events.jsonl").read_bytes()
    exported = tmp_path / "exported.jsonl"
    exported.write_bytes(record)
    code, _, _ = run(capsys, exported, "--out", tmp_path / "again")
    assert code == 0
    assert (tmp_path / "again" / folder.name / "events.jsonl").read_bytes() == record
    code, out, _ = run(capsys, exported, "--out", tmp_path / "out")
    assert out.startswith(f"{exported}: already imported as {folder.name}\n")
    code, _, _ = run(capsys, folder, "--out", tmp_path / "third")
    assert (tmp_path / "third" / folder.name / "artifacts").is_dir()


def test_a_record_that_was_changed_is_not_taken_in(logs, tmp_path, capsys):
    run(capsys, put(logs, NAME, LOG.format("ls")), "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    changed = (folder / "events.jsonl").read_bytes().replace(b'"ls"', b'"rm"')
    exported = tmp_path / "exported.jsonl"
    exported.write_bytes(changed)
    code, _, err = run(capsys, exported, "--out", tmp_path / "again")
    assert (code, (tmp_path / "again").exists()) == (1, False)
    assert "exported.jsonl:5: not what was written" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "import takes at least one FILE or DIR"),
        (["nowhere.txt"], "there is no file or folder 'nowhere.txt'"),
        (["--format", "tape", "."], "no format 'tape': there are auto, backrooms, universal,"),
    ],
)
def test_misuse_is_a_sentence_and_two(arguments, said, capsys):
    code, _, err = run(capsys, *arguments)
    assert (code, said in err) == (2, True)


def test_the_list_names_every_format_in_a_line(capsys):
    code, out, _ = run(capsys, "--list")
    assert code == 0
    assert (
        out.splitlines()[0]
        == "backrooms           our own events.jsonl: checked, and kept as it is"
    )


def test_an_import_that_was_killed_is_no_run_yet(logs, tmp_path, capsys):
    log = put(logs, NAME, LOG.format("ls"))
    out = tmp_path / "out"
    run(capsys, log, "--out", out)
    (folder,) = out.iterdir()
    folder.rename(out / f".{folder.name}.1.partial")
    code, told, _ = run(capsys, log, "--out", out)
    assert (code, told.splitlines()[0]) == (0, f"{log}: universal, 2 turns -> {folder.name}")


@pytest.mark.parametrize("imported", [{"sha256": ["x"]}, {"sha256": {}, "part": []}, [], "x", None])
def test_a_run_that_says_nonsense_of_where_it_is_from_stops_no_import(
    logs, tmp_path, capsys, imported
):
    log = put(logs, NAME, LOG.format("ls"))
    (tmp_path / "out" / "odd").mkdir(parents=True)
    first = {"seq": 1, "data": {"imported": imported}}
    (tmp_path / "out" / "odd" / "events.jsonl").write_text(json.dumps(first) + "\n")
    assert run(capsys, log, "--out", tmp_path / "out")[0] == 0


def test_two_imports_at_once_make_one_run(logs, tmp_path):
    gathered = gather([put(logs, NAME, LOG.format("ls"))])
    one, other = (Importing(tmp_path / "out") for _ in range(2))  # both have looked by now
    (first,), (second,) = list(one.files(gathered)), list(other.files(gathered))
    assert (first.again, second.again) == (False, True)
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == [first.run] == [second.run]


def test_a_link_that_leads_in_a_circle_is_left_out(logs, tmp_path, capsys):
    put(logs, NAME, LOG.format("ls"))
    (logs / "loop.txt").symlink_to("loop.txt")
    code, out, _ = run(capsys, logs, "--out", tmp_path / "out")
    assert code == 0
    assert out.endswith("; 1 cannot be one by their names.\n")


def test_a_full_disk_is_told_with_the_file(logs, tmp_path, capsys):
    log = put(logs, NAME, LOG.format("ls"))
    (tmp_path / "out").write_text("a file in the folder's place")
    code, _, err = run(capsys, log, "--out", tmp_path / "out")
    assert code == 1
    assert err.startswith(f"backrooms: {log}: Not a directory: {tmp_path}/out/.2024")


def test_what_lies_beside_our_record_is_not_taken_through_a_link(logs, tmp_path, capsys):
    log = put(logs, NAME, LOG.format("ls"))
    run(capsys, log, "--out", tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    (tmp_path / "mine").write_text("mine")
    (folder / "scenario.yaml").symlink_to(tmp_path / "mine")
    run(capsys, folder / "events.jsonl", "--out", tmp_path / "other")
    (taken,) = (tmp_path / "other").iterdir()
    assert sorted(path.name for path in taken.iterdir()) == ["artifacts", "events.jsonl"]


def test_zips_are_found_in_folders(logs, tmp_path, capsys):
    with ZipFile(logs / "backup.zip", "w") as packed:
        packed.writestr("messages.jsonl", "{}")
    with ZipFile(logs / "holiday.zip", "w") as packed:
        packed.writestr("beach.jpg", "x")
    code, out, err = run(capsys, logs, "--out", tmp_path / "out")
    assert (code, err) == (1, "")
    assert out.splitlines()[0].startswith(f"skipped {logs}/backup.zip: a zip that is no archive")
    assert out.endswith("2 files hold no transcript.\n")
