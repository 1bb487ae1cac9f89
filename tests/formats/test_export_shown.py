"""What is shown elsewhere: on GitHub, in a terminal's recording, as a picture, in Inspect."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore
from sandbox.transcript.formats.exporters import Part, Source, export
from sandbox.transcript.formats.exporters.md import fence, inline

DEMO = Path(__file__).parents[2] / "transcripts" / "samples" / "demo"
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\x00 ```\n</details>\n# Heading\n@somebody <b>x</b>"
)


def exported(form, folder=DEMO, part=None, suffix=""):
    out = io.BytesIO()
    export(Source(folder, part), form, out, suffix=suffix)
    return out.getvalue()


@pytest.fixture
def hostile(tmp_path):
    """A run in which every text is hostile."""
    store = FileStore(tmp_path / "run", "a-run", ManualClock(), "process")
    agents = {"ada": {"model": HOSTILE, "tools": [HOSTILE]}}
    call = {"id": "c1", "tool": "shell", "args": {"command": HOSTILE}}
    for event in (
        Event(1, "run.started", "engine", {"title": HOSTILE, "agents": agents, "tier": HOSTILE}),
        Event(2, "turn.offered", "ada", {"turn": 1, "agent": "ada"}),
        Event(3, "think.done", "ada", {"turn": 1, "text": HOSTILE, "calls": [call]}),
        Event(4, "action.intent", "ada", {"turn": 1, "call": "c1", "tool": "shell"}, parent=3),
        Event(5, "action.result", "ada", {"call": "c1", "tool": "x", "output": HOSTILE}, parent=4),
        Event(6, "say", "ada", {"text": HOSTILE, "to": HOSTILE}, HOSTILE, "room"),
        Event(7, "whisper", HOSTILE, {"text": HOSTILE, "to": HOSTILE}, "lobby", ("ada",)),
        Event(8, "gate.refused", "ada", {"what": HOSTILE, "topic": HOSTILE, "sample": HOSTILE}),
        Event(9, "flag", "watch", {"id": HOSTILE, "title": HOSTILE, "evidence": [6]}),
        Event(10, "run.ended", "engine", {"reason": HOSTILE, "detail": HOSTILE}),
    ):
        store.append(event)
    store.close()
    return tmp_path / "run"


@given(st.text(st.sampled_from("`~ a\n\r\x00\u202e")))
def test_no_text_closes_its_fence(text):
    first, *held, last = fence(text).split("\n")
    marks = first.removesuffix("text")
    assert last == marks
    assert set(marks) == {"`"}
    assert not any(line.strip().startswith(marks) for line in held)


@given(st.text(st.sampled_from("`a <>*_#[]\n\u202e")))
def test_no_text_within_a_line_is_markdown(text):
    shown = inline(text)
    assert "\n" not in shown
    if re.search(r"[^A-Za-z0-9 ]", shown):
        marks = re.match("`+", shown)[0]
        assert shown.endswith(marks)
        inner = shown[len(marks) : -len(marks)]
        assert len(marks) not in map(len, re.findall("`+", inner))


def test_md_holds_hostile_words_in_fences_alone(hostile):
    shown = exported("md", hostile).decode()
    outside, fences = [], ""
    for line in shown.split("\n"):
        marks = re.match("`{3,}", line)
        if fences:
            fences = "" if line == fences else fences
        elif marks:
            fences = marks[0]
        else:
            outside.append(re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)|<code>.*?</code>", "", line))
    left = "\n".join(outside)
    assert "somebody" not in left
    assert "<b>" not in left
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown) is None
    assert left.count("<details>") == left.count("</details>") == 2


def test_md_of_the_demonstration_reads_as_it_should():
    shown = exported("md", part=Part(5, 5)).decode()
    assert shown[shown.index("## Turn 5") :] == (
        "## Turn 5\n\n**bo** whispers to clerk\n\n```text\nBetween us. Who wrote the rules?\n```\n"
        "\n*bo* passes\n"
    )


def test_cast_is_an_asciicast_of_version_2(hostile):
    header, *events = map(json.loads, exported("cast", hostile).splitlines())
    assert header == {
        "version": 2,
        "width": 100,
        "height": 30,
        "timestamp": 1_700_000_000,
        "title": header["title"],
    }
    assert [kind for _, kind, _ in events if kind != "o"] == ["m", "m"]
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    text = "".join(data for _, kind, data in events if kind == "o")
    # Of all that a terminal obeys there are line ends and colours.
    plain = re.sub("\x1b\\[[0-9;]*m|\r\n", "", text)
    assert re.search("[\x00-\x1f\x7f-\x9f\u202e]", plain) is None
    assert "owned" in plain


def test_cast_cuts_long_silences(tmp_path):
    clock = ManualClock()
    store = FileStore(tmp_path / "run", "a-run", clock, "process")
    store.append(Event(1, "run.started", "engine", {"title": "A run"}))
    clock.advance(3600)
    store.append(Event(2, "say", "ada", {"text": "at last"}, "lobby", "room"))
    store.close()
    assert json.loads(exported("cast", tmp_path / "run").splitlines()[-1])[0] == 2.0


@pytest.mark.parametrize("part", [None, Part(7, 7)])
def test_svg_is_a_picture_that_fetches_nothing(part):
    picture = exported("svg", part=part).decode()
    ET.fromstring(picture)
    without_comments = re.sub("<!--.*?-->", "", picture, flags=re.DOTALL)
    assert re.findall(r"https?:[^\"]+|@import|@font-face", without_comments) == [
        "http://www.w3.org/2000/svg"
    ]


def test_svg_of_hostile_text_is_xml_without_scripts(hostile):
    tree = ET.fromstring(exported("svg", hostile).decode())
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert tags <= {"svg", "style", "defs", "clipPath", "rect", "circle", "g", "text"}


@pytest.mark.parametrize("suffix", [".json", ".eval"])
def test_inspect_logs_are_the_same_bytes_each_time(suffix):
    assert exported("inspect", suffix=suffix) == exported("inspect", suffix=suffix)


def test_an_inspect_sample_is_what_one_agent_heard_and_did():
    log = json.loads(exported("inspect"))
    bo = log["samples"][1]
    assert [(m["role"], m["content"]) for m in bo["messages"]][1:4] == [
        ("user", "ada: Does anybody else hear the lights?"),
        ("assistant", [{"type": "text", "text": "B flat. It has been B flat since I woke up."}]),
        ("user", "clerk: Visitors must sign the book. There is no book."),
    ]
    whisper = bo["messages"][6]
    assert whisper == {
        "id": "event-45",
        "role": "tool",
        "content": "Whispered to clerk.",
        "tool_call_id": "c42-1",
        "function": "whisper",
    }
    assert {s["id"]: s["scores"]["contact.cross-model"]["value"] for s in log["samples"]} == {
        "ada": 1,
        "bo": 0,
        "clerk": 0,
    }


@pytest.mark.needs("inspect")
@pytest.mark.parametrize("suffix", [".json", ".eval"])
def test_inspect_reads_the_log_itself(tmp_path, hostile, suffix):
    for number, folder in enumerate((DEMO, hostile)):
        file = tmp_path / f"{number}{suffix}"
        file.write_bytes(exported("inspect", folder, suffix=suffix))
        done = subprocess.run(
            [shutil.which("inspect"), "log", "dump", str(file)],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        read = json.loads(done.stdout)
        written = json.loads(exported("inspect", folder))
        for theirs, ours in zip(read["samples"], written["samples"], strict=True):
            assert theirs["id"] == ours["id"]
            assert len(theirs["events"]) == len(ours["events"])
            assert [m["content"] for m in theirs["messages"]] == [
                m["content"] for m in ours["messages"]
            ]
