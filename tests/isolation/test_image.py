"""The image of a box: what is in it, by whom it is run, and what is said where it cannot be built."""

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from sandbox.errors import GuestBuildError
from sandbox.isolation import image
from sandbox.isolation.base_image import HOME_MADE, Base, base_of
from sandbox.isolation.engine import connect
from sandbox.isolation.guest import source_files
from sandbox.isolation.gvisor import _refuses_ls
from sandbox.isolation.image_build import Recipe, context
from sandbox.isolation.layout import IMAGE_PATH

ENGINES = [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("docker", "podman")]
TIERS = [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("docker", "podman", "gvisor")]  # fmt: skip
NOT_IN_PLAIN = {
    *("cc", "curl", "docker", "gcc", "gdb", "git", "kubectl"),
    *("make", "nsenter", "podman", "runc", "strace"),
}
LIST = ["find", "/", "-xdev", "-printf", r"%y %m %p\n"]


@pytest.fixture(params=ENGINES)
def engine(request):
    opened = connect(request.param)
    yield request.param, opened
    opened.close()


def ran(engine, built, *command, user="65532:65532"):
    """What a command writes in a fresh container that is sealed as boxes are, as lines."""
    sealed = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--user", user, "--rm"]
    done = subprocess.run(
        [engine, "run", *sealed, built.id, *command], capture_output=True, check=True, text=True
    )
    return done.stdout.splitlines()


def test_the_build_sees_the_guest_alone_and_always_the_same():
    built = context(b"FROM x\n")
    assert built == context(b"FROM x\n")
    with tarfile.open(fileobj=io.BytesIO(built)) as tar:
        names = tar.getnames()
        assert {(one.mtime, one.uid, one.gid, one.mode) for one in tar} == {(0, 0, 0, 0o644)}
    assert {Path(name).parts[0] for name in names} == {"Dockerfile", "agents"}
    assert {"agents/__main__.py", "agents/bin/bus"} <= set(names)


def test_another_base_or_kind_makes_another_name():
    plain, other = Recipe("plain", Base("a")), Recipe("plain", Base("b"))
    tools = Recipe("tools", Base("a"))
    assert re.fullmatch(r"backrooms/agent:[0-9a-f]{16}", plain.tag)
    assert re.fullmatch(r"backrooms/agent:tools-[0-9a-f]{16}", tools.tag)
    assert len({plain.tag[-16:], other.tag[-16:], tools.tag[-16:]}) == 3


def test_what_is_in_the_image(engine):
    name, client = engine
    built = image.ensure(client, "plain", print)
    rows = [row.split(" ", 2) for row in ran(name, built, *LIST, user="0")]
    files = {path for kind, _, path in rows if kind != "d"}

    assert [path for kind, mode, path in rows if kind == "f" and int(mode, 8) & 0o6000] == []
    programs = {Path(path).name for path in files if Path(path).parent.name in {"bin", "sbin"}}
    assert {"python3", "sh", "ls"} <= programs
    assert programs & NOT_IN_PLAIN == set()

    ours = {path.lstrip("/") for path in files if path.startswith("/opt/")}
    compiled = {path for path in ours if path.endswith(".pyc")}
    busybox = {"opt/backrooms/busybox/ls", "opt/backrooms/busybox/stat"}
    assert ours - compiled - busybox == set(source_files())
    assert len(compiled) == len([name for name in source_files() if name.endswith(".py")])
    house = re.compile(r"/(sandbox|tests|transcripts)(/|$)|^/(root|tmp|etc/apt|var/log)/.")
    assert [path for path in files if house.search(path)] == []

    attributes = client.images.get(built.id).attrs
    assert attributes["Config"]["User"] == "65532:65532"
    if base_of(client, "plain").name == HOME_MADE["plain"]:
        assert attributes["Size"] < 150_000_000


def test_nothing_of_it_can_be_written(engine):
    name, client = engine
    built = image.ensure(client, "plain", print)
    tries = "id -u; for f in / /etc /opt/backrooms /home/agent; do (: >$f/x) && echo $f; done; :"
    assert ran(name, built, "sh", "-c", tries) == ["65532"]


def test_tools_are_at_hand_for_who_asks(engine):
    name, client = engine
    if not client.images.list(HOME_MADE["tools"]):
        pytest.skip("no base with tools: `backrooms image build --offline --tools` makes one")
    built = image.ensure(client, "tools", print)
    tries = "for p in git curl jq make cc c++ sqlite3; do command -v $p >/dev/null || echo $p; done"
    assert ran(name, built, "sh", "-c", f"{tries}; python3 -c 'import ensurepip, venv'") == []
    assert ran(name, built, "sh", "-c", "command -v nsenter || :") == []
    lending = ["find", "/", "-xdev", "-type", "f", "-perm", "/6000"]
    assert ran(name, built, *lending, user="0") == []


@pytest.mark.needs("docker")
def test_a_base_that_cannot_be_had(monkeypatch):
    monkeypatch.setenv("BACKROOMS_BASE_IMAGE", "127.0.0.1:9/nowhere/none:1")
    opened = connect("docker")
    said = []
    try:
        with pytest.raises(GuestBuildError) as caught:
            image.ensure(opened, "plain", said.append)
    finally:
        opened.close()
    assert "cannot be built on '127.0.0.1:9/nowhere/none:1': " in str(caught.value)
    assert str(caught.value).endswith(
        "If that image cannot be had here, make one of Debian's packages "
        "(`backrooms image build --offline`), or name one with Python 3.11 or newer: "
        "BACKROOMS_BASE_IMAGE=<image>"
    )
    assert said[0].startswith("building the image backrooms/agent:")


@pytest.mark.needs("docker")
def test_what_the_environment_names_is_the_base(monkeypatch):
    monkeypatch.setenv("BACKROOMS_BASE_IMAGE", "a")
    monkeypatch.setenv("BACKROOMS_TOOLS_BASE", "b")
    opened = connect("docker")
    try:
        assert base_of(opened, "plain") == Base("a")
        assert base_of(opened, "tools") == Base("b")
        monkeypatch.delenv("BACKROOMS_TOOLS_BASE")
        monkeypatch.setitem(HOME_MADE, "tools", "backrooms-test:none")
        assert base_of(opened, "tools") == Base("a", whole=False)
    finally:
        opened.close()


@pytest.mark.parametrize("tier", TIERS)
async def test_files_are_listed_alike_on_every_tier(tier, box_of):
    box = box_of(tier)
    await box.start()
    try:
        done = await box.exec(["sh", "-c", "touch a; ls -la a | cut -c1-10; stat -c %a /tmp"])
    finally:
        await box.stop()
    assert (done.code, done.stdout, done.stderr) == (0, b"-rw-r--r--\n1777\n", b"")


@pytest.mark.parametrize(
    ("version", "refuses"),
    [
        ("runsc version 0.0~20221219.0", True),
        ("runsc version release-20230221.0", True),
        ("runsc version release-20230227.0", False),
        ("runsc version release-20251103.0", False),
        ("runsc version VERSION_MISSING", False),
        ("", False),
    ],
)
def test_which_gvisor_needs_busybox(version, refuses):
    assert _refuses_ls(version) is refuses


def test_the_path_is_the_dockerfile_s():
    dockerfile = Path(image.__file__).parents[2] / "Dockerfile"
    assert f"ENV PATH={IMAGE_PATH} " in dockerfile.read_text()
