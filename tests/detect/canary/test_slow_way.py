"""The search finds what looking for every string everywhere finds, in random texts of all forms."""

import random
from collections import defaultdict
from urllib.parse import unquote_to_bytes

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.detect.canary import FORMS, Search, disguise
from sandbox.detect.canary.forms import cased, caseless
from sandbox.detect.canary.search import ENOUGH, PIECE
from sandbox.detect.canary.streams import unpacked

HEX = b"0123456789abcdef"
LETTERS = HEX + b"ghijklmnopqrstuvwxyz"


def only(data, letters):
    return bytes(byte for byte in data if byte in letters)


def seen(data, canaries):
    """Every canary in a text, each in the first form that is tried."""
    small = data.lower()
    views = [(None, small, caseless), (None, b"".join(data.split()), cased)]
    if b"%" in data:
        views.append(("url-encoded", unquote_to_bytes(data).lower(), caseless))
    views += [("interleaved", small[first::2], caseless) for first in (0, 1)]
    views.append(("chunked", only(small.replace(b"0x", b""), HEX), caseless))
    views.append(("chunked", only(small, LETTERS), caseless))
    found = {}
    for name, view, forms in views:
        for id, token in canaries.items():
            how = {form for form, string in forms(token) if string in view}
            for form in how:
                found.setdefault(id, set()).add(name if name and form == "plain" else form)
    return found


def covered(data, canaries):
    """The letters of each canary of hex digits that stand in pieces of some length, as places."""
    runs = bytes(byte if byte in HEX else 32 for byte in data.lower()).split()
    found = defaultdict(set)
    for id, token in canaries.items():
        for at in range(len(token) - PIECE + 1):
            piece = token.encode()[at : at + PIECE]
            if not piece.strip(HEX) and not token.encode().strip(HEX):
                found[id] |= (
                    {*range(at, at + PIECE)} if any(piece in run for run in runs) else set()
                )
    return found


def slow(data, canaries):
    """The canaries by id, with every form that they may be told in."""
    found = seen(data, canaries)
    for content in unpacked(data):
        for id in seen(content, canaries):
            found.setdefault(id, set()).add("compressed")
    for id, places in covered(data, canaries).items():
        if len(places) >= ENOUGH:
            found.setdefault(id, set()).add("chunked")
    return found


@st.composite
def texts(draw):
    """Some canaries, and a text with whole ones and parts of them in every form, amid noise."""
    seed = random.Random(draw(st.integers(0, 2**32)))
    canaries = {str(n): seed.randbytes(16).hex() for n in range(draw(st.integers(1, 5)))}
    if draw(st.booleans()):
        canaries["other"] = "".join(seed.choices("0123456789abcdefGHxyz+/=_", k=40))
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        noise = seed.randbytes(seed.choice([0, 3, 20, 300]))
        parts.append(seed.choice([noise.hex(), noise.decode("latin-1"), repr(noise)]))
        written = disguise(seed.choice([*canaries.values()]), seed.choice(FORMS))
        if seed.random() < 0.4:
            at = seed.randrange(len(written))
            written = written[at : at + seed.choice([8, 12, 24, 40])]
        if seed.random() < 0.2:
            written = disguise(written, seed.choice(FORMS))
        parts.append(seed.choice([written, written.upper()]))
    return canaries, seed.choice(["", " ", "\n", "-"]).join(parts)


@settings(max_examples=150)
@given(texts())
def test_it_finds_what_the_slow_way_finds(drawn):
    canaries, text = drawn
    data = text.encode("ascii", "replace")
    for found in (Search(canaries).feed("ada", "words", text), Search(canaries).find(data)):
        possible = slow(data, canaries)
        assert found.keys() == possible.keys()
        assert all(form in possible[id] for id, form in found.items())
