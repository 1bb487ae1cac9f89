import io
import json
import os
import re
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.console import JsonPrinter, PlainPrinter, TerminalPrinter, printer_for
from sandbox.transcript import NO_HASH, Event, encode

HOSTILE = "\x1b]52;c;UFdO\x07 [red]x[/red] [/] :smile: \x9b2J \u202e漢字\U0001f600"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def line(event):
    return encode(event, NO_HASH)[0]


def show(printer, events):
    for event in events:
        printer.show(event, line(event))
    printer.close()


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def test_the_stream_decides_on_the_form():
    pipe, screen, xterm = io.StringIO(), Terminal(), {"TERM": "xterm"}
    assert isinstance(printer_for(pipe, environ=xterm), PlainPrinter)
    assert isinstance(printer_for(pipe, environ={"FORCE_COLOR": "1"}), TerminalPrinter)
    assert isinstance(printer_for(screen, environ=xterm), TerminalPrinter)
    assert isinstance(printer_for(screen, environ={"TERM": "dumb"}), PlainPrinter)
    assert isinstance(printer_for(screen, plain=True, environ=xterm), PlainPrinter)
    assert isinstance(printer_for(screen, json=True, environ=xterm), JsonPrinter)


def test_an_agent_cannot_drive_the_terminal_or_our_markup(terminal):
    show(TerminalPrinter(terminal), [Event(1, "say", "ada", {"text": HOSTILE})])
    written = terminal.getvalue()
    assert re.findall(r"\x1b(?!\[[0-9;]*m)", written) == []
    assert re.sub(r"\x1b\[[0-9;]*m", "", written) == (
        " ada  ␛]52;c;UFdO␇ [red]x[/red] [/] :smile: \ufffd2J \ufffd漢字\U0001f600\n"
    )


def test_no_color_leaves_no_colour(terminal, monkeypatch, run):
    monkeypatch.setenv("NO_COLOR", "1")
    show(TerminalPrinter(terminal), run)
    assert re.findall(r"\x1b\[[0-9;]*3[0-7][0-9;]*m", terminal.getvalue()) == []


@pytest.mark.parametrize("columns", [20, 36, 60, 200])
def test_no_row_is_wider_than_the_terminal(terminal, monkeypatch, run, columns):
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(columns))
    wide = Event(99, "say", "ada", {"text": "漢字" * 90 + " " + "x" * 300})
    show(TerminalPrinter(terminal), [*run, wide])
    rows = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert max(cell_len(row) for row in rows) <= columns
    assert sum(row.count("漢") for row in rows) == 90


def test_wrapped_words_stand_beside_the_name(terminal, run):
    text = "one two three four five six seven eight nine ten eleven twelve"
    show(TerminalPrinter(terminal), [run[0], Event(2, "say", "bo", {"text": text}, "lobby")])
    rows = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert [row.rstrip() for row in rows[-2:]] == [
        " bo   one two three four five six seven eight nine ten",
        "      eleven twelve",
    ]


def test_a_prompt_stands_once_and_a_bar_beside_every_row(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "24")
    intent = {"tool": "shell", "author": "model", "call": "c"}
    call = {"id": "c", "tool": "shell", "args": {"command": "echo one two three"}}
    events = [
        Event(1, "think.done", "ada", {"calls": [call], "text": ""}),
        Event(2, "action.intent", "ada", intent),
        Event(3, "action.result", "ada", {"output": "one two three four", "exit": 0}),
    ]
    show(TerminalPrinter(terminal), events)
    rows = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert [row.rstrip() for row in rows] == [
        " ada  $ echo one two",
        "        three",
        " ada  │ one two three",
        "      │ four",
    ]


def test_a_live_run_has_a_status_line_that_the_next_line_replaces(terminal, run):
    clock = ManualClock()
    printer = TerminalPrinter(terminal, clock)
    printer.opening("Two strangers")
    for event in run[:13]:
        clock.advance(1)
        printer.show(event, line(event))
    clock.advance(60)
    printer.tick()
    last = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).split("\r\x1b[2K")[-1]
    assert last == " turn 2 of 4 · bo has the floor · 1:13 · 1,234 tokens · $0…"

    printer.closing("transcripts/x", "ab" * 32)
    written = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert written.split("\r\x1b[2K")[-1].splitlines() == [
        " transcript transcripts/x",
        f" last hash  {'ab' * 24}",
        f"            {'ab' * 8}",
    ]


def test_plain_lines_go_to_the_pipe_and_talk_beside_it(run):
    out, talk = io.StringIO(), io.StringIO()
    printer = PlainPrinter(out, talk)
    printer.opening("Two strangers")
    printer.progress("Building the guest\x1b.")
    printer.skip(run[0])
    printer.show(run[3], b"")
    printer.tick()
    printer.closing("transcripts/x", "ab")
    assert out.getvalue() == (
        "[1] ada turn: turn 1 of 4\n"
        "[1] engine transcript: transcripts/x\n"
        "[1] engine last-hash: ab\n"
    )
    assert talk.getvalue() == "Building the guest␛.\n"


def test_a_program_gets_the_bytes_of_the_record(run):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    show(JsonPrinter(out, io.StringIO()), run)
    assert out.buffer.getvalue() == b"".join(line(event) for event in run)


def test_json_on_a_terminal_says_the_same_in_safe_letters():
    event = Event(1, "say", "ada", {"text": HOSTILE})
    screen = Terminal()
    show(JsonPrinter(screen, io.StringIO()), [event])
    assert json.loads(screen.getvalue()) == json.loads(line(event))
    assert "\x9b" not in screen.getvalue()

    ascii_pipe = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    show(JsonPrinter(ascii_pipe, io.StringIO()), [event])
    assert json.loads(ascii_pipe.buffer.getvalue()) == json.loads(line(event))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("form", [{}, {"plain": True}, {"json": True}])
def test_a_full_disk_ends_the_printing_and_is_told_once(run, form):
    talk = io.StringIO()
    with Path("/dev/full").open("w", encoding="utf-8") as out:
        printer = printer_for(out, environ={"FORCE_COLOR": "1"}, talk=talk, **form)
        show(printer, run)
        assert printer.gone
        printer.close()
    assert talk.getvalue() == "backrooms: not all could be printed: No space left on device.\n"


@pytest.mark.parametrize("form", [{}, {"plain": True}, {"json": True}])
def test_a_reader_that_goes_away_ends_the_printing_quietly(run, form):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        printer = printer_for(out, environ={"FORCE_COLOR": "1"}, talk=io.StringIO(), **form)
        assert not printer.gone
        show(printer, run)
        assert printer.gone
        printer.closing("x", "y")


@pytest.mark.parametrize("form", [{}, {"plain": True}, {"json": True}])
def test_the_name_of_a_folder_drives_no_terminal_and_stays_in_its_row(form):
    out, talk = io.StringIO(), io.StringIO()
    printer_for(out, environ={"FORCE_COLOR": "1"}, talk=talk, **form).closing("a\x1b]0;x\nb", "ab")
    assert "a\u241b]0;x\u240ab\n" in re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue() + talk.getvalue())
