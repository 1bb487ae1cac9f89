"""The server by its own protocol: what it answers to whom."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

RUN = "20261121-113908-many-turns-abcd"


def ask(server, path, *, host=None, cookie=None, **headers):
    """Ask once; status, headers and body."""
    asking = http.client.HTTPConnection("127.0.0.1", int(server.port), timeout=20)
    sent = {"Host": host or f"127.0.0.1:{server.port}", **{k.title(): v for k, v in headers.items()}}
    if cookie:
        sent["Cookie"] = cookie
    asking.request("GET", path, headers=sent)
    answer = asking.getresponse()
    body = answer.read().decode()
    asking.close()
    return answer.status, answer.headers, body


def enter(server):
    """Show the token; the cookie."""
    _, headers, _ = ask(server, f"/?token={server.token}")
    return headers["Set-Cookie"].partition(";")[0]


def knock(server, link="", **headers):
    """Ask for a tab's socket; the status line."""
    with socket.create_connection(("127.0.0.1", int(server.port)), timeout=20) as asking:
        sent = {
            "Host": f"127.0.0.1:{server.port}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13", **headers,
        }  # fmt: skip
        lines = [f"GET /ws/{link}?width=80&height=24 HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
        asking.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(asking.recv(4096).split()[1])


def test_the_token_is_exchanged_and_nothing_is_answered_without_it(served):
    server = served()
    status, headers, _ = ask(server, f"/?token={server.token}&replay={RUN}&turn=2")
    assert (status, headers["Location"]) == (303, f"/?replay={RUN}&turn=2")
    name, _, rest = headers["Set-Cookie"].partition("=")
    assert name == f"backrooms-{server.port}"
    assert {part.strip() for part in rest.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Strict"}
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert server.token not in cookie
    for path in ("/", "/alive", "/static/js/textual.js", "/page/page.js", "/ws/", "/nothing", "/?token=1"):
        status, headers, body = ask(server, path)
        assert (path, status) == (path, 403)
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert "backrooms serve" in body
    assert ask(server, "/alive", cookie=f"{name}={server.token}")[0] == 403
    assert ask(server, "/alive", cookie=cookie)[0] == 200
    assert ask(server, "/nothing", cookie=cookie)[0] == 404
    assert ask(server, "/static/../server.py", cookie=cookie)[0] in {403, 404}


def test_every_answer_keeps_to_itself(served):
    server = served()
    for path, cookie in (("/", None), ("/", enter(server)), ("/page/page.js", enter(server))):
        _, headers, _ = ask(server, path, cookie=cookie)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert policy.endswith("frame-ancestors 'none'")
        assert "http" not in policy
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_another_name_and_another_page_are_refused(served):
    server = served()
    cookie, here = enter(server), f"http://127.0.0.1:{server.port}"
    status, _, body = ask(server, "/", host=f"evil.example:{server.port}", cookie=cookie)
    assert (status, "does not answer to that name" in body) == (403, True)
    assert ask(server, f"/?token={server.token}", host="evil.example")[0] == 403
    status, _, body = ask(server, "/", cookie=cookie, origin="http://evil.example")
    assert (status, "Another page has asked" in body) == (403, True)
    assert knock(server, Origin=here) == 403
    assert knock(server, Cookie=cookie) == 403
    assert knock(server, Cookie=cookie, Origin="http://evil.example") == 403
    assert knock(server, Cookie=cookie, Origin=f"http://localhost:{server.port}") == 403
    assert knock(server, "replay%3D..", Cookie=cookie, Origin=here) == 400
    assert server.tabs == []


def test_what_a_link_asks_for_is_checked_before_anything_begins(served):
    server = served()
    cookie = enter(server)
    status, _, body = ask(server, "/?replay=..%2F<b>", cookie=cookie)
    assert status == 400
    assert "there is no run &#x27;../&lt;b&gt;&#x27; in transcripts" in body
    assert ask(server, f"/?replay={RUN}&turn=2", cookie=cookie)[0] == 200
    assert server.tabs == []


def test_a_tab_that_hangs_up_ends_its_app_and_so_does_a_signal(served):
    server = served("--tabs", "1")
    cookie, here = enter(server), f"http://127.0.0.1:{server.port}"
    assert knock(server, Cookie=cookie, Origin=here) == 101  # and hangs up at once
    server.wait_for_tabs(0)
    assert server.stop(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "backrooms: '0.0.0.0' can be reached from other machines: whoever gets hold"),
        (["--port", "70000"], "argument --port: '70000' is no port: use 1 to 65535, or 0"),
        (["--tabs", "0"], "argument --tabs: '0' is no number of tabs: use 1 to 1000"),
    ],
)
def test_what_cannot_be_is_said(home, options, said):
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "serve", *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr


def test_without_the_extra_it_says_what_to_install(home, tmp_path):
    code = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "textual_serve" else found(name, *more)
from sandbox.cli import main
sys.exit(main(["serve"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "backrooms: the app's browser part is not installed: pip install 'backrooms[web]'.\n"
    )


def test_a_taken_port_is_said_in_a_sentence(served):
    server = served()
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "serve", "--port", server.port],
        capture_output=True, text=True, check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == f"backrooms: port {server.port} of 127.0.0.1 is taken: choose another by --port.\n"
    assert json.dumps(done.stdout) == '""'
