"""Many connections over one stream: what goes in comes out in order, and no more is held than was agreed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import mux
from agents.mux import FRAME, MOST, WINDOW, Closed, Data, Freeze, Mux, MuxError, Opened, Room

DOORS = ("bus.sock", "control.sock")


def pair() -> tuple[Mux, Mux]:
    return Mux(DOORS, inside=True), Mux(DOORS, inside=False)


def moved(source: Mux, target: Mux) -> list[mux.Event]:
    events = []
    while source.waiting:
        events += target.feed(source.take())
    return events


def frame(kind: int, channel: int, number: int, data: bytes = b"") -> bytes:
    return kind.to_bytes(1, "big") + channel.to_bytes(4, "big") + number.to_bytes(4, "big") + data


def test_one_conversation():
    box, house = pair()
    channel = box.open("control.sock")
    box.send(channel, b"hello")
    assert moved(box, house) == [Opened(1, "control.sock"), Data(1, b"hello")]
    house.send(channel, b"begin")
    house.freeze(frozen=True)
    assert moved(house, box) == [Data(1, b"begin"), Freeze(True)]
    box.send(channel, b"bye")
    box.close(channel)
    assert moved(box, house) == [Data(1, b"bye"), Closed(1)]
    assert moved(house, box) == [Closed(1)]
    assert (box.open_channels, house.open_channels) == (0, 0)
    assert not box.waiting


def test_both_ends_close_at_once():
    box, house = pair()
    channel = box.open("bus.sock")
    moved(box, house)
    box.close(channel)
    house.send(channel, b"too late")
    house.close(channel)
    assert moved(box, house) == [Closed(1)]
    assert moved(house, box) == [Closed(1)]
    assert (box.open_channels, house.open_channels, box.room(channel)) == (0, 0, 0)


def test_a_sender_stops_at_the_window_and_goes_on_when_all_was_passed_on():
    box, house = pair()
    channel = box.open("bus.sock")
    sent = 0
    while room := box.room(channel):
        box.send(channel, b"x" * room)
        sent += room
    assert WINDOW - FRAME < sent < WINDOW
    events = moved(box, house)
    assert sum(len(event.data) for event in events if isinstance(event, Data)) == sent
    assert not house.waiting
    house.passed_on(channel)
    assert moved(house, box) == [Room(1)]
    assert box.room(channel) == FRAME


def test_single_bytes_use_the_window_up_soon():
    box, _ = pair()
    channel = box.open("bus.sock")
    count = 0
    while box.room(channel):
        box.send(channel, b"x")
        count += 1
    assert count < 1100


class Wire:
    """One direction between two ends: what is under way, what went in, and what came out of it."""

    def __init__(self, source: Mux, target: Mux) -> None:
        self.source, self.target = source, target
        self.bytes = bytearray()
        self.sent: dict[int, bytes] = {}
        self.got: dict[int, bytes] = {}
        self.unread: dict[int, int] = {}

    def send(self, channel: int, words: bytes) -> None:
        words = words[: self.source.room(channel)]
        if words:
            self.source.send(channel, words)
            self.sent[channel] = self.sent.get(channel, b"") + words

    def carry(self, most: int) -> None:
        while self.source.waiting:
            self.bytes += self.source.take()
        part = bytes(self.bytes[:most])
        del self.bytes[: len(part)]
        for event in self.target.feed(part):
            if isinstance(event, Data):
                self.got[event.channel] = self.got.get(event.channel, b"") + event.data
                self.unread[event.channel] = self.unread.get(event.channel, 0) + len(event.data)
                assert self.unread[event.channel] <= WINDOW

    def read(self, channel: int) -> None:
        self.target.passed_on(channel)
        self.unread[channel] = 0


WORDS = st.builds(
    lambda words, times: words * times, st.binary(min_size=1, max_size=8), st.integers(1, 9000)
)
STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 3), WORDS | st.none() | st.integers(0, 1 << 17)),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_byte_arrives_in_order_however_the_stream_is_cut(steps):
    """Random sends, readers that pause, and a stream cut at random places, in both directions."""
    box, house = pair()
    up, down = Wire(box, house), Wire(house, box)
    for _ in range(3):
        box.open("bus.sock")
    for is_up, channel, what in steps:
        wire = up if is_up else down
        if isinstance(what, bytes):
            wire.send(channel, what)
        elif what is None:
            wire.read(channel)
        else:
            wire.carry(what)
    for wire in (up, down) * 2:
        for channel in (1, 2, 3):
            wire.read(channel)
        wire.carry(1 << 30)
    assert (up.got, down.got) == (up.sent, down.sent)


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=64) | st.builds(
    frame, st.integers(0, 7), st.integers(0, 20), st.integers(0, 40_000), st.binary(max_size=40)
), max_size=40))  # fmt: skip
def test_nothing_but_a_fault_comes_of_garbage(chunks):
    for inside in (True, False):
        end = Mux(DOORS, inside=inside)
        try:
            for chunk in chunks:
                end.feed(chunk)
        except MuxError:
            continue
        assert end.open_channels <= MOST


OPEN = frame(1, 1, 0)


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"bash: python3: command not found", "a frame of kind 98"),
        (frame(2, 1, 1, b"x"), "there is no channel 1"),
        (
            OPEN + frame(2, 1, FRAME + 1),
            f"a frame of {FRAME + 1} bytes; from 1 to {FRAME} are taken",
        ),
        (OPEN + frame(2, 1, 0), f"a frame of 0 bytes; from 1 to {FRAME} are taken"),
        (OPEN + frame(2, 1, 4, b"abcd") * 1100, "more on channel 1 than was allowed"),
        (OPEN + frame(3, 1, 1), "channel 1 passes on more than it was sent"),
        (frame(1, 1, 2), "channel 1 cannot be opened to door 2"),
        (frame(1, 2, 0), "channel 2 cannot be opened to door 0"),
        (OPEN + OPEN, "channel 1 cannot be opened to door 0"),
        (b"".join(frame(1, n, 0) for n in range(1, MOST + 2)), f"more than {MOST} channels"),
        (frame(4, 7, 0), "there is no channel 7"),
        (frame(5, 0, 1), "a frame of kind 5"),
    ],
)
def test_what_the_house_does_not_take(stream, why):
    with pytest.raises(MuxError) as caught:
        Mux(DOORS, inside=False).feed(stream)
    assert str(caught.value) == why


def test_an_end_that_never_reads_is_given_up(monkeypatch):
    monkeypatch.setattr(mux, "UNREAD", 9_000)
    house = Mux(DOORS, inside=False)
    for number in range(1, 1002):  # each is answered by one frame of 9 bytes
        house.feed(frame(1, number, 0) + frame(4, number, 0))
    with pytest.raises(MuxError) as caught:
        house.feed(b"")
    assert str(caught.value) == "the other end does not read: 9009 bytes wait for it"
