"""What is no transcript is not taken for one, whatever words it has; and forms that come in disguise."""

import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from sandbox.errors import Unreadable
from sandbox.transcript.formats.detect import formats_of
from sandbox.transcript.formats.exporters import Part, export
from sandbox.transcript.formats.exporters import Source as Exported
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.gather import gather
from sandbox.transcript.formats.importers import arc, loom, swe_agent
from sandbox.transcript.formats.importers.universal_name import log_name
from sandbox.transcript.formats.importing import Failed, Imported, Importing, Skipped

SAMPLES = Path(__file__).parents[2] / "transcripts" / "samples"
PAGE = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>x</title>\n</head>\n<body>\n</body>\n</html>\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.html", PAGE),
        ("index.txt", PAGE),
        ("README.md", '<p align="center">\n<img src="a">\n</p>\n\n# A tool\n\nSay <b> so.\n'),
        ("README.md", "<div>\n\n# A tool\n\n</div>\n"),
        ("mails.md", "<email>\nFrom: a\nTo: b\n</email>\n\n<email>\nFrom: b\nTo: a\n</email>\n"),
        ("dataset_info.json", json.dumps({"features": {"messages": [
            {key: {"dtype": "string", "_type": "Value"} for key in ("content", "role")}
        ]}})),
        ("dataset.json", json.dumps([{"input": [{"role": "user", "content": "a"}], "target": "b"}])),
        ("openapi.json", json.dumps({"properties": {k: {"type": "string"} for k in (
            "trajectory", "action", "observation", "thought", "history", "role", "agent", "messages",
        )}, "description": "of mini-swe-agent"})),
        ("events.json", json.dumps({"messages": [], "branches": [], "parent": "activeBranchId"})),
        ("notes.json", json.dumps([{"text": '"trajectory": [{ "action": "observation": "thought":'}])),
    ],
)  # fmt: skip
def test_pages_descriptions_and_data_sets_are_no_transcripts(name, text):
    assert formats_of(Source(name, text.encode())) == []


def test_a_guess_that_was_wrong_is_no_fault_of_a_folder_but_of_a_file_that_was_named(tmp_path):
    torn = tmp_path / "in" / "x.json"
    torn.parent.mkdir()
    torn.write_text('[{"role": "user", "content": "a"}, {"role"')
    (found,) = Importing(tmp_path / "out").files(gather([torn.parent]))
    (named,) = Importing(tmp_path / "out").files(gather([torn]))
    assert found == Skipped(str(torn), f"{torn}: no format is known that looks like this")
    assert isinstance(named, Failed)
    assert named.why.startswith(f"{torn}:1: no JSON: ")


@pytest.mark.parametrize("part", [None, Part(1, 2)])
@pytest.mark.parametrize(
    ("form", "what"),
    [("html", "page"), ("md", "Markdown"), ("txt", "plain text"), ("csv", "table"),
     ("cast", "recording"), ("inspect", "Inspect log"), ("svg", "picture")],
)  # fmt: skip
@pytest.mark.parametrize("sample", ["demo", "demo-talk-only", "two-strangers"])
def test_what_we_exported_ourselves_is_named_so_with_what_to_import_instead(
    sample, form, what, part, tmp_path
):
    for name in (f"run.{form}", "pasted.txt"):
        out = io.BytesIO()
        export(Exported(SAMPLES / sample, part), form, out)
        file = tmp_path / name
        file.write_bytes(out.getvalue())
        (outcome,) = Importing(tmp_path / "out").files(gather([file]))
        assert outcome == Failed(
            str(file),
            f"{file}: Backrooms' own export of a run ({what}), made to be read. What can be imported "
            "is the run's events.jsonl, which `backrooms export RUN --format jsonl` writes too",
        )


def test_a_file_that_git_lfs_has_not_fetched_is_told_so(tmp_path):
    file = tmp_path / "in" / "run.eval"
    file.parent.mkdir()
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    (outcome,) = Importing(tmp_path / "out").files(gather([file.parent]))
    assert outcome == Skipped(
        str(file),
        f"{file}: a pointer of Git LFS, which stands in the place of a file that was not fetched. "
        "`git lfs pull` fetches it",
    )


