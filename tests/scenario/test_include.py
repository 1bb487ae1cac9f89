"""Scenarios that lie in several files."""

import os

import pytest

from sandbox.scenario import InvalidScenario, canonical, load, loads


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Writes files below a folder of its own and stands in it."""
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml").replace(
                "_md", ".md"
            )
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def problems(path):
    with pytest.raises(InvalidScenario) as caught:
        load(path)
    return str(caught.value).splitlines()


def test_an_included_file_lies_under_the_one_that_includes_it(folder):
    folder(
        main_yaml="title: t\ninclude: [cast.yaml, loud.yaml]\nagents: {ada: {max_tokens: 9}, cy: }\n",
        cast_yaml="agents:\n  bo: {model: local/qwen}\n  ada: {model: local/smollm2, tools: [say]}\nseed: 1\n",
        loud_yaml="agents: {bo: {temperature: 2}}\nseed: 2\n",
    )
    scenario = load("main.yaml")
    assert [
        (n, a.model, a.tools, a.max_tokens, a.temperature) for n, a in scenario.agents.items()
    ] == [
        ("ada", "local/smollm2", ("say",), 9, None),
        ("cy", "scripted", scenario.agents["cy"].tools, 400, None),
        ("bo", "local/qwen", scenario.agents["bo"].tools, 400, 2.0),
    ]
    assert scenario.seed == 2
    assert loads(canonical(scenario)) == scenario


def test_a_list_is_replaced_and_not_merged(folder):
    folder(
        main_yaml="title: t\ninclude: [cast.yaml]\nagents: {ada: {tools: [say]}}\n",
        cast_yaml="agents: {ada: {tools: [whisper, pass]}}\n",
    )
    assert load("main.yaml").agents["ada"].tools == ("say",)


def test_an_included_file_names_its_own_neighbours(folder):
    folder(
        main_yaml="title: t\ninclude: [parts/cast.yaml]\n",
        parts__cast_yaml="include: [more.yaml]\nagents: {ada: }\n",
        parts__more_yaml="agents: {bo: {persona: {file: bo.md}}}\n",
        parts__bo_md="You are bo.\n\nYou hum.\n",
    )
    assert load("main.yaml").agents["bo"].persona == "You are bo.\n\nYou hum."


def test_a_mistake_is_told_where_it_was_made(folder):
    folder(
        main_yaml="title: t\ninclude: [parts/cast.yaml]\nagents: {ada: {modle: x}}\n",
        parts__cast_yaml="agents:\n  bo: {tools: [shel]}\n",
    )
    assert problems("main.yaml") == [
        "main.yaml:3:16: unknown key 'modle' in agent 'ada'. Did you mean 'model'?",
        "parts/cast.yaml:2:16: there is no tool 'shel'. Did you mean 'shell'?",
    ]


def test_a_file_that_includes_itself_is_told_with_the_chain(folder):
    folder(
        a_yaml="title: t\ninclude: [b.yaml]\nagents: {ada: }\n",
        b_yaml="include: [c.yaml]\n",
        c_yaml="include: [a.yaml]\n",
    )
    assert problems("a.yaml") == [
        "c.yaml:1:11: these files include each other: a.yaml -> b.yaml -> c.yaml -> a.yaml. Break the circle."
    ]


def test_includes_lie_at_most_eight_deep(folder):
    files = {f"f{n}_yaml": f"include: [f{n + 1}.yaml]\n" for n in range(20)}
    folder(main_yaml="title: t\nagents: {ada: }\ninclude: [f0.yaml]\n", **files)
    assert problems("main.yaml") == [
        "f7.yaml:1:11: includes lie more than 8 deep in each other. Include the last one directly."
    ]


def test_a_scenario_has_at_most_64_files(folder):
    again = ", ".join(["b.yaml"] * 10)
    folder(
        main_yaml=f"title: t\nagents: {{ada: }}\ninclude: [{', '.join(['a.yaml'] * 10)}]\n",
        a_yaml=f"include: [{again}]\n",
        b_yaml="seed: 1\n",
    )
    told = "the scenario takes in more than 64 files. Put some of them together."
    assert {line.partition(": ")[2] for line in problems("main.yaml")} == {told}


def test_a_scenario_that_grows_too_large_is_refused(folder):
    bomb = "x: &x [" + ", ".join(["1"] * 9000) + "]\ny: [" + ", ".join(["*x"] * 18) + "]\n"
    folder(main_yaml="title: t\nagents: {ada: }\ninclude: [a.yaml, a.yaml]\n", a_yaml=bomb)
    assert problems("main.yaml") == [
        "a.yaml:1:1: with all that it takes in the scenario has more than 4 MiB. Take in less."
    ]


OUT = "leads out of the scenario's folder. Name a file in it, without '..'."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/etc/passwd", f"'/etc/passwd' {OUT}"),
        ("../other.yaml", f"'../other.yaml' {OUT}"),
        ("sub/../cast.yaml", f"'sub/../cast.yaml' {OUT}"),
        ("link.yaml", f"'link.yaml' {OUT}"),
        (
            "nowhere.yaml",
            "there is no file 'nowhere.yaml' in the scenario's folder. Check the name.",
        ),
        ("pipe", "there is no file 'pipe' in the scenario's folder. Check the name."),
        ("sub", "there is no file 'sub' in the scenario's folder. Check the name."),
        ("7", "a file has a name, not 7. Write it."),
        ('"a\\0b"', "there is no file 'a\\x00b' in the scenario's folder. Check the name."),
        ("x" * 300, f"there is no file '{'x' * 55}...' in the scenario's folder. Check the name."),
    ],
)
@pytest.mark.parametrize("key", ["include", "premise"])
def test_a_file_lies_in_the_scenarios_folder(folder, key, name, message):
    root = folder(other_yaml="seed: 1\n", main__main_yaml="", main__cast_yaml="seed: 1\n")
    (root / "main" / "sub").mkdir()
    (root / "main" / "link.yaml").symlink_to(root / "other.yaml")
    os.mkfifo(root / "main" / "pipe")
    value = f"[{name}]" if key == "include" else f"{{file: {name}}}"
    (root / "main" / "main.yaml").write_text(f"title: t\nagents: {{ada: }}\n{key}: {value}\n")
    column = {"include": 11, "premise": 17}[key]
    assert problems("main/main.yaml")[0] == f"main/main.yaml:3:{column}: {message}"


def test_include_takes_a_list(folder):
    folder(main_yaml="title: t\nagents: {ada: }\ninclude: cast.yaml\n")
    assert problems("main.yaml") == [
        "main.yaml:3:10: 'include' must be a list of files. Write [cast.yaml]."
    ]


def test_a_text_that_lies_in_no_file_includes_nothing():
    with pytest.raises(InvalidScenario) as caught:
        loads("title: t\nagents: {ada: }\ninclude: [cast.yaml]\n")
    assert str(caught.value) == (
        "scenario:3:11: 'cast.yaml' cannot be found from a text that lies in no file. "
        "Load the scenario from a file."
    )


def test_a_mistake_in_an_included_text_is_told_there(folder):
    root = folder(main_yaml="title: t\nagents: {ada: {system: {file: s.md}}}\n")
    (root / "s.md").write_bytes(b"one\ntwo \xff")
    assert problems("main.yaml") == ["s.md:2:5: the byte 0xff is no UTF-8. Save the file as UTF-8."]
