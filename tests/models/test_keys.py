"""Keys hide themselves, are found where they are kept, and go only where they may."""

import copy
import json
import os
import pickle
import subprocess
import sys

import keyring.backends.null
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import KeyRefused
from sandbox.models import key_address
from sandbox.models.key_address import key_may_go, origin
from sandbox.models.key_store import file_path, remove_from_file, set_in_file
from sandbox.models.keys import Key, key_for, without_keys

SECRET = "sk-ant-0123456789"


class Drawer(keyring.backends.null.Keyring):
    """A keyring in memory."""

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def drawer(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("ANTHROPIC", "MISTRAL", "OPENAI"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
        monkeypatch.delenv(f"{name}_BASE_URL", raising=False)
    before, ours = keyring.get_keyring(), Drawer()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


@pytest.fixture
def key_file(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "backrooms" / "keys.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_a_key_shows_itself_nowhere_but_by_reveal():
    key = Key(f" {SECRET}\n", "anthropic", "a test")
    assert key.reveal() == SECRET
    shown = [repr(key), str(key), f"{key}", f"{key!r:>60}", str([key]), str({"k": key})]
    shown += [str(getattr(key, name)) for name in dir(key) if name not in {"reveal", "hush"}]
    assert SECRET not in "".join(shown)
    assert repr(key) == "<key of anthropic from a test>"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, orjson.dumps, vars):
        with pytest.raises(TypeError) as caught:
            leak(key)
        assert SECRET not in str(caught.value)
    assert key.hush(f"Bearer {SECRET}!") == "Bearer (the key)!"


@pytest.mark.parametrize("secret", ["", "  ", "a b", "sk-\nx", "sk-é", "x" * 4097, "sk\0"])
def test_what_is_no_key_is_refused_without_being_shown(secret):
    with pytest.raises(KeyRefused) as caught:
        Key(secret, "openai", "OPENAI_API_KEY")
    assert str(caught.value) == (
        "the key of openai from OPENAI_API_KEY is empty, longer than 4,096 characters, or holds a "
        "space, a control character or one outside ASCII. Set it again"
    )


def test_the_environment_goes_before_the_keyring_and_that_before_the_file(
    monkeypatch, drawer, key_file
):
    assert key_for("mistral") is None
    path = key_file('[mistral]\nkey = "from-the-file"\n')
    assert (key_for("mistral").reveal(), key_for("mistral").source) == ("from-the-file", str(path))
    drawer.kept["backrooms", "mistral"] = "from-the-keyring"
    assert key_for("mistral").reveal() == "from-the-keyring"
    monkeypatch.setenv("MISTRAL_API_KEY", "from-the-environment")
    assert key_for("mistral").source == "MISTRAL_API_KEY"
    assert key_for("local") is None


def test_a_key_is_kept_and_removed_and_all_else_in_the_file_stays(key_file):
    path = key_file('[openai]\nmay_go_to = ["https://proxy.example"]\n')
    set_in_file(Key(SECRET, "openai", "a test"))
    set_in_file(Key("k", "mistral", "a test"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_for("openai").reveal() == SECRET
    assert remove_from_file("openai")
    assert not remove_from_file("openai")
    assert remove_from_file("mistral")
    assert key_for("openai") is None
    assert key_may_go("openai", "https://proxy.example/v1")
    assert [each.name for each in path.parent.iterdir()] == ["keys.toml"]


def test_a_new_file_is_private_whatever_the_umask():
    before = os.umask(0)
    try:
        set_in_file(Key(SECRET, "openai", "a test"))
    finally:
        os.umask(before)
    assert file_path().stat().st_mode & 0o777 == 0o600
    assert file_path().parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (
            "",
            0o640,
            " can be read or written by others (mode 0640). Run: chmod 600 {path}",
        ),
        (f'key = "{SECRET}', 0o600, " is no TOML. Set the key again: backrooms models key set PROVIDER"),
        ("[nobody]", 0o600, ": 'nobody' is no provider with a key: there are anthropic, mistral, openai"),
        (f'openai = "{SECRET}"', 0o600, ": openai is to be a table of 'key' and 'may_go_to'"),
        ("[openai]\nkee = 3", 0o600, ": openai is to be a table of 'key' and 'may_go_to'"),
        ("[openai]\nkey = 3", 0o600, ": openai.key is to be a text"),
        ("[openai]\nmay_go_to = 3", 0o600, ": openai.may_go_to is to be a list of addresses"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong(key_file, text, mode, said):
    path = key_file(text, mode)
    with pytest.raises(KeyRefused) as caught:
        key_for("openai")
    assert str(caught.value) == f"{path}{said.format(path=path)}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else(key_file):
    path = key_file('[openai]\nkey = "x"\n')
    os.chown(path, 65534, 65534)
    with pytest.raises(KeyRefused) as caught:
        key_for("openai")
    assert str(caught.value) == f"{path} belongs to uid 65534, not to us: chown it, or remove it"


def test_a_locked_keyring_is_said(monkeypatch, drawer):
    def locked(service, username):
        raise keyring.errors.KeyringLocked(SECRET)

    monkeypatch.setattr(drawer, "get_password", locked)
    with pytest.raises(KeyRefused) as caught:
        key_for("anthropic")
    assert str(caught.value) == (
        "the system's keyring does not open (KeyringLocked). Unlock it, or set ANTHROPIC_API_KEY"
    )


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.openai.com/v1", True),
        ("https://API.OpenAI.com:443/v1/", True),
        ("http://api.openai.com/v1", False),
        ("https://api.openai.com:8443/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://evil.example/api.openai.com", False),
        ("https://api.openai.com@evil.example/v1", False),
        ("https://evil.example\\@api.openai.com/v1", False),
        ("https://api.openai.com\\@evil.example/v1", False),
        ("https://evil.example#@api.openai.com/", False),
        ("https://evil.example?@api.openai.com/", False),
        ("https://a@b@api.openai.com/", False),
        (" https://api.openai.com/v1", False),
        ("https://api.openai.com\t/v1", False),
        ("https://api.openai\u3002com/v1", False),
        ("https://api%2eopenai.com/v1", False),
        ("ftp://api.openai.com/v1", False),
        ("http://127.0.0.1:11434/v1", False),
        ("", False),
    ],
)
def test_where_the_key_of_openai_may_go(url, allowed):
    assert key_may_go("openai", url) is allowed


def test_the_address_in_the_environment_and_those_in_the_key_file(monkeypatch, key_file):
    key_file('[anthropic]\nmay_go_to = ["http://10.0.0.7:4000"]\n')
    assert key_may_go("anthropic", "http://10.0.0.7:4000/v1")
    assert not key_may_go("anthropic", "http://10.0.0.7:4001/v1")
    assert not key_may_go("mistral", "http://10.0.0.7:4000/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://me:pass@proxy.example/claude")
    assert key_may_go("anthropic", "https://proxy.example/anything")
    assert not key_may_go("local", "https://proxy.example/anything")
    key_file('[anthropic]\nmay_go_to = ["everywhere"]\n')
    with pytest.raises(KeyRefused, match="may_go_to: 'everywhere' is no address such as https://"):
        key_may_go("anthropic", "http://10.0.0.7:4000/v1")


hosts = st.sampled_from(["api.openai.com", "evil.example"])
glue = st.text(st.sampled_from("/\\@#?:%. \t&;[]"), max_size=3)


@given(hosts, glue, hosts, glue)
def test_the_sender_means_the_same_host(first, between, second, after):
    import httpx2

    url = f"https://{first}{between}{second}{after}"
    if (found := origin(url)) is None:
        return
    sent_to = httpx2.URL(url)
    assert found == (sent_to.scheme, sent_to.host, sent_to.port or 443)


def test_children_get_no_keys():
    assert without_keys({"OPENAI_API_KEY": SECRET, "PATH": "/bin"}) == {"PATH": "/bin"}


def test_every_provider_with_a_key_has_a_home_and_a_variable():
    from sandbox.models.keys import VARIABLES

    assert VARIABLES.keys() == key_address.HOMES.keys() == key_address.URL_VARIABLES.keys()


def test_the_key_command_reads_standard_input_and_shows_nothing(tmp_path):
    environment = {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "XDG_CONFIG_HOME": str(tmp_path),
    }

    def call(*words, given=""):
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "models", "key", *words],
            env=environment, input=given, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert SECRET not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    path = tmp_path / "backrooms" / "keys.toml"
    kept = f"The key of mistral is kept in {path}.\n"
    assert call("set", "mistral", given=f"{SECRET}\n") == (0, kept, "")
    assert SECRET in path.read_text()
    environment["MISTRAL_API_KEY"] = "other"
    before = "But the one from MISTRAL_API_KEY goes before it.\n"
    assert call("set", "mistral", given=SECRET) == (0, kept, before)
    removed = f"The key of mistral is removed from {path}.\n"
    still = "MISTRAL_API_KEY is still set in the environment and is used.\n"
    assert call("remove", "mistral") == (0, removed, still)
    assert SECRET not in path.read_text()
    assert call("remove", "mistral") == (1, "No key of mistral was kept.\n", still)
    code, _, said = call("set", "mistral", given="two words\n")
    assert (code, said.splitlines()[0][:40]) == (1, "backrooms: the key of mistral from stdin")
