"""Where two requests part."""

from dataclasses import replace

import pytest

from sandbox.models.desync import differs
from sandbox.models.provider import ChatTurn, Request, ToolCall, ToolSpec

RUN = "20261121-113908-two-doors-abcd"


def a_request(call="c9-1", to="bo", **changes):
    turns = (
        ChatTurn("user", "bo: hello"),
        ChatTurn("assistant", "", (ToolCall(call, "whisper", {"to": to}),)),
        ChatTurn("tool", f"Whispered to {to}.", call_id=call),
    )
    return replace(Request("m", "ada", 3, 1, "You are ada.", turns), **changes)


@pytest.mark.parametrize(
    ("now", "where"),
    [
        (a_request(), None),
        (a_request(call="c12-1"), None),
        (a_request(model="other", agent="zoe", options={"base_url": "http://a"}), None),
        (a_request(turn=4), "the turn: then 3, now 4"),
        (a_request(purpose="bid"), "the purpose: then act, now bid"),
        (
            a_request(system="You are bo."),
            "the system prompt, at character 9: then 'You are ada.', now 'You are bo.'",
        ),
        (
            a_request(to="cy"),
            "message 2, its calls: then [['whisper', {'to': 'bo'}]], now [['whisper', {'to': 'cy'}]]",
        ),
        (
            a_request(turns=a_request().turns[:2]),
            "the number of messages: then 3, now 2; message 3 is 'Whispered to bo.'",
        ),
        (
            a_request(turns=(*a_request().turns[:2], ChatTurn("user", "hm"))),
            "message 3: then tool, now user",
        ),
        (
            a_request(turns=(*a_request("c1").turns[:2], a_request("c2").turns[2])),
            "message 3: it is the result of another call",
        ),
        (a_request(tools=(ToolSpec("say", "", {}),)), "the tools: then none; now say"),
        (a_request(temperature=0.5), "temperature: then None, now 0.5"),
    ],
)
def test_the_first_difference_is_named(now, where):
    assert differs(a_request(), now) == where


def test_the_id_of_another_run_with_the_same_title_is_the_same():
    then = a_request(turns=(ChatTurn("user", f"sent to br/{RUN}/in/bo"),))
    other = "20271231-000000-two-doors-zzz2"
    now = a_request(turns=(ChatTurn("user", f"sent to br/{other}/in/bo"),))
    assert differs(then, now, RUN) is None
    strange = a_request(turns=(ChatTurn("user", "sent to br/20271231-000000-else-zzz2/in/bo"),))
    assert differs(then, strange, RUN) is not None
