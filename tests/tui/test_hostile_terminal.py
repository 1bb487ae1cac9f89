"""The hostile corpus in a record, through every page in a real terminal: nothing of it is on the wire but as text."""

from pathlib import Path

import pytest

from tests.tui.replay.conftest import write
from tests.tui.test_hostile import CONTROL, CORPUS, events
from tests.tui.test_wire import DRAWN
from tests.tui.tmux import Terminal


def hostile():
    """One run in which everybody says all of it."""
    told = [sample[:4000] for sample in CORPUS.values()]
    first, *_, last = events(" ".join(each[:100] for each in told))
    rooms = {"lobby": {"members": ["ada"], "enter": "anyone", "about": told[0]}}
    yield first.kind, first.actor, None, first.data | {"rooms": rooms}
    yield "agent.joined", "ada", None, {}
    for number, text in enumerate(told, 1):
        yield "turn.offered", "ada", None, {"turn": number, "agent": "ada", "upto": 1}
        for event in events(text)[2:-1]:
            yield event.kind, event.actor, event.room, dict(event.data)
        yield "turn.ended", "ada", None, {"turn": number, "agent": "ada", "reason": text[:20]}
    yield last.kind, last.actor, None, dict(last.data)


@pytest.mark.timeout(300)
@pytest.mark.needs("tmux")
def test_no_page_lets_it_out(terminal, tmp_path):
    runs = tmp_path / "transcripts"
    for name in ("a", "b"):
        run = f"20261121-113908-hostile-{name * 4}"
        write(runs / run, hostile(), run)
    (tmp_path / "scenarios").mkdir()
    bad = 'title: "[/red]"\nabout: "\\e[2J[/]\\u202e"\nagents: {ada: {"\\e]52;c;x\\a": \u202e1}}\n'
    (tmp_path / "scenarios" / "a[b]\u202e.yaml").write_text(bad)
    _walk(terminal, tmp_path / "wire")


def _walk(terminal: Terminal, wire: Path) -> None:
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    terminal.tmux("pipe-pane", "-O", f"cat > {wire}")
    terminal.open()
    terminal.until("a[b]", "line 3")
    terminal.press("e")
    terminal.until("YAML", "problem")
    terminal.press("C-q")
    terminal.until("left with 0")
    terminal.open("replay", "20261121-113908-hostile-aaaa")
    terminal.until("event 0/")
    terminal.press("End")
    terminal.until("AT THE END")
    terminal.press("[", "[")
    terminal.until("PAUSED")
    terminal.press("o")
    terminal.until("was sent", "Shell")
    for _ in range(3):
        terminal.press("Tab")
    terminal.press("Escape")
    terminal.until("PAUSED", "Timeline")
    terminal.press("c")
    terminal.until("choose two runs")
    terminal.press("Enter")
    terminal.until("THE SAME")
    terminal.press("4")
    terminal.until("Flags", "new")
    terminal.press("C-q")
    terminal.until("left with 0")
    terminal.open()
    terminal.until("Scenarios", "line 3")
    terminal.press("3")
    terminal.until("Runs   sort: newest", "2 runs")
    terminal.press("/")
    terminal.until("f1 Help")
    terminal.type("quit")
    terminal.until("quit", "hits")
    terminal.press("C-q")
    terminal.until("left with 0")
    terminal.tmux("pipe-pane")
    sent = DRAWN.sub(b"", wire.read_bytes()).decode()
    assert CONTROL.findall(sent) == []
    assert "UFdORUQ" in sent  # it was there to be seen
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert terminal.tmux("list-buffers") == ""
