"""The house's hand in the box: a real agent process, and a house by hand."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agents
from agents import command, control_frames, snapshot

AGENTS = str(Path(agents.__file__).parent)


class House:
    """Listens where a guest connects; asks and reads the answers."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "control.sock"))
        listener.listen(1)
        listener.settimeout(20)
        argv = [sys.executable, "-I", "-S", AGENTS, "--run", "r", "--agent", "ada"]
        argv += ["--bus", str(folder / "bus.sock"), "--control", str(folder / "control.sock")]
        argv += ["--home", str(self.home), *more]
        self.guest = subprocess.Popen(argv, stderr=subprocess.PIPE, start_new_session=True)
        self.link = listener.accept()[0]
        listener.close()
        self.link.settimeout(20)
        self.stream = self.link.makefile("rb")
        self.asked = 0

    def close(self) -> None:
        self.stream.close()
        self.link.close()
        self.guest.communicate(timeout=20)

    def hear(self) -> dict:
        size = control_frames.length(self.stream.read(4))
        return control_frames.unpack(self.stream.read(size))

    def tell(self, body: bytes = b"", **message: object) -> int:
        self.asked += 1
        for part in control_frames.parts(self.asked, body):
            self.link.sendall(part)
        self.link.sendall(control_frames.pack({"id": self.asked, **message}))
        return self.asked

    def ask(self, body: bytes = b"", **message: object) -> tuple[dict, bytes]:
        ident, got = self.tell(body, **message), bytearray()
        while True:
            answer = self.hear()
            assert answer.pop("id") == ident
            if "part" not in answer:
                return answer, bytes(got)
            got += control_frames.payload(answer["part"])


@pytest.fixture
def house():
    with tempfile.TemporaryDirectory(prefix="br-") as folder:
        made = House(Path(folder), "--limits", "nofile=100,fsize=5000000")
        yield made
        made.close()


def test_a_hello_then_answers(house):
    hello = house.hear()
    report = hello.pop("report")
    assert hello == {"kind": "hello", "pid": house.guest.pid, "uid": os.getuid()}
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))
    assert (report["limits"]["nofile"], report["limits"]["core"]) == (100, 0)

    asked = {
        "op": "exec",
        "argv": ["sh", "-c", "cat; echo no >&2; exit 3"],
        "limit": 9,
        "seconds": 9,
    }
    answer, body = house.ask(b"x" * 1_200_000, **asked)
    assert answer.pop("seconds") > 0
    assert (answer, body) == (
        {"ok": True, "code": 3, "stdout": 9, "timed_out": False, "cut": 1_199_991},
        b"x" * 9 + b"no\n",
    )
    assert house.ask(b"data", op="put", path="a/b") == ({"ok": True}, b"")
    assert (house.home / "a/b").read_bytes() == b"data"
    assert house.ask(op="get", path="a/b", limit=4) == ({"ok": True}, b"data")
    stats, _ = house.ask(op="stats", whole_box=False)
    assert stats["pids"] >= 1

    for wrong, why in (
        ({"op": "get", "path": "../x", "limit": 1}, "PathRefused: '../x' is no path"),
        ({"op": "get", "path": "a/b", "limit": 3}, "PathRefused: 'a/b' holds more than 3 bytes"),
        ({"op": "exec", "argv": ["nowhere"], "limit": 9, "seconds": 9}, "FileNotFoundError: "),
        ({"op": "exec", "argv": ["a\0"], "limit": 9, "seconds": 9}, "ValueError: embedded null"),
        ({"op": "dance"}, "ValueError: unknown op 'dance'"),
        ({"op": "put"}, "KeyError: 'path'"),
    ):
        answer, _ = house.ask(**wrong)
        assert answer["error"].startswith(why)
    answer, _ = house.ask(b"x" * 6_000_000, op="put", path="big")
    assert answer["error"].startswith("OSError: [Errno 27] File too large")


def test_a_slow_request_holds_no_other_up(house):
    house.hear()
    slow = house.tell(op="exec", argv=["sleep", "0.5"], limit=1, seconds=9)
    quick = house.tell(op="stats", whole_box=False)
    assert [house.hear()["id"], house.hear()["id"]] == [quick, slow]


def test_when_the_house_hangs_up_all_ends(house):
    house.hear()
    house.tell(op="exec", argv=["sh", "-c", "echo $$ > pid; sleep 78"], limit=1, seconds=100)
    house.ask(op="exec", argv=["sh", "-c", "until [ -s pid ]; do :; done"], limit=1, seconds=9)
    group = int((house.home / "pid").read_text())
    house.stream.close()
    house.link.close()
    assert house.guest.wait(10) == -9
    assert not command_lines_with(b"sleep\x0078", group)


