"""A key leaves no trace: not in the record, not in anything printed, not in a box, not at the broker."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox.engine.runtime import runtime_root

KEY = "sk-canary-7f3a91d2c4e8b605"
LOOK_AROUND = "env; cat /proc/*/environ /proc/*/cmdline /run/backrooms/* 2>&1 | tr '\\0' '\\n'"

SCENARIO = """
title: Keys
agents:
  ada:
    model: openai/some-model
    tools: [talk, shell]
  bo:
    script: [{say: "One."}, {say: "Two."}]
    after_script: loop
limits: {turns: 8, turn_seconds: 40}
"""


def chunk(finish=None, **delta):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def words(text):
    return [chunk(content=text), chunk("stop")]


def call(command):
    function = {"name": "shell", "arguments": json.dumps({"command": command})}
    piece = {"index": 0, "id": "c1", "type": "function", "function": function}
    return [chunk(tool_calls=[piece]), chunk("tool_calls")]


REPEATED = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
PLAN = [
    (200, call(LOOK_AROUND)),
    (200, words("I have looked around.")),
    (500, REPEATED),
    (200, words("Better.")),
    (401, REPEATED),
    (200, [{"error": {"message": f"in the stream: Bearer {KEY}"}}]),
]


class Maker(ThreadingHTTPServer):
    """A server that answers by plan, repeats the key in its errors, and looks about while it is asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.plan = list(PLAN)
        self.heads = []
        self.traces = []
        self.run_pid = None
        self.boxes = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing."""

    def do_GET(self):
        self._send(200, "application/json", b'{"data": []}')

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.heads.append(self.headers.get("authorization"))
        look_about(self.server)
        status, said = self.server.plan.pop(0) if self.server.plan else (200, words("Well."))
        if status != 200:
            self._send(status, "application/json", json.dumps(said).encode())
            return
        lines = [f"data: {json.dumps(each)}\n\n" for each in said] + ["data: [DONE]\n\n"]
        self._send(200, "text/event-stream", "".join(lines).encode())

    def _send(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def look_about(server):
    """Whatever lies in the runtime folders, and what processes that are not the run itself are told."""
    for path in runtime_root().rglob("*"):
        if path.is_file() and KEY.encode() in path.read_bytes():
            server.traces.append(f"file {path}")
    own = Path("/proc/self/ns/pid").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            cmdline = (process / "cmdline").read_bytes()
            boxed = (process / "ns/pid").readlink() != own
            if boxed and KEY.encode() in (process / "environ").read_bytes():
                server.traces.append(f"environment of {process}: {cmdline}")
        except (OSError, FileNotFoundError):
            continue
        server.boxes += boxed
        if KEY.encode() in cmdline:
            server.traces.append(f"command line of {process}")


@pytest.fixture
def maker():
    server = Maker()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def backrooms(house, maker, monkeypatch):
    """Run the command with the key in its environment, and keep all that it prints."""
    printed = []
    environment = {
        **os.environ,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": maker.url,
        "XDG_CONFIG_HOME": str(house.folder / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }

    def call(*args, **more):
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *args],
            cwd=house.folder, env=environment | more, capture_output=True, check=False, timeout=120,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        printed.append((args, done.stdout + done.stderr))
        return done

    call.printed = printed
    return call


def traces(folder, printed):
    found = [f"file {path}" for path in folder.rglob("*") if path.is_file() and holds(path)]
    return found + [f"output of {args}" for args, output in printed if KEY.encode() in output]


def holds(path):
    return KEY.encode() in path.read_bytes()


@pytest.mark.e2e
@pytest.mark.timeout(180)
@pytest.mark.needs("nats", "bubblewrap")
def test_nothing_of_a_run_holds_the_key(house, maker, backrooms):
    house.scenario(SCENARIO)
    run = backrooms("run", "scenario.yaml", "--tier", "bubblewrap", "--plain")
    assert run.returncode == 0, run.stderr.decode()

    # The key was sent every time, so there was something to leak; the boxes were there to be looked at.
    assert set(maker.heads) == {f"Bearer {KEY}"}
    assert maker.plan == []
    assert maker.boxes > 0
    kinds = [event["kind"] for event in house.events()]
    assert {"think.failed", "action.result"} <= set(kinds)
    text = (house.runs()[-1] / "events.jsonl").read_text()
    assert "(the key)" in text  # a server's sentence came through, without it

    for args in (
        ("show", "last"),
        ("show", "last", "--json"),
        ("show", "last", "--saw", "ada"),
        ("show", "last", "--saw", "ada", "--json"),
        ("replay", "last", "--plain", "--speed", "max"),
        ("verify", "last"),
        ("runs", "--json"),
        ("models", "list"),
        ("models", "list", "--json", "--probe"),
        ("check", "scenario.yaml"),
    ):
        backrooms(*args)
    assert maker.traces == []
    assert traces(house.folder, backrooms.printed) == []


@pytest.mark.parametrize("provider", ["openai", "anthropic", "mistral"])
def test_no_failure_that_is_printed_tells_the_key(house, maker, backrooms, provider):
    maker.plan = [(401, REPEATED)]
    name, url = provider.upper(), maker.url
    asked = backrooms(
        "models", "ask", f"{provider}/some-model", "Hello?",
        **{f"{name}_API_KEY": KEY, f"{name}_BASE_URL": url if provider == "openai" else url[:-3]},
    )  # fmt: skip
    assert asked.returncode == 1, asked.stderr
    assert maker.heads == [f"Bearer {KEY}"]
    assert b"Traceback" not in asked.stderr
    assert b"(the key)" in asked.stderr
    assert asked.stderr.rstrip().splitlines()[-1].startswith(b"backrooms: the model server at http")
    assert traces(house.folder, backrooms.printed) == []


def test_a_scenario_that_names_another_address_gets_no_key(house, maker, backrooms):
    maker.plan = [(401, {"error": {"message": "who are you"}})]
    asked = backrooms(
        "models", "ask", "openai/x", "Hello?", "--base-url", maker.url.replace("127.0.0.1", "localhost")
    )  # fmt: skip
    assert asked.returncode == 1
    assert maker.heads == [None]
