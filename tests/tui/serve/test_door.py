"""Who is let in, and where a link may lead."""

from pathlib import Path

import pytest

from sandbox.errors import UsageError
from sandbox.tui.places import Flagged, Replayed, Watched
from sandbox.tui.serve.door import Door, is_loopback
from sandbox.tui.serve.link import place_of, written
from sandbox.tui.serve.pages import plain_page, terminal_page
from tests.tui.replay.conftest import home, write

__all__ = ["home"]

RUN = "20261121-113908-many-turns-abcd"


def test_secrets_are_of_128_bits_and_fresh():
    doors = [Door("127.0.0.1", 8123) for _ in range(3)]
    secrets = {secret for door in doors for secret in (door.token, door.cookie)}
    assert len(secrets) == 6
    assert {len(secret) for secret in secrets} == {32}
    assert doors[0].address == f"http://127.0.0.1:8123/?token={doors[0].token}"
    assert Door("::1", 8123, token="t").address == "http://[::1]:8123/?token=t"
    assert doors[0].has_token(doors[0].token)
    assert not any(doors[0].has_token(given) for given in ("", "é", doors[0].cookie))
    assert not any(doors[0].has_cookie(given) for given in (None, "", doors[0].token))


@pytest.mark.parametrize(
    ("host", "known", "strange"),
    [
        ("127.0.0.1", ["127.0.0.1:8123", "localhost:9000", "LOCALHOST", "[::1]:8123"],
         [None, "", "evil.example:8123", "127.0.0.1.evil.example", "192.168.0.7:8123", "[::1", "a:b:c"]),
        ("0.0.0.0", ["192.168.0.7:8123", "127.0.0.1:8123", "[fe80::1]:8123"], [None, "evil.example:8123"]),
        ("box.example", ["box.example:8123", "Box.Example"], ["evil.example:8123", "127.0.0.1:8123"]),
    ],
)  # fmt: skip
def test_a_name_that_is_not_ours_is_not_answered(host, known, strange):
    door = Door(host, 8123)
    assert [name for name in known if not door.knows_host(name)] == []
    assert [name for name in strange if door.knows_host(name) and name != "[::1"] == []


def test_an_origin_is_the_very_page():
    door = Door("127.0.0.1", 8123)
    assert door.knows_origin("http://127.0.0.1:8123", "127.0.0.1:8123")
    for origin in (None, "null", "http://localhost:8123", "http://127.0.0.1:9", "https://evil.example"):
        assert not door.knows_origin(origin, "127.0.0.1:8123")


def test_only_this_machine_is_loopback():
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "LocalHost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "box.example")] == [False] * 4


def test_links_lead_to_places(home):
    root = write(Path("transcripts") / RUN, []).parent
    assert place_of("", root) == "launch"
    assert place_of(f"replay={RUN}&turn=12", root) == Replayed(root / RUN, turn=12)
    assert place_of(f"replay={RUN}&seq=240", root) == Replayed(root / RUN, seq=240)
    assert place_of(f"watch={RUN}", root) == Watched(RUN)
    assert place_of(f"flags={RUN}&seq=7", root) == Flagged(root / RUN, seq=7)
    query = {"token": "x", "flags": RUN, "seq": "7", "turn": "1", "other": "$(id)"}
    assert written(query) == f"flags={RUN}&seq=7"
    assert written({"token": "x"}) == ""


@pytest.mark.parametrize(
    "link",
    [
        "replay=", "replay=..", "replay=../transcripts", f"replay=/transcripts/{RUN}", "replay=last",
        f"replay={RUN}/", f"replay={RUN}%00", f"replay={RUN}&turn=-1", f"replay={RUN}&turn=1;id",
        f"replay={RUN}&turn={'9' * 20}", f"replay={RUN}&turn=", f"watch={RUN}&turn=1", "edit=/etc/passwd",
        f"replay={RUN}&flags={RUN}", "a", "$(touch owned)", "replay=--plain", f"replay={RUN}&seq=\u0663",
    ],
)  # fmt: skip
def test_what_is_no_link_is_refused(home, link):
    root = write(Path("transcripts") / RUN, []).parent
    with pytest.raises(UsageError):
        place_of(link, root)


def test_a_refusal_says_why(home):
    root = write(Path("transcripts") / RUN, []).parent
    with pytest.raises(UsageError) as refused:
        place_of("replay=../x", root)
    assert str(refused.value) == "there is no run '../x' in transcripts; a link names a run in full."


def test_no_text_becomes_a_part_of_a_page():
    assert "<script>" not in plain_page("<script>alert(1)</script>")
    page = terminal_page("127.0.0.1:1", 'flags=a&seq="><script>')
    assert "&seq=" not in page
    assert '"><script>' not in page
    assert "ws://127.0.0.1:1/ws/flags%3Da%26seq%3D%22%3E%3Cscript%3E" in page
