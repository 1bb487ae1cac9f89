"""The page in a browser: it finds, filters, leads where links say, fetches nothing, runs nothing of others.

The browser is driven over a pair of pipes by its own DevTools protocol: no port and no package.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore
from sandbox.transcript.formats.exporters import Source, export

pytestmark = [pytest.mark.e2e, pytest.mark.needs("chromium")]

DEMO = Path(__file__).parents[2] / "transcripts" / "samples" / "demo"

COMPLAINTS = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
    # Whatever a page asks for, nothing is found beyond this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip

# The protocol wants its pipes under these numbers, which are seldom free here.
AS_3_AND_4 = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One page. ``told`` holds the events that the browser reported, oldest first."""

    def __init__(self, read, write):
        self._read, self._write = read, write
        self._buffer = b""
        self._number = 0
        self._session = None
        self.told = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Call a method and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.told.append(answer)

    def open(self, url):
        """Load a page anew in a wide window, and wait until it has."""
        self.size(1400, 900)
        for each in ("about:blank", url):
            self.told.clear()
            self.call("Page.navigate", url=each)
            while not any(told["method"] == "Page.loadEventFired" for told in self.told):
                self.told.append(self._message())

    def run(self, script):
        """Evaluate an expression in the page, waiting for a promise, and return its value."""
        result = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True,
            userGesture=True,
        )  # fmt: skip
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def size(self, width, height, *, dark=False):
        """Set the size of the window, and whether the reader likes dark pages."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def settle(self):
        """Wait until what was scrolled to has been drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _message(self):
        deadline = time.monotonic() + 50
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], deadline - time.monotonic())
            assert ready, "Chromium does not answer"
            read = os.read(self._read, 1 << 20)
            assert read, "Chromium has ended"
            self._buffer += read
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


@contextmanager
def chromium(profile):
    """Start Chromium and open one page; it is gone afterwards."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed."
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", AS_3_AND_4, str(to_read), str(from_write),
         program, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(to_read, from_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(to_read)
    os.close(from_write)
    try:
        yield Page(from_read, to_write)
    finally:
        os.close(to_write)  # it ends by itself when nobody talks to it any more
        os.close(from_read)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The demonstration's page."""
    path = tmp_path_factory.mktemp("page") / "run.html"
    with path.open("wb") as out:
        export(Source(DEMO), "html", out)
    return path


@pytest.fixture
def page(browser, file):
    browser.open(file.as_uri())
    return browser


def find(page, words):
    """Type words into the search, and press Enter; again to go on to the next."""
    page.run(f"document.getElementById('q').value = {json.dumps(words)}")
    key = "document.getElementById('q').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))"
    page.run("document.getElementById('q').dispatchEvent(new Event('input'))")
    page.run(key)
    page.settle()
    return page.run("document.getElementById('count').value")


def seen(page, selector):
    """Whether the middle of an element is within the window and no other lies upon it."""
    return page.run(f"""(element => {{
        const box = element.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return top !== null && element.contains(top);
    }})(document.querySelector({json.dumps(selector)}))""")


def shown(page):
    """The ids of the entries that are not hidden."""
    return page.run(
        "[...document.querySelectorAll('article')].filter(e => e.checkVisibility()).map(e => e.id)"
    )


def marked(page, name):
    return page.run(f"[...(CSS.highlights.get({name!r}) ?? [])].map(range => range.toString())")


def test_search_counts_marks_and_goes_from_one_to_the_next(page):
    assert find(page, "THE RULES") == "1 of 2"
    assert [word.lower() for word in marked(page, "found")] == ["the rules"] * 3
    assert page.run("document.querySelector('.current').id") == "e45"
    assert find(page, "THE RULES") == "2 of 2"
    assert page.run("document.querySelector('.current').id") == "e54"
    assert seen(page, "#e54")
    assert find(page, "no such words") == "none"
    assert marked(page, "found") == []


def test_search_finds_what_is_folded_and_opens_it(page):
    assert find(page, "direct line from one agent") == "1 of 1"
    assert page.run("document.querySelector('.current details').open")
    assert seen(page, ".current pre")


