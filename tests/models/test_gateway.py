"""What the gateway makes of a model's answer."""

import pytest

from sandbox.models.gateway import LONGEST_ANSWER, Outcome, gather
from sandbox.models.provider import Done, Request, TextDelta, ToolCall, ToolSpec, Usage

SAY = ToolSpec("say", "Says a text.", {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
})  # fmt: skip


def a_request(mode="tools"):
    return Request("m", "ada", 1, 1, "", (), (SAY,), mode)


def test_parts_become_one_answer():
    parts = [TextDelta("Hel"), TextDelta("lo"), Usage(3, 2, 0.5), Done("end", "ab", 9)]
    assert gather(a_request(), parts) == Outcome(
        text="Hello",
        stop="end",
        tokens_in=3,
        tokens_out=2,
        money=0.5,
        sent_sha256="ab",
        sent_bytes=9,
    )


def test_in_mode_json_the_text_is_read_as_an_action():
    outcome = gather(a_request("json"), [TextDelta('{"action": "say", "text": "hi"}'), Done("end")])
    assert [(c.tool, c.args) for c in outcome.calls] == [("say", {"text": "hi"})]
    assert outcome.malformed is None


def test_what_is_no_action_is_malformed_and_its_text_is_kept():
    outcome = gather(a_request("json"), [TextDelta("well..."), Done("end")])
    assert (outcome.text, outcome.calls) == ("well...", ())
    assert outcome.malformed


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ('{"text": ', "the arguments of 'say' are no JSON object"),
        ({"text": "\ud800"}, "the arguments of 'say' hold something that is no JSON"),
        ({"text": 2**80}, "the arguments of 'say' hold something that is no JSON"),
        (
            {"text": "x" * LONGEST_ANSWER},
            f"the arguments of 'say' are longer than {LONGEST_ANSWER} characters",
        ),
    ],
)
def test_arguments_that_cannot_travel_are_malformed(args, reason):
    outcome = gather(a_request(), [ToolCall("1", "say", args), Done("tools")])
    assert (outcome.calls, outcome.malformed) == ((), reason)


def test_a_number_that_json_has_not_becomes_null():
    outcome = gather(a_request(), [ToolCall("1", "say", {"text": float("nan")}), Done("tools")])
    assert outcome.calls[0].args == {"text": None}


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert gather(a_request(), [TextDelta("a\ud800b"), Done("end")]).text == "a?b"


def test_an_answer_that_is_too_long_is_malformed():
    outcome = gather(a_request(), [TextDelta("x" * (LONGEST_ANSWER + 1)), Done("end")])
    assert outcome.malformed == f"it is longer than {LONGEST_ANSWER} characters"


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ([ToolCall("1", "x" * 65, {})], f"{'x' * 60!r} is no name of an action"),
        ([ToolCall("1", "a\nb", {})], "'a\\nb' is no name of an action"),
        (
            [ToolCall(str(n), "say", {"text": "x"}) for n in range(90)],
            "it asks for more than 16 actions at once",
        ),
    ],
)
def test_calls_that_cannot_travel_are_malformed(calls, reason):
    outcome = gather(a_request(), [*calls, Done("tools")])
    assert outcome.calls == ()
    assert outcome.malformed[:40] == reason[:40]


def test_arguments_nested_too_deeply_are_malformed():
    nested = []
    for _ in range(40):
        nested = [nested]
    outcome = gather(a_request(), [ToolCall("1", "say", {"text": nested}), Done("tools")])
    assert outcome.malformed == "the arguments of 'say' are nested deeper than 32 levels"


def test_of_an_endless_answer_the_beginning_is_kept():
    outcome = gather(a_request(), [TextDelta("x" * 5_000_000), Done("end")])
    assert len(outcome.text) == LONGEST_ANSWER
