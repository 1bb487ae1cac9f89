"""The command with streams that are closed, full or not UTF-8: a sentence, never a traceback."""

import os
import subprocess
import sys

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore

RUN = "20261121-113908-two-strangers-abcd"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def backrooms(tmp_path):
    store = FileStore(tmp_path / RUN, RUN, ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": "Grüße 漢字", "agents": {"ada": {}}}))
    store.close()

    def call(redirect, *command, **environ):
        line = f'exec "$@" {redirect}'
        program = [sys.executable, "-m", "sandbox.cli", *command, "--dir", str(tmp_path)]
        ran = subprocess.run(
            ["sh", "-c", line, "sh", *program],
            env={**os.environ, **environ},
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in ran.stderr
        return ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode()

    return call


@pytest.mark.parametrize("environ", [ASCII, {"PYTHONIOENCODING": "latin-1"}])
def test_a_stream_that_is_not_utf8_gets_escapes(backrooms, environ):
    code, out, err = backrooms("", "runs", **environ)
    assert (code, err) == (0, "")
    assert "\\u6f22\\u5b57" in out


def test_a_full_disk_is_told(backrooms):
    assert backrooms(">/dev/full", "runs") == (1, "", "backrooms: No space left on device\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("show", "last"), 1),
        (("show", "last", "--json"), 1),
        (("replay", "last"), 1),
        (("search", "title:grusse"), 2),
    ],
)
def test_what_could_not_be_printed_is_no_success(backrooms, command, code):
    what = "backrooms: not all could be printed: No space left on device.\n"
    assert backrooms(">/dev/full", *command) == (code, "", what)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_swallows(backrooms, closed):
    code, _, err = backrooms(closed, "show", "last", "--json")
    assert (code, err) == (0, "")


def test_an_unforeseen_fault_of_the_system_is_one_sentence(backrooms, tmp_path):
    (tmp_path / RUN / "scenario.yaml").mkdir()
    code, out, err = backrooms("", "show", "last", "--saw", "ada")
    assert (code, out) == (1, "") or code == 2
    assert err.startswith("backrooms: ")
    assert err.count("\n") == 1
