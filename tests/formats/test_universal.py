"""UniversalBackrooms logs: every fork's form, and what models write that looks like a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import samhains, universal, universal_template

NAME = "opus_sonnet_two_rooms_2_20241101_120000.txt"


def log(*turns, name=NAME, **source):
    """A log as the newer writer makes it."""
    data = "".join(f"\n### {who} ###\n{words}\n" for who, words in turns)
    return Source(name, data.encode(), **source)


def said(source):
    (run,) = universal.read(source)
    return [(entry.kind, entry.who, entry.text) for entry in run.entries]


def test_a_log_tells_speakers_models_template_and_local_start():
    source = log(("Claude 1", "ls"), ("Claude 2", "a\n\nb"))
    (run,) = universal.read(source)
    assert universal.looks(source) == 0.9
    assert (run.title, run.started, run.end_reason) == ("two_rooms_2", "2024-11-01T12:00:00", None)
    assert [(party.name, party.model) for party in run.parties] == [
        ("Claude 1", "opus"),
        ("Claude 2", "sonnet"),
    ]
    assert run.entries == [
        Entry("say", "Claude 1", "ls", line=2),
        Entry("say", "Claude 2", "a\n\nb", line=5),
    ]
    assert run.oddities == []


def test_the_older_form_has_colons_and_a_world_interface_without_a_number():
    source = Source(
        "opus_cli_rooms_20241017_090000.txt", b"\nClaude 1:\nhelp\n\nCLI:\nok\n\nClaude 1:\nbye\n"
    )
    assert said(source) == [
        ("say", "Claude 1", "help"),
        ("say", "CLI", "ok"),
        ("say", "Claude 1", "bye"),
    ]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("\nClaude 2 has ended the conversation with ^C^C.\n", "^C^C"),
        ("\nReached maximum number of turns (1). Conversation ended.\n", "turns"),
        ("\nContext budget limit reached (>= 80% of 10 tokens). Conversation ended.\n", "context"),
        ("", None),
    ],
)
def test_the_writers_last_line_is_the_reason_and_nobodys_words(end, reason):
    source = log(("Claude 1", "a"), ("Claude 2", "^C^C"))
    (run,) = universal.read(Source(NAME, source.data + end.encode()))
    assert run.end_reason == reason
    assert run.entries[-1].text == "^C^C"


def test_a_last_line_that_a_model_wrote_stays_its_words():
    words = "Reached maximum number of turns (9). Conversation ended.\n\nnot really"
    assert said(log(("Claude 1", words), ("Claude 2", "b")))[0] == ("say", "Claude 1", words)


def test_headers_of_nobody_are_words():
    words = (
        "look\n\n### WARNING ###\n\n### Layer 2 ###\n\n### Step 1: go\nClaude 2:\n\nClaude 2:\nx"
    )
    turns = [("Claude 1", words), ("Claude 2", "b"), ("Claude 1", "c"), ("Claude 2", "d")]
    assert said(log(*turns)) == [("say", *turn) for turn in turns]


def test_a_header_out_of_turn_is_told_and_swallows_nothing():
    quoted = "he says\n\n### GPT4o 2 ###\nhello"
    turns = [
        ("Claude 1", "a"),
        ("GPT4o 2", "b"),
        ("O1 3", quoted),
        ("Claude 1", "d"),
        ("GPT4o 2", "e"),
    ]
    (run,) = universal.read(log(*turns, name="opus_gpt4o_o1-mini_x_20241101_120000.txt"))
    assert [(entry.who, entry.text) for entry in run.entries] == turns
    what = "a header of 'GPT4o 2' out of turn: taken as words of the one before"
    assert run.oddities == [Oddity(what, 11)]
    (run,) = universal.read(log(("Claude 1", "a"), ("Claude 2", "b"), ("Claude 2", "c")))
    assert [entry.text for entry in run.entries] == ["a", "b", "c"]
    assert [oddity.line for oddity in run.oddities] == [8]


def test_repeated_and_empty_turns_are_all_kept():
    turns = [("Claude 1", "same"), ("Claude 2", ""), ("Claude 1", "same"), ("Claude 2", "")]
    assert said(log(*turns)) == [("say", *turn) for turn in turns]


def test_windows_line_ends_stay_in_the_words():
    data = log(("Claude 1", "a\nb"), ("Claude 2", "c")).data.replace(b"\n", b"\r\n")
    (run,) = universal.read(Source(NAME, data))
    assert [entry.text for entry in run.entries] == ["a\r\nb", "c"]
    assert run.oddities == [Oddity("Windows line ends: kept in what was said")]


def test_lines_that_others_would_break_stay_whole():
    words = "a\x0bb\x0cc\x85d\u2028e" + "x" * 14_000
    assert said(log(("Claude 1", words), ("Claude 2", "b")))[0][2] == words


def test_a_refusal_alone_is_a_run_and_the_second_model_is_still_known():
    (run,) = universal.read(
        log(("Claude 1", "I would rather not."), name="haiku_sonnet3_cli_20240708_091011.md")
    )
    assert (run.title, run.more["models"], len(run.entries)) == ("cli", ["haiku", "sonnet3"], 1)


def test_a_file_that_was_cut_off_says_so():
    (run,) = universal.read(Source(NAME, b"\n### Claude 1 ###\nhel"))
    assert run.entries[0].text == "hel"
    assert run.oddities == [Oddity("the file does not end in a newline: it may be cut off", 3)]


def test_bytes_that_are_no_text_are_told_with_their_line():
    (run,) = universal.read(Source(NAME, b"\n### Claude 1 ###\na\xff\n"))
    assert run.entries[0].text == "a\ufffd"
    assert run.oddities == [
        Oddity("bytes that are no UTF-8 stand as U+FFFD: invalid start byte", 3)
    ]


PREAMBLE = """### Backrooms Run ###
Template: dreams
Models: opus4, k2
Started: 2025-02-03T04:05:06.789000+00:00
"""


def test_the_samhains_fork_has_a_preamble_rounds_and_reports():
    data = (
        PREAMBLE + "\n### Round 1/2\n\n### Claude Opus 1 ###\na\n\n### Kimi K2 2 ###\nb\n"
        "\n### Media Agent ###\nPrompt: sky\n\nDiscord Agent error: no net\n\n### Round 2/2\n"
        "\n### Claude Opus 1 ###\n### Round 7/9\n"
    )
    source = Source("opus4_k2_dreams_20250203_040506.txt", data.encode())
    (run,) = universal.read(source)
    assert universal.looks(source) == 0.95
    assert (run.title, run.started) == ("dreams", "2025-02-03T04:05:06.789000+00:00")
    assert [(e.kind, e.who, e.text, e.turn) for e in run.entries] == [
        ("say", "Claude Opus 1", "a", 1),
        ("say", "Kimi K2 2", "b", 1),
        ("note", "Media Agent", "Prompt: sky", 1),
        ("note", "Discord Agent", "Discord Agent error: no net", 1),
        ("say", "Claude Opus 1", "### Round 7/9", 2),
    ]


def test_a_run_with_a_start_record_only_is_a_run():
    (run,) = universal.read(Source("opus4_k2_dreams_20250203_040506.txt", PREAMBLE.encode()))
    assert (run.entries, run.parties, run.more["models"]) == ([], [], ["opus4", "k2"])


def test_the_ledger_beside_adds_the_end():
    ledger = (
        b'{"log_file": "x/'
        + NAME.encode()
        + b'", "end": "2025-01-01T00:00:00+00:00", "exit_reason": "early_stop"}\n{"cut'
    )
    (run,) = universal.read(log(("Claude 1", "a"), beside={"r_meta.jsonl": ledger}))
    assert (run.ended, run.end_reason) == ("2025-01-01T00:00:00+00:00", "early_stop")


def test_reasoning_of_the_gpt5_fork_is_no_speech():
    words = "pwd\n[Encrypted reasoning payload captured]\n\n--- Reasoning Summary (logs only) ---\nI look"
    source = log(("GPT-5", words), ("GPT-4o", "/home"), name="gpt5_gpt4o_cli_20250607_080910.txt")
    assert said(source) == [
        ("thought", "GPT-5", "[Encrypted reasoning payload captured]"),
        ("thought", "GPT-5", "I look"),
        ("say", "GPT-5", "pwd"),
        ("say", "GPT-4o", "/home"),
    ]


def test_a_template_beside_gives_prompts_and_history():
    actor = (
        b'{"system_prompt": "You are {lm1_actor} of {lm1_company}, {{really}}",'
        b' "context": [{"role": "user", "content": "Hi {lm2_actor}"}]}'
    )
    beside = {"templates/two_rooms_2.jsonl": actor + b'\n{"cli": true}'}
    (run,) = universal.read(log(("Claude 1", "a"), ("CLI", "b"), beside=beside))
    assert run.parties[0].system == "You are Claude 1 of {lm1_company}, {really}"
    assert run.seed_context == [Entry("say", "Claude 1", "Hi CLI", more={"role": "user"})]


def test_a_template_alone_is_recognised_and_explained():
    source = Source("fugue.jsonl", b'{"system_prompt": "x", "context": []}\n{"cli": true}')
    assert universal_template.looks(source) == 0.9
    with pytest.raises(
        NoTranscript, match=r"^fugue.jsonl: a template for 2 actors, and no transcript\."
    ):
        universal_template.read(source)


def test_what_is_no_log_is_refused_with_a_reason():
    with pytest.raises(Unreadable) as raised:
        universal.read(Source("notes.txt", b"just words\n"))
    assert str(raised.value) == (
        "notes.txt: no line in it is a speaker's header such as '### Claude 1 ###'. "
        "If it is another system's, name its format with --format"
    )


def test_messages_of_the_samhains_fork_have_times():
    meta = (
        b'"meta": {"started_at": "2025-03-04T05:06:56", "template": "t", "args_models": ["opus", "cli"],'
        b' "api_models": ["claude-3-opus", "cli"], "actors": ["Claude 1", "CLI"]}'
    )
    message = (
        b'{"timestamp": "2025-03-04T05:06:57", "actor": "Claude 1", "role": "assistant",'
        b' "content": "hi", "turn": 0}'
    )
    source = Source("a.transcript.json", b"{" + meta + b', "messages": [' + message + b"]}")
    (run,) = samhains.read(source)
    assert samhains.looks(source) == 0.95
    assert [(party.name, party.model) for party in run.parties] == [
        ("Claude 1", "claude-3-opus"),
        ("CLI", None),
    ]
    assert run.entries == [
        Entry("say", "Claude 1", "hi", at="2025-03-04T05:06:57", turn=0, more={"role": "assistant"})
    ]
    (run,) = samhains.read(Source("a.jsonl", message + b'\n{"timestamp": "20'))
    assert run.oddities == [Oddity("the last line was cut off and is left out", 2)]


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@given(
    st.lists(
        WORDS.filter(lambda words: "###" not in words and "---" not in words),
        min_size=2,
        max_size=8,
    )
)
def test_whatever_is_said_comes_back_byte_for_byte(words):
    turns = [(f"Claude {1 + n % 2}", text) for n, text in enumerate(words)]
    assert said(log(*turns)) == [("say", *turn) for turn in turns]
