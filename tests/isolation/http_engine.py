"""A container engine that says what a test wants, by the engine's own protocol over HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from docker import DockerClient


@contextmanager
def engine_that_says(answer: Callable[[str], tuple[int, Any]]) -> Iterator[DockerClient]:
    """Serve ``answer``, which gives a status and what is found for a path without its version."""

    class Engine(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, found = answer(self.path.removeprefix("/v1.41"))
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = DockerClient(f"tcp://127.0.0.1:{server.server_port}", version="1.41")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()
