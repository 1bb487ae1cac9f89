"""No file breaks an importer: it is read, or refused in a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Source
from sandbox.transcript.formats.importers import IMPORTERS, importer

SEEDS = {
    "opus_opus_cli_20240102_030405.txt": (
        b"\n### Claude 1 ###\nls\n\n### Claude 2 ###\nx\n\nClaude 2 has ended the conversation with "
        b"^C^C.\n"
    ),
    "a.md": (
        b"### Backrooms Run ###\nTemplate: t\nModels: a, b\nStarted: 2025\n\n### Round 1/2\n\n### A "
        b"1 ###\nx\n\n### Media Agent ###\ny\n"
    ),
    "t.jsonl": b'{"system_prompt": "x", "context": []}\n{"cli": true}\n',
    "m.jsonl": b'{"timestamp": "2025-01-01", "actor": "A", "role": "assistant", "content": "x"}\n',
    "a.transcript.json": (
        b'{"meta": {"args_models": ["a"], "actors": ["A"], "api_models": ["m"]}, "messages": [{"acto'
        b'r": "A", "content": "x"}]}'
    ),
    "conversation_1700000000_scenario_x.txt": (
        b'p\nactors: a,b\nmodels: m,n\ntemp: 1,1\n\n<a-m#SYSTEM>\ns\n\n<a-m#CONTEXT>\n[{"role": "use'
        b'r", "content": "c"}]\n\n<a>\nx\n\n<b>\n\xc3\xa2\n\n\n'
    ),
    "conversation_full.html": (
        b'<div id="conversation"><div class="message assistant"><div class="header"><span class="ai-'
        b'name">AI-1</span></div><div class="content">x<pre><code>y</code></pre></div></div></div>'
    ),
    "conversation.txt": b"AI-1 (m):\n\nx\n\nYou: y\n\nAI-2 (n)\nz\n",
    "s.json": b'[{"role": "assistant", "ai_name": "AI-1", "content": [{"type": "text", "text": "x"}]}]',
    "d.json": (
        b'{"id": 1, "channel": "c", "messages": [{"author": {"name": "a", "bot": true}, "content": "'
        b'x", "timestamp": "2024-01-01"}]}'
    ),
    "c.txt": b"<a> x\n<b> y [id:00ff]\n",
    "i.txt": b"[a](#message)\nx\n",
    "o.json": (
        b'{"participants": {"r": "m"}, "scenario": {"system_prompts": {"r": "s"}}, "messages": [[{"r'
        b'ole": "r", "content": "x"}]]}'
    ),
    "arc.json": (
        b'{"conversation": {}, "participants": [], "messages": [{"activeBranchId": "b", "branches": '
        b'[{"id": "b", "parentBranchId": "root", "content": "x", "role": "user"}]}]}'
    ),
    "loom.json": (
        b'{"root": {"id": "r", "text": "x", "children": [{"id": "c", "text": "y", "children": []}]},'
        b' "selected_node_id": "c"}'
    ),
    "sidian.json": b'{"current": "1", "nodes": {"1": {"text": "x", "parentId": null}}}',
}  # fmt: skip
MINE = [
    "backrooms", "universal", "universal-template", "samhains", "infinite", "liminal", "arc",
    "origami", "loom", "discord", "chapter2",
]  # fmt: skip


def survive(name, data):
    """Every importer looks at it, and reads it or says why not."""
    for format_ in MINE:
        source = Source(name, data)
        assert 0 <= importer(format_).looks(source) <= 1
        runs = read_or_refuse(format_, source)
        json.dumps([dict(run.more) for run in runs])


def read_or_refuse(format_, source):
    try:
        runs = importer(format_).read(source)
    except Unreadable as refused:
        return [] if str(refused).startswith(source.name) else [refused]
    return runs or [format_]


def test_every_format_is_in_the_table():
    assert set(MINE) <= set(IMPORTERS)
    assert [importer(name).NAME for name in IMPORTERS] == list(IMPORTERS)


@pytest.mark.parametrize("name", SEEDS)
def test_a_file_that_ends_anywhere(name):
    for end in range(0, len(SEEDS[name]), 3):
        survive(name, SEEDS[name][:end])


@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_a_file_with_a_byte_changed_or_a_piece_doubled(name, data):
    seed = SEEDS[name]
    at = data.draw(st.integers(0, len(seed) - 1))
    survive(name, seed[:at] + data.draw(st.binary(max_size=4)) + seed[at + 1 :])
    survive(name, seed[:at] + seed[: data.draw(st.integers(0, len(seed)))])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def swapped(value, other, count):
    """The same JSON with its ``count``-th value replaced."""
    left = [count]

    def walk(each):
        left[0] -= 1
        if left[0] == 0:
            return other
        if isinstance(each, dict):
            return {key: walk(inner) for key, inner in each.items()}
        return [walk(inner) for inner in each] if isinstance(each, list) else each

    return walk(value)


@given(st.sampled_from([n for n in sorted(SEEDS) if n.endswith(".json")]), JSON, st.integers(1, 12))
def test_json_of_other_types_than_expected(name, other, count):
    survive(name, json.dumps(swapped(json.loads(SEEDS[name]), other, count)).encode())


def test_json_that_is_nested_too_deep_is_refused():
    survive("loom.json", b'{"root": {"text": "", "children": ' + b"[" * 100_000)
