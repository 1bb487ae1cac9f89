from hashlib import sha256

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import Damaged
from sandbox.transcript import NO_HASH, Event, decode, encode
from sandbox.transcript.codec import make_safe, split

HOSTILE = st.text(st.characters(exclude_categories=()))
HOSTILE_DATA = st.dictionaries(
    HOSTILE,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=4,
)


def test_a_line_is_json_with_its_members_in_order_and_its_hash_last():
    event = Event(2, "say", "ada", {"text": "h\u00e9"}, "lobby", ("ada", "bo"), 1, "r", "2026")
    body = (
        '{"seq":2,"ts":"2026","kind":"say","run":"r","actor":"ada","room":"lobby",'
        '"visible_to":["ada","bo"],"parent":1,"data":{"text":"h\u00e9"}'
    ).encode()
    digest = sha256(b"f" * 64 + body + b"}").hexdigest()

    assert encode(event, "f" * 64) == (body + b',"hash":"' + digest.encode() + b'"}\n', digest)


def test_a_decoded_line_is_the_event_with_its_hash():
    event = Event(1, "say", "ada", {"n": [1, {"x": None}]}, None, ("bo",), None, "r", "2026")
    line, digest = encode(event, NO_HASH)

    assert decode(line) == Event(
        1, "say", "ada", {"n": [1, {"x": None}]}, None, ("bo",), None, "r", "2026", digest
    )


def test_the_run_and_the_time_can_be_given_beside_the_event():
    assert encode(Event(1, "say", "a"), NO_HASH, run="r", ts="t") == encode(
        Event(1, "say", "a", run="r", ts="t"), NO_HASH
    )


@given(HOSTILE_DATA)
def test_no_text_number_or_key_of_an_agent_breaks_a_line(data):
    line, digest = encode(Event(1, "say", "ada", data), NO_HASH)

    assert line.count(b"\n") == 1
    assert split(line)[1] == decode(line).hash == digest
    assert decode(line).data == orjson.loads(orjson.dumps(make_safe(data)))


@given(st.text())
def test_a_text_that_is_unicode_is_kept_as_it_is(text):
    assert decode(encode(Event(1, "say", "ada", {"text": text}), NO_HASH)[0]).data == {"text": text}


def test_what_json_cannot_say_is_replaced():
    data = {
        "lone": "a\ud800b",
        "pair": "\ud83d\ude00",
        "large": 1 << 64,
        "huge": 1 << 100_000,
        "nan": float("nan"),
        7: "seven",
    }
    written = decode(encode(Event(1, "say", "ada", data), NO_HASH)[0]).data

    assert written == {
        "lone": "a\ufffdb",
        "pair": "\U0001f600",
        "large": "18446744073709551616",
        "huge": hex(1 << 100_000),
        "nan": None,
        "7": "seven",
    }


def test_what_is_nested_too_deep_is_cut_there():
    deep: object = "end"
    for _ in range(2000):
        deep = [deep]

    line, _ = encode(Event(1, "say", "ada", {"deep": deep}), NO_HASH)

    assert b'["(nested too deep to record)"]' in line


def test_an_object_of_the_house_that_is_no_json_is_a_mistake():
    with pytest.raises(TypeError, match="Type is not JSON serializable: object"):
        encode(Event(1, "say", "ada", {"x": object()}), NO_HASH)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "no JSON: "),
        (b"[]\n", "an event is a JSON object, this is list"),
        (b"{}\n", "'seq' is missing or of a wrong type: None"),
        (b'{"seq":"1"}\n', "'seq' is missing or of a wrong type: '1'"),
    ],
)
def test_what_is_no_event_is_damage(line, message):
    with pytest.raises(Damaged) as caught:
        decode(line)
    assert str(caught.value).startswith(message)


@given(st.binary(max_size=200))
def test_no_bytes_make_decode_fail_in_another_way(line):
    with pytest.raises(Damaged):
        decode(line)
    with pytest.raises(Damaged):
        split(line)
