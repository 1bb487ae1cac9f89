"""Words reach the terminal while the model is still at them."""

import json
import os
import pty
import select
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SCENARIO = """
title: Slow
agents:
  ada: {{model: openai/slow, base_url: "http://127.0.0.1:{port}/v1"}}
limits: {{turns: 1}}
"""


class Slow(BaseHTTPRequestHandler):
    """Says the first half of its answer, and the second only once it is told to."""

    go_on: threading.Event

    def do_GET(self):
        self.answer(
            b'{"object": "list", "data": [{"id": "slow", "object": "model"}]}', "application/json"
        )

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.chunk({"role": "assistant", "content": "Halfway "})
        assert self.go_on.wait(20)
        self.chunk({"content": "there."})
        self.chunk({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def chunk(self, delta, finish=None):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        data = {"id": "1", "object": "chat.completion.chunk", "model": "slow", "choices": [choice]}
        self.wfile.write(b"data: " + json.dumps(data).encode() + b"\n\n")
        self.wfile.flush()

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_the_first_words_are_on_the_terminal_before_the_answer_is_whole(house):
    handler = type("Handler", (Slow,), {"go_on": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    house.scenario(SCENARIO.format(port=server.server_port))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        house.argv(["run", "scenario.yaml", "--tier", "none"]), cwd=house.folder,
        stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "120", "OPENAI_API_KEY": "none"},
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = read_until(ours, "Halfway")
        assert "there." not in shown
        handler.go_on.set()
        shown += read_until(ours, "Halfway there.")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        server.shutdown()
        server.server_close()


def read_until(terminal, words, seconds=20):
    """Read what is written to a terminal until it holds these words."""
    text, give_up = "", time.monotonic() + seconds
    while words not in text:
        ready, _, _ = select.select([terminal], [], [], max(0, give_up - time.monotonic()))
        assert ready, f"{words!r} was not shown within {seconds} s: {text[-2000:]!r}"
        text += os.read(terminal, 65536).decode("utf-8", "replace")
    return text
