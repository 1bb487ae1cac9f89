"""What a record tells of one agent."""

from pathlib import Path

from sandbox.transcript.event import Event
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.inspector.book import Book
from sandbox.tui.inspector.box_facts import BoxFacts
from sandbox.tui.inspector.sent import lines, prove, withheld

DEMO = Path("transcripts/samples/demo")


def read(agent, folder=DEMO):
    book, did, shell = Book(agent, folder.parent), [], []
    with RecordLog(folder) as log:
        for index in range(len(log)):
            told, rows = book.take(log[index])
            did += told
            shell += rows
    return book, did, shell


def test_every_request_is_rendered_as_it_was_sent():
    book, _, _ = read("ada")
    assert book.fault == ""
    assert [asked.turn for asked in book.asked] == [1, 4, 4, 7, 7, 7, 7]
    assert {prove(asked).text for asked in book.asked} == {"digest agrees"}
    told = [(line.what, line.text) for line in lines(book.asked[1], book.asked[0], changed=False)]
    assert told[0][0] == "system"
    assert ("said", "Does anybody else hear the lights?") in told


def test_only_what_is_new_is_told_and_what_was_not_sent_is_counted():
    book, _, _ = read("ada")
    told = [(line.what, line.text) for line in lines(book.asked[3], book.asked[2], changed=True)]
    assert told[0] == ("before", "5 turns as before, the same instructions")
    assert [what for what, _ in told[1:]] == ["said", "told"]
    assert withheld(book.asked[3]) == "not sent: 1 message not for it"
    assert withheld(book.asked[0]) == ""
    first = [line.what for line in lines(book.asked[0], None, changed=True)]
    assert first[0] == "system"


def test_what_it_did_and_its_shell_are_told():
    _, did, shell = read("ada")
    assert "There is a thread in the wallpaper. I pulled it." in [line.text for line in did]
    assert any(line.text == "enter refused: the door of archive is closed to you" for line in did)
    assert [line.text for line in shell][:3] == [
        "ada$ ls /opt/backrooms/bin; head -n 2 /opt/backrooms/bin/bus", "bus", "python3",
    ]  # fmt: skip


def test_a_record_that_is_none_of_an_engines_says_so_and_the_rest_is_told():
    book = Book("ada", Path())
    book.take(Event(1, "run.started", "engine", {"agents": {"ada": {}}, "rooms": {}}))
    assert book.fault.startswith("the scenario in the record is none of this version")
    told, _ = book.take(Event(2, "say", "ada", {"text": "Hello."}, room="lobby"))
    assert [line.text for line in told] == ["[lobby] Hello."]
    imported = Book("ada", Path())
    imported.take(Event(1, "run.started", "engine", {"agents": {"ada": {}}, "imported": {}}))
    assert imported.fault == "this run was imported: what its models were sent stands in no record"


def facts(*events):
    box = BoxFacts("ada")
    for event in events:
        box.take(event)
    return ["".join(span.text for span in row) for row in box.rows()]


def test_a_box_is_told_by_its_events():
    started = {
        "tier": "docker", "image": {"tag": "base:1"},
        "scenario": {"isolation": {"memory": 256 << 20, "cpu": 0.5, "pids": 64, "disk": 64 << 20}},
    }  # fmt: skip
    assert facts(
        Event(1, "run.started", "engine", started),
        Event(2, "box.started", "ada", {"tier": "docker", "pid": 7, "uid": 65532}),
        Event(3, "workspace.saved", "ada", {"turn": 2, "files": 1, "bytes": 5, "changed": ["a"]}),
        Event(
            4,
            "workspace.saved",
            "ada",
            {"turn": 4, "files": 2, "bytes": 9, "changed": ["a", "b\x1b"]},
        ),
        Event(5, "action.refused", "ada", {"tool": "shell", "reason": "x"}),
        Event(6, "gate.refused", "ada", {"what": "publish", "count": 3}),
        Event(7, "host.call", "ada", {"call": "mount", "count": 2}),
        Event(8, "box.limit", "ada", {"what": "memory", "count": 2}),
        Event(9, "door.opened", "ada", {"door": "llm"}),
        Event(10, "door.touched", "ada", {"door": "llm"}),
        Event(11, "service.seen", "ada", {"port": 8080, "program": "python3"}),
        Event(12, "box.started", "bo", {"tier": "none"}),
        Event(13, "agent.died", "ada", {"reason": "out of memory", "code": 137}),
    ) == [
        "box     CRASHED: out of memory (exit 137)",
        "tier    docker  base:1  uid 65532",
        "limits  256 MiB  0.5 cpu  64 processes  64 MiB disk",
        "        limit met: memory x2",
        "files   ~ a  + b␛",
        "        kept after turn 4: 2 files, 9 bytes",
        "denied  gate publish x3  host mount x2  action shell",
        "doors   llm",
        "serves  8080 python3",
    ]


def test_nothing_known_is_said_so():
    assert facts() == [
        "box     no box yet", "tier    unknown", "limits  unknown", "files   none changed", "denied  nothing",
    ]  # fmt: skip
