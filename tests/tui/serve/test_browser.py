"""The app in Chromium: it paints, takes keys and clicks, and asks nobody else for anything."""

import base64
import time
from urllib.parse import urlsplit

import pytest

from tests.e2e.test_export_chromium import chromium

pytestmark = [pytest.mark.e2e, pytest.mark.needs("chromium")]

RUN = "20261121-113908-many-turns-abcd"

# The terminal draws on canvases: what it says is read from a socket of our own, painted there again.
HEAR = """
window.heard = "";
const Own = WebSocket;
window.WebSocket = class extends Own {
  constructor(url) {
    super(url);
    window.pipe = this;
    this.addEventListener("message", e => {
      if (typeof e.data !== "string") window.heard += new TextDecoder().decode(e.data);
    });
  }
};
"""


class Tab:
    """One page with the app."""

    def __init__(self, page):
        self.page = page
        page.call("Page.addScriptToEvaluateOnNewDocument", source=HEAR)

    def open(self, address):
        self.page.open(address)

    def wait(self, script, seconds=15):
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + seconds
        while not self.page.run(script):
            assert time.monotonic() < deadline, (script, self.page.run("window.heard")[-2000:])
            time.sleep(0.05)

    def wait_for(self, words):
        self.wait(f"window.heard.includes({words!r})")

    def forget(self):
        self.page.run("window.heard = ''")

    def press(self, key, code, text=None):
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.page.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=code,
                windowsVirtualKeyCode=ord(text.upper()) if text else 0, **more,
            )  # fmt: skip

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.page.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def picture(self):
        self.page.settle()
        return base64.b64decode(self.page.call("Page.captureScreenshot", format="png")["data"])

    @property
    def complaints(self):
        """What broke, or was forbidden to the page by its own policy."""
        entries = [told["params"].get("entry", {"level": "error", "text": told["params"]})
                   for told in self.page.told
                   if told["method"] in {"Log.entryAdded", "Runtime.exceptionThrown"}]  # fmt: skip
        return [entry["text"] for entry in entries if entry["level"] == "error"]

    @property
    def hosts(self):
        """Whom the page has asked for anything."""
        asked = [told["params"]["request"]["url"] for told in self.page.told
                 if told["method"] == "Network.requestWillBeSent"]  # fmt: skip
        asked += [told["params"]["url"] for told in self.page.told
                  if told["method"] == "Network.webSocketCreated"]  # fmt: skip
        return {urlsplit(url).netloc for url in asked if not url.startswith(("about:", "data:"))}


@pytest.fixture
def tab(browser):
    return Tab(browser)


def test_it_loads_takes_keys_and_clicks_fits_the_window_and_asks_nobody_else(served, tab):
    server = served()
    tab.open(server.address)
    tab.wait_for("Launch")
    assert tab.page.run("location.search") == ""
    assert tab.page.run("document.cookie") == ""
    assert tab.hosts == {f"127.0.0.1:{server.port}"}
    assert tab.complaints == []
    picture = tab.picture()
    assert len(picture) > 20_000
    tab.forget()
    tab.press("3", "Digit3", "3")
    tab.wait_for("many-turns")
    tab.forget()
    tab.click(320, 10)
    tab.wait_for("Flags")
    tab.forget()
    tab.page.size(800, 500)
    tab.wait("window.heard.length > 2000")
    assert server.tabs != []
    tab.page.call("Page.navigate", url="about:blank")
    server.wait_for_tabs(0)


def test_a_link_opens_there(served, tab):
    server = served()
    tab.open(f"{server.address}&replay={RUN}&turn=12")
    tab.wait_for("turn 12/20")
    assert tab.page.run("location.search") == f"?replay={RUN}&turn=12"


def test_two_tabs_are_two_apps(served, tab, tmp_path):
    server = served()
    tab.open(f"{server.address}&replay={RUN}&turn=3")
    tab.wait_for("turn 3/20")
    with chromium(tmp_path) as page:
        other = Tab(page)
        other.open(f"{server.address}&flags={RUN}")
        other.wait_for("Somebody knocks")
        assert len(server.tabs) == 2
    server.wait_for_tabs(1)
    tab.forget()
    tab.press("J", "KeyJ", "J")
    tab.wait_for("turn 4/20")


def test_a_server_that_goes_says_so_in_the_page_and_leaves_nothing(served, tab):
    server = served()
    tab.open(server.address)
    tab.wait_for("Launch")
    code, said = server.stop()
    assert code == 0
    assert said.startswith("This address lets in whoever has it")
    assert said.count("\n") == 1
    tab.wait("document.getElementById('why').innerText.startsWith('The server is gone')")
    again = served("--port", server.port)
    assert again.token != server.token
    tab.wait("document.getElementById('why').innerText.startsWith('The server was started anew')")
    assert tab.page.run("document.getElementById('again').hidden")


def test_leaving_the_app_offers_to_open_it_again(served, tab):
    server = served()
    tab.open(server.address)
    tab.wait_for("Launch")
    tab.press("q", "KeyQ", "q")
    tab.wait("document.getElementById('why').innerText === 'The app was left, or has ended.'")
    server.wait_for_tabs(0)
    tab.forget()
    tab.page.run("document.getElementById('again').click()")
    tab.wait_for("Launch")


def test_no_link_in_a_text_opens_a_page(served, tab):
    server = served()
    tab.open(server.address)
    tab.wait_for("Launch")
    assert tab.page.run("window.open('https://example.com')") is None
