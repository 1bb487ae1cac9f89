"""Signed frames: what is let in, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bus.control import FRAME_BYTES, Frame, Guard, open_frame, seal
from sandbox.errors import BorderError

TOKEN, RUN, NONCE = b"t" * 32, "20261121-113908-demo-abcd", "0" * 32


def ask(n, body=b"{}", *, nonce=NONCE, token=TOKEN, run=RUN):
    return seal(token, run, Frame(nonce, n, body), "ask")


def why(guard, payload):
    with pytest.raises(BorderError) as caught:
        guard.admit(payload)
    return str(caught.value)


def test_frames_of_a_watcher_count_up_and_its_last_may_come_again():
    guard = Guard(TOKEN, RUN)
    assert guard.admit(ask(1)) == (Frame(NONCE, 1, b"{}"), True)
    assert guard.admit(ask(5)) == (Frame(NONCE, 5, b"{}"), True)
    assert guard.admit(ask(5)) == (Frame(NONCE, 5, b"{}"), False)
    assert why(guard, ask(1)) == "it was sent before and comes again"
    assert guard.admit(ask(1, nonce="1" * 32))[1]


@pytest.mark.parametrize(
    "payload",
    [
        ask(1, token=b"u" * 32),
        ask(1, run="20261121-113908-demo-other"),
        seal(TOKEN, RUN, Frame(NONCE, 1, b"{}"), "answer"),
        ask(1)[:-2] + b"[]",
        ask(1).replace(b" 1 ", b" 2 ", 1),
        ask(1).replace(NONCE.encode(), b"1" * 32),
    ],
    ids=["token", "run", "direction", "body", "number", "nonce"],
)
def test_a_forged_frame_is_refused(payload):
    assert why(Guard(TOKEN, RUN), payload) == "it is not signed with the run's token"


def test_other_versions_sizes_and_numbers_are_refused():
    guard = Guard(TOKEN, RUN, watchers=1)
    assert why(guard, b"2" + ask(1)[1:]) == "it is a frame of another version"
    assert why(guard, ask(1, b"x" * FRAME_BYTES)) == (
        "it is longer than any frame of the control protocol"
    )
    assert why(guard, ask(0)) == "it was sent before and comes again"
    guard.admit(ask(1))
    assert why(guard, ask(1, nonce="1" * 32)) == "there were too many watchers in this run"


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_more_than_be_refused(payload):
    assert why(Guard(TOKEN, RUN), payload) == "it is no frame of the control protocol"


@given(st.binary(max_size=50), st.integers(1, 10**15 - 1))
def test_what_is_sealed_is_read_again(body, n):
    frame = Frame(NONCE, n, body)
    assert open_frame(TOKEN, RUN, seal(TOKEN, RUN, frame, "answer"), "answer") == frame
