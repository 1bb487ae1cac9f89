# ruff: noqa: E501 (a table of messages and what is said of each is read line by line)
"""The border: what an agent's message may be, and what is said of one that it may not."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import wire
from agents.wire import Bid, Envelope, Hello, Intent, Peer, Result, ThinkRequest
from sandbox.bus.border import Admitted, admit
from sandbox.errors import BorderError

BODIES = [
    Hello("ada", 12, "3.11.2"),
    ThinkRequest(1, 2),
    ThinkRequest(1, 2, "bid", "a note to myself"),
    Intent(1, "c1", "say", {"text": "hello", "n": [1, 2.5, None, {"x": True}]}),
    Result(1, "c1", ok=True, output="done\n"),
    Result(1, "c1", ok=False, output="\x00\x1b[2J", exit=-9, seconds=1.5, cut=10),
    Bid(3, want=False),
    Peer("psst"),
]


def message(kind="peer", body=None, **more):
    return json.dumps(
        {"id": "a-1", "kind": kind, "body": {"text": "x"} if body is None else body} | more
    )


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.KIND)
def test_what_the_guest_writes_is_admitted_as_it_is(body):
    payload = wire.encode(body, id="ada-1", re="b-2", ts=12.5)
    assert admit(payload) == Admitted(wire.decode(payload), body)


def test_what_this_version_does_not_know_is_kept():
    admitted = admit(message(body={"text": "x", "mood": "blue"}, trace="t").encode())
    assert admitted == Admitted(
        Envelope("peer", "a-1", {"text": "x", "mood": "blue"}, more={"trace": "t"}), Peer("x")
    )


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("", "The message is no JSON: Input is a zero-length, empty document."),
        ("[1]", "The message is no JSON object but of type list."),
        ("{}", "The message is wrong at 'kind': required."),
        (message("turn.offer"), "The message is of a kind that is not an agent's to send."),
        (message("\x1b[2J"), "The message is wrong at 'kind': string should match pattern '^[^\\x00-\\x1f\\x7f]*$'."),
        (message(id=7), "The message is wrong at 'id': should be a valid string."),
        (message(id="x" * 65), "The message is wrong at 'id': string should have at most 64 characters."),
        (message(id="a\0"), "The message is wrong at 'id': string should match pattern '^[^\\x00-\\x1f\\x7f]*$'."),
        (message(body=[]), "The message is wrong at 'body': should be a valid dictionary."),
        (message(v="1"), "The message is wrong at 'v': should be a valid integer."),
        (message("bid", {"turn": "1", "want": True}), "The message 'bid' is wrong at 'turn': should be a valid integer."),
        (message("bid", {"turn": 1, "want": 1}), "The message 'bid' is wrong at 'want': should be a valid boolean."),
        (message("bid", {"turn": 1}), "The message 'bid' is wrong at 'want': required."),
        (message("bid", {"turn": -1, "want": True}), "The message 'bid' is wrong at 'turn': should be greater than or equal to 0."),
        (message("bid", {"turn": 10**30, "want": True}), "The message 'bid' is wrong at 'turn': should be a valid integer."),
        (message("hello", {"agent": "Ada", "pid": 1, "python": "3"}), "The message 'hello' is wrong at 'agent': string should match pattern '^[a-z][a-z0-9-]*$'."),
        (message("think.request", {"turn": 1, "upto": 1, "purpose": "eat"}), "The message 'think.request' is wrong at 'purpose': should be 'act' or 'bid'."),
        (message("think.request", {"turn": 1, "upto": 1, "extra": "x" * 16385}), "The message 'think.request' is wrong at 'extra': string should have at most 16384 characters."),
        (message("peer", {"text": "x" * 65537}), "The message 'peer' is wrong at 'text': string should have at most 65536 characters."),
        (message("action.intent", {"turn": 1, "call": "c", "tool": "t" * 65, "args": {}}), "The message 'action.intent' is wrong at 'tool': string should have at most 64 characters."),
        (message("action.intent", {"turn": 1, "call": "c", "tool": "t", "args": {"x": "y" * 262144}}), "The message 'action.intent' has more than 262144 bytes in 'args'."),
    ],
)  # fmt: skip
def test_what_is_not_admitted_is_said_in_one_sentence(payload, text):
    with pytest.raises(BorderError) as caught:
        admit(payload.encode())
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "payload",
    [
        message().replace('"x"', "NaN"),
        message("action.result", {"turn": 1, "call": "c", "ok": True, "output": "", "seconds": 0}).replace("0}", "1e999}"),
        message().replace('"x"', "-Infinity"),
        message().replace('"x"', '"\\ud800"'),
        message().replace('"x"', '"\\udc00\\ud800"'),
        message() + "x",
        message()[:-1],
        '{"id":' * 3000,
    ],
)  # fmt: skip
def test_json_is_read_strictly(payload):
    with pytest.raises(BorderError, match=r"^The message is no JSON: .*\.$"):
        admit(payload.encode())


def test_bytes_that_are_no_utf8_are_not_admitted():
    with pytest.raises(BorderError, match="is no JSON"):
        admit(b'{"id":"\xff"}')


def test_size_and_depth_end_somewhere():
    with pytest.raises(BorderError) as caught:
        admit(message().encode(), limit=10)
    assert str(caught.value) == "The message has more than 10 bytes."
    deep: object = 0
    for _ in range(64):
        deep = [deep]
    with pytest.raises(BorderError) as caught:
        admit(message(body={"text": "x", "deep": deep}).encode())
    assert str(caught.value) == "The message is nested more than 64 deep."
    flat = message(body={"text": "x", "flat": [[] for _ in range(1000)]})
    assert admit(flat.encode()).body == Peer("x")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_border_error(payload):
    with pytest.raises(BorderError):
        admit(payload)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(sorted({name for body in BODIES for name in body.__slots__}))


@given(st.sampled_from([body.KIND for body in BODIES]), st.dictionaries(names, values), values)
def test_arbitrary_fields_raise_nothing_but_a_border_error(kind, body, ts):
    with contextlib.suppress(BorderError):
        admit(message(kind, body, ts=ts).encode())


@pytest.mark.parametrize(
    "payload",
    [
        "zqzq",
        message("zqzq"),
        message(id="zqzq" * 20),
        message(v="zqzq"),
        message("think.request", {"turn": 1, "upto": 1, "purpose": "zqzq"}),
        message("think.request", {"zqzq": 1}),
        message("hello", {"agent": {"zqzq": 1}, "pid": 1, "python": "3"}),
        message("action.intent", {"turn": 1, "call": "c", "tool": "say", "args": ["zqzq"]}),
        message(body=["zqzq"]),
    ],
)
def test_a_refusal_says_nothing_of_the_agent_s(payload):
    with pytest.raises(BorderError) as caught:
        admit(payload.encode())
    assert "zqzq" not in str(caught.value)


def test_refusals_are_few_however_many_messages_there_are():
    said = set()
    for n in range(200):
        for payload in (
            "x" * n + "[",
            message(f"k{n}"),
            message(id="x" * (100 + n)),
            message(v=f"{n}"),
            message(body=[n]),
        ):
            with pytest.raises(BorderError) as caught:
                admit(payload.encode(), limit=250)
            said.add(str(caught.value))
    assert len(said) < 10
