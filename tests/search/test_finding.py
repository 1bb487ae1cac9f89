"""What is found, by each part of the language; the same with the index and without."""

import pytest

LATER = (
    "The index in {root} cannot be brought up to date now (unable to open database file). What is "
    "not in it is read through: all is found, but it takes longer."
)
FOUND = {
    "door": [("bbbb", 3, "say"), ("aaaa", 4, "say"), ("aaaa", 7, "result")],
    "DOOR hums": [("aaaa", 4, "say")],
    "kind:think door": [("aaaa", 3, "think")],
    "lamp": [("aaaa", 3, "think")],
    "cafe": [("bbbb", 3, "say")],
    "CAFÉ": [("bbbb", 3, "say")],
    "caf*": [("bbbb", 3, "say")],
    "caf": [],
    "迷宫": [("aaaa", 8, "whisper")],
    "很大": [("aaaa", 8, "whisper")],
    "宫迷": [],
    '"/var/run/docker.sock"': [("aaaa", 6, "action")],
    "/var/run/docker.sock": [("aaaa", 6, "action")],
    "docker.sock": [("aaaa", 6, "action")],
    '"var run docker"': [],
    '"run/docker"': [("aaaa", 6, "action")],
    '"run/dock"': [],
    '"run/dock"*': [("aaaa", 6, "action")],
    '"?"': [("bbbb", 3, "say")],
    "curl kind:action": [("aaaa", 6, "action")],
    "curl kind:result": [("aaaa", 7, "result")],
    "tool:shell": [("aaaa", 6, "action"), ("aaaa", 7, "result")],
    "to:ada": [("aaaa", 8, "whisper")],
    "agent:bo kind:say": [("bbbb", 3, "say")],
    "agent:bo kind:flag": [("aaaa", 9, "flag")],
    "flag:contact": [("aaaa", 8, "whisper"), ("aaaa", 9, "flag")],
    "flag:contact -kind:flag": [("aaaa", 8, "whisper")],
    "flag:escape": [],
    "room:lobby turn:2": [("bbbb", 5, "say")],
    "turn:..1 kind:say": [("bbbb", 3, "say"), ("aaaa", 4, "say")],
    "turn:2.. kind:say": [("bbbb", 5, "say")],
    "run:2026112 kind:say": [("bbbb", 3, "say"), ("bbbb", 5, "say")],
    "title:emigres kind:say": [("aaaa", 4, "say")],
    "model:Claude kind:say": [("bbbb", 5, "say"), ("aaaa", 4, "say")],
    "kind:run": [("bbbb", 1, "run"), ("aaaa", 1, "run")],
    "kind:action.result": [("aaaa", 7, "result")],
    "no OR hums kind:say": [("bbbb", 5, "say"), ("aaaa", 4, "say")],
    "kind:say (no OR hums) -turn:2": [("aaaa", 4, "say")],
    "kind:say -(no OR hums)": [("bbbb", 3, "say")],
    "kind:say NOT door": [("bbbb", 5, "say")],
    "/d..r\\?/": [("bbbb", 3, "say")],
    "/D..R/ kind:say -/hums/": [("bbbb", 3, "say")],
    "/hums/ OR no kind:say": [("bbbb", 5, "say"), ("aaaa", 4, "say")],
    "after:2023-11-14T22:13:29 kind:say": [("bbbb", 3, "say"), ("bbbb", 5, "say")],
    "before:2023-11-14T22:13:29 kind:say": [("aaaa", 4, "say")],
    "format:arc": [],
}


@pytest.mark.parametrize("query", FOUND)
def test_finds_with_the_index_and_without(query, two, tmp_path):
    assert two.search(query) == FOUND[query]
    assert two.search(query) == FOUND[query]
    assert (two.root / ".search.sqlite").is_file()
    (two.root / ".search.sqlite").unlink()
    (two.root / ".search.sqlite").mkdir()
    assert two.search(query) == FOUND[query]
    assert two.notes == [LATER.format(root=two.root)]


def test_tells_where_in_the_text_and_in_the_run(two):
    (hit,) = two.hits("door hum* kind:say")
    assert hit.document.text == "The door hums."
    assert hit.marks == [(4, 8), (9, 13)]
    assert (hit.place.turn, hit.place.run.title, hit.document.room) == (1, "The Émigrés", "lobby")
    assert [hit.marks for hit in two.hits("/d(o+)r|café/ cafe")] == [[(11, 15), (17, 21)]]


def test_words_that_were_thought_and_said_are_told_once(two):
    assert two.search("hums") == [("aaaa", 4, "say")]
    assert two.search("hums OR lamp") == [("aaaa", 3, "think"), ("aaaa", 4, "say")]


def test_one_run_alone(two):
    assert two.search("door", run="20261121-113908-second-bbbb") == [("bbbb", 3, "say")]
    assert two.search("door", run="nowhere") == []


def test_an_imported_run_is_found_by_its_format(runs):
    runs.add("a-run", ("run.started", "engine", {"title": "x", "imported": {"format": "arc"}}))
    assert runs.search("format:arc") == [("-run", 1, "run")]