def test_a_zip_of_something_else_is_told_what_to_do_with(tmp_path):
    packed = tmp_path / "logs.zip"
    with ZipFile(packed, "w") as zipped:
        zipped.writestr("log.txt", "### Claude 1 ###\nhi\n")
    (outcome,) = Importing(tmp_path / "out").files(gather([packed]))
    assert outcome == Failed(
        str(packed),
        f"{packed}: a zip that is no log of Inspect's and no archive of agentchattr's. "
        "Unpack it and import the folder.",
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_json_as_utf_16_is_read_and_the_file_kept_as_it_is(tmp_path, encoding):
    thread = {"channel": "café", "messages": [{"author": "ann", "content": "hi \U0001f914"}]}
    file = tmp_path / "thread.json"
    file.write_bytes(("\ufeff" + json.dumps(thread, ensure_ascii=False)).encode(encoding))
    (outcome,) = Importing(tmp_path / "out").files(gather([file]))
    assert isinstance(outcome, Imported)
    assert (outcome.format, outcome.oddities) == ("discord", [])
    run = tmp_path / "out" / outcome.run
    assert '"hi \U0001f914"' in (run / "events.jsonl").read_text("utf-8")
    assert [f.read_bytes() for f in run.glob("artifacts/*/*")] == [file.read_bytes()]


@pytest.mark.parametrize(
    ("name", "models", "template"),
    [
        ("opus_opus_cli_20240102_030405.txt", ["opus", "opus"], "cli"),
        ("A_TITLE_1989_hermes_hermes_roleplay_20240102_030405.txt", ["hermes", "hermes"], "roleplay"),
        ("FROG_opus4_opus4_dreamsim3_20240102_030405 copy.txt", ["opus4", "opus4"], "dreamsim3"),
        ("new_newer_opus_20240102_030405 (2).txt", ["new", "newer"], "opus"),
    ],
)  # fmt: skip
def test_a_title_before_the_models_is_no_model(name, models, template):
    named = log_name(name)
    assert named is not None
    assert (named.split(2), named.started) == ((models, template), "2024-01-02T03:04:05")


def test_one_message_of_arc_is_a_conversation():
    branch = {"id": "b", "content": "hi", "role": "user", "createdAt": "2024-01-01T00:00:00Z"}
    message = {"id": "m", "branches": [branch], "activeBranchId": "b", "order": 0}
    source = Source("one.json", json.dumps({"message": message}).encode())
    (run,) = arc.read(source)
    assert arc.looks(source) == 0.95
    assert [(entry.who, entry.text) for entry in run.entries] == [("User", "hi")]


def test_a_conversation_of_clooi_follows_its_last_message():
    def message(name, parent, role, words, **more):
        return {"id": name, "parentMessageId": parent, "role": role, "message": words, **more}

    held = {
        "id": "c",
        "name": "mu",
        "messages": [
            message("1", "none", "User", "hi"),
            message("2", "1", "Assistant", "one"),
            message("3", "1", "Assistant", "two\n", type="message", unvisited=True),
        ],
    }
    source = Source("c.json", json.dumps(held).encode())
    (run,) = loom.read(source)
    assert loom.looks(source) == 0.9
    assert run.entries == [
        Entry("say", "User", "hi", more={"node": "1"}),
        Entry("say", "Assistant", "two\n", more={"node": "3", "type": "message"}),
    ]
    assert (run.title, run.more) == ("mu", {"id": "c", "end_node": "3"})
    assert run.oddities == [
        Oddity("1 messages are on 1 other branches: --all-branches makes a run of each")
    ]


def test_calls_reasoning_and_settings_of_the_small_agent_are_kept():
    reply = {"created": 1759500000, "choices": [{"message": {"reasoning": "hm"}}]}
    config = {"model": {"model_name": "m", "model_kwargs": {"temperature": 0}}}
    two = [{"command": "a", "tool_call_id": "x"}, {"command": "b", "tool_call_id": "y"}]
    held = {
        "info": {"exit_status": "Submitted", "config": config},
        "instance_id": "i-1",
        "trajectory_format": "mini-swe-agent-1.1",
        "messages": [
            {"role": "assistant", "content": None, "extra": {"response": reply, "actions": two}},
            {
                "role": "tool",
                "tool_call_id": "y",
                "content": "part",
                "extra": {"raw_output": "all"},
            },
            {"role": "tool", "tool_call_id": "x", "content": "all", "extra": {"raw_output": "all"}},
        ],
    }
    (run,) = swe_agent.read(Source("i-1.traj.json", json.dumps(held).encode()))
    assert [(e.kind, e.text, dict(e.more)) for e in run.entries] == [
        ("thought", "hm", {"part": "reasoning"}),
        ("thought", "", {}),
        ("action", "a", {"call": "x"}),
        ("action", "b", {"call": "y"}),
        ("result", "part", {"raw_output": "all", "call": "y"}),
        ("result", "all", {"call": "x"}),
    ]
    assert {entry.at for entry in run.entries[:4]} == {"2025-10-03T14:00:00+00:00"}
    assert run.more == {
        "trajectory_format": "mini-swe-agent-1.1", "instance_id": "i-1", "config": config,
    }  # fmt: skip


def test_trees_of_other_programs_are_read_as_far_as_they_tell_their_parents():
    flat = {
        "version": "1.0",
        "root": "1",
        "currentNodeId": "2",
        "nodes": {
            "1": {"id": "1", "text": "Once", "parent": None, "children": ["2"],
                  "metadata": {"model": None}},
            "2": {"id": "2", "text": " upon", "parent": "1", "children": [],
                  "metadata": {"model": "m-1"}},
        },
    }  # fmt: skip
    listed = {
        "nodes": [
            {"id": "1", "parent_id": None, "message": {"role": "user", "content": "hi"}},
            {"id": "2", "parent_id": "1", "message": {"role": "assistant", "content": "text"}},
        ]
    }
    runs = [loom.read(Source("t.json", json.dumps(tree).encode()))[0] for tree in (flat, listed)]
    assert formats_of(Source("t.json", json.dumps(flat).encode())) == [(0.85, "loom")]
    assert [[(entry.who, entry.text) for entry in run.entries] for run in runs] == [
        [("text", "Once"), ("model", " upon")],
        [("user", "hi"), ("assistant", "text")],
    ]
    assert [party.model for party in runs[0].parties] == [None, "m-1"]


def test_a_graph_without_words_is_no_tree():
    graph = {"nodes": [{"id": "1", "parent": None}, {"id": "2", "parent": "1"}]}
    with pytest.raises(Unreadable):
        loom.read(Source("g.json", json.dumps(graph).encode()))


def test_a_saved_state_of_clooi_ends_where_it_stood():
    def message(name, parent, words):
        return {"id": name, "parentMessageId": parent, "role": "Claude", "message": words}

    messages = [message("1", "none", "a"), message("2", "1", "b"), message("3", "1", "c")]
    held = {
        "name": "den",
        "conversationData": {"conversationId": "x", "parentMessageId": "2"},
        "conversation": {"messages": messages, "createdAt": 5},
    }
    (run,) = loom.read(Source("den.json", json.dumps(held).encode()))
    assert [entry.text for entry in run.entries] == ["a", "b"]
    assert (run.title, run.more) == ("den", {"createdAt": 5, "end_node": "2"})
