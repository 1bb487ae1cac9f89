"""Every mistake gets one sentence with its place and its remedy."""

import pytest

from sandbox.scenario import InvalidScenario, load, loads

HEAD = "title: t\nagents:\n  ada:\n  bo:\n"

BAD = {
    "nothing": (
        "",
        ":1:1: the file is empty. Begin with 'title: ...' and 'agents: ...'.",
    ),
    "only a comment": (
        "# nothing yet\n",
        ":1:1: the file is empty. Begin with 'title: ...' and 'agents: ...'.",
    ),
    "a list": (
        "- title: t\n",
        ":1:1: a scenario is a mapping, not a list. Begin with 'title: ...' and 'agents: ...'.",
    ),
    "no title, no agents": (
        "premise: x\n",
        ":1:1: 'title' is missing. Add for example 'title: Two strangers'.",
        ":1:1: 'agents' is missing. Add 'agents:' and below it, indented, at least one name.",
    ),
    "no agents": (
        "title: t\n",
        ":1:1: 'agents' is missing. Add 'agents:' and below it, indented, at least one name.",
    ),
    "an empty cast": (
        "title: t\nagents: {}\n",
        ":2:9: 'agents' is empty. Write something, or remove the key.",
    ),
    "an unknown key": (
        "title: t\nagents:\n  ada:\n    modle: scripted\n",
        ":4:5: unknown key 'modle' in agent 'ada'. Did you mean 'model'?",
    ),
    "an unknown key that is like none": (
        HEAD + "stop: {zzz: 1}\n",
        ":5:8: unknown key 'zzz' in 'stop'. Known keys: silence, word, all_left.",
    ),
    "a wrong type": (
        HEAD + "limits:\n  turns: many\n",
        ":6:10: 'turns' must be a whole number, not 'many'. Write digits only, for example 20.",
    ),
    "a number that YAML 1.1 would read": (
        HEAD + "limits: {turns: 1_000}\n",
        ":5:17: 'turns' must be a whole number, not '1_000'. Write digits only, for example 20.",
    ),
    "a number in base 8": (
        HEAD + "limits: {turns: 010}\n",
        ":5:17: 010 is read in base 8 by some programs. Write 10, or '010' in quotes if it is a text.",
    ),
    "yes": (
        HEAD + "fiction: yes\n",
        ":5:10: 'fiction' must be true or false, not 'yes'. Write true or false.",
    ),
    "a number for a text": (
        "title: 7\nagents: {ada: }\n",
        ":1:8: 'title' must be a text, not 7. Put quotes around it.",
    ),
    "a duration nobody knows": (
        HEAD + "limits: {seconds: 2 fortnights}\n",
        (
            ":5:19: 'seconds' must be a number, not '2 fortnights'. "
            "Write seconds, or a time such as 90s, 5m or 2h."
        ),
    ),
    "a size nobody knows": (
        HEAD + "isolation: {memory: lots}\n",
        (
            ":5:21: 'memory' must be a whole number, not 'lots'. "
            "Write bytes, or a size such as 512MB or 1GiB."
        ),
    ),
    "too little memory": (
        HEAD + "isolation: {memory: 1MB}\n",
        ":5:21: 'memory' must be at least 64 MiB, not '1MB'. Write a larger number.",
    ),
    "no turn at all": (
        HEAD + "limits: {turns: 0}\n",
        ":5:17: 'turns' must be at least 1, not 0. Write a larger number.",
    ),
    "an empty value": (
        HEAD + "seed:\n",
        ":5:1: 'seed' is empty. Write a whole number, or remove the key.",
    ),
    "a name that is none": (
        "title: t\nagents:\n  Ada L.:\n",
        (
            ":3:3: 'Ada L.' is no name. "
            "Use a-z, 0-9 and '-', at most 32, a letter first, for example 'ada-l'."
        ),
    ),
    "a name of the house": (
        "title: t\nagents: {engine: }\n",
        ":2:10: the name 'engine' is the house's own. Call the agent something else.",
    ),
    "a duplicate agent": (
        HEAD + "  ada:\n",
        ":5:3: the key 'ada' is already in line 3. Keep one of them.",
    ),
    "an unknown tool": (
        "title: t\nagents: {ada: {tools: [talk, shel]}}\n",
        ":2:30: there is no tool 'shel'. Did you mean 'shell'?",
    ),
    "an unknown tool in a script": (
        "title: t\nagents: {ada: {script: [{do: wisper}]}}\n",
        ":2:30: there is no tool 'wisper'. Did you mean 'whisper'?",
    ),
    "two actions in one": (
        "title: t\nagents: {ada: {script: [{do: {pass: , leave: }}]}}\n",
        ":2:30: item 1 of 'do' holds 2 actions. Begin each action with '- '.",
    ),
    "raw and more": (
        "title: t\nagents: {ada: {script: [{raw: x, say: y}]}}\n",
        ":2:26: a line with 'raw' is that and nothing else. Remove 'say' and 'do', or 'raw'.",
    ),
    "a script for another model": (
        "title: t\nagents: {ada: {model: local/qwen, script: [hi]}}\n",
        (
            ":2:35: 'ada' has a script, but its model is 'local/qwen'. "
            "Write 'model: scripted', or remove the script."
        ),
    ),
    "a stranger in a room": (
        HEAD + "rooms: {den: [ada, boo]}\n",
        ":5:20: there is no agent 'boo'. Did you mean 'bo'?",
        ":4:3: agent 'bo' is in no room. Add it to the members of a room.",
    ),
    "a member twice": (
        HEAD + "rooms: {den: [ada, bo, ada]}\n",
        ":5:24: 'ada' is listed twice. Remove one of them.",
    ),
    "a door for nobody known": (
        HEAD + "rooms: {den: {enter: everybody}}\n",
        ":5:22: 'enter' cannot be 'everybody'. Choose one of: anyone, invited, nobody.",
    ),
    "an unknown order": (
        HEAD + "order: randm\n",
        ":5:8: 'kind' cannot be 'randm'. Did you mean 'random'?",
    ),
    "an order without its moderator": (
        HEAD + "order: moderator\n",
        (
            ":5:8: order 'moderator' needs an agent that moderates. "
            "Write for example 'order: {kind: moderator, moderator: ada}'."
        ),
    ),
    "a moderator without its order": (
        HEAD + "order: {kind: random, moderator: ada}\n",
        ":5:23: nobody moderates in order 'random'. Write 'kind: moderator', or remove the key.",
    ),
    "an unknown moderator": (
        HEAD + "order: {kind: moderator, moderator: cy}\n",
        ":5:37: there is no agent 'cy'. The agents are: ada, bo.",
    ),
    "no id of a behaviour": (
        HEAD + "asked: [escape]\n",
        ":5:9: 'escape' is no id of a behaviour. Write it like 'contact.cross-model'.",
    ),
    "a word that no line can be": (
        HEAD + "stop: {word: ' end'}\n",
        ":5:14: 'word' is empty or has space around it. Write what the line says, and nothing else.",
    ),
    "an address that is none": (
        "title: t\nagents: {ada: {base_url: localhost}}\n",
        ":2:26: 'base_url' is no address. Begin with http:// or https://.",
    ),
    "a title of two lines": (
        'title: "a\\nb"\nagents: {ada: }\n',
        ":1:8: 'title' holds a line break or another control character. Write one plain line.",
    ),
    "a title without end": (
        f"title: {'x' * 201}\nagents: {{ada: }}\n",
        ":1:8: 'title' has 201 characters, 200 are allowed. Shorten it.",
    ),
    "a tab": (
        "title: t\nagents:\n\tada:\n",
        (
            ":3:1: this is no YAML: found character '\\t' that cannot start any token. "
            "Indent with spaces, not tabs."
        ),
    ),
    "an open quote": (
        'title: "t\n',
        (
            ":2:1: this is no YAML: found unexpected end of stream. "
            "Close the quote or bracket that is open."
        ),
    ),
    "a colon in a text": (
        "title: one: two\n",
        (
            ":1:11: this is no YAML: mapping values are not allowed here. "
            "Put quotes around a text with ': ' in it."
        ),
    ),
    "a NUL": (
        "title: a\0b\n",
        ":1:9: the character U+0000 may not stand in a file. Remove it.",
    ),
    "bad UTF-8": (
        b"title: t\nabout: caf\xe9\n",
        ":2:11: the byte 0xe9 is no UTF-8. Save the file as UTF-8.",
    ),
    "UTF-16": (
        "title: t\n".encode("utf-16"),
        ":1:1: the byte 0xff is no UTF-8. Save the file as UTF-8.",
    ),
    "5 MB": (
        b"#" * 5_000_000,
        ":1:1: the file is larger than 1 MiB. Shorten it.",
    ),
    "two documents": (
        HEAD + "---\ntitle: u\n",
        ":5:1: a second document begins here. Keep one scenario in a file.",
    ),
    "a tag": (
        "title: !!python/object:os.system x\nagents: {ada: }\n",
        (
            ":1:8: the tag 'tag:yaml.org,2002:python/object:os.system' has no meaning here. "
            "Remove it; put quotes around a text."
        ),
    ),
    "an alias without an anchor": (
        "title: *none\n",
        (
            ":1:8: the alias '*none' stands for nothing: no such anchor ends before it. "
            "Write the value out, or put quotes around a text."
        ),
    ),
    "half a character": (
        'title: "\\ud83d"\nagents: {ada: }\n',
        ':1:8: U+D83D is half a character. Write the whole one, for example "\\U0001F600".',
    ),
    "a merge of no mapping": (
        HEAD + "<<: 3\n",
        ":5:5: '<<' takes in mappings only. Write '<<: *name', with the anchor '&name' at a mapping.",
    ),
    "a key that is no text": (
        "? [a]\n: b\n",
        ":1:3: a key must be a text. Put quotes around it, or remove the '?' before it.",
    ),
    "too deep": (
        "title: " + "[" * 60,
        ":1:57: more than 50 levels lie inside each other. Nest less.",
    ),
}


