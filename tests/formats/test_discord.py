"""What DiscordChatExporter writes, and lists as Discord's API gives them."""

import json

import pytest

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.detect import formats_of, read_any
from sandbox.transcript.formats.foreign import Entry, Oddity, Party, Source
from sandbox.transcript.formats.importers import discord

ANN = {"id": "7", "name": "ann", "discriminator": "0000", "nickname": "Ann", "isBot": False}
OPUS = {"id": "8", "name": "Opus", "discriminator": "1234", "nickname": "Opus", "isBot": True}


def message(number, author, content, kind="Default", **more):
    time = f"2024-05-06T07:08:{number:02}.123+00:00"
    return {"id": str(number), "type": kind, "timestamp": time, "content": content,
            "author": author, "attachments": [], **more}  # fmt: skip


def imported(name, data):
    source = Source(name, data if isinstance(data, bytes) else data.encode())
    assert formats_of(source)[0][1] == "discord"
    _, (run,) = read_any(source, formats_of(source))
    return run


def test_an_export_keeps_what_is_no_speech_apart():
    page = {
        "guild": {"id": "1", "name": "Act"},
        "channel": {"id": "2", "name": "den", "topic": None},
        "dateRange": {"after": None, "before": None},
        "messages": [
            message(1, ANN, "hi **you**"),
            message(2, OPUS, "", attachments=[{"id": "3", "url": "u"}]),
            message(3, ANN, "Joined the server.", "GuildMemberJoin"),
            message(4, OPUS, "so\n\n", "Reply", reference={"messageId": "1"}),
        ],
        "messageCount": 5,
    }
    run = imported("den.json", json.dumps(page))
    assert [(e.kind, e.who, e.text, e.at[17:19], e.more) for e in run.entries] == [
        ("say", "ann", "hi **you**", "01", {"id": "1", "type": "Default"}),
        ("say", "Opus", "", "02",
         {"id": "2", "type": "Default", "attachments": [{"id": "3", "url": "u"}]}),
        ("note", "ann", "Joined the server.", "03", {"id": "3", "type": "GuildMemberJoin"}),
        ("say", "Opus", "so\n\n", "04",
         {"id": "4", "type": "Reply", "reference": {"messageId": "1"}}),
    ]  # fmt: skip
    assert run.parties == [
        Party("ann", human=True, more={"bot": False, "id": "7", "nickname": "Ann"}),
        Party("Opus", more={"bot": True, "id": "8", "nickname": "Opus"}),
    ]
    assert (run.title, run.more["channel"]["id"]) == ("den", "2")
    assert run.oddities == [Oddity("it tells of 5 messages and holds 4")]


def test_two_accounts_of_one_name_are_two_speakers():
    others = [message(1, ANN, "a"), message(2, {**ANN, "id": "9", "discriminator": "4321"}, "b")]
    run = imported("den.json", json.dumps({"channel": {"name": "den"}, "messages": others}))
    assert [entry.who for entry in run.entries] == ["ann", "ann#4321"]


def test_what_the_api_gives_is_turned_about():
    def given(number, content):
        author = {"id": "7", "username": "ann", "bot": False}
        return {"id": str(number), "type": 0, "channel_id": "2", "content": content,
                "author": author, "timestamp": f"2024-05-06T07:08:0{number}+00:00"}  # fmt: skip

    run = imported("messages.json", json.dumps([given(2, "later"), given(1, "first")]))
    assert [entry.text for entry in run.entries] == ["first", "later"]
    assert run.oddities == [Oddity("the newest message stands first: turned about")]


RULE = "=" * 62
TEXT = f"""\
{RULE}
Guild: Act
Channel: Talk / den
Topic: one
two
{RULE}

[7/20/2025 6:36 PM] ann
hi
[1] is no header

[note] neither is this


[7/20/2025 6:37 PM] Opus#1234 (pinned)


{{Embed}}
a title


[7/20/2025 6:38 PM] ann
bye


{RULE}
Exported 3 message(s)
{RULE}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_is_parted_at_headers_of_one_shape(end):
    run = imported("den.txt", TEXT.replace("\n", end))
    assert run.entries == [
        Entry("say", "ann", f"hi{end}[1] is no header{end}{end}[note] neither is this",
              room="den", line=8, more={"time": "7/20/2025 6:36 PM"}),
        Entry("say", "Opus#1234", "", room="den", line=15,
              more={"time": "7/20/2025 6:37 PM", "pinned": True, "below": "{Embed}\na title"}),
        Entry("say", "ann", "bye", room="den", line=22, more={"time": "7/20/2025 6:38 PM"}),
    ]  # fmt: skip
    assert run.more == {"export": {"Guild": "Act", "Channel": "Talk / den", "Topic": "one\ntwo"}}
    assert run.oddities == [
        Oddity("its times are in words of no told zone: kept beside, the messages have none")
    ]


def test_text_that_was_cut_off_says_so():
    run = imported("den.txt", TEXT[: TEXT.index("bye")])
    assert [entry.text for entry in run.entries][1:] == ["", ""]
    assert run.oddities[0] == Oddity(
        "no count of messages at its end: it is of an older exporter, or cut off", 22
    )


def test_a_count_that_is_another_is_an_oddity():
    run = imported("den.txt", TEXT.replace("Exported 3", "Exported 1,004"))
    assert run.oddities[0] == Oddity(
        "it tells of 1004 messages, and 3 headers stand in it: words that look like a header, "
        "or a message cut off"
    )


def test_csv_has_times_and_accounts():
    run = imported(
        "den.csv",
        "\ufeffAuthorID,Author,Date,Content,Attachments,Reactions\r\n"
        '"7","ann","2024-05-06T07:08:09.1230000+00:00","say ""a"",\nb","u",""\r\n'
        '"8","Opus","soon","","","x (2)"\r\n',
    )
    assert run.entries == [
        Entry("say", "ann", 'say "a",\nb', at="2024-05-06T07:08:09.1230000+00:00", line=3,
              more={"Attachments": "u"}),
        Entry("say", "Opus", "", line=4, more={"Reactions": "x (2)", "time": "soon"}),
    ]  # fmt: skip
    assert run.parties == [Party("ann", more={"id": "7"}), Party("Opus", more={"id": "8"})]


HTML = """\
<!DOCTYPE html><html lang=en><head><style>.chatlog__message-group{margin:0}</style></head><body>
<div class=preamble><div class=preamble__entry>Act</div><div class=preamble__entry>den</div></div>
<div class=chatlog><div class=chatlog__message-group>
<div id=chatlog__message-container-1237000000000000000 class=chatlog__message-container
 data-message-id=1237000000000000000><div class=chatlog__message>
