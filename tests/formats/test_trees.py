"""Formats with branches or rounds: Arc, Loom, origami."""

import json

import pytest

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import arc, loom, origami


def source(name, whole, **more):
    return Source(name, json.dumps(whole).encode(), **more)


def said(runs):
    return [[(entry.kind, entry.who, entry.text) for entry in run.entries] for run in runs]


def branch(name, parent, content, role="assistant", **more):
    return {"id": name, "parentBranchId": parent, "content": content, "role": role, **more}


ARC = {
    "conversation": {"title": "A talk", "createdAt": "2025-01-01T00:00:00Z"},
    "participants": [
        {"id": "p1", "name": "Ann", "type": "user"},
        {"id": "p2", "name": "Opus", "type": "assistant", "model": "opus", "systemPrompt": "Be."},
    ],
    "messages": [
        {"id": "m1", "activeBranchId": "a", "branches": [branch("a", "root", "hi", "user", participantId="p1")]},
        {
            "id": "m2",
            "activeBranchId": "c",
            "branches": [
                branch("b", "a", "first try", participantId="p2"),
                branch("c", "a", "second", participantId="p2", createdAt="2025-01-01T00:01:00Z",
                       contentBlocks=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "second"}]),
            ],
        },
        {"id": "m3", "activeBranchId": "d", "branches": [branch("d", "c", "psst", "user", privateToUserId="u")]},
    ],
    "version": "1.0",
}  # fmt: skip


def test_arc_follows_what_was_on_the_screen_and_counts_the_rest():
    export = source("export.json", ARC)
    runs = arc.read(export)
    assert arc.looks(export) == 0.95
    assert said(runs) == [
        [
            ("say", "Ann", "hi"),
            ("thought", "Opus", "hm"),
            ("say", "Opus", "second"),
            ("whisper", "User", "psst"),
        ]
    ]
    assert [(p.name, p.model, p.system, p.human) for p in runs[0].parties] == [
        ("Ann", None, None, True),
        ("Opus", "opus", "Be.", False),
        ("User", None, None, True),
    ]
    what = "1 messages are on 1 other branches: --all-branches makes a run of each"
    assert runs[0].oddities == [Oddity(what)]


def test_arc_makes_a_run_of_every_way_on_demand():
    runs = arc.read(source("export.json", ARC, all_branches=True))
    assert [[text for _, _, text in run] for run in said(runs)] == [
        ["hi", "first try"],
        ["hi", "hm", "second", "psst"],
    ]


def test_pyloom_takes_the_way_to_the_selected_node():
    tree = {
        "root": {"id": "r", "text": "", "children": [
            {"id": "a", "text": "Once", "meta": {"source": "prompt"}, "children": [
                {"id": "b", "text": " upon", "generation": {"model": "davinci"}, "children": []},
                {"id": "c", "text": " more", "children": []},
            ]},
        ]},
        "selected_node_id": "b",
    }  # fmt: skip
    (run,) = loom.read(source("tale.json", tree))
    assert run.title == "tale"
    assert [(e.who, e.text) for e in run.entries] == [("prompt", "Once"), ("model", " upon")]
    assert [(p.name, p.model) for p in run.parties] == [("prompt", None), ("model", "davinci")]
    assert run.oddities == [
        Oddity("1 messages are on 1 other branches: --all-branches makes a run of each")
    ]
    runs = loom.read(source("tale.json", tree, all_branches=True))
    assert [[e.text for e in run.entries] for run in runs] == [["Once", " upon"], ["Once", " more"]]


def test_loomsidian_has_flat_nodes_for_each_note():
    nodes = {
        "1": {"text": "a", "parentId": None},
        "2": {"text": "b", "parentId": "1", "lastVisited": 1700000000000},
    }
    state = {"current": "2", "hoisted": [], "nodes": nodes}
    (run,) = loom.read(source("data.json", {"settings": {}, "state": {"note.md": state}}))
    assert (run.title, [entry.text for entry in run.entries]) == ("note.md", ["a", "b"])
    assert run.entries[1].more["last_visited"] == "2023-11-14T22:13:20+00:00"
    assert loom.read(source("x.json", state))[0].entries == run.entries


def test_a_tree_that_bites_its_tail_still_ends():
    nodes = {"1": {"text": "a", "parentId": "2"}, "2": {"text": "b", "parentId": "1"}}
    (run,) = loom.read(source("x.json", {"current": "2", "nodes": nodes}))
    assert [entry.text for entry in run.entries] == ["a", "b"]


RUN = {
    "id": "Oj", "started_at": "2025-04-05T06:00:04Z", "ended_at": "2025-04-05T06:01:16Z",
    "scenario": {"name": "ascii", "system_prompts": {"role1": "Be a clock."}, "stop_patterns": ["^C"]},
    "runtime": {"turn_limit": 1, "speaking_order": ["role2", "role1"]},
    "participants": {"role1": "kimi", "role2": "hermes"},
    "stopped_early": False,
    "messages": [[
        {"role": "role2", "model": "hermes", "content": "", "ended_at": "2025-04-05T06:00:09.302Z",
         "stop_reason": "complete", "attempt": 3},
        {"role": "role1", "model": "kimi", "content": "tick"},
    ]],
}  # fmt: skip


def test_origami_runs_have_rounds_attempts_and_an_end():
    export = source("run.json", RUN)
    (run,) = origami.read(export)
    assert origami.looks(export) == 0.95
    assert (run.title, run.started, run.ended, run.end_reason) == (
        "ascii", "2025-04-05T06:00:04Z", "2025-04-05T06:01:16Z", "turn limit",
    )  # fmt: skip
    assert [(p.name, p.model, p.system) for p in run.parties] == [
        ("role1", "kimi", "Be a clock."),
        ("role2", "hermes", None),
    ]
    tried = {"stop_reason": "complete", "attempt": 3, "model": "hermes"}
    assert run.entries == [
        Entry("say", "role2", "", at="2025-04-05T06:00:09.302Z", turn=1, more=tried),
        Entry("say", "role1", "tick", turn=1, more={"model": "kimi"}),
    ]


def test_a_chain_is_its_parts_in_order():
    runs = origami.read(source("chain.json", {"id": "chain", "parts": [RUN, RUN | {"id": "Pk"}]}))
    assert [(run.more["id"], run.more["part"], run.more["parts"]) for run in runs] == [
        ("Oj", 1, 2),
        ("Pk", 2, 2),
    ]
    with pytest.raises(Unreadable, match="import those"):
        origami.read(source("chain.json", {"parts": [{"id": "Oj"}]}))