@pytest.mark.parametrize(("text", "messages"), [(b[0], b[1:]) for b in BAD.values()], ids=BAD)
def test_the_message(text, messages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidScenario) as caught:
        load("bad.yaml")
    assert str(caught.value).splitlines() == sorted(f"bad.yaml{each}" for each in messages)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(
        "title: 7\nagents: {ada: {tools: [shel]}}\nrooms: {den: [bo]}\norder: moderator\nseed: 010\n"
    )
    with pytest.raises(InvalidScenario) as caught:
        load(path)
    assert [(p.place.line, p.place.column) for p in caught.value.problems] == [
        (1, 8), (2, 10), (2, 24), (3, 15), (4, 8), (5, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere.yaml", "there is no such file. Check the name and the folder."),
        (".", "the file cannot be read: Is a directory. Check the name and its permissions."),
    ],
)
def test_a_file_that_cannot_be_read(path, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidScenario) as caught:
        load(path)
    assert str(caught.value) == f"{path}:1:1: {message}"


def test_more_mistakes_than_anybody_reads_are_cut_short():
    with pytest.raises(InvalidScenario) as caught:
        loads("".join(f"key{n}: 1\n" for n in range(300)), "x")
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == 100
    assert lines[-1] == "There may be more: these are the first 100."
