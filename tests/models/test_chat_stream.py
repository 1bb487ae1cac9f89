"""Reading a server's stream: it may be cut anywhere, and anything may be in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import ModelError
from sandbox.models.chat_stream import ChatStream
from sandbox.models.endpoint import Endpoint
from sandbox.models.provider import Done, TextDelta, ToolCall, Usage
from sandbox.models.sse import LONGEST, EventData, TooLong

IT = Endpoint("http://it.test", "it", "Start it.", "Give it a key.")


def stream(*chunks, end="\n"):
    return "".join(f"data: {json.dumps(chunk)}{end}{end}" for chunk in chunks).encode()


WHOLE = stream(
    {"choices": [{"delta": {"content": "Grüße"}}]},
    {"choices": [{"delta": {"tool_calls": [{"id": "a", "function": {"name": "pass"}}]}}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}},
)


def read(data, *cuts):
    reader, parts, at = ChatStream(IT, "m"), [], 0
    for cut in (*sorted(cuts), len(data)):
        parts += reader.feed(data[at:cut])
        at = cut
    return parts + reader.end(b"asked")


@given(st.lists(st.integers(0, len(WHOLE))))
def test_where_the_network_cuts_does_not_matter(cuts):
    parts = read(WHOLE, *cuts)
    assert parts[:-1] == [TextDelta("Grüße"), ToolCall("a", "pass", {}), Usage(1, 0)]
    assert (parts[-1].stop, parts[-1].sent_bytes) == ("tools", 5)


def test_carriage_returns_comments_and_a_missing_last_line():
    data = b": hello\r\nevent: x\r\n" + WHOLE.replace(b"\n", b"\r\n").removesuffix(b"\r\n\r\n")
    assert read(data) == read(WHOLE)


def test_no_server_counts_without_end():
    usage = {"prompt_tokens": 10**30, "completion_tokens": -1}
    data = stream({"choices": [{"text": "Hi", "finish_reason": "stop"}], "usage": usage})
    assert read(data)[1] == Usage(1 << 53, 0)


def test_a_completion_has_its_words_under_text():
    data = stream({"choices": [{"text": " Hi", "finish_reason": "length"}]})
    parts = read(data)
    assert (parts[0], parts[-1].stop) == (TextDelta(" Hi"), "length")


def test_calls_without_an_index_are_told_apart_by_their_ids():
    def call(**parts):
        return {"choices": [{"delta": {"tool_calls": [parts]}}]}

    data = stream(
        call(id="a", function={"name": "say", "arguments": '{"text"'}),
        call(function={"arguments": ':"x"}'}),
        call(id="b", function={"name": "pass", "arguments": {}}),
        {"choices": [{"finish_reason": "tool_calls"}]},
    )
    assert read(data)[:-1] == [ToolCall("a", "say", {"text": "x"}), ToolCall("b", "pass", {})]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "content",
                    "tool_calls",
                    "usage",
                    "index",
                    "id",
                    "function",
                    "error",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200) | st.lists(json_values, max_size=4).map(lambda v: stream(*v)))
def test_anything_else_is_a_model_error(data):
    try:
        parts = read(data)
    except ModelError:
        return
    assert isinstance(parts[-1], Done)


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_events_are_never_invented(chunks):
    events = EventData()
    found = [data for chunk in chunks for data in events.feed(chunk)] + events.end()
    assert sum(map(len, found)) <= sum(map(len, chunks))


@pytest.mark.parametrize("line", [b"x", b"data: x\n"])
def test_an_event_that_never_ends_is_refused(line):
    events = EventData()
    with pytest.raises(TooLong):
        events.feed(line * LONGEST + b"x")
