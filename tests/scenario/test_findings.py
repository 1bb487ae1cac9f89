from sandbox.scenario.findings import Finding, findings
from sandbox.scenario.yaml import MAX_BYTES


def told(text, **rest):
    return [(f.line, f.column, f.end, f.grave, str(f)) for f in findings(text, **rest).all]


def test_a_problem_has_its_stretch_of_the_line():
    assert told("title: t\nagents:\n  ada: {modle: x}\n") == [
        (3, 9, 14, True, "unknown key 'modle' in agent 'ada'. Did you mean 'model'?")
    ]


def test_a_warning_stands_at_the_key_or_value_that_it_is_about():
    text = "title: t\nagents:\n  ada:\n    system: x\n    script: [a]\n  bo: zzz/x\npremise: y\n"
    assert told(text) == [
        (4, 5, 11, False, "the agent is not told the premise: 'system' stands in its place."),
        (
            6,
            7,
            12,
            False,
            (
                "there is no model provider 'zzz'; there are anthropic, mistral, openai, local, scripted,"
                " recorded, human. A model is written provider/model."
            ),
        ),
    ]


def test_two_problems_of_one_line_are_two():
    text = "title: t\nagents:\n  ada: {modle: x, tols: [talk]}\n"
    assert [(f.line, f.column) for f in findings(text).all] == [(3, 9), (3, 19)]


def test_a_scenario_that_is_right_comes_with_its_names():
    found = findings("title: t\nagents: {ada: {script: [a]}, bo: {script: [b]}}\n")
    assert (found.scenario.title, found.agents, found.rooms) == ("t", ("ada", "bo"), ("lobby",))


def test_names_are_known_while_something_is_wrong():
    found = findings("agents: {ada: , bo: }\nrooms: {den: }\n")
    assert (found.scenario, found.agents, found.rooms) == (None, ("ada", "bo"), ("den",))


def test_what_is_included_is_found_beside_the_file(tmp_path):
    (tmp_path / "cast.yaml").write_text("agents:\n  ada: {modle: x}\n")
    path = tmp_path / "mine.yaml"
    (found,) = findings("title: t\ninclude: [cast.yaml]\n", "mine.yaml", path).all
    assert (found.line, found.file, found.fix) == (1, "cast.yaml", None)
    assert found.what == "cast.yaml:2:9: unknown key 'modle' in agent 'ada'"


def test_hostile_texts_are_only_told_of():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
    )
    for text, what in (
        (bomb, "with its aliases written out the file has more than 4 MiB"),
        ("[" * 100, "more than 50 levels lie inside each other"),
        ("a\x00b", "the character U+0000 may not stand in a file"),
        ("x" * (MAX_BYTES + 1), "the file is larger than 1 MiB"),
    ):
        (found,) = findings(text).all
        assert found.what == what


def test_findings_are_ordered_by_place():
    assert Finding(1, 2, 3, True, "a", "b") < Finding(2, 1, 2, True, "a", "b")
