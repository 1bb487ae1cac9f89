"""What reaches a real terminal while the corpus is played: text, and what the app itself draws with."""

import re
import subprocess
import time

import pytest

from tests.tui.test_hostile import CONTROL, CORPUS
from tests.tui.tmux import Terminal

DRAWN = re.compile(
    rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]"  # CSI: places, colours, modes
    rb"|\x1b[()][0AB]|\x1b[78=>M]"  # character sets, cursor, keypad
    rb"|\x1b\]2;Backrooms\x07"  # the one title
    rb"|\x1b\]22;default\x07"  # the shape of the pointer
    rb"|\x1bP\+q[0-9A-Fa-f;]*\x1b\\|\x1b_G[^\x1b]*\x1b\\"  # questions about what the terminal can
    rb"|[\r\n\x0f]"
)


def quoted(text: str) -> str:
    """A text in YAML's double quotes, whatever it holds."""
    plain = (
        c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}"
        for c in text
    )
    return f'"{"".join(plain)}"'


@pytest.mark.needs("tmux", "nats")
def test_no_control_byte_of_an_agent_is_on_the_wire(terminal: Terminal, tmp_path):
    said = [text for text in CORPUS.values() if not re.search("[\ud800-\udfff]", text)]
    script = ", ".join(quoted(text[:60_000]) for text in said)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "loud.yaml").write_text(
        f"title: Loud\nagents:\n  ada: {{script: [{script}]}}\nlimits: {{turns: {len(said)}}}\n"
    )
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    wire = tmp_path / "wire"
    terminal.tmux("pipe-pane", "-O", f"cat > {wire}")
    terminal.open()
    terminal.until("Loud")
    terminal.press("Enter")
    terminal.until("The run has ended")
    terminal.press("g")
    for _ in range(20):
        terminal.press("PageDown")
        time.sleep(0.05)
    terminal.press("q")
    terminal.until("left with 0")
    terminal.tmux("pipe-pane")
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert terminal.tmux("list-buffers") == ""
    sent = DRAWN.sub(b"", wire.read_bytes()).decode()
    assert "PWNED" not in sent
    assert CONTROL.findall(sent) == []
    folder = next((tmp_path / "transcripts").iterdir())
    flags = subprocess.run(
        ["grep", "-c", "display.escape-codes", folder / "events.jsonl"],
        capture_output=True,
        check=True,
    )
    assert int(flags.stdout) >= 5
