import os
import stat
from functools import partial
from pathlib import Path

import pytest

from sandbox.errors import BackroomsError, ScenarioError, UsageError
from sandbox.tui.edit.drafts import Drafts, state_folder
from sandbox.tui.edit.outside import edit_outside, editor
from sandbox.tui.edit.source import read_source, same_on_disk, stamp, write_source
from sandbox.tui.edit.yaml_area import exact


@pytest.mark.parametrize(
    "data", [b"title: t\n", b"\xef\xbb\xbftitle: t\r\n", b"", "title: é\n# \U0001f642".encode()]
)
def test_what_is_read_is_written_byte_for_byte(tmp_path, data):
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    source = read_source(path)
    write_source(path, source.text, bom=source.bom)
    assert path.read_bytes() == data


def test_a_link_stays_a_link_and_rights_stay(tmp_path):
    file, link = tmp_path / "file.yaml", tmp_path / "link.yaml"
    file.write_text("a")
    file.chmod(0o640)
    link.symlink_to("file.yaml")
    write_source(link, "b")
    assert (link.is_symlink(), file.read_text()) == (True, "b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.yaml", "link.yaml"]


def test_a_new_file_is_made_with_its_folder(tmp_path):
    path = tmp_path / "scenarios" / "a.yaml"
    write_source(path, "a")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def refused(act) -> str:
    with pytest.raises(ScenarioError) as caught:
        act()
    return str(caught.value)


def test_what_cannot_be_read_says_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_bytes(b"a: 1\nb: \xff\n")
    (tmp_path / "big.yaml").write_bytes(b"x" * ((1 << 20) + 1))
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo("pipe.yaml")
    assert {name: refused(partial(read_source, Path(name))) for name in (
        "bad.yaml", "big.yaml", "loop.yaml", "pipe.yaml", "none.yaml", ".", "a\x00b",
    )} == {
        "bad.yaml": "bad.yaml:2:4: the byte 0xff is no UTF-8. Save the file as UTF-8.",
        "big.yaml": "big.yaml:1:1: the file is larger than 1 MiB. Shorten it.",
        "loop.yaml": "'loop.yaml' cannot be read: Too many levels of symbolic links."
        " Check the name and its permissions.",
        "pipe.yaml": "'pipe.yaml' is no file. Name a YAML file.",
        "none.yaml": "'none.yaml' cannot be read: No such file or directory."
        " Check the name and its permissions.",
        ".": "'.' cannot be read: Is a directory. Check the name and its permissions.",
        "a\x00b": "'a\\x00b' cannot be read: embedded null byte. Check the name and its permissions.",
    }  # fmt: skip


def test_what_cannot_be_written_says_why_and_stays_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    read_only, loop = Path("mine.yaml"), Path("loop.yaml")
    read_only.write_text("a")
    read_only.chmod(0o444)
    loop.symlink_to("loop.yaml")
    assert refused(lambda: write_source(read_only, "b")) == (
        "'mine.yaml' is read-only. Allow it with 'chmod u+w', or save under another name."
    )
    assert "loop.yaml' cannot be written: " in refused(lambda: write_source(loop, "b"))
    assert refused(lambda: write_source(Path("mine.yaml/x.yaml"), "b")) == (
        "'mine.yaml/x.yaml' cannot be written: File exists. What you wrote is still here."
    )
    assert "no file. Save under another name." in refused(lambda: write_source(Path(), "b"))
    assert read_only.read_text() == "a"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loop.yaml", "mine.yaml"]


def test_a_change_on_disk_is_seen(tmp_path):
    path = tmp_path / "a.yaml"
    source = write_source(path, "a")
    assert (same_on_disk(source), stamp(path) is None) == (True, False)
    path.write_text("ab")
    assert not same_on_disk(source)
    path.unlink()
    assert (same_on_disk(source), stamp(path)) == (False, None)


@pytest.mark.parametrize(
    ("text", "is_exact"),
    [("a\nb\n", True), ("a\r\nb", True), ("", True), ("a\r\nb\nc", False), ("a\u2028b\n", False)],
)
def test_line_ends_of_several_kinds_are_noticed(text, is_exact):
    assert exact(text) is is_exact


def test_drafts_are_kept_for_each_file_and_are_nobody_elses(tmp_path):
    drafts = Drafts(tmp_path / "drafts")
    assert drafts.find(None) is None
    assert drafts.keep(None, "new")
    assert drafts.keep(tmp_path / "a.yaml", "a\ud800")
    assert (drafts.find(None), drafts.find(tmp_path / "a.yaml")) == ("new", "a\ud800")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "drafts").iterdir()]
    assert modes == [0o600, 0o600]
    drafts.drop(None)
    drafts.drop(None)
    assert drafts.find(None) is None


def test_a_draft_that_cannot_be_kept_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    drafts = Drafts(tmp_path / "file" / "drafts")
    assert not drafts.keep(None, "x")
    assert drafts.find(None) is None
    drafts.drop(None)


def test_the_state_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "backrooms"


def test_the_readers_own_editor_gets_a_copy_and_gives_it_back(tmp_path, monkeypatch):
    script = tmp_path / "my editor"
    script.write_text('#!/bin/sh\nprintf "more: 1\\n" >> "$1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"'{script}'")
    assert edit_outside("title: t\n", "a.yaml") == "title: t\nmore: 1\n"


@pytest.mark.parametrize(
    ("command", "error", "sentence"),
    [
        ("false", BackroomsError, "'false' ended with 1, so nothing was taken over."),
        (
            'sh -c \'printf "\\377" > "$1"\' -',
            BackroomsError,
            "What the editor left is no UTF-8 or larger than 1 MiB, so nothing was taken over.",
        ),
        ("/not/there", UsageError, "'/not/there' cannot be started: No such file or directory."),
        ("'open", UsageError, "VISUAL cannot be read: a quote is open. Set it anew."),
    ],
)
def test_an_editor_that_fails_takes_nothing_over(command, error, sentence, monkeypatch):
    monkeypatch.setenv("VISUAL", command)
    with pytest.raises(error) as caught:
        edit_outside("title: t\n", "a.yaml")
    assert str(caught.value).startswith(sentence)


def test_without_an_editor_it_says_what_to_set(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    for variable in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match="There is no editor"):
        editor()
