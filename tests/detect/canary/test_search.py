"""A canary is found in every form, wherever it stands, in pieces too; and nothing else ever is."""

import base64
import gzip
import random
import secrets
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.detect.canary import FORMS, HIDDEN, MOST, Search, disguise
from sandbox.detect.canary.search import WINDOW

# Drawn, not shrunk to zeros: one that is its own mirror image has more than one form.
TOKENS = st.integers(0, 2**32).map(lambda seed: random.Random(seed).randbytes(16).hex())
TEXT = st.text(max_size=200)
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@settings(max_examples=60)
@given(TOKENS, TEXT, TEXT, st.sampled_from(FORMS))
def test_every_form_is_found_wherever_it_stands(token, before, after, form):
    search = Search({"other": secrets.token_hex(16), "it": token})
    assert search.feed("ada", "words", f"{before} {disguise(token, form)} {after}") == {"it": form}


@settings(max_examples=60)
@given(st.binary(max_size=4000), st.sampled_from(["latin-1", "hex", "base64", "escapes"]))
def test_chance_is_never_taken_for_a_canary(data, how):
    search = Search({str(n): secrets.token_hex(16) for n in range(20)})
    text = {
        "latin-1": data.decode("latin-1"),
        "hex": data.hex(),
        "base64": base64.b64encode(data).decode(),
        "escapes": repr(data),
    }[how]
    assert search.feed("ada", "words", text) == {}
    assert search.find(data) == {}


@settings(max_examples=60)
@given(TOKENS, st.sampled_from(["plain", "reversed", "rot13", "hex", "base64"]), st.data())
def test_what_is_cut_in_two_is_found_whole(token, form, data):
    written = disguise(token, form)
    at = data.draw(st.integers(1, len(written) - 1))
    search = Search({"it": token})
    first = search.feed("ada", "result", f"so: {written[:at]}")
    assert search.feed("ada", "words", "between") == {}
    second = search.feed("ada", "result", f"{written[at:]} and so on")
    found = first | second
    # All but a few letters may be enough by themselves.
    assert found.keys() == {"it"}
    assert set(found.values()) <= {form, "chunked"}


def pieces(token):
    return [token[at : at + 8] for at in range(0, 32, 8)]


def test_pieces_count_together_over_channels_and_turns_of_one_agent():
    search = Search({"it": TOKEN})
    for n, piece in enumerate(pieces(TOKEN)[:2]):
        search.turn("ada")
        assert search.feed("ada", f"channel {n}", f"piece {piece}!") == {}
    assert search.feed("bo", "words", pieces(TOKEN)[2]) == {}
    assert search.feed("ada", "words", f"({pieces(TOKEN)[3]})") == {"it": "chunked"}


def test_pieces_of_long_ago_count_no_more():
    search = Search({"it": TOKEN})
    first, second, third, fourth = pieces(TOKEN)
    search.feed("ada", "words", f"{first} {second}")
    for _ in range(WINDOW):
        search.turn("ada")
    assert search.feed("ada", "result", third) == {}
    assert search.feed("ada", "thought", fourth) == {}
    assert search.feed("ada", "call", f"{first} {second}") == {"it": "chunked"}


@pytest.mark.parametrize(
    "written",
    [
        TOKEN.upper(),
        TOKEN.encode().hex(),
        TOKEN.encode().hex(" "),
        "".join(f"\\x{byte:02x}" for byte in TOKEN.encode()),
        ", ".join(f"0x{byte:02X}" for byte in TOKEN.encode()),
        "".join(f"%{byte:02x}" for byte in TOKEN.encode()),
        "\n".join(TOKEN),
        " - ".join(TOKEN),
        "·".join(TOKEN),
        "\0".join(TOKEN),
        base64.b64encode(TOKEN.encode()).decode(),
        base64.b64encode(b"x" + TOKEN.encode() + b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"xy" + TOKEN.encode()).decode().rstrip("="),
        base64.encodebytes(b"secret: " * 8 + TOKEN.encode()).decode(),
        base64.b64encode(zlib.compress(TOKEN.encode())).decode(),
        base64.encodebytes(gzip.compress(b"words and words " + TOKEN.encode(), mtime=0)).decode(),
        base64.b64encode(b"a" + gzip.compress(TOKEN.encode(), mtime=0)).decode(),
        base64.b64encode(b"ab" + gzip.compress(TOKEN.encode(), mtime=0)).decode(),
        f"{'5eed' * 16}\n{base64.b64encode(zlib.compress(TOKEN.encode())).decode()}",
        repr(gzip.compress(TOKEN.encode(), mtime=0)),
        repr(zlib.compress(TOKEN.encode())),
    ],
)
def test_it_is_found_as_programs_write_it(written):
    assert Search({"it": TOKEN}).feed("ada", "result", f"$ run\n{written}\n$").keys() == {"it"}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (TOKEN.encode(), "plain"),
        (
            b"\x89PNG" + gzip.compress(b"\0" * 5000 + TOKEN.encode(), mtime=0) + b"tail",
            "compressed",
        ),
        (zlib.compress(TOKEN.encode(), 1), "compressed"),
        (TOKEN.encode("utf-16"), "interleaved"),
        (HIDDEN.join(pieces(TOKEN)).encode(), "chunked"),
        (HIDDEN.join(pieces(TOKEN)[:2]).encode(), None),
        (gzip.compress(b"nothing", mtime=0), None),
        (b"\x1f\x8b\x08" * 10_000, None),
        (b"", None),
    ],
)
def test_files_are_searched_as_bytes(content, form):
    assert Search({"it": TOKEN}).find(content) == ({} if form is None else {"it": form})


def test_a_bomb_is_unpacked_no_further_than_the_limit():
    bomb = gzip.compress(b"\0" * (MOST + 1000) + TOKEN.encode(), mtime=0)
    assert Search({"it": TOKEN}).find(bomb) == {}


def test_a_string_of_another_alphabet_is_found_too():
    token = "FwoGZXIvYXdzEJr+//tokens/that+clouds=hand_out-0042"
    for form in ("plain", "reversed", "rot13", "hex", "base64", "url-encoded", "compressed"):
        assert Search({"it": token}).feed("ada", "words", disguise(token, form)) == {"it": form}


def test_a_short_string_is_refused():
    with pytest.raises(ValueError, match=r"^canary 'it' has 31 characters, not 32 or more$"):
        Search({"it": "x" * 31})
