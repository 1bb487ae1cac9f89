"""liminal_backrooms: what its exports kept of who spoke."""

import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.foreign import Source
from sandbox.transcript.formats.importers import liminal


def told(source):
    (run,) = liminal.read(source)
    return [(entry.kind, entry.who, entry.text) for entry in run.entries]


def full(*messages):
    """conversation_full.html as the program draws it."""
    parts = []
    for kind, name, model, content in messages:
        head = f'<div class="header"><span class="ai-name">{name}</span>' if name else ""
        head += f' <span class="model-name">({model})</span>' if model else ""
        head += ' <span class="timestamp">May 1, 2026 at 01:00 PM</span></div>' if name else ""
        parts.append(
            f'\n        <div class="message {kind}">\n            <div class="message-content">'
            f'{head}\n                <div class="content">{content}</div>\n            </div>\n        </div>'
        )
    page = '<html><body><h1>x</h1><div id="conversation">' + "".join(parts) + "</div></body></html>"
    return Source("conversation_full.html", page.encode())


def test_the_full_html_has_everybody_and_its_drawing_is_undone():
    code = 'see\n<pre><code class="language-py">x &lt; 1\n</code></pre> and <code>y</code>'
    source = full(
        ("user", "User", "", "begin"),
        ("assistant", "AI-1", "Claude Opus 4.5", code),
        ("agent-notification", "", "", "[AI-2 modified their system prompt]"),
        ("assistant", "AI-2", "GPT 5", '<p class="greentext">&gt; be me</p>'),
    )
    assert liminal.looks(source) == 0.95
    assert told(source) == [
        ("operator", "User", "begin"),
        ("say", "AI-1", "see\n```py\nx < 1\n``` and `y`"),
        ("note", "liminal_backrooms", "[AI-2 modified their system prompt]"),
        ("say", "AI-2", "> be me"),
    ]
    (run,) = liminal.read(source)
    assert [(p.name, p.model) for p in run.parties] == [
        ("AI-1", "Claude Opus 4.5"),
        ("AI-2", "GPT 5"),
    ]
    assert [entry.at for entry in run.entries] == [None] * 4


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\x00`"), min_size=1), max_size=5
    )
)
def test_words_come_back_from_html(words):
    source = full(
        *(("assistant", "AI-1", "m", escape(text)) for text in words), ("user", "User", "", ".")
    )
    assert told(source)[:-1] == [("say", "AI-1", text) for text in words]


def test_plain_text_has_headers_for_models_alone():
    source = Source(
        "conversation.txt", b"begin\nAI-1 (Claude)\nhello\n\nthere\nAI-2 (GPT 5 (high))\nhi\n"
    )
    assert told(source) == [
        ("operator", "User", "begin"),
        ("say", "AI-1", "hello\n\nthere"),
        ("say", "AI-2", "hi"),
    ]
    (run,) = liminal.read(source)
    assert run.oddities[0].what.startswith("only models have headers in this form")


def test_the_text_of_february_2025_has_colons_and_the_users_lines():
    text = (
        "Fertilize the backroom with an idea.\n\nYou: go\n\nAI-1 (opus):\n\nhello\n"
        "\nAI-2 (r1):\n\nhi\nthere\n\n(2 turns remaining)\n"
    )
    assert told(Source("conversation.txt", text.encode())) == [
        ("note", "liminal_backrooms", "Fertilize the backroom with an idea."),
        ("operator", "User", "go"),
        ("say", "AI-1", "hello"),
        ("say", "AI-2", "hi\nthere"),
        ("note", "liminal_backrooms", "(2 turns remaining)"),
    ]


def test_the_widgets_html_is_its_text():
    page = (
        '<html><head><meta name="qrichtext" content="1" /><style>p { }</style></head><body>'
        "<p>AI-1 (Claude)</p>\n<p>a&nbsp; b<br />c</p>\n<p>AI-2 (GPT)</p><p>d</p></body></html>"
    )
    assert told(Source("conversation.html", page.encode())) == [
        ("say", "AI-1", "a  b\nc"),
        ("say", "AI-2", "d"),
    ]


def test_the_lesser_forms_stand_back_where_the_full_one_is_there():
    source = Source("conversation.txt", b"AI-1 (x)\na\n", {"conversation_full.html": b""})
    with pytest.raises(NoTranscript, match=r"the same words as conversation_full\.html beside it"):
        liminal.read(source)


def test_messages_as_json_keep_reasoning_notes_and_pictures():
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "a", "ai_name": "AI-1", "model": "M", "reasoning": "hm"},
        {"role": "system", "content": "AI-2 left", "_type": "agent_notification"},
        {
            "role": "assistant",
            "ai_name": "AI-2",
            "content": [{"type": "text", "text": "b"}, {"type": "image", "source": {}}],
            "hidden": True,
        },
    ]
    source = Source("session.json", json.dumps(messages).encode())
    assert told(source) == [
        ("operator", "User", "go"),
        ("thought", "AI-1", "hm"),
        ("say", "AI-1", "a"),
        ("note", "liminal_backrooms", "AI-2 left"),
        ("say", "AI-2", "b"),
    ]
    (run,) = liminal.read(source)
    assert run.entries[-1].more == {"hidden": True, "images": [{"type": "image", "source": {}}]}


def test_memories_are_examples_and_said_to_be():
    source = Source("conversations.json", b'{"memories": [{"human": "a", "assistant": "b"}]}')
    assert told(source) == [("say", "human", "a"), ("say", "assistant", "b")]
    with pytest.raises(NoTranscript, match="leader board"):
        liminal.read(Source("leaderboard.json", b'{"elo_ratings": {}, "sessions": []}'))
