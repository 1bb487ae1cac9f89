"""A run gone through by keys: what is shown, and what the status line says."""

import io
import re

import pytest

from sandbox.clock import ManualClock
from sandbox.console.keys import keys_in
from sandbox.console.replay_player import ReplayPlayer
from sandbox.console.screen import TerminalPrinter
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_log import ListLog


class Screen(io.StringIO):
    """A terminal, in which only the last status line stands."""

    encoding = "utf-8"

    def isatty(self):
        return True

    def text(self):
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())
        return re.sub(r"[^\n]*\r\x1b\[2K", "", plain)


class Script:
    """Presses keys one after the other, each when it is waited for; then the end of the terminal."""

    def __init__(self, time, keys):
        self.keys = list(keys)
        self.waits = []
        self._time = time

    def wait(self, seconds):
        self.waits.append(seconds)
        if seconds is not None:
            self._time.advance(seconds)
        return [self.keys.pop(0)] if self.keys else ["eof"]


@pytest.fixture
def shown(run, monkeypatch):
    """What stands on the screen after some keys, and how long was waited for each."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")

    def show(*keys, log=None, start=0, **options):
        time, screen = ManualClock(), Screen()
        clock = ReplayClock(ListLog(run) if log is None else log)
        clock.seek(start)
        script = Script(time, keys)
        printer = TerminalPrinter(screen, time)
        ReplayPlayer(clock, printer, time, script, out=screen, **options).play()
        return screen.text().splitlines(), script.waits

    return show


def test_a_turn_on_shows_it_and_a_turn_back_says_where_we_are(shown):
    lines, waits = shown("right", "right", "left", ".")
    assert waits == [None] * 5
    told = [re.sub("─*$", "", line).rstrip() for line in lines]
    assert " ada  $ ls -1" in told
    assert told[-5:-1] == [
        " ada  to bo: Is anybody here?",
        "      I am ada.",
        "── turn 1 of 3 · event 3 of 26 · 12%",
        "── ada turn 1 of 4",
    ]


def test_a_flag_is_shown_with_what_led_to_it_in_its_turn(shown):
    lines, _ = shown("n", "n")
    at = next(
        n
        for n, line in enumerate(lines)
        if line.startswith("── turn 2 of 3 · event 13 of 26 · 50%")
    )
    assert [line[:30].rstrip() for line in lines[at + 1 : at + 4]] == [
        "── bo turn 2 of 4 ────────────",
        " bo   whispers to ada: Not so",
        " ⚑    contact.cross-model bo (",
    ]
    assert lines[-1] == " paused · there is no flag that way"


def test_a_place_is_typed_and_a_wrong_one_is_said_to_be(shown):
    lines, _ = shown("g", "9", "backspace", "2", "enter")
    assert lines[-2].startswith("── turn 2 of 3 · event 10 of 26 · 38%")
    lines, _ = shown("g", "9", "enter")
    assert lines[-1].endswith("there is no turn 9: the run has 3.")
    lines, _ = shown("g", "2", "escape")
    assert "turn 0 of 3 · event 0 of 26 · 0%" in lines[-1]
    lines, _ = shown("g", "5", "0", "%")
    assert lines[-1].startswith(" go to: 50%_ ")


def test_speed_and_pause_are_told(shown):
    lines, _ = shown("+", "+", "-", "+")
    assert lines[-1].startswith(" paused · 4x · ")
    lines, _ = shown("space", "space", *"+++++++")
    assert lines[-1].startswith(" paused · max · ")


def test_playing_ends_at_the_end_and_the_end_key_lets_one_look(shown):
    lines, waits = shown("space", *["x"] * 50)
    assert waits[-1] is not None
    assert len(waits) < 20
    assert lines[-2].startswith("── the run has ended: turns")
    lines, waits = shown("space", "end", "left", "home")
    assert waits[-1] is None
    assert lines[-2].startswith("── turn 0 of 3 · event 0 of 26 · 0%")


def test_a_run_that_is_still_written_is_followed(shown, run):
    log = ListLog(run[:5])
    later = iter(run[5:9])

    def growing():
        event = next(later, None)
        if event is not None:
            log.append(event)
        return event is not None

    lines, waits = shown("space", "end", *"xxxxxx", log=log, growing=growing)
    assert 0.2 in waits
    assert any(line.startswith(" ada  to bo: Is anybody here?") for line in lines)


def test_keys_are_named_whatever_the_terminal_calls_them():
    assert list(keys_in(b"\x1b[C\x1bOD\x1b[F\x1b[4~\x1b[1;5C q\xc3\xa9\x7f\r\x1b")) == [
        "right", "left", "end", "end", "space", "q", "é", "backspace", "enter", "escape",
    ]  # fmt: skip
    assert list(keys_in(b"\x1b[200~\x01\xff")) == []
    assert list(keys_in(b"\x04")) == ["eof"]
