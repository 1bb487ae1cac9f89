"""``backrooms new`` and the templates behind it."""

import pytest

from sandbox.cli import main
from sandbox.scenario import find, lint, load, loads
from sandbox.scenario.template import file_name, templates


@pytest.mark.parametrize("template", templates(), ids=lambda each: each.name)
def test_every_template_is_a_scenario_that_nothing_speaks_against(template):
    assert lint(loads(template.text)) == []
    assert template.text.startswith("# ")
    assert 20 < len(template.about) < 120
    assert template.text.count("\n") < 32


def test_the_templates_are_listed_shortest_first(capsys):
    assert main(["new", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "empty", "shell", "moderated", "rooms", "two-models",
    ]  # fmt: skip
    assert lines[0] == (
        "empty       A whole scenario in a few lines: two agents that play lines from this file."
        " It runs anywhere."
    )


def test_a_name_becomes_a_file_that_is_found_by_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "corridor", "--title", 'A "long": corridor']) == 0
    assert capsys.readouterr() == (
        "scenarios/corridor.yaml\n",
        "Edit it, then: backrooms check corridor, backrooms run corridor\n",
    )
    assert load(find("corridor")).title == 'A "long": corridor'


def test_a_path_is_taken_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a/b", "c.yaml", "d.yml"):
        assert main(["new", name, "--template", "rooms"]) == 0
    assert capsys.readouterr().out == "a/b.yaml\nc.yaml\nd.yml\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "new takes a NAME. For example: backrooms new corridor"),
        (["x", "--template", "roms"], "there is no template 'roms'. Did you mean 'rooms'?"),
        (["there"], "scenarios/there.yaml is there already. Choose another name."),
        (
            ["x", "--title", "a\nb"],
            (
                "that title makes no scenario: scenarios/x.yaml:2:8: 'title' holds a line break or"
                " another control character. Write one plain line."
            ),
        ),
        (["a\x00b"], "'a\\x00b' is no name of a file: embedded null byte"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    arguments, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "there.yaml").write_text("mine")
    assert main(["new", *arguments]) == 2
    assert capsys.readouterr().err == f"backrooms: {sentence}\n"
    assert [path.read_text() for path in tmp_path.rglob("*.yaml")] == ["mine"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Two strangers", "two-strangers.yaml"),
        ("  ../../etc: «x» ", "etc-x.yaml"),
        ("日本", "untitled.yaml"),
        ("a" * 80, f"{'a' * 48}.yaml"),
    ],
)
def test_the_name_of_a_file_comes_from_the_title(title, name):
    assert file_name(title) == name
