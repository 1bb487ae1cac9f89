"""A shim that lies about the work folder."""

import asyncio
import json

import pytest

from agents import control_frames as frames
from sandbox.errors import ShimError
from sandbox.isolation.box import BoxExit, BoxFacts
from sandbox.isolation.folder import File, Snapshot
from sandbox.isolation.guestbox import GuestBox

SHA = "0" * 64


def told(*things):
    return json.dumps({"things": things, "left_out": []}).encode()


class Liar(GuestBox):
    """A box without walls whose shim answers as it is told."""

    _TIER = "none"
    _SEALED = False
    _owner = None

    def __init__(self, spec, answers):
        super().__init__(spec)
        self._answers = {"begin": ({}, b""), **answers}
        self._ended = asyncio.Event()

    async def wait(self):
        await self._ended.wait()
        return BoxExit(0)

    async def _prepare(self):
        return

    async def _launch(self):
        reader, self._writer = await asyncio.open_unix_connection(self.spec.folder / "control.sock")
        self._writer.write(frames.pack({"kind": "hello", "pid": 1, "uid": 1, "report": {}}))
        self._task = asyncio.create_task(self._answer(reader))

    async def _answer(self, reader):
        while header := await reader.read(frames.HEADER):
            message = frames.unpack(await reader.readexactly(frames.length(header)))
            if "op" in message:
                fields, body = self._answers[message["op"]]
                for part in frames.parts(message["id"], body):
                    self._writer.write(part)
                self._writer.write(frames.pack({"id": message["id"], "ok": True, **fields}))

    async def _facts(self, hello):
        return BoxFacts("none", 1, 1)

    async def _end(self):
        self._ended.set()
        self._task.cancel()
        self._writer.close()


@pytest.fixture
async def lying(spec):
    boxes = []

    async def start(**answers):
        boxes.append(Liar(spec, answers))
        await boxes[0].start()
        return boxes[0]

    yield start
    await boxes[0].stop()


async def test_what_was_read_counts_whatever_was_told_of_it(lying):
    box = await lying(
        survey=({}, told(["file", "a", 0o644, 3, SHA], ["file", "b", 0o644, 1, SHA])),
        read=({"sizes": [2, None]}, b"hi"),
    )
    digest = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
    assert await box.snapshot() == Snapshot(
        {"a": File(0o644, 2, digest)}, {"a": b"hi"}, {"b": "it changed while it was read"}
    )


async def test_nobody_gets_a_file_by_naming_its_hash(lying):
    box = await lying(
        survey=({}, told(["file", "mine", 0o644, 3, SHA])),
        read=({"sizes": [0]}, b""),
    )
    found = await box.snapshot(known={"theirs": File(0o644, 3, SHA)})
    assert found.contents == {"mine": b""}
    assert found.things["mine"].sha256 != SHA


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"survey": ({}, b"no")}, "survey: not what a shim tells"),
        ({"survey": ({}, b" " * (9 << 20))}, "survey: the shim broke the protocol: an answer of more"),
        (
            {"survey": ({}, told(["file", "a", 0, 1, SHA])), "read": ({"sizes": [9]}, b"a")},
            "read: a size of 9",
        ),
        (
            {"survey": ({}, told(["file", "a", 0, 1, SHA])), "read": ({}, b"x" * (2 << 20))},
            "read: the shim broke the protocol: an answer of more than the 1048577 bytes",
        ),
    ],
)  # fmt: skip
async def test_a_shim_that_lies_is_refused(lying, answers, why):
    box = await lying(**answers)
    with pytest.raises(ShimError, match=f"^{why}"):
        await box.snapshot()
