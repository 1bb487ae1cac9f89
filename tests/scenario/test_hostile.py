"""Whatever a file holds: it is a scenario, or there is a message; and it does not take long."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.errors import ScenarioError
from sandbox.scenario import InvalidScenario, Scenario, load, loads
from sandbox.scenario.yaml import MAX_BYTES

SCRAPS = r"""title agents ada bo model scripted local/x tools talk shell script say do when rooms lobby
    members enter order kind moderator limits turns stop word isolation memory 512MB include << *a &a
    !!str !x { } [ ] , : ? - | > ' " # % --- ... 0 010 1e999 .inf true no null ~ \ \UFFFFFFFF \uD800
"""
WORDS = st.sampled_from(SCRAPS.split())
GLUE = st.sampled_from(["", " ", "\n", "\n  ", "\n    ", ": ", "\n- ", ", ", "\t"])
YAMLISH = st.lists(st.tuples(WORDS, GLUE)).map(lambda parts: "".join(a + b for a, b in parts))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def loads_or_says_why(text):
    try:
        assert isinstance(loads(text, "x.yaml"), Scenario)
    except InvalidScenario as error:
        lines = str(error).splitlines()
    else:
        return
    for line in lines:
        assert line.startswith(("x.yaml:", "There may be more"))
        assert line.endswith((".", "?"))
        assert line.isprintable()


@settings(deadline=None)
@given(st.text())
@example('a: "\\UFFFFFFFF"')
@example("\ud800")
def test_any_text_loads_or_there_is_a_message(text):
    loads_or_says_why(text)


@settings(deadline=None)
@given(YAMLISH)
def test_anything_like_yaml_loads_or_there_is_a_message(text):
    loads_or_says_why(text)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Scenario.model_fields, "include"]), VALUES | st.lists(VALUES), max_size=5
    )
)
def test_any_values_load_or_there_is_a_message(values):
    lines = [f"{key}: {written(value)}" for key, value in values.items()]
    loads_or_says_why("\n".join(["title: x", "agents: {ada: , bo: }", *lines]))


@settings(deadline=None)
@given(st.sampled_from(["order", "limits", "stop", "isolation", "ada", "lobby", "script"]), VALUES)
def test_any_value_in_any_place_loads_or_there_is_a_message(place, value):
    it = written(value)
    parts = {name: f"{name}: {it}" if name == place else "" for name in ("ada", "lobby", "script")}
    text = f"title: x\nagents:\n  bo: {{tools: [say], {parts['script']}}}\n  {parts['ada']}\n"
    loads_or_says_why(text + f"rooms:\n  den:\n  {parts['lobby']}\n{place}: {it}")


def written(value):
    """A value as flow YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(each) for each in value) + "]"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


@settings(deadline=None)
@given(data=st.binary())
def test_any_bytes_load_or_there_is_a_message(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError):
        load(path)


BOMBS = {
    "depth": "[" * MAX_BYTES,
    "depth in blocks": "- " * (MAX_BYTES // 2),
    "mappings": "{a: " * (MAX_BYTES // 4),
    "keys": "? " * (MAX_BYTES // 2),
    "anchors": "&a " * (MAX_BYTES // 3),
    "aliases": "a0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)),
    "merges": "a: &a {"
    + ", ".join(f"k{n}: 1" for n in range(9000))
    + "}\n"
    + "b: {<<: *a}\n" * 9000,
    "an alias in itself": "a: &a [*a]",
    "digits": "title: " + "9" * 500_000,
    "newlines": "\n" * MAX_BYTES,
    "a tag": "!<" + "a" * 500_000,
    "unknown keys": "".join(f"key{n}: 1\n" for n in range(10_000)),
    "twice": "a: 1\n" * 10_000,
    "nobody": f"title: x\nagents: {{{', '.join(f'a{n}: ' for n in range(1000))}}}\n"
    f"rooms: {{a: [{', '.join(f'b{n}' for n in range(20_000))}]}}",
    "too large": "#" * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_in_bounded_time(bomb):
    began = time.process_time()
    with pytest.raises(InvalidScenario) as caught:
        loads(bomb, "x.yaml")
    assert time.process_time() - began < 10
    assert len(str(caught.value)) < 20_000


def test_a_device_is_read_no_further_than_the_limit():
    with pytest.raises(InvalidScenario, match="the file is larger than 1 MiB"):
        load("/dev/zero")
