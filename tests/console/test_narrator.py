from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.console import Line, Narrator, Span, fold, neutralise
from sandbox.transcript import KINDS, Event


def plain(events):
    narrator = Narrator()
    return [line.plain() for event in events for line in narrator.narrate(event)]


def test_a_run_reads_like_this(run):
    assert plain(run) == [
        "[0] engine run: Two strangers",
        (
            "[0] engine run: 20261121-113908-two-strangers-abcd · seed 7 · tier bubblewrap · "
            "order round-robin · bus nats-server · at most 4 turns"
        ),
        "[0] ada agent: scripted/ · say, shell",
        "[0] bo agent: local/qwen · say",
        "[0] engine room: room lobby: ada, bo",
        "[0] ada joined: is here",
        "[0] bo joined: is here",
        "[1] ada turn: turn 1 of 4",
        "[1] ada thought: Let me look around first.",
        "[1] ada shell: ls -1",
        *[f"[1] ada output: file-{n}" for n in range(8)],
        "[1] ada output: … 29 more lines",
        *[f"[1] ada output: file-{n}" for n in range(37, 40)],
        "[1] ada output: exit 2",
        "[1] ada output: 900 bytes were left out",
        "[1] ada say: to bo: Is anybody here?",
        "[1] ada say: I am ada.",
        "[2] bo turn: turn 2 of 4",
        "[2] bo whisper: whispers to ada: Not so loud.",
        (
            "[2] watch flag: contact.cross-model bo (qwen) turned to ada (a) by whisper · event 12"
            " · nothing asked for it"
        ),
        "[2] bo box: the box, not the model, wants shell command: id",
        "[2] bo refused: shell refused: 'shell' is none of your actions",
        "[2] bo room: opens the room attic for ada",
        "[2] bo say: [attic] ada: I agree.",
        "[2] bo note: (writes words for ada)",
        "[2] bo turn: ran out of time",
        "[3] ada turn: turn 3 of 4",
        "[3] ada turn: passes",
        "[3] ada direct: on a direct line to bo: psst",
        "[3] bo gate.refused: the gate refused: subscribe on #, 3 times (first: #)",
        "[3] engine bus.lost: the bus is down: connection reset",
        "[3] engine bus.back: the bus is back after 0.3 s",
        "[3] bo agent.died: died: out of memory (exit code 137)",
        "[3] bo agent.died: a",
        "[3] bo agent.died: b",
        "[3] engine ended: the run has ended: turns: all 4 turns were played",
        (
            "[3] engine ended: 4 turns · 2 says · 1 whisper · 2 actions · 1 flag · 1 refused · "
            "1,200 tokens in, 34 out · $0.0125 · 12.3 s"
        ),
    ]


def test_a_line_has_the_name_in_its_colour_and_speech_in_the_terminal_s_own(run):
    narrator = Narrator()
    said = [narrator.narrate(event) for event in run][8]
    assert said[0] == Line(
        turn=1,
        who="ada",
        what="say",
        body=(Span("to bo: ", "note"), Span("Is anybody here?", "speech")),
        head=(Span(" "), Span("ada", "agent.0")),
        indent=6,
        seq=9,
    )
    assert said[1].head == ()


def test_words_of_the_box_and_answers_that_are_no_action_are_marked():
    events = [
        Event(1, "say", "ada", {"text": "hi", "author": "box"}, "lobby"),
        Event(2, "think.done", "ada", {"text": "{oops", "calls": [], "malformed": "no JSON"}),
        Event(3, "think.failed", "ada", {"error": "time-out", "kind": "ModelFailed"}),
        Event(4, "think.failed", "ada", {"error": "late", "kind": "TurnOver"}),
    ]
    assert plain(events) == [
        "[0] ada say: [lobby] hi",
        "[0] ada note: (the box's words, not the model's)",
        "[0] ada malformed: an answer that is no action: no JSON",
        "[0] ada malformed: {oops",
        "[0] ada failed: the model failed: time-out",
    ]


