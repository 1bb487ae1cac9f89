"""Inspect's .eval: the zip, its shapes, and zips that are made to do harm."""

import json
import struct
import sys
import zipfile

import pytest

from sandbox.errors import Unreadable
from sandbox.transcript.formats import members
from sandbox.transcript.formats.foreign import Oddity, Source
from sandbox.transcript.formats.importers import inspect_log
from tests.formats.inspect_logs import HEAD, archive, assistant, model, sample, tool, user


def held(id, text="hi", epoch=1):
    return sample([user("Go.")], [model(0, [user("Go.")], assistant(text))], id=id, epoch=epoch)


def read(packed, **held):
    source = Source("x.eval", archive(held) if packed is None else packed)
    assert inspect_log.looks(source) > 0.9
    return inspect_log.read(source)


def refusal(data):
    with pytest.raises(Unreadable) as error:
        inspect_log.read(Source("x.eval", data))
    return str(error.value)


def test_samples_come_in_the_order_of_their_numbers_whatever_their_names():
    names = ["samples/10_epoch_1.json", "samples/2_epoch_1.json", "samples/../../a/b_epoch_1.json"]
    data = archive(
        {"_journal/start.json": {}, **{name: held(name) for name in names}, "header.json": HEAD}
    )
    assert [run.title for run in read(data)] == [
        "ctf: samples/2_epoch_1.json, epoch 1",
        "ctf: samples/10_epoch_1.json, epoch 1",
        "ctf: samples/../../a/b_epoch_1.json, epoch 1",
    ]


def test_a_run_that_was_cut_off_has_its_start_alone():
    (run,) = read(archive({"_journal/start.json": {k: HEAD[k] for k in ("version", "eval")}}))
    assert (run.title, run.entries, run.end_reason) == ("ctf", (), None)
    assert run.oddities == [
        Oddity("no header: the evaluation was cut off, and how it ended is not known"),
        Oddity("no sample was recorded: there is only the start of a run"),
    ]


def test_a_sample_in_chunks_is_put_together():
    go, said = user("attachment://0"), assistant("hi", "a1")
    name = "samples/1_epoch_1"
    data = archive(
        {
            f"{name}/sample.json": {"id": 1, "epoch": 1, "message_refs": [[0, 2]]},
            f"{name}/metadata.json": {"hard": True},
            f"{name}/messages/0.json": [go],
            f"{name}/messages/1.json": [said],
            f"{name}/events/10.json": [tool(2, "c", "r")],
            f"{name}/events/9.json": [model(0, [], said, input_refs=[[0, 1]])],
            f"{name}/events/stats.json": {},
            f"{name}/attachments/0.json": ["Go."],
            "header.json": HEAD,
        }
    )
    (run,) = read(data)
    assert [(e.kind, e.text) for e in run.entries] == [
        ("operator", "Go."), ("say", "hi"), ("action", ""), ("result", "r"),
    ]  # fmt: skip
    assert run.more["sample"]["metadata"] == {"hard": True}


def test_a_damaged_sample_is_left_out_and_the_others_are_read():
    data = archive(
        {"header.json": HEAD, "samples/1_epoch_1.json": b"{", "samples/2_epoch_1.json": held(2)}
    )
    (run,) = read(data)
    assert run.oddities == [
        Oddity(
            "a sample is left out: x.eval:'samples/1_epoch_1.json':1: no JSON: Expecting property name "
            "enclosed in double quotes at column 2. If the file was cut off, get it whole"
        )
    ]


def test_a_zip_that_was_cut_off_is_refused():
    assert refusal(archive({"header.json": HEAD, "samples/1_epoch_1.json": held(1)})[:-60]) == (
        "x.eval: no whole zip file: File is not a zip file. "
        "If it was copied while it was written, or cut off, get it whole"
    )


def test_a_member_that_grows_out_of_bounds_is_refused():
    bomb = archive({"header.json": HEAD, "samples/1_epoch_1.json": b" " * (8 << 20)})
    assert refusal(bomb) == (
        "x.eval: refused as a zip that is made to fill the memory: "
        "'samples/1_epoch_1.json' would grow 1028 times. "
        "If you trust the file, unpack it and import what is in it"
    )


def test_all_members_together_are_bounded(monkeypatch):
    monkeypatch.setattr(members, "MOST_BYTES", 2000)
    many = {f"samples/{n}_epoch_1.json": held(n) for n in range(9)}
    oddities = read(archive({"header.json": HEAD, **many}))[0].oddities
    assert [o.what.partition(" would ")[0].rpartition(": ")[2] for o in oddities] == [
        f"'samples/{n}_epoch_1.json'" for n in range(9 - len(oddities), 9)
    ]
    assert len(oddities) > 3


def test_a_size_that_lies_bounds_what_is_read():
    name = b"samples/1_epoch_1.json"
    data = bytearray(archive({"header.json": HEAD, name.decode(): b" " * 100_000}))
    listed = data.rindex(name) - 46
    data[listed + 24 : listed + 28] = struct.pack("<L", 10)
    assert "samples/1_epoch_1.json" in refusal(bytes(data))


def test_names_are_no_way_to_write_on_a_terminal():
    data = archive({"header.json": HEAD, "samples/\x1b[2J_epoch_1.json": b"{"})
    assert "\x1b" not in refusal(data)


def zstandard_archive():
    zstandard = pytest.importorskip("zstandard")
    text = json.dumps(held(1)).encode()
    packed = zstandard.compress(text)
    data = bytearray(
        archive({"header.json": HEAD, "samples/1_epoch_1.json": packed}, zipfile.ZIP_STORED)
    )
    crc = struct.pack("<L", zipfile.crc32(text))
    listed = data.rindex(b"samples/1_epoch_1.json") - 46
    data[listed + 10 : listed + 12] = struct.pack("<H", 93)
    data[listed + 16 : listed + 20] = crc
    data[listed + 24 : listed + 28] = struct.pack("<L", len(text))
    return bytes(data)


@pytest.mark.skipif(hasattr(zipfile, "ZIP_ZSTANDARD"), reason="Python unpacks Zstandard itself")
def test_zstandard_is_read_where_it_can_be_and_else_explained(monkeypatch):
    data = zstandard_archive()
    (run,) = read(data)
    assert [e.text for e in run.entries] == ["Go.", "hi"]
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert refusal(data) == (
        "x.eval: its member 'samples/1_epoch_1.json' is packed with Zstandard, which Python unpacks "
        "from 3.14 on. Install the package zstandard (pip install zstandard), or convert the log to .json"
    )
