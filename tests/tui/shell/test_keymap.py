"""Keys of one's own."""

import pytest

from sandbox.tui.keymap import config_file, read_keys, wrong_keys

NO_KEY = "this is no key. Keys are written like p, P, f5, ctrl+p, question_mark."

SCOPES = [
    {"live.pause": ["P"], "live.mute": ["m"], "app.quit": ["q", "ctrl+q"]},
    {"text.find": ["slash"], "text.next": ["n"]},
]


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "app.toml"
        file.write_text(text)
        return read_keys(file)

    return write


def test_where_the_file_is(tmp_path, monkeypatch):
    assert config_file({"XDG_CONFIG_HOME": "/x"}).as_posix() == "/x/backrooms/app.toml"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_file({"XDG_CONFIG_HOME": "x"}) == tmp_path / ".config" / "backrooms" / "app.toml"


def test_no_file_is_no_fault(tmp_path):
    keys = read_keys(tmp_path / "none.toml")
    assert (keys.keys, keys.wrong) == ({}, ())


def test_keys_are_read(write):
    keys = write('[keys]\n"live.pause" = "p"\n"text.find" = "ctrl+f, ?"\n"app.quit" = "f10"\n')
    assert keys.keys == {"live.pause": "p", "text.find": "ctrl+f,?", "app.quit": "f10"}
    assert (keys.wrong, wrong_keys(keys, SCOPES)) == ((), [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[keys", ": this is no TOML: Expected ']' at the end of a table declaration. No key was changed."),
        ("\n[colours]\n", ":2: 'colours' is unknown here; [keys] is what there is."),
        ("keys = 3\n", ":1: keys is a table: [keys]."),
        ('[keys]\n\n"live.pause" = ""\n', ':3: "live.pause" = "": {NO_KEY}'),
        ('[keys]\n"live.pause" = 5\n', ':2: "live.pause" = 5: {NO_KEY}'),
        ('[keys]\n"live.pause" = "hyper+x"\n', ':2: "live.pause" = "hyper+x": {NO_KEY}'),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_one_sentence_with_its_line(write, tmp_path, text, wrong):
    assert write(text).wrong == (f"{tmp_path / 'app.toml'}{wrong.replace('{NO_KEY}', NO_KEY)}",)


def test_all_faults_are_said_a_line_each_and_the_rest_counts(write, tmp_path):
    keys = write(
        '[keys]\n"live.pause" = ""\n"live.mute" = "x, n"\n"text.find" = "n"\n"text.next" = "n"\n'
        '"app.quit" = "x"\n"a.b" = "y"\n[colours]\n'
    )
    said = [*keys.wrong, *wrong_keys(keys, SCOPES)]
    assert [line.removeprefix(f"{tmp_path / 'app.toml'}:") for line in said] == [
        "8: 'colours' is unknown here; [keys] is what there is.",
        f'2: "live.pause" = "": {NO_KEY}',
        '7: "a.b" = "y": there is no such binding. F1 shows the ids.',
        '6: "app.quit" = "x": "x" is "live.mute" on the same page.',
        '5: "text.next" = "n": "n" is "text.find" on the same page.',
    ]
    assert keys.keys["live.mute"] == "x,n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('"live.pauze" = "p"', '"live.pauze" = "p": there is no such binding. Did you mean "live.pause"?'),
        ('"x␛[31m" = "p"', '"x␛[31m" = "p": there is no such binding. F1 shows the ids.'),
        ('"live.pause" = "m"', '"live.pause" = "m": "m" is "live.mute" on the same page.'),
        ('"live.pause" = "q"', '"live.pause" = "q": "q" is "app.quit" on the same page.'),
        ('"text.next" = "m"', ""),
    ],
)  # fmt: skip
def test_a_key_that_means_nothing_or_two_things_is_said(write, tmp_path, text, wrong):
    keys = write(f"[keys]\n{text}\n")
    assert wrong_keys(keys, SCOPES) == ([f"{tmp_path / 'app.toml'}:2: {wrong}"] if wrong else [])


async def test_a_key_of_ones_own_works_and_the_usual_one_no_more(stage, write):
    stage.keys = write('[keys]\n"app.flags" = "f9"\n')
    async with stage.at((80, 24)):
        await stage.press("4")
        assert stage.app.current_mode == "launch"
        await stage.press("f9")
        assert stage.app.current_mode == "flags"


async def test_a_fault_is_told_and_the_app_opens(stage, write):
    stage.keys = write('[keys]\n"app.flgas" = "f9"\n"app.runs" = "f8"\n"live.mutt" = "f3"\n')
    async with stage.at((120, 36)):
        checks = [worker for worker in stage.app.workers if worker.name == "keys"]
        await stage.app.workers.wait_for_complete(checks)
        await stage.settle()
        told = " ".join(stage.text.split())
        assert 'there is no such binding. Did you mean "app.flags"?' in told
        assert 'there is no such binding. Did you mean "live.mute"?' in told
        await stage.press("f8")
        assert stage.app.current_mode == "runs"