def test_an_answer_in_json_is_told_by_its_action_alone(run):
    call = {"id": "c1", "tool": "shell", "args": {"command": "id"}}
    answer = {"text": '{"action": ...}', "calls": [call], "purpose": "act"}
    narrator = Narrator()
    narrator.narrate(run[0])
    assert narrator.narrate(Event(2, "think.done", "bo", answer)) == []
    intent = Event(3, "action.intent", "bo", {"tool": "shell", "call": "c1", "author": "model"})
    assert [line.plain() for line in narrator.narrate(intent)] == ["[0] bo shell: id"]


def test_a_kind_of_a_later_version_is_told_by_its_fields():
    event = Event(1, "dream.began", "ada", {"of": ["sheep", 2], "deep": {"er": None}})
    assert plain([event]) == ["[0] ada dream.began: of: sheep, 2, deep:"]


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)
KEYS = st.sampled_from(
    """turn agent agents rooms members text to tool args call calls id author output exit cut ok
    limits turns bids reason detail totals money tokens_in evidence elicited level title name mode
    reasoning changed left_out files bytes
    tail malformed stop purpose speaks_for count topic sample seconds code signal order bus kind
    """.split()  # noqa: SIM905  # a list of forty strings reads worse
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | ANYTHING, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(KINDS)) | ANYTHING, ANYTHING, st.dictionaries(KEYS, VALUES)
        ),
        max_size=6,
    )
)
def test_nothing_in_an_event_makes_the_narrator_fail_or_a_terminal_move(rows):
    narrator = Narrator()
    for seq, (kind, actor, data) in enumerate(rows, 1):
        for line in narrator.narrate(Event(seq, kind, actor, data, actor)):
            shown = line.plain() + "".join(span.text for span in line.head)
            assert neutralise(shown, newlines=False) == shown


def test_a_fold_shows_the_first_eight_and_the_last_three_lines():
    lines = [str(n) for n in range(12)]
    assert fold("\n".join(lines) + "\n") == lines
    assert fold("\n".join([*lines, "12"])) == [*lines[:8], "… 2 more lines", "10", "11", "12"]
    assert fold("x" * 1500) == ["x" * 500 + " … 1,000 more characters"]
    assert fold("") == [""]


def test_a_deeply_nested_value_is_cut_short():
    deep: object = "end"
    for _ in range(500):
        deep = {"a": deep}
    assert plain([Event(1, "dream.began", "ada", {"x": deep})]) == [
        "[0] ada dream.began: x: a: a: a: …"
    ]


def test_reasoning_is_told_before_what_came_of_it_and_folded():
    thoughts = "\n".join(f"step {n}" for n in range(20))
    answer = {"turn": 2, "text": "so", "calls": [{"id": "c1"}], "reasoning": f"\n{thoughts}\n"}
    assert plain([Event(1, "think.done", "ada", answer)]) == [
        *[f"[2] ada reasoning: step {n}" for n in range(8)],
        "[2] ada reasoning: … 9 more lines",
        *[f"[2] ada reasoning: step {n}" for n in range(17, 20)],
        "[2] ada thought: so",
    ]
    bid = {"turn": 2, "purpose": "bid", "reasoning": "no"}
    assert plain([Event(1, "think.done", "ada", bid)]) == []


def test_what_became_of_a_work_folder_is_told_in_a_line():
    saved = {"turn": 1, "manifest": "0" * 64, "files": 3, "bytes": 1}
    assert plain(
        [
            Event(1, "workspace.saved", "ada", {**saved, "changed": ["a", "b", "c", "d", "e"]}),
            Event(2, "workspace.saved", "ada", {**saved, "left_out": {"p": "a pipe"}}),
            Event(3, "workspace.failed", "ada", {"turn": 1, "error": "the disk is full"}),
            Event(4, "workspace.restored", "ada", saved),
        ]
    ) == [
        "[1] ada workspace.saved: its folder was kept (3 files, 1 byte): a, b, c, … 2 more changed",
        "[1] ada workspace.saved: its folder was kept (3 files, 1 byte); 1 thing could not be",
        "[1] ada workspace.failed: its folder was not kept: the disk is full",
        "[1] ada workspace.restored: its folder was put back (3 files, 1 byte)",
    ]
