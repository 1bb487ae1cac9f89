"""scenario-labs: the log in its ages, the report, configurations."""

import json

import pytest

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import scenario_labs


def block(head, who, to, message, response=None):
    answer = "" if response is None else f"\n- **Response:** {response}"
    return f"{head}\n- **From:** {who}\n- **To:** {to}\n- **Message:** {message}{answer}\n\n---\n\n"


def read(log, name="x_log_2_20250706_144739.md", beside=None):
    source = Source(name, log.encode(), beside or {})
    assert scenario_labs.looks(source) > 0.9
    (run,) = scenario_labs.read(source)
    return run


def told(run):
    return [(e.kind, e.who, list(e.to), e.text, e.turn) for e in run.entries]


def test_a_turn_is_for_all_and_a_line_of_it_for_one():
    run = read(
        "# Two Rooms Log\n\n"
        + block("## Turn 1", "Ada", "None", "Ada: hello **Bo: who?**")
        + block("## Turn 1", "Ada", "Bo", "who?", "Bo: **Ada: me**")
        + block("## Turn 2", "Bo", "None", "")
    )
    assert run.entries == [
        Entry("say", "Ada", "Ada: hello **Bo: who?**", turn=1, line=3),
        Entry("whisper", "Ada", "who?", ("Bo",), turn=1, line=10),
        Entry("whisper", "Bo", "Bo: **Ada: me**", ("Ada",), turn=1, line=10, more={"response": True}),
        Entry("say", "Bo", "", turn=2, line=18),
    ]  # fmt: skip
    assert (run.title, run.ended, run.oddities) == ("Two Rooms", "2025-07-06T14:47:39", [])


@pytest.mark.parametrize(
    ("head", "at", "more"),
    [
        ("## Turn 3", None, {}),
        ("## Turn 3 (2025-07-10T18:06:02.603854)", "2025-07-10T18:06:02.603854", {}),
        (
            "### Turn 3 (Depth 0) - 2025-07-11T03:17:56.303727",
            "2025-07-11T03:17:56.303727",
            {"depth": 0},
        ),
    ],
)
def test_the_three_ages_of_heads(head, at, more):
    run = read("# X Log\n\n" + block(head, "Ada", "None", "hi"))
    assert run.entries == [Entry("say", "Ada", "hi", at=at, turn=3, line=3, more=more)]


def test_what_looks_like_a_head_or_an_answer_within_words_is_words():
    words = "one\n\n## Turn 9\nnothing\n- **Response:** two\n\n---\n\nthree\r\n- **Technique**: x\n"
    run = read("# X Log\n\n" + block("## Turn 1", "Ada", "None", words) * 2)
    assert told(run) == [("say", "Ada", [], words, 1)] * 2


def test_windows_line_ends():
    log = ("# X Log\n\n" + block("## Turn 1", "Ada", "Bo", "a", "b")).replace("\n", "\r\n")
    assert [e.text for e in read(log).entries] == ["a", "b"]


def test_a_log_that_was_cut_off_says_so():
    log = "# X Log\n\n" + block("## Turn 1", "Ada", "Bo", "a", "b")
    run = read(log.partition("\n- **Resp")[0])
    assert told(run) == [("whisper", "Ada", ["Bo"], "a", 1)]
    assert run.oddities == [
        Oddity("an exchange without the rule that ends it: cut off", 3),
        Oddity("'Bo' answered nothing", 3),
    ]


CONFIG = b"""
simulation_config:
  name: Two Rooms
  model: grok-3
  system_prompt: "Be."
  agents:
    - {id: Ada, provider: openai, model: gpt-4o, initial_prompt: "Be Ada."}
    - {id: Zed, initial_prompt: "Be Zed."}
"""


def test_models_and_prompts_come_from_the_configuration_with_its_name():
    run = read(
        "# Two Rooms Log\n\n" + block("## Turn 1", "Ada", "None", "hi"),
        beside={"other.yaml": CONFIG.replace(b"Two", b"Six"), "two.yaml": CONFIG},
    )
    assert run.parties == [Party("Ada", "gpt-4o", "Be.\nBe Ada.", more={"provider": "openai"})]
    assert run.oddities == [
        Oddity("models and prompts are from 'two.yaml', which has the run's name")
    ]


def test_the_json_log_is_the_same_run():
    entries = [
        {"turn": 1, "from_id": "Ada", "to_id": None, "message": "hi", "depth": 0,
         "timestamp": "2025-07-11T03:17:56"},
        {"turn": 1, "from_id": "Ada", "to_id": "Bo", "message": "hi", "response": "", "depth": 1,
         "timestamp": "2025-07-11T03:17:58"},
    ]  # fmt: skip
    run = read(json.dumps(entries), "x_log_2_20250711_031800.json")
    assert told(run) == [
        ("say", "Ada", [], "hi", 1),
        ("whisper", "Ada", ["Bo"], "hi", 1),
        ("whisper", "Bo", ["Ada"], "", 1),
    ]
    assert [e.at for e in run.entries] == ["2025-07-11T03:17:56", None, "2025-07-11T03:17:58"]


REPORT = {
    "simulation_name": "Names",
    "model": "gpt-4o",
    "provider": "openai",
    "system_prompt": "Be.\n\n## Rules\n- x",
    "responses": [
        {"user": "Your name?", "assistant": "None.\n\n---\n\n### Example 7\n\n**User:**\tno"},
        {"user": "Again?", "assistant": ""},
    ],
}


def as_markdown(report):
    examples = "".join(
        f"### Example {n}\n\n**User:**\t{one['user']}\n\n**Assistant:**\t{one['assistant']}\n\n---\n\n"
        for n, one in enumerate(report["responses"], 1)
    )
    return (
        f"# Simulation Report: {report['simulation_name']}\n\n**Model**: `{report['model']}`\n\n"
        f"**Provider**: `{report['provider']}`\n\n**Log Directory**: `N/A`\n\n## System Prompt\n\n"
        f"```text\n{report['system_prompt']}\n```\n\n## Evaluation\n\n{examples}"
    )


@pytest.mark.parametrize("write", [json.dumps, as_markdown])
def test_a_report_is_questions_to_one_model(write):
    run = read(write(REPORT), "names_20250713_102231.x")
    assert run.parties == [
        Party("gpt-4o", "gpt-4o", "Be.\n\n## Rules\n- x", more={"provider": "openai"}),
        Party("user", human=True),
    ]
    assert [(e.kind, e.text, e.turn) for e in run.entries] == [
        ("operator", "Your name?", 1),
        ("say", REPORT["responses"][0]["assistant"], 1),
        ("operator", "Again?", 2),
        ("say", "", 2),
    ]


def test_a_configuration_is_explained():
    source = Source("c_config.yaml", CONFIG)
    assert scenario_labs.looks(source) > 0.9
    with pytest.raises(NoTranscript) as error:
        scenario_labs.read(source)
    assert str(error.value) == (
        "c_config.yaml: a configuration of scenario-labs: agents and prompts, no words of theirs. "
        "Import the logs that its run wrote (log_directory names their folder)"
    )
