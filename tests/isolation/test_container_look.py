"""A look at a container that ends just then, by the engine's own protocol over HTTP."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from docker import DockerClient
from docker.errors import APIError

from sandbox.isolation import container_look
from sandbox.isolation.container_look import LOOKS, look

GOING = "read /proc/32395/cgroup: no such process"


@pytest.fixture
def container(monkeypatch):
    """A container of an engine that answers with these errors first, and then that it has ended."""
    monkeypatch.setattr(container_look, "AGAIN", 0)
    errors = []

    class Engine(BaseHTTPRequestHandler):
        def do_GET(self):
            status, found = 200, {"Id": "c1", "State": {"Status": "exited"}}
            if errors:
                status, found = 500, {"message": errors.pop(0)}
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
    yield client.containers.get("c1"), errors
    client.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("times", [0, 1, LOOKS - 1])
def test_it_is_looked_at_until_it_has_ended(container, times):
    seen, errors = container
    errors += [GOING] * times
    look(seen)
    assert (seen.status, errors) == ("exited", [])


def test_an_engine_that_goes_on_failing_is_heard(container):
    seen, errors = container
    errors += [GOING] * (LOOKS + 1)
    with pytest.raises(APIError, match="no such process"):
        look(seen)
    assert errors == [GOING]


def test_any_other_error_is_heard_at_once(container):
    seen, errors = container
    errors += ["no space left", GOING]
    with pytest.raises(APIError, match="no space left"):
        look(seen)
    assert errors == [GOING]
