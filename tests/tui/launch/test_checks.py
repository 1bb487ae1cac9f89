"""The checks of a scenario, done all at once, and the real machine where it costs nothing to ask."""

import pytest

from sandbox.scenario import loads
from sandbox.tui.launch.check_rows import check_rows
from sandbox.tui.launch.checks import Check, due, run_checks, worst
from sandbox.tui.launch.machine import Found, ThisMachine

SCENARIO = loads(
    "title: t\nagents: {ada: scripted/a, bo: scripted/b, cy: local/qwen, di: local/qwen}\n"
    "doors: {models: {serve: [openai/x]}}\n"
)


def test_each_model_is_asked_once_and_those_of_doors_too():
    assert [check.subject or check.name for check in due(SCENARIO)] == [
        "scripted/a",
        "local/qwen",
        "openai/x",
        "boxes",
        "image",
        "bus",
        "disk",
    ]


class Bare:
    """A machine with nothing on it."""

    async def model(self, name, base_url):
        return Found("bad", "is not here", "Fetch it.")

    async def tier(self, least, wanted):
        return None, Found("bad", f"no {wanted or least}", "Install it.")

    async def broker(self):
        return Found("bad", "no broker", "Install one.")

    async def disk(self, root):
        return Found("warning", "3 MiB free", "Make room.")


async def test_what_is_found_is_told_as_it_comes(tmp_path):
    told = []
    await run_checks(SCENARIO, "gvisor", tmp_path, Bare(), told.append)
    assert {(c.subject or c.name): (c.found.state, c.found.what) for c in told} == {
        "scripted/a": ("bad", "is not here"),
        "local/qwen": ("bad", "is not here"),
        "openai/x": ("bad", "is not here"),
        "boxes": ("bad", "no gvisor"),
        "image": ("ok", "none needed"),
        "bus": ("bad", "no broker"),
        "disk": ("warning", "3 MiB free"),
    }
    assert worst(told).found.state == "bad"
    assert worst([check for check in told if check.name in {"image", "disk"}]) is None


def test_the_rows_say_what_to_do_and_what_works_all_the_same():
    rows = check_rows(
        [
            Check("model", "local/qwen"),
            Check("model", "openai/x\x1b", Found("ok", "answers")),
            Check("bus", "", Found("bad", "no broker", "Install one.")),
        ],
        2,
    )
    assert rows.plain.splitlines() == [
        "checks    ok schema, 2 warnings",
        "          …  local/qwen ",
        "          ok openai/x\u241b answers",
        "          x  bus    no broker",
        "             Install one.",
        "             The editor and replay still work.",
    ]


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("scripted", Found("ok", "plays the lines of the file")),
        ("human/me", Found("ok", "asks you")),
        (
            "zzz/x",
            Found(
                "bad",
                (
                    "there is no model provider 'zzz'; there are anthropic, mistral, openai, local,"
                    " scripted, recorded, human. A model is written provider/model"
                ),
                "Put another model in its place: models, below.",
            ),
        ),
    ],
)
async def test_models_that_need_nobody(model, found):
    assert await ThisMachine().model(model, None) == found


async def test_weights_that_are_not_here(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKROOMS_MODELS", str(tmp_path))
    found = await ThisMachine().model("local/qwen", None)
    assert (found.state, found.remedy) == ("bad", "Run: backrooms models fetch qwen")


async def test_an_address_where_nobody_answers(unused_tcp_port):
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    assert await ThisMachine().model("openai/x", url) == Found(
        "bad", f"{url} does not answer", "Is the server running, and the network there?"
    )


async def test_a_tier_that_only_talks_needs_nothing():
    assert await ThisMachine().tier("none", "none") == (
        "none",
        Found("ok", "none: agents only talk"),
    )
    assert await ThisMachine().image("none", "plain") is None


async def test_a_tier_that_is_too_weak_says_so():
    tier, found = await ThisMachine().tier("docker", "none")
    assert (tier, found.state) == (None, "bad")
    assert found.what == "none: the scenario accepts no tier weaker than 'docker'"


@pytest.mark.needs("nats")
async def test_our_own_broker():
    assert await ThisMachine().broker() == Found("ok", "nats, our own")


async def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path):
    found = await ThisMachine().disk(tmp_path / "a" / "b")
    assert found.what.endswith(" free")
