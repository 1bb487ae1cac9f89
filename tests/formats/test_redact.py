"""What is redacted is nowhere, in whatever it is written; what is not stays as it was."""

import html
import io
import json
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore, read, verify
from sandbox.transcript.formats.exporters import FORMATS, Source, export
from sandbox.transcript.formats.redact import REDACTABLE, Machine, Redactor
from sandbox.transcript.formats.redact_views import views
from sandbox.transcript.formats.redact_words import RECORD_WORDS

SAMPLES = Path(__file__).parents[2] / "transcripts" / "samples"
NOWHERE = Machine()


def redactor(*events, what=REDACTABLE, machine=NOWHERE):
    made = Redactor(what, machine)
    for event in events:
        made.learn(event)
    return made


def said(text, actor="ada"):
    return Event(2, "say", actor, {"text": text}, "lobby", "room")


def redacted(text, **more):
    return redactor(said(text), **more).text(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my key is sk-ant-REDACTED", "my key is [key-1]"),
        ("export TOKEN=abcdefgh; echo abcdefgh", "export TOKEN=[key-1]; echo [key-1]"),
        ('{"password": "hunter two"} or hunter two?', '{"password": "[key-1]"} or [key-1]?'),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [key-1]"),
        ("git clone https://me:s3cr3t@example.org/x", "git clone https://me:[key-1]@example.org/x"),
        (
            "a\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\nz",
            "a\n[key-1]\nz",
        ),
        ("ghp_0123456789abcdefghij AKIAABCDEFGHIJKLMNOP", "[key-1] [key-2]"),
        ("the secret: nothing is hidden", "the secret: nothing is hidden"),
        (
            "token: $TOKEN, password=<yours>, key=value",
            "token: $TOKEN, password=<yours>, key=value",
        ),
        ("ls /home/carol/x; carol is there", "ls [path-1]/x; [user-1] is there"),
        (
            r"C:\Users\carol\x and {\"p\": \"C:\\Users\\carol\"}",
            r"[path-1]\x and {\"p\": \"[path-1]\"}",
        ),
        ("cd /home/agent; cat /root/x /opt/y", "cd /home/agent; cat /root/x /opt/y"),
        ("write to c.d+e@example.org.", "write to [mail-1]."),
        (
            "10.1.2.3 127.0.0.1 0.0.0.0 1.2.3.4.5 fe80::1 ::1",
            "[ip-1] 127.0.0.1 0.0.0.0 1.2.3.4.5 [ip-2] ::1",
        ),
        ("at 12:34:56, version 8.2.8", "at 12:34:56, version 8.2.8"),
    ],
)
def test_values_are_known_by_their_shape(text, shown):
    assert redacted(text) == shown


def test_the_same_thing_has_the_same_tag_however_it_is_written():
    text = r"bo, BO's bo_notes.txt, \u0062o, &#98;o, %62o, \\u0062\\u006f; but about, robot"
    shown = "[name-1], [name-1]'s [name-1]_notes.txt, [name-1], [name-1], [name-1], [name-1]; but about, robot"
    assert redactor(said("x", "bo")).text(text) == shown


def test_a_value_is_learnt_from_the_whole_run_before_anything_is_replaced():
    early, late = said("it was opensesame7"), said("PASSWORD='opensesame7'")
    made = redactor(early, late)
    assert made.event(early).data["text"] == "it was [key-1]"


def test_this_machine_is_redacted_wherever_it_stands():
    machine = Machine(hosts=["wall-e.lab", "wall-e"], users=["carol"], homes=["/data/carol"])
    text = "carol@wall-e:/data/carol/x on WALL-E.lab"
    assert redacted(text, machine=machine) == "[user-1]@[host-1]:[path-1]/x on [host-2]"


def test_people_rooms_and_servers_are_learnt_from_the_first_event():
    started = Event(1, "run.started", "engine", {
        "agents": {"ada": {"model": "human/Grace"}, "a1": {"name": "Opus  Three"}},
        "rooms": {"lobby": {}}, "bus": {"url": "mqtt://gpu7.lab:1883"},
        "scenario": {"agents": {"ada": {"base_url": "http://box9.example/v1"}}},
    })  # fmt: skip
    opened = Event(2, "room.opened", "ada", {"name": "nook"})
    shown = redactor(started, opened).text(
        "Grace, Opus  Three, lobby, nook, gpu7.lab, box9.example"
    )
    assert shown == "[name-1], [name-2], [name-3], [name-4], [host-1], [host-2]"


def test_the_records_own_words_are_nobodys_names():
    event = Event(2, "action.intent", "model", {"author": "model", "tool": "say", "text": "box"})
    made = redactor(event)
    assert made.event(event).data == event.data
    assert {
        word for part in ("action.intent", "turn.offered") for word in part.split(".")
    } < RECORD_WORDS


def test_hashes_of_what_was_there_go_too():
    data = {"saw": {"renderer": 1, "digest": "0" * 64}, "sent": {"sha256": "0" * 64, "bytes": 5}}
    event = Event(2, "think.done", "ada", data, hash="0" * 64)
    shown = redactor(event).event(event)
    assert shown.data == {
        "saw": {"renderer": 1, "digest": None},
        "sent": {"sha256": None, "bytes": 5},
    }
    assert shown.hash == ""