<div class=chatlog__message-primary><div class=chatlog__reply>to somebody</div>
<div class=chatlog__header><span class=chatlog__author title="opus#1" data-user-id=8>Opus</span>
<span class=chatlog__author-tag>BOT</span>
<span class=chatlog__timestamp title="some day"><a href="#x">06/05/2024 07:08</a></span></div>
<div class="chatlog__content chatlog__markdown"> <span class=chatlog__markdown-preserve>a &lt;b&gt;
<strong>c</strong><div class=chatlog__markdown-quote><div class=chatlog__markdown-quote-content>q</div></div>d\
</span> <span class=chatlog__edited-timestamp>(edited)</span></div>
<div class=chatlog__attachment><img src="u.png"><video><source src="v.mp4"></video></div>
</div></div></div>
<div class=chatlog__message-container data-message-id=1237000000004194304><div class=chatlog__message>
<div class=chatlog__short-timestamp>07:09</div>
<div class="chatlog__content chatlog__markdown">more <img class=chatlog__emoji alt="&#129300;"> <img alt=troll></div>
</div></div></div>
<div class=chatlog__message-group><div class=chatlog__message-container data-message-id=3>
<div class=chatlog__message><span class=chatlog__system-notification-author title=ann>Ann</span>
<span class=chatlog__system-notification-content>joined the server.</span>
<span class=chatlog__system-notification-timestamp>07:10</span></div></div></div></div></body></html>
"""


def test_html_tells_times_by_the_numbers_of_messages():
    run = imported("den.html", HTML)
    assert [(e.kind, e.who, e.text, e.at, e.room) for e in run.entries] == [
        ("say", "opus#1", "a <b>\nc\nq\nd", "2024-05-06T11:16:22.348000+00:00", "den"),
        ("say", "opus#1", "more \U0001f914 :troll:", "2024-05-06T11:16:22.349000+00:00", "den"),
        ("note", "ann", "joined the server.", None, "den"),
    ]
    assert [dict(entry.more) for entry in run.entries] == [
        {"reply": "to somebody", "aside": "(edited)", "id": "1237000000000000000",
         "media": ["u.png", "v.mp4"]},
        {"id": "1237000000004194304"},
        {"id": "3", "time": "07:10"},
    ]  # fmt: skip
    assert run.parties == [Party("opus#1", more={"bot": True}), Party("ann")]
    assert run.more == {"export": {"guild": "Act"}}


def test_an_older_page_has_the_author_above_the_messages():
    def group(author, words):
        return (
            f'<div class="chatlog__message-group"><span class="chatlog__author-name" title="{author}">'
            f'x</span><span class="chatlog__timestamp">a day</span><div class="chatlog__message" '
            f'id="message-5"><div class="chatlog__content"><div class="markdown">{words}</div></div>'
            "</div></div>"
        )

    page = f"<html><body>{group('ann#1', 'hi')}{group('Opus#2', 'yes')}</body></html>"
    run = imported("old.html", page)
    assert [(entry.who, entry.text) for entry in run.entries] == [
        ("ann#1", "hi"),
        ("Opus#2", "yes"),
    ]


def test_older_csv_is_parted_by_semicolons():
    run = imported(
        "old.csv",
        'AuthorID;Author;Date;Content;Attachments;Reactions;\n"7";"ann";"";"a;b";"";"";\n',
    )
    assert run.entries == [Entry("say", "ann", "a;b", line=2)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.html", "<html><style>.chatlog__message{}</style></html>"),
        ("x.txt", f"{RULE}\nGuild: Act\nChannel: den\n{RULE}\n\n"),
        ("x.csv", "AuthorID,Author,Date,Content,Attachments,Reactions\n"),
    ],
)
def test_a_channel_in_which_nobody_wrote_is_no_fault(name, text):
    with pytest.raises(NoTranscript) as error:
        discord.read(Source(name, text.encode()))
    assert str(error.value) == (
        f"{name}: an export of a channel without a message in it. "
        "If there should be some, get the file whole"
    )


def test_a_page_that_is_made_to_be_slow_is_refused():
    page = '<html><body><div class="chatlog__message">\n' + "<div>" * 100_000
    source = Source("deep.html", page.encode())
    why = "deep.html, line 2: more than 200 elements within each other: no page that Discord"
    with pytest.raises(Unreadable, match=why):
        discord.read(source)
