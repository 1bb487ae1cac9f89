"""What a box tells of its work folder, looked through as hostile."""

import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import restore
from agents.snapshot import survey
from sandbox.errors import ShimError
from sandbox.isolation.folder import File, Folder, Link, Snapshot
from sandbox.isolation.snapshot import cut, packed, stays_inside, surveyed, why_not

SHA = "0" * 64
MOST = 1 << 20


def told(*things, left_out=()):
    return json.dumps({"things": things, "left_out": left_out}).encode()


def test_what_an_honest_shim_tells():
    body = told(
        ["folder", "b", 0o40755],
        ["file", "b/c", 0o106755, 3, SHA],
        ["link", "a", "b/c"],
        ["link", "z", "../x"],
        left_out=[["p\x1b", "a pipe\n"]],
    )
    assert surveyed(body, MOST) == (
        {"a": Link("b/c"), "b": Folder(0o755), "b/c": File(0o755, 3, SHA)},
        {"p\ufffd": "a pipe / ", "z": "a link out of the folder, to ../x"},
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "JSONDecodeError"),
        (b"\xff", "UnicodeDecodeError"),
        (b"[]", "TypeError"),
        (b"{}", "KeyError"),
        (b'{"things":{},"left_out":7}', "TypeError"),
        (b'{"things":[],"left_out":[["x"]]}', "ValueError"),
        (b"[" * 100_000, "RecursionError"),
        (told(["device", "a", 0]), "is nothing that lies in a work folder"),
        (told(["file", "a", 0o644, 1]), "is nothing that lies in a work folder"),
        (told(["file", "a", 0o644, -1, SHA]), "a file of -1 bytes"),
        (told(["file", "a", 0o644, 1, "x" * 64]), "with the hash"),
        (told(["file", "a", 0o644, 1 << 60, SHA]), "it holds 1152921504606846976 bytes, more than"),
        (told(["folder", "a", 0], ["file", "a", 0, 0, SHA]), "a path is told twice"),
        (told(["file", "/etc/passwd", 0, 0, SHA]), "no path below the work folder"),
        (told(["file", "../x", 0, 0, SHA]), "no path below the work folder"),
        (told(["file", "a\0b", 0, 0, SHA]), "no path below the work folder"),
        (told(["file", "", 0, 0, SHA]), "no path below the work folder"),
        (told(["file", "a/b", 0, 0, SHA]), "it lies in no folder"),
        (told(["link", "a", "b"], ["file", "a/b", 0, 0, SHA]), "it lies in no folder"),
        (told(["file", "a", 0, 0, SHA], ["file", "a/b", 0, 0, SHA]), "it lies in no folder"),
        (told(["file", "x" * 256, 0, 0, SHA]), "a path that is too long"),
        (told(["file", "é" * 128, 0, 0, SHA]), "a path that is too long"),
        (told(["file", "a\udcff", 0, 0, SHA]), "a path that is too long, or not UTF-8"),
        (told(["file", "/".join(["d"] * 99), 0, 0, SHA]), "a path that is too long"),
        (told(*(["folder", f"{n}", 0] for n in range(20_001))), "20001 things, more than 20000"),
    ],
    ids=itertools.count(),
)
def test_what_no_honest_shim_tells(body, why):
    with pytest.raises(ShimError, match=f"^survey: .*{why}") as raised:
        surveyed(body, MOST)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 600


ANY_JSON = st.recursive(st.text() | st.integers() | st.none(), st.lists)
BODIES = ANY_JSON.map(lambda things: json.dumps({"things": things, "left_out": []}).encode())


@given(st.binary(max_size=200) | BODIES)
def test_garbage_is_refused_and_nothing_else_is_raised(body):
    try:
        things, _ = surveyed(body, MOST)
    except ShimError:
        return
    assert why_not(things, MOST) is None


@pytest.mark.parametrize(
    ("sizes", "body", "why"),
    [
        ([1, 1], b"ab", None),
        ([None, 2], b"ab", None),
        ([1], b"a", "not one size for each file"),
        (None, b"", "not one size for each file"),
        ([1, 2], b"ab", "a size of 2"),
        ([-1, 3], b"ab", "a size of -1"),
        ([True, 1], b"ab", "a size of True"),
        (["1", 1], b"ab", "a size of '1'"),
        ([1, 0], b"ab", "1 bytes that belong to no file"),
    ],
)
def test_an_answer_is_cut_into_files(sizes, body, why):
    if why is None:
        assert cut(["a", "b"], sizes, body) == {
            "a": b"a" if sizes[0] else None,
            "b": body[sizes[0] or 0 :],
        }
    else:
        with pytest.raises(ShimError, match=f"^read: {why}$"):
            cut(["a", "b"], sizes, body)


@pytest.mark.parametrize(
    ("path", "target", "inside"),
    [
        ("a", "b", True),
        ("a", ".", True),
        ("d/a", "..", True),
        ("d/a", "../b/c", True),
        ("d/e/a", "../../b", True),
        ("a", "..", False),
        ("d/a", "../..", False),
        ("d/a", "e/../../..", False),
        ("a", "link/../b", False),
        ("a", "/etc/passwd", False),
        ("a", "", False),
        ("a", "x\0", False),
        ("a", "\udcff", False),
        ("a", "x" * 5000, False),
    ],
)
def test_where_links_lead(path, target, inside):
    assert stays_inside(path, target) is inside


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.lists(st.sampled_from(["a", "b", "c", "..", "."]), min_size=1, max_size=5).map(
    "/".join
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(PATHS, TARGETS, max_size=6), st.sets(PATHS, max_size=6))
def test_no_chain_of_links_that_stay_inside_leads_out(links, folders):
    with tempfile.TemporaryDirectory() as name:
        home = Path(os.path.realpath(name), "home")
        home.mkdir()
        for folder in sorted(folders):
            (home / folder).mkdir(parents=True, exist_ok=True)
        made = [
            p
            for p, target in sorted(links.items())
            if stays_inside(p, target) and made_link(home, p, target)
        ]
        for path in made:
            try:
                real = (home / path).resolve(strict=True)
            except (OSError, RuntimeError):  # it leads nowhere, or in a circle
                continue
            assert real.is_relative_to(home)


def made_link(home: Path, path: str, target: str) -> bool:
    above = home
    for step in path.split("/")[:-1]:
        above /= step
        if above.is_symlink() or not above.is_dir():
            return False
    try:
        (home / path).symlink_to(target)
    except FileExistsError:
        return False
    return True


TREES = st.dictionaries(
    st.lists(st.sampled_from(["a", "B", "ü", " ", "-rf", "x\ny"]), min_size=1, max_size=3).map("/".join),
    st.binary(max_size=20),
    max_size=6,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(TREES)
def test_what_is_put_is_what_is_told(files):
    with tempfile.TemporaryDirectory() as home:
        for path, data in files.items():
            place = Path(home, path)
            if not any(above.is_file() for above in place.parents) and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        before, _ = surveyed(survey(home, MOST), MOST)
        contents = {p: Path(home, p).read_bytes() for p, t in before.items() if isinstance(t, File)}
        shutil.rmtree(home)
        Path(home).mkdir()
        for head, body in packed(Snapshot(before, contents)):
            restore.fill(home, json.loads(body[:head]), memoryview(body)[head:])
        assert surveyed(survey(home, MOST), MOST) == (before, {})
        restore.clear(home)
        assert list(Path(home).iterdir()) == []
