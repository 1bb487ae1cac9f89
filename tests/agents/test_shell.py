"""The tool ``shell``, with a real /bin/sh."""

import os
import threading

import pytest

from agents.tools import Outcome, perform
from agents.tools.job import Job


@pytest.fixture
def sh(tmp_path):
    """Run a command in a home folder; the outcome, but for its seconds."""

    def run(command, job=None, **args):
        outcome = perform("shell", {"command": command, **args}, str(tmp_path), job or Job())
        assert 0 <= outcome.seconds < 10
        return outcome._replace(seconds=0.0)

    return run


def test_output_and_errors_are_one_text_in_their_order(sh):
    assert sh("echo a; echo b >&2; echo c") == Outcome(ok=True, output="a\nb\nc\n", exit=0)


def test_it_runs_at_home_without_input(sh, tmp_path):
    assert sh("pwd; cat") == Outcome(ok=True, output=f"{tmp_path}\n", exit=0)


def test_a_failure_keeps_its_exit_code(sh):
    assert sh("echo no; exit 7") == Outcome(ok=False, output="no\n", exit=7)
    assert sh("kill -9 $$") == Outcome(ok=False, output="", exit=-9)


def test_bytes_that_are_no_text_are_replaced(sh):
    assert sh(r"printf 'a\377b'") == Outcome(ok=True, output="a\ufffdb", exit=0)


def test_a_long_output_keeps_its_head_and_its_tail(sh):
    outcome = sh("seq 100000")
    assert outcome.cut == 588895 - 16384
    assert outcome.output.startswith("1\n2\n")
    assert f"\n[{outcome.cut} bytes left out]\n" in outcome.output
    assert outcome.output.endswith("\n99999\n100000\n")


def test_at_its_limit_the_whole_group_is_killed(sh, gone):
    outcome = sh("sleep 60 & echo $!; sleep 60", seconds=0.3)
    pid, line = outcome.output.splitlines()
    assert outcome[:4] == (False, f"{pid}\n[stopped after 0.3 s]", None, 0.0)
    assert line == "[stopped after 0.3 s]"
    assert gone(pid)


def test_an_endless_output_meets_its_limit(sh):
    outcome = sh("yes", seconds=0.3)
    assert outcome.exit is None
    assert outcome.output.endswith("y\n[stopped after 0.3 s]")
    assert len(outcome.output) < 17_000


def test_a_command_that_closes_its_output_meets_its_limit(sh):
    assert sh("exec >&- 2>&-; sleep 60", seconds=0.3) == Outcome(
        ok=False, output="[stopped after 0.3 s]"
    )


def test_a_background_process_that_keeps_the_output_open_is_not_waited_for(sh, gone):
    job = Job()
    outcome = sh("sleep 60 & echo $!", job)
    pid = outcome.output.strip()
    assert outcome == Outcome(ok=True, output=f"{pid}\n", exit=0)
    job.end()
    job.interrupt()
    assert not job.is_over()  # it lives on
    job.stop()
    assert gone(pid)


def test_a_group_that_is_gone_is_given_up(sh):
    job = Job()
    sh("true", job)
    assert not job.is_over()
    job.end()
    assert job.is_over()


def test_another_thread_can_stop_it(sh):
    job = Job()
    timer = threading.Timer(0.2, job.interrupt)
    timer.start()
    assert sh("sleep 60", job) == Outcome(ok=False, output="", exit=-9)
    timer.join()


def test_what_was_stopped_before_it_began_is_killed_at_once(sh):
    job = Job()
    job.stop()
    assert sh("sleep 60", job) == Outcome(ok=False, output="", exit=-9)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({}, "'command' must be a text, not None"),
        ({"command": ["ls"]}, "'command' must be a text, not ['ls']"),
        ({"command": "ls", "seconds": 0}, "'seconds' must be a number above 0, not 0"),
        ({"command": "ls", "seconds": True}, "'seconds' must be a number above 0, not True"),
        ({"command": "ls", "seconds": float("nan")}, "'seconds' must be a number above 0, not nan"),
        ({"command": "a\0b"}, "the command cannot be started: embedded null byte"),
    ],
)
def test_arguments_that_cannot_be(args, why, tmp_path):
    assert perform("shell", args, str(tmp_path), Job()) == Outcome(ok=False, output=why)


def test_a_home_that_is_gone(tmp_path):
    home = tmp_path / "gone"
    assert perform("shell", {"command": "ls"}, str(home), Job()) == Outcome(
        ok=False,
        output=f"the command cannot be started: [Errno 2] No such file or directory: '{home}'",
    )


def test_no_descriptor_of_the_agent_is_inherited(sh):
    read, write = os.pipe()
    assert sh("ls /proc/self/fd | wc -l").output.strip() == "4"  # 0, 1, 2 and the folder itself
    os.close(read)
    os.close(write)
