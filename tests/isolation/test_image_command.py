"""`backrooms image`: built on demand, listed, removed by name."""

import json
import os

import pytest

from sandbox.cli import main
from sandbox.commands.sizes import size
from sandbox.isolation.base_image import base_of
from sandbox.isolation.engine import connect
from sandbox.isolation.image_build import Recipe


@pytest.mark.needs("docker")
def test_built_listed_and_removed(capsys):
    client = connect("docker")
    try:
        recipe = Recipe("plain", base_of(client, "plain"))
        assert main(["image", "build", "--engine", "docker", "--json"]) == 0
        (made,) = json.loads(capsys.readouterr().out)
        assert (made["engine"], made["taken"]) == ("docker", True)
        assert made["image"] == {
            "kind": "plain",
            "tag": recipe.tag,
            "base": recipe.base.name,
            "id": client.images.get(recipe.tag).id,
        }

        ours = f"backrooms/agent:test-{os.getpid()}"
        client.api.tag(made["image"]["id"], *ours.split(":"))
        assert main(["image", "list", "--engine", "docker"]) == 0
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert rows[0] == ["ENGINE", "IMAGE", "KIND", "SIZE", "STATE"]
        assert main(["image", "remove", ours, "--engine", "docker"]) == 0
        assert capsys.readouterr().out == f"docker: removed {ours}\n"
        assert main(["image", "remove", ours, "--engine", "docker"]) == 1
        assert capsys.readouterr().err == (
            f"there is no image {ours!r} of ours; `backrooms image list` shows them\n"
        )
        assert client.images.get(recipe.tag).id == made["image"]["id"]
    finally:
        client.close()


def test_what_is_to_be_removed_must_be_said(capsys):
    assert main(["image", "remove"]) == 2
    assert capsys.readouterr().err == (
        "backrooms: name an image (`backrooms image list` shows them), or --old, or --all\n"
    )


def test_without_any_engine_the_remedy_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    monkeypatch.setenv("CONTAINER_HOST", "unix:///nowhere")
    assert main(["image", "build"]) == 1
    assert capsys.readouterr().err == (
        "backrooms: tier 'docker' is not available here: no Docker Engine answers at /nowhere "
        "([Errno 2] No such file or directory). "
        "Install and start it, or name its socket: DOCKER_HOST=unix:///path.\n"
    )


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (120_600_000, "121 MB"), (4_040_000_000, "4.0 GB")],
)  # fmt: skip
def test_sizes_are_short(count, words):
    assert size(count) == words
