"""A recorded reply as parts and failures: what the gateway makes of them is what it made then."""

import pytest

from sandbox.errors import ModelFailed, RateLimited, RequestRefused
from sandbox.models.gateway import LONGEST_ANSWER, gather
from sandbox.models.playback import answer, failure
from sandbox.models.provider import Done, Reasoning, Request, TextDelta, ToolCall, ToolSpec, Usage
from sandbox.transcript.event import Event

SAY = ToolSpec(
    "say", "Says a text.", {"type": "object", "properties": {"text": {"type": "string"}}}
)


def a_request(mode="tools"):
    return Request("m", "ada", 1, 1, "", (), (SAY,), mode)


def recorded(outcome):
    calls = [
        {"id": f"c9-{n}", "tool": c.tool, "args": c.args} for n, c in enumerate(outcome.calls, 1)
    ]
    data = {"text": outcome.text, "calls": calls, "stop": outcome.stop, "money": outcome.money}
    data |= {"tokens_in": outcome.tokens_in, "tokens_out": outcome.tokens_out}
    data |= {"malformed": outcome.malformed} if outcome.malformed else {}
    return Event(9, "think.done", "ada", data)


@pytest.mark.parametrize(
    ("mode", "parts"),
    [
        ("tools", [TextDelta("hi"), Usage(3, 2, 0.5), Done("end")]),
        ("tools", [ToolCall("x", "say", {"text": "a"}), ToolCall("y", "say", {}), Done("tools")]),
        ("tools", [ToolCall("x", "say", '{"text": '), Done("tools")]),
        ("tools", [ToolCall("x", "it's", {"n": 2**80}), Done("tools")]),
        ("tools", [ToolCall("x", "s" * 90, {"text": "y" * LONGEST_ANSWER}), Done("tools")]),
        ("tools", [TextDelta("x" * (LONGEST_ANSWER + 1)), Done("length")]),
        ("json", [TextDelta('{"action": "say", "text": "hi"}'), Done("end")]),
        ("json", [TextDelta("well..."), Done("end")]),
        ("json", [TextDelta("hm"), ToolCall("x", "say", {"text": "a"}), Done("end")]),
        ("talk", [TextDelta('{"action": "say", "text": "hi"}'), Done("length")]),
    ],
)
def test_the_gateway_makes_of_it_what_it_made_then(mode, parts):
    request = a_request(mode)
    then = gather(request, parts)
    now = gather(request, list(answer(recorded(then), request, sent=False)))
    told = [
        (o.text, [(c.tool, c.args) for c in o.calls], o.stop, o.malformed, o.money, o.tokens_in)
        for o in (then, now)
    ]
    assert told[0] == told[1]


def test_reasoning_cache_and_digest_come_again():
    data = {"text": "", "reasoning": "hm", "calls": [], "stop": "refusal", "tokens_in": 9}
    data |= {"tokens_out": 1, "money": None, "cache_read": 4, "cache_write": 5}
    data |= {"sent": {"sha256": "ab", "bytes": 7}}
    done = Event(9, "think.done", "ada", data)
    usage = Usage(9, 1, None, 4, 5)
    parts = list(answer(done, a_request(), sent=True))
    assert parts == [Reasoning("hm"), usage, Done("refusal", "ab", 7)]
    assert list(answer(done, a_request(), sent=False))[-1] == Done("refusal")


@pytest.mark.parametrize(
    ("kind", "passes", "cls", "retry_after"),
    [
        ("RequestRefused", False, RequestRefused, None),
        ("RateLimited", True, RateLimited, 0.0),
        ("RateLimited", False, RateLimited, float("inf")),
    ],
)
def test_a_failure_is_raised_as_it_was(kind, passes, cls, retry_after):
    error = failure(Event(9, "think.failed", "ada", {"error": "no", "kind": kind}), passes=passes)
    assert (type(error), str(error), getattr(error, "retry_after", None)) == (
        cls,
        "no",
        retry_after,
    )


def test_a_kind_of_failure_that_is_not_known_here_keeps_its_name():
    error = failure(Event(9, "think.failed", "ada", {"error": "no", "kind": "Odd"}), passes=False)
    assert (type(error).__name__, isinstance(error, ModelFailed)) == ("Odd", True)