def test_only_what_was_asked_for_is_replaced():
    text = "ada at 10.1.2.3 with TOKEN=abcdefgh"
    made = redactor(said(text), what=["keys"])
    assert made.text(text) == "ada at 10.1.2.3 with TOKEN=[key-1]"
    assert made.mapping == {"[key-1]": "abcdefgh"}


@given(st.text(st.sampled_from(r"a\u0061n\"&#97;%41/lt;"), max_size=40), st.data())
def test_every_span_of_a_view_leads_back_into_the_text(text, data):
    for view in views(text):
        start = data.draw(st.integers(0, len(view.text)))
        end = data.draw(st.integers(start, len(view.text)))
        if start < end:
            first, last = view.span(start, end)
            assert 0 <= first < last <= len(text)
            # What stands there reads, once undone, as at least what was asked for.
            assert any(view.text[start:end] in again.text for again in views(text[first:last]))


letters = st.text("qxzjQXZJ", min_size=5, max_size=9)
values = st.fixed_dictionaries({
    "agent": letters.map(str.lower),
    "room": letters.map(str.lower),
    "person": st.text("qxzjé'&<", min_size=4, max_size=9).map(lambda text: f"Q{text}J"),
    "key": st.text("qxzjQXZJ0189_-", min_size=16, max_size=30).map("sk-{}".format),
    "password": st.text("qxzjé&<>'/+!", min_size=6, max_size=12).map(lambda text: f"q{text}j"),
    "user": letters,
    "mail": letters.map("{}@example.org".format),
    "ip": st.ip_addresses(v=4, network="10.200.0.0/16").map(str),
})  # fmt: skip


def forms(value):
    plain = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return {form for each in plain for form in (each, html.escape(each), json.dumps(each)[1:-1])}


def record(folder, found):
    agent, room = found["agent"], found["room"]
    secrets = (
        f'{found["person"]} has {found["key"]}, password="{found["password"]}", '
        f"/home/{found['user']}/x, C:\\Users\\{found['user']}, {found['mail']}, {found['ip']}; {agent}."
    )
    bare = f"{found['password']} {found['user'].upper()} {agent.title()}'s {room}_x".replace(
        "\\", ""
    )
    texts = [bare, secrets, json.dumps({"t": secrets}), html.escape(secrets), quote(secrets)]
    texts.append(json.dumps({"t": json.dumps({"t": bare})}))
    store = FileStore(folder, f"20261121-{agent}", ManualClock(), "process")
    agents = {agent: {"model": f"human/{found['person']}", "tools": ["say"]}, "ok": {}}
    rooms = {room: {"members": [agent], "about": bare}}
    data = {"title": f"{agent} in {room}", "agents": agents, "rooms": rooms}
    store.append(Event(1, "run.started", "engine", data))
    seq = 1
    for turn, text in enumerate(texts, 1):
        call = {"id": "c1", "tool": "shell", "args": {"command": text, agent: text}}
        for kind, data in (
            ("turn.offered", {"turn": turn, "agent": agent}),
            ("think.done", {"turn": turn, "text": text, "reasoning": text, "calls": [call]}),
            ("action.intent", {"turn": turn, "call": "c1", "tool": "shell", "author": "model"}),
            ("action.result", {"turn": turn, "call": "c1", "tool": "shell", "output": text}),
            ("say", {"text": text, "to": "ok"}),
            ("flag", {"id": "x", "title": text, "agent": agent, "evidence": [seq + 5]}),
        ):
            seq += 1
            store.append(Event(seq, kind, agent, data, room, (agent, "ok"), seq - 1))
    store.append(Event(seq + 1, "run.ended", "engine", {"reason": "stopped", "detail": bare}))
    store.close()


@settings(max_examples=15, deadline=None)
@given(values)
def test_no_redacted_value_is_in_any_format_in_any_form(found):
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        record(run, found)
        for form, suffix in (*((form, "") for form in FORMATS), ("inspect", ".eval")):
            out = io.BytesIO()
            machine = Machine(hosts=["qqxxhost"], users=[], homes=[])
            export(Source(run, None, Redactor(REDACTABLE, machine)), form, out, suffix=suffix)
            shown = out.getvalue().decode(errors="replace")
            if suffix == ".eval":
                packed = zipfile.ZipFile(out)
                shown = "\n".join(packed.read(name).decode() for name in packed.namelist())
            left = [
                value
                for value in found.values()
                for f in forms(value)
                if f.lower() in shown.lower()
            ]
            assert left == [], form


@pytest.mark.parametrize("sample", ["demo", "two-strangers"])
def test_a_redacted_record_is_a_whole_record_of_the_same_shape(tmp_path, sample):
    out = io.BytesIO()
    export(Source(SAMPLES / sample, None, Redactor(REDACTABLE, NOWHERE)), "jsonl", out)
    (tmp_path / "events.jsonl").write_bytes(out.getvalue())
    events = list(read(tmp_path))
    assert verify(tmp_path).ok
    assert events[0].data["exported"]["redacted"] == ["names", "keys", "paths"]
    assert [e.kind for e in events] == [e.kind for e in read(SAMPLES / sample)]


def test_heads_of_tokens_without_a_token_take_no_longer_than_words():
    began = time.process_time()
    text = "-eyJaaaaaaaa" * 40_000
    assert redacted(text) == text
    assert time.process_time() - began < 15
    token = f"eyJ{'a' * 1500}.bbbb.cc"
    assert redacted(f"it is {token}") == "it is [key-1]"
