"""What is read of an engine that is busy, by the engine's own protocol over HTTP."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from docker import DockerClient
from docker.errors import APIError

from sandbox.isolation import image_list
from sandbox.isolation.image_list import our_images

OURS = {
    "Id": "sha256:" + "a" * 64,
    "RepoTags": ["localhost/backrooms/agent:old"],
    "Labels": {},
    "Size": 70,
}
HAS = {
    "/containers/json": [],
    "/images/json": [OURS],
    "/system/df": {"Images": [OURS | {"SharedSize": 20}]},
}
REMOVES = 'retrieving label for image "6a4c": you may need to remove the image'
COUNTS = "a disk usage operation is already running"


@pytest.fixture
def engine(monkeypatch):
    """Starts an engine that answers so many requests of a path with an error, and then as it should."""
    monkeypatch.setattr(image_list, "AGAIN", 0)
    begun = []

    def begin(path, words, times):
        seen = Counter()

        class Engine(BaseHTTPRequestHandler):
            def do_GET(self):
                asked, _, query = self.path.removeprefix("/v1.41").partition("?")
                status, found = 200, [] if "filter" in query else HAS[asked]
                seen[asked] += found != []
                if asked == path and found and seen[asked] <= times:
                    status, found = 500, {"message": words}
                body = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        client = DockerClient(f"tcp://127.0.0.1:{server.server_port}", version="1.41")
        begun.append((server, thread, client))
        return client

    yield begin
    for server, thread, client in begun:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()


def listed(client):
    return [(one.tag, one.bytes, one.alone) for one in our_images(client, "podman")]


TAG = "backrooms/agent:old"


@pytest.mark.parametrize(
    ("path", "words"), [("/images/json", REMOVES), ("/system/df", COUNTS)], ids=["lists", "counts"]
)
def test_a_busy_engine_is_asked_again(engine, path, words):
    assert listed(engine(path, words, 3)) == [(TAG, 70, 50)]


def test_without_a_count_an_image_is_as_large_as_it_says(engine):
    assert listed(engine("/system/df", COUNTS, 100)) == [(TAG, 70, 70)]


@pytest.mark.parametrize(
    ("path", "words"), [("/images/json", REMOVES), ("/system/df", "the disk is on fire")]
)
def test_an_engine_that_cannot_is_believed_in_the_end(engine, path, words):
    with pytest.raises(APIError, match=words):
        listed(engine(path, words, 100))
