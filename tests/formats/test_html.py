"""The page: what is in it, and what is not."""

import base64
import hashlib
import io
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore
from sandbox.transcript.formats.exporters import Part, Source, export
from sandbox.transcript.formats.exporters.html.prose import prose

DEMO = Path(__file__).parents[2] / "transcripts" / "samples" / "demo"
PAGE = files("sandbox.transcript.formats.exporters.html")
VOID = {"meta", "input", "link", "br"}


class Markup(HTMLParser):
    """Every tag with its attributes, and that each is closed in its order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(folder=DEMO, part=None):
    out = io.BytesIO()
    export(Source(folder, part), "html", out)
    return out.getvalue().decode()


def record(folder, *events):
    store = FileStore(folder, "a-run", ManualClock(), "process")
    for event in events:
        store.append(event)
    store.close()
    return folder


def test_the_page_is_well_formed_and_each_id_is_there_once():
    markup = Markup(page())
    assert markup.open == []
    ids = [attrs["id"] for _, attrs in markup.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert [id for id in ids if re.fullmatch(r"t\d+", id)] == [f"t{turn}" for turn in range(10)]


def test_every_link_leads_somewhere_on_the_page():
    markup = Markup(page())
    ids = {attrs.get("id") for _, attrs in markup.tags}
    links = [attrs["href"] for _, attrs in markup.tags if "href" in attrs]
    assert len(links) > 30
    assert {link for link in links if link.removeprefix("#") not in ids} == set()


def test_nothing_on_the_page_is_fetched():
    shown = page()
    attributes = {name for _, attrs in Markup(shown).tags for name in attrs}
    assert attributes & {"src", "srcset", "action", "data", "poster", "style", "onclick"} == set()
    assert re.findall(r"https?:|url\(|@import|fetch\(|XMLHttp|import\(", shown) == []


def test_the_policy_lets_the_pages_own_script_run_and_nothing_else():
    shown = page()
    (script,) = re.findall("<script>(.*?)</script>", shown, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', shown)
    assert unescape(policy) == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_cover_tells_cast_models_tier_totals_end_and_last_hash():
    shown = unescape(page())
    for told in (
        "<h1>The room behind the room</h1>",
        "scripted/claude-like",
        "You keep a desk that nobody remembers putting here.",
        "<dt>tier</dt><dd>bubblewrap</dd>",
        "<dt>end</dt><dd>word: the word 'Lights out.' was said</dd>",
        "9 turns · 8 says · 1 whisper · 19 thinks · 18 actions · 1 refused · 1 flag",
        "3083055fbc8fb0d160677e7152fb9d4bfaf500a3c56f3e865dd1a110eb08dfb0",
    ):
        assert told in shown


def test_a_flag_stands_in_the_margin_of_what_it_rests_on_and_links_back():
    shown = page()
    (evidence,) = re.findall('<article class="whispers" id="e71".*?</article>', shown, re.DOTALL)
    assert '<a class="mark" href="#e72"' in evidence
    (flag,) = re.findall('<article class="flags wrong" id="e72".*?</article>', shown, re.DOTALL)
    assert '<a href="#e71">event 71</a>' in flag
    assert "nothing asked for it" in flag


def test_a_moment_has_the_whole_cast_and_its_own_turns_alone():
    shown = page(part=Part(5, 6))
    assert re.findall(r'id="(t\d+)"', shown) == ["t5", "t6"]
    assert "turns 5..6 of the run" in shown
    assert "last hash" not in shown


HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '" onmouseover="alert(1)',
    "'--></style><svg onload=alert(1)>", "\x1b[2J\x00\u202etxt.exe", "a\u200bd\u200ba", "&#60;b&#62;",
    "<!--", "]]>", "{{7*7}}", "javascript:alert(1)", "x" * 300_000,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text_wherever_it_stands(tmp_path, text):
    call = {"id": "c1", "tool": text, "args": {text: text}}
    folder = record(
        tmp_path / "run",
        Event(1, "run.started", "engine", {
            "title": text, "agents": {text: {"model": text, "tools": [text]}}, "tier": text,
            "rooms": {text: {"about": text}}, "seed": text,
            "scenario": {"premise": text, "about": text, "agents": {text: {"persona": text}}},
        }),
        Event(2, "turn.offered", text, {"turn": 1, "agent": text}),
        Event(3, "think.done", text, {"text": text, "reasoning": text, "calls": [call]}),
        Event(4, "action.intent", text, {"call": "c1", "tool": text}, parent=3),
        Event(5, "action.result", text, {"output": text, "exit": text, "seconds": text}),
        Event(6, "say", text, {"text": text, "to": text, "speaks_for": [text]}, text, "room"),
        Event(7, text, text, {text: text}),
        Event(8, "flag", "watch", {
            "id": text, "title": text, "level": text, "evidence": [6, text], "more": {text: text},
        }),
        Event(9, "run.ended", "engine", {"reason": text, "detail": text}),
    )  # fmt: skip
    shown = page(folder)
    markup = Markup(shown)
    assert markup.open == []
    allowed = {
        "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "p", "ul", "ol",
        "li", "b", "span", "dl", "dt", "dd", "div", "details", "summary", "nav", "form", "input",
        "output", "button", "select", "option", "fieldset", "legend", "label", "main", "section",
        "article", "time", "pre", "footer", "script",
    }  # fmt: skip
    assert {tag for tag, _ in markup.tags} <= allowed
    assert sum(tag == "script" for tag, _ in markup.tags) == 1
    assert not any(name.startswith("on") for _, attrs in markup.tags for name in attrs)
    assert all(attrs["href"].startswith("#") for _, attrs in markup.tags if "href" in attrs)
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", shown) is None


def test_emoji_and_scripts_that_join_letters_are_drawn_joined():
    assert "\u0645\u06cc\u200c\u062e" in prose("\u0645\u06cc\u200c\u062e")
    assert "\U0001f469\u200d\U0001f4bb" in prose("\U0001f469\u200d\U0001f4bb")


@given(st.text(st.sampled_from("ab `\n|-#<&\t"), max_size=60))
def test_setting_a_text_loses_no_letter_of_it(text):
    shown = unescape(re.sub("<[^>]*>", "", prose(text)))
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


def test_what_is_drawn_with_letters_keeps_its_columns():
    art = "  /\\_/\\\n ( o.o )\n  > ^ <"
    assert prose(f"A cat:\n\n{art}\n\nIt sleeps.") == (
        '<div class="text"><p>A cat:</p><p class="mono">  /\\_/\\\n ( o.o )\n  &gt; ^ &lt;</p>'
        "<p>It sleeps.</p></div>"
    )


def test_lines_that_end_as_on_windows_are_lines():
    assert prose("one\r\n\r\ntwo\r\nthree\rfour") == (
        '<div class="text"><p>one</p><p>two\nthree\u240dfour</p></div>'
    )


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_can_be_read_by_light_and_in_the_dark():
    sheets = re.findall(
        r"\{[^{]*?(--paper: #.{6};.*?)\}", PAGE.joinpath("page.css").read_text(), re.DOTALL
    )
    looks = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet)) for sheet in sheets]
    assert len(looks) == 3
    assert looks[1] == looks[2]
    on = {"paper": ["ink", "soft", "accent", "wrong", *(f"a{n}" for n in range(7))],
          "sheet": ["ink", "accent"], "flag": ["flag-ink"]}  # fmt: skip
    poor = [
        (name, ground)
        for look in looks
        for ground, names in on.items()
        for name in names
        for light, dark in [sorted((luminance(look[name]), luminance(look[ground])), reverse=True)]
        if (light + 0.05) / (dark + 0.05) < 4.5
    ]
    assert poor == []