def command_lines_with(text: bytes, group: int) -> bool:
    """Whether a live process of that group shows the text; without /proc nothing is known."""
    try:
        return text in Path(f"/proc/{group}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("noise", [b"\xff\xff\xff\xff", b"\0\0\0\x02[]", b"\0\0\0\x02{}"])
def test_a_house_that_talks_nonsense_ends_the_guest(noise, house):
    house.hear()
    house.link.sendall(noise)
    assert house.guest.wait(10) == -9


# ------------------------------------------------------------------ frames


@given(st.integers(1, 1 << 40), st.binary(max_size=200))
def test_bytes_travel_whole(ident, data):
    frames = list(control_frames.parts(ident, data))
    messages = [control_frames.unpack(frame[4:]) for frame in frames]
    assert b"".join(control_frames.payload(m["part"]) for m in messages) == data
    assert {m["id"] for m in messages} <= {ident}
    assert [control_frames.length(frame[:4]) for frame in frames] == [len(f) - 4 for f in frames]


def test_no_part_is_larger_than_a_frame():
    frames = list(control_frames.parts(1 << 60, b"\xff" * 1_500_000))
    assert len(frames) == 3
    assert max(map(len, frames)) <= control_frames.FRAME


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_nothing_else_is_raised(data):
    try:
        assert isinstance(control_frames.unpack(data), dict)
    except control_frames.FrameError:
        return


def test_deep_and_huge_json_is_refused():
    for text in (b"[" * 100_000, b'{"a":' * 100_000, b"1" * 10_000):
        with pytest.raises(control_frames.FrameError):
            control_frames.unpack(text)


@given(st.one_of(st.text(), st.integers(), st.none()))
def test_a_part_that_is_none_is_refused(part):
    try:
        assert isinstance(control_frames.payload(part), bytes)
    except control_frames.FrameError:
        return


# ------------------------------------------------------------------ one program


def run(tmp_path, script: str, **more):
    wanted = {"stdin": b"", "seconds": 10.0, "limit": 1 << 20} | more
    return command.run(["sh", "-c", script], folder=str(tmp_path), groups=set(), **wanted)


def test_what_a_program_leaves_in_the_background_ends_with_it(tmp_path):
    done = run(tmp_path, "(sleep 78; echo late) & echo now")
    assert (done.code, done.stdout, done.timed_out) == (0, b"now\n", False)
    assert done.seconds < 5


def test_a_program_that_closes_its_output_is_waited_for(tmp_path):
    done = run(tmp_path, "exec >&- 2>&-; sleep 0.1; exit 4")
    assert (done.code, done.stdout) == (4, b"")
    assert run(tmp_path, "exec >&- 2>&-; sleep 78", seconds=0.1).timed_out


def test_a_program_that_does_not_read_its_input(tmp_path):
    assert run(tmp_path, "exec <&-; echo done", stdin=b"x" * 5_000_000).stdout == b"done\n"
    assert run(tmp_path, "sleep 78", stdin=b"x" * 5_000_000, seconds=0.1).timed_out


def test_a_flood_is_cut_and_counted(tmp_path):
    done = run(tmp_path, "head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2", limit=1000)
    assert (len(done.stdout), len(done.stderr), done.cut) == (1000, 1000, 4_998_000)
    assert run(tmp_path, "yes", seconds=0.2, limit=10).timed_out


def test_a_signal_is_a_negative_code(tmp_path):
    assert run(tmp_path, "kill -15 $$").code == -15


def test_who_ends_everything_knows_the_group(tmp_path):
    groups: set[int] = set()
    command.run(["true"], stdin=b"", seconds=5, limit=1, folder=str(tmp_path), groups=groups)
    assert groups == set()


# ------------------------------------------------------------------ the work folder


def test_a_survey_tells_of_files_folders_and_links(tmp_path):
    (tmp_path / "b").mkdir(mode=0o755)
    (tmp_path / "b" / "deep").write_bytes(b"12345")
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / os.fsdecode(b"\xff")).write_bytes(b"1")
    (tmp_path / "link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "sock"))
        told = json.loads(snapshot.survey(str(tmp_path), 5))
    five = "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"
    none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert told == {
        "things": [
            ["file", "a", 0o644, 0, none],
            ["folder", "b", 0o755],
            ["file", "b/deep", 0o644, 5, five],
            ["link", "link", "/etc/hostname"],
        ],
        "left_out": [
            ["pipe", "it is neither a file nor a folder nor a link"],
            ["sock", "it is neither a file nor a folder nor a link"],
            ["\\xff", "its name is not UTF-8"],
        ],
    }


def test_a_survey_has_bounds(tmp_path, monkeypatch):
    folder = tmp_path
    for _ in range(66):
        folder /= "d"
        folder.mkdir()
    (tmp_path / "big").write_bytes(b"x" * 200_000)
    told = json.loads(snapshot.survey(str(tmp_path), 100_000))
    deepest = "/".join(["d"] * 65)
    assert [thing[1] for thing in told["things"]][-1] == deepest.rpartition("/")[0]
    assert told["left_out"] == [
        ["big", "the folder holds more than 100000 bytes with it"],
        [deepest, "it is more than 64 levels deep"],
    ]
    monkeypatch.setattr(snapshot, "ENTRIES", 2)
    told = json.loads(snapshot.survey(str(tmp_path), 300_000))
    assert [thing[1] for thing in told["things"]] == ["big", "d"]
    assert told["left_out"] == [["d/d", "there are 2 things before it"]]


def test_files_are_read_in_a_row(tmp_path):
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").write_bytes(b"345")
    (tmp_path / "link").symlink_to("a")
    paths = ["a", "link", "gone", "b", "a"]
    assert snapshot.contents(str(tmp_path), paths, 4) == ([2, None, None, None, 2], b"1212")