def test_filters_hide_and_show_again(page):
    everything = shown(page)
    page.run("document.querySelectorAll('[value=house], [value=actions]').forEach(e => e.click())")
    assert 0 < len(shown(page)) < len(everything)
    page.run("document.getElementById('reset').click()")
    assert shown(page) == everything
    page.run("(w => { w.value = 'bo'; w.dispatchEvent(new Event('change', {bubbles: true})) })"
             "(document.getElementById('who'))")  # fmt: skip
    who = "[...new Set([...document.querySelectorAll('article:not([hidden])')].map(e => e.dataset.who))]"
    assert page.run(who) == ["bo"]
    page.run("['reset', 'flagged'].forEach(id => document.getElementById(id).click())")
    assert shown(page) == ["e71", "e72"]
    assert page.run("document.querySelectorAll('section:not([hidden])').length") == 1


@pytest.mark.parametrize(("link", "element"), [("t6", "#t6 h2"), ("e71", "#e71"), ("e75", "#e73")])
def test_a_link_leads_to_its_turn_or_event_or_the_one_before(browser, file, link, element):
    browser.open(f"{file.as_uri()}#{link}")
    browser.settle()
    assert seen(browser, element)


def test_a_link_to_what_is_filtered_away_shows_it(page):
    page.run("document.querySelector('[value=whispers]').click()")
    assert page.run("document.getElementById('e71').hidden")
    page.run("document.querySelector('.flags .body a').click()")
    page.settle()
    assert seen(page, "#e71")


def test_nothing_is_asked_for_but_the_page_itself(page, file):
    find(page, "the")
    asked = [told["params"]["request"]["url"] for told in page.told
             if told["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert asked == [file.as_uri()]
    assert not any(told["method"] in COMPLAINTS for told in page.told)


@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_sticks_out_and_both_looks_can_be_chosen(page, width):
    page.size(width, 800)
    assert page.run("document.documentElement.scrollWidth") == width
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.run(ground) == "rgb(250, 247, 234)"
    page.run("document.getElementById('theme').click()")
    assert page.run(ground) == "rgb(21, 20, 12)"
    page.run("document.getElementById('theme').click()")


def test_hostile_text_runs_nothing_and_breaks_nothing(browser, tmp_path):
    script = "window.owned = true"
    texts = [f"</script><script>{script}</script>", f"<img src=x onerror='{script}'>", "\x00\u202e",
             f"<svg onload='{script}'>", "</style><style>*{display:none}</style>", "W" * 100_000]  # fmt: skip
    store = FileStore(tmp_path / "run", "a-run", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": texts[0]}))
    for seq, text in enumerate(texts, 2):
        store.append(Event(seq, "say", text, {"text": text, "to": text}, text, "room"))
    store.close()
    file = tmp_path / "run.html"
    with file.open("wb") as out:
        export(Source(tmp_path / "run"), "html", out)
    browser.open(file.as_uri())
    assert browser.run("window.owned") is None
    assert browser.run("document.documentElement.scrollWidth") == 1400
    assert find(browser, "</SCRIPT><script>") == "1 of 1"
    assert [told for told in browser.told if told["method"] in COMPLAINTS] == []


@pytest.mark.slow
def test_twenty_thousand_events_are_searched_and_filtered_in_a_blink(browser, tmp_path):
    store = FileStore(tmp_path / "run", "a-run", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine", {"title": "Long", "agents": {"ada": {}}}))
    for seq in range(2, 20_002, 2):
        store.append(Event(seq, "turn.offered", "ada", {"turn": seq // 2, "agent": "ada"}))
        store.append(Event(seq + 1, "say", "ada", {"text": f"Word {seq}. " * 9}, "lobby", "room"))
    store.close()
    file = tmp_path / "run.html"
    with file.open("wb") as out:
        export(Source(tmp_path / "run"), "html", out)
    browser.open(file.as_uri())
    hide = "document.querySelector('[value=house]').click()"
    assert (
        browser.run(f"(t => {{ {hide}; return performance.now() - t }})(performance.now())") < 1000
    )
    began = time.monotonic()
    assert find(browser, "word 19998.") == "1 of 1"
    assert seen(browser, "#e19999")
    assert time.monotonic() - began < 10
