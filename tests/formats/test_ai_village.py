"""AI Village: chat extracts and event logs."""

import json

from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import ai_village


def read(text, name="raw/Ada_4.1_day12.txt"):
    source = Source(name, text.encode())
    assert ai_village.looks(source) > 0.9
    (run,) = ai_village.read(source)
    return run


def test_a_message_has_a_room_and_a_speaker_and_loses_only_its_quotation_marks():
    run = read(
        "[Day 12, 17:01:35]\n> [#rest] Ada 4.1: Note: all is well.\n> \n> > quoted\n>\n> end \n\n"
        "[Day 12, 17:01:35]\n> [#rest] Ada 4.1: Note: all is well.\n> \n> > quoted\n>\n> end \n\n"
        "[Day 12, 17:02:05]\n> [#best] Bo (x): \n"
    )
    said = "Note: all is well.\n\n> quoted\n\nend "
    when = {"day": 12, "time": "17:01:35"}
    assert run.entries == [
        Entry("say", "Ada 4.1", said, room="rest", line=1, more=when),
        Entry("say", "Ada 4.1", said, room="rest", line=8, more=when),
        Entry("say", "Bo (x)", "", room="best", line=15, more={"day": 12, "time": "17:02:05"}),
    ]
    assert (run.title, run.oddities) == ("Ada_4.1_day12", [])


def test_messages_without_a_name_are_the_owners_and_that_is_said():
    text = "[Day 12, 17:01:35]\n> Good morning: here I am\n"
    by_name = read(text)
    by_prose = read("Here are all messages from Bo Two on day 12.\n\n" + text, "x.txt")
    nobody = read(text, "x.txt")
    assert [run.parties for run in (by_name, by_prose, nobody)] == [
        [Party("Ada 4.1")],
        [Party("Bo Two")],
        [Party("unnamed")],
    ]
    assert by_prose.entries[0].text == "Good morning: here I am"
    assert by_prose.more == {"above": "Here are all messages from Bo Two on day 12."}
    assert nobody.oddities == [
        Oddity("1 messages without a name: 'unnamed' stands, whose extract it is")
    ]


def test_lines_without_a_mark_belong_to_the_message_above():
    run = read("[Day 12, 17:01:35]\n> [#rest] Ada: one\n\ntwo [Day 1, 00:00:00]\n\n\n")
    assert [e.text for e in run.entries] == ["one\n\ntwo [Day 1, 00:00:00]"]
    assert run.oddities == [
        Oddity("lines without the quotation mark in 1 messages: taken for theirs")
    ]


def test_a_report_of_the_village_is_a_note_and_a_stamp_in_words_is_words():
    run = read(
        "[Day 12, 17:01:35]\n> [#rest] Ada 4.1 started using the computer to Fix: all\n\n"
        "[Day 12, 17:01:36]\n> [#rest] Bo: I started using the computer to win\n"
        "> [Day 3, 10:00:00]\n> more\n"
    )
    assert [(e.kind, e.who, e.text) for e in run.entries] == [
        ("note", "Ada 4.1", "Ada 4.1 started using the computer to Fix: all"),
        ("say", "Bo", "I started using the computer to win\n[Day 3, 10:00:00]\nmore"),
    ]


def test_an_event_log_is_notes_and_nobodys_words():
    event = {"id": 1, "day": 2, "date": "2025-04-03", "category": "incident", "title": "T",
             "description": "It happened.", "significance": "high", "agents": ["o3"]}  # fmt: skip
    log = {"metadata": {"title": "Village Log"}, "events": [event]}
    run = read(json.dumps(log), "events.json")
    told = {key: event[key] for key in event if key not in {"date", "description"}}
    assert run.entries == [
        Entry("note", "Village Log", "It happened.", at="2025-04-03", turn=2, more=told)
    ]
    assert read(json.dumps([event]), "new.json").title == "new.json"
