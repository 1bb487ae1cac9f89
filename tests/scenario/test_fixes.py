"""What mends a problem, and that a mended text has that problem no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.scenario.extent import extent
from sandbox.scenario.findings import findings
from sandbox.scenario.fixes import Fix, fix, fixed
from sandbox.scenario.place import Place, Problem

HEAD = "title: t\nagents:\n  ada:\n  bo:\n"

MENDED = {
    "an unknown key": ("title: t\nagents:\n  ada:\n    modle: x\n", "    model: x\n"),
    "a quoted key": ('title: t\nagents:\n  ada: {"modle": x}\n', "  ada: {model: x}\n"),
    "an unknown tool": ("title: t\nagents: {ada: {tools: [talk, shel]}}\n", "tools: [talk, shell]"),
    "an unknown tool of a script": (
        "title: t\nagents: {ada: {script: [{do: pas}]}}\n",
        "{do: pass}",
    ),
    "a wrong literal": (HEAD + "order: randm\n", "order: random\n"),
    "a stranger": (HEAD + "rooms: {den: [ada, bo, boo]}\n", "[ada, bo, bo]"),
    "a name that is none": ("title: t\nagents:\n  Ada L.:\n", "  ada-l:\n"),
    "no title": ("# mine\nagents: {ada: }\n", "# mine\ntitle: Untitled\nagents: {ada: }\n"),
    "no agents": (
        "title: t",
        "title: t\nagents:\n  ada: {script: [Hello?]}\n  bo: {script: [Hello.]}\n",
    ),
    "a number for a text": ("title: 7\nagents: {ada: }\n", "title: '7'\n"),
    "a number with a sign between": (HEAD + "limits: {turns: 1_000}\n", "{turns: 1000}"),
    "a number in quotes": (HEAD + "limits: {turns: '20'}\n", "{turns: 20}"),
    "yes": (HEAD + "fiction: yes\n", "fiction: true\n"),
    "no in quotes": (HEAD + "fiction: 'No'\n", "fiction: false\n"),
    "base 8": (HEAD + "limits: {turns: 010}\n", "{turns: 10}"),
    "a control character": ("title: a\x07b\nagents: {ada: }\n", "title: ab\n"),
    "a tab": ("title: t\nagents:\n\tada:\n", "agents:\n  ada:\n"),
    "a tag": (HEAD + "about: !!str x\n", "about: x\n"),
    "a colon in a text": ("title: it's: two\nagents: {ada: }\n", "title: 'it''s: two'\n"),
    "a sign at the beginning": ("title: t\nabout: @home\nagents: {ada: }\n", "about: '@home'\n"),
    "a moderator": (HEAD + "order: moderator\n", "order: {kind: moderator, moderator: ada}\n"),
    "a model without its maker": ("title: t\nagents: {ada: smollm2}\n", "{ada: local/smollm2}"),
}


@pytest.mark.parametrize(("text", "mended"), MENDED.values(), ids=MENDED)
def test_a_fix_mends_what_it_is_for(text, mended):
    first = next(each for each in findings(text).all if each.fix is not None)
    after = fixed(text, first.fix)
    assert mended in after
    assert str(first) not in [str(each) for each in findings(after).all]


LEFT_TO_PEOPLE = [
    "title: t\nagents:\n  ada:\n  bo:\n  ada:\n",
    HEAD + "stop: {zzz: 1}\n",
    HEAD + "limits: {turns: many}\n",
    HEAD + "rooms: {den: [ada]}\n",
    "title: t\nagents: {ada: {model: local/qwen, script: [hi]}}\n",
    "- a list\n",
    "",
]


@pytest.mark.parametrize("text", LEFT_TO_PEOPLE)
def test_where_people_have_to_choose_there_is_no_fix(text):
    assert [each.fix for each in findings(text).all] == [None] * len(findings(text).all)


def test_a_fix_keeps_the_line_ends_of_the_text():
    text = "# mine\r\nagents: {ada: }\r\n"
    (found,) = findings(text).all
    assert fixed(text, found.fix) == "# mine\r\ntitle: Untitled\r\nagents: {ada: }\r\n"


def test_a_place_that_the_text_does_not_have_is_passed_over():
    problem = Problem(Place("x", 9, 9), "unknown key 'a'", "Did you mean 'b'?")
    assert fix("title: t\n", problem) is None


def test_a_word_is_replaced_only_where_it_stands():
    problem = Problem(Place("x", 1, 1), "unknown key 'a'", "Did you mean 'b'?")
    assert fix("title: t\n", problem) is None


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        ("title: a b", 1, "title"),
        ("title: a b # c", 8, "a b"),
        ("x: [one two, 3]", 5, "one two"),
        ("x: 'it''s' # c", 4, "'it''s'"),
        ('x: "a\\"b", c', 4, '"a\\"b"'),
        ("x: http://a:1/b#c d", 4, "http://a:1/b#c d"),
        ("x:", 3, ""),
        ("", 1, ""),
        ("x: [a]", 4, "["),
        ("abc", 99, ""),
    ],
)
def test_how_far_a_value_reaches(line, column, found):
    start, end = extent(line, column)
    assert line[start - 1 : end - 1] == found


@given(st.text(alphabet="ab: '\"#,[]{}\\-é🙂\t", max_size=30), st.integers(-2, 40))
def test_an_extent_lies_in_its_line(line, column):
    start, end = extent(line, column)
    assert 1 <= start <= end <= len(line) + 1


@given(st.text(alphabet="ab:\n'\"[]{}!&*#- \t\r\x07", max_size=60))
def test_no_text_breaks_the_findings_and_every_fix_can_be_applied(text):
    for each in findings(text).all:
        if isinstance(each.fix, Fix):
            fixed(text, each.fix)
