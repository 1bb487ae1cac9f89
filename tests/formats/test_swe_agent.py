"""SWE-agent and mini-swe-agent: trajectories."""

import json

import pytest

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import swe_agent

HISTORY = [
    {"role": "system", "content": "Be brief.", "agent": "main", "message_type": "system_prompt"},
    {"role": "user", "content": "An example.", "agent": "main", "is_demo": True},
    {"role": "user", "content": [{"type": "text", "text": "Fix it."}], "agent": "main"},
    {"role": "assistant", "content": "Look.\n```\nls\n```", "thought": "Look.\n", "action": "ls\n",
     "agent": "main"},
    {"role": "user", "content": "a.py\n$", "agent": "main"},
]  # fmt: skip
STEP = {"action": "ls\n", "observation": "a.py", "response": "Look.\n```\nls\n```",
        "thought": "Look.\n", "state": '{"working_dir": "/w"}', "execution_time": 0.5}  # fmt: skip


def read(held, name="runs/fix.traj"):
    source = Source(name, json.dumps(held).encode())
    assert swe_agent.looks(source) >= 0.9
    return swe_agent.read(source)


def test_a_step_is_a_thought_an_action_and_a_result():
    (run,) = read(
        {
            "environment": "swe_main",
            "trajectory": [STEP, {**STEP, "action": "", "observation": "", "thought": "done"}],
            "history": HISTORY,
            "info": {"exit_status": "submitted", "submission": "diff", "model_stats": None},
            "replay_config": json.dumps({"agent": {"model": {"name": "m-1"}}}),
        }
    )
    state = {"execution_time": 0.5, "state": STEP["state"]}
    response = {"response": STEP["response"]}
    assert run.entries == [
        Entry("operator", "user", "Fix it."),
        Entry("thought", "main", "Look.\n", turn=1, more=response),
        Entry("action", "main", "ls\n", turn=1, tool="shell", args={"command": "ls\n"}),
        Entry("result", "main", "a.py", turn=1, tool="shell", more=state),
        Entry("thought", "main", "done", turn=2, more=response),
    ]
    assert run.parties == [Party("main", "m-1", "Be brief."), Party("user")]
    assert run.seed_context == [
        Entry("operator", "demonstration", "An example.", more={"role": "user"})
    ]
    assert (run.title, run.end_reason, run.oddities) == ("fix", "submitted", [])
    assert run.more == {
        "environment": "swe_main",
        "replay_config": json.dumps({"agent": {"model": {"name": "m-1"}}}),
        "submission": "diff",
        "state": STEP["state"],
    }


def test_a_history_alone_is_read_and_that_is_said():
    (run,) = read({"history": HISTORY}, "demo.traj.json")
    assert [(e.kind, e.text, e.turn) for e in run.entries] == [
        ("operator", "Fix it.", None),
        ("thought", "Look.\n", 1),
        ("action", "ls\n", 1),
        ("result", "a.py\n$", 1),
    ]
    assert run.oddities == [
        Oddity("no steps: thoughts, commands and answers are from the history"),
        Oddity("no exit status: the run was cut off, or goes on"),
    ]


def test_each_attempt_is_a_run_and_the_chosen_one_is_marked():
    one = {"trajectory": [STEP], "history": HISTORY, "info": {"exit_status": "exit_cost"}}
    two = {"trajectory": [STEP, STEP], "history": HISTORY, "info": {"exit_status": "submitted"}}
    runs = read({"attempts": [one, two], **two, "info": {"best_attempt_idx": 1}})
    assert [(run.title, run.end_reason, run.more.get("chosen")) for run in runs] == [
        ("fix, attempt 1", "exit_cost", None),
        ("fix, attempt 2", "submitted", True),
    ]


def test_commands_of_the_small_agent_stand_beside_or_within_its_words():
    def message(role, content, **extra):
        return {"role": role, "content": content, "extra": extra}

    held = {
        "info": {"mini_version": "2.0", "exit_status": "Submitted",
                 "config": {"model": {"model_name": "m-1"}}},
        "messages": [
            message("system", "Be."),
            message("user", "Fix it."),
            message("assistant", "T\n```bash\nls\n```", timestamp=1759500000),
            message("user", "a.py", returncode=0),
            message("assistant", "two ```bash\na\n``` blocks ```bash\nb\n```"),
            message("user", "One block only."),
            message("assistant", "go", actions=[{"command": "submit"}]),
            message("exit", "diff"),
        ],
        "trajectory_format": "mini-swe-agent-1.1",
    }  # fmt: skip
    (run,) = read(held, "x.traj.json")
    assert [(e.kind, e.text, e.turn) for e in run.entries] == [
        ("operator", "Fix it.", None),
        ("thought", "T\n```bash\nls\n```", 1),
        ("action", "ls", 1),
        ("result", "a.py", 1),
        ("thought", "two ```bash\na\n``` blocks ```bash\nb\n```", 2),
        ("operator", "One block only.", None),
        ("thought", "go", 3),
        ("action", "submit", 3),
        ("note", "diff", None),
    ]
    assert run.entries[1].at == "2025-10-03T14:00:00+00:00"
    assert (run.parties[0], run.end_reason) == (Party("agent", "m-1", "Be."), "Submitted")


def test_something_else_under_its_name_is_refused():
    with pytest.raises(Unreadable) as error:
        swe_agent.read(Source("x.traj", b'{"a": 1}'))
    assert str(error.value) == (
        "x.traj: no trajectory: neither steps nor history. If it was cut off, get it whole"
    )


def test_replies_kept_as_the_responses_api_has_them_are_told_like_others():
    reply = {
        "object": "response",
        "created_at": 1759500000,
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "T"}]},
            {"type": "function_call", "call_id": "x", "name": "bash", "arguments": '{"command": "ls"}'},
        ],
        "extra": {"actions": [{"command": "ls", "tool_call_id": "x"}]},
    }  # fmt: skip
    wrong = {"output": [{"type": "message", "content": [{"text": "no call"}]}]}
    held = {
        "info": {"exit_status": "Submitted"},
        "messages": [
            {"role": "user", "content": "Fix it."},
            reply,
            {"type": "function_call_output", "call_id": "x", "output": "a.py", "extra": {"returncode": 0}},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Call."}],
             "extra": {"interrupt_type": "FormatError", "response": wrong}},
        ],
        "trajectory_format": "mini-swe-agent-1.1",
    }  # fmt: skip
    (run,) = read(held, "x.traj.json")
    assert [(e.kind, e.text, e.turn) for e in run.entries] == [
        ("operator", "Fix it.", None),
        ("thought", "hm", 1),
        ("thought", "T", 1),
        ("action", "ls", 1),
        ("result", "a.py", 1),
        ("thought", "no call", 2),
        ("operator", "Call.", None),
    ]
    assert run.entries[2].at == "2025-10-03T14:00:00+00:00"
    assert run.entries[4].more == {"returncode": 0, "call": "x"}
    assert run.entries[6].more == {"interrupt_type": "FormatError"}


def test_a_complaint_after_a_result_is_no_result():
    messages = [
        {"role": "assistant", "content": "", "extra": {"actions": [{"command": "ls"}]}},
        {"role": "tool", "content": "a.py"},
        {"role": "user", "content": "Call.", "extra": {"interrupt_type": "FormatError"}},
    ]
    (run,) = read({"messages": messages}, "x.traj.json")
    assert [e.kind for e in run.entries] == ["thought", "action", "result", "operator"]
