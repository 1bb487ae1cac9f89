"""agentchattr: the message log, the archive, and what holds no words."""

import io
import json
import zipfile

import pytest

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import agentchattr

MESSAGES = [
    {"id": 0, "uid": "u0", "sender": "ben", "text": "@ada hello", "type": "chat",
     "timestamp": 1759500000.5, "time": "14:00:00", "attachments": [], "channel": "general"},
    {"id": 1, "uid": "u1", "sender": "ada", "text": "ada disconnected", "type": "leave",
     "timestamp": 1759500001, "time": "14:00:01", "attachments": [], "channel": "general"},
    {"id": 2, "uid": "u2", "sender": "bo", "text": "", "type": "chat", "timestamp": None,
     "attachments": [{"url": "/uploads/a.png"}], "channel": "lab", "reply_to": 0},
]  # fmt: skip


def log(*messages):
    return "".join(json.dumps(message) + "\n" for message in messages).encode()


def test_channels_are_rooms_and_reports_are_notes():
    source = Source("data/agentchattr_log.jsonl", log(*MESSAGES))
    assert agentchattr.looks(source) > 0.9
    (run,) = agentchattr.read(source)
    told = {"id": 0, "uid": "u0", "type": "chat", "time": "14:00:00"}
    first, left, empty, picture = run.entries
    assert first == Entry(
        "say", "ben", "@ada hello", room="general", at="2025-10-03T14:00:00.500000+00:00",
        line=1, more=told,
    )  # fmt: skip
    assert (left.kind, left.who, left.text) == ("note", "ada", "ada disconnected")
    assert (empty.kind, empty.text, empty.room, empty.at) == ("say", "", "lab", None)
    assert (picture.kind, picture.text) == ("note", "/uploads/a.png")
    assert run.title == "agentchattr_log.jsonl"


def test_a_line_that_is_none_is_listed():
    (run,) = agentchattr.read(Source("log.jsonl", log(MESSAGES[0]) + b"oops\n" + log(MESSAGES[1])))
    assert run.oddities == [Oddity("a line that is no JSON object is left out", 2)]
    assert [e.line for e in run.entries] == [1, 3]


def archive(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, held in members.items():
            file.writestr(name.replace("_", "."), held)
    return packed.getvalue()


def test_an_archive_is_read_from_its_messages():
    manifest = json.dumps({"product": "agentchattr", "schema_version": 1, "counts": {}})
    data = archive(manifest_json=manifest, messages_jsonl=log(*MESSAGES), jobs_json="[]")
    source = Source("export.zip", data)
    assert agentchattr.looks(source) > 0.9
    (run,) = agentchattr.read(source)
    assert [e.text for e in run.entries] == ["@ada hello", "ada disconnected", "", "/uploads/a.png"]
    assert run.more == {"schema_version": 1}


def test_another_zip_is_none_of_its():
    with pytest.raises(Unreadable) as error:
        agentchattr.read(Source("x.zip", archive(messages_jsonl=log(*MESSAGES))))
    assert str(error.value) == (
        "x.zip: a zip that is no archive of agentchattr's. Export the project once more"
    )


@pytest.mark.parametrize(
    ("held", "what"),
    [
        (
            {"id": "x", "roles": ["a"], "phases": [{"participants": ["a"], "prompt": "Go."}]},
            (
                "a session template of agentchattr's: the phases and prompts of a session, no words of "
                "one. Import the log of the session, data/agentchattr_log.jsonl"
            ),
        ),
        (
            [{"template_id": "x", "cast": {"a": "ada"}, "current_phase": 0}],
            (
                "agentchattr's list of sessions: who played which role, no words of theirs. "
                "Import the log of the sessions, data/agentchattr_log.jsonl"
            ),
        ),
    ],
    ids=["template", "sessions"],
)
def test_what_holds_no_words_is_explained(held, what):
    source = Source("x.json", json.dumps(held, indent=2).encode())
    assert agentchattr.looks(source) > 0.9
    with pytest.raises(NoTranscript) as error:
        agentchattr.read(source)
    assert str(error.value) == f"x.json: {what}"
