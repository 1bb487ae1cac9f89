"""What `backrooms clean` finds and what it leaves alone."""

import fcntl
import json
import os
import tarfile
from pathlib import Path

import pytest

from sandbox.cli import main
from sandbox.engine import runtime
from sandbox.ids import RunId
from sandbox.isolation import clean, clean_caches, image
from sandbox.isolation.base_image_tar import tar_path
from sandbox.isolation.clean import Use, control_groups, work_folders
from sandbox.isolation.clean_caches import caches
from sandbox.isolation.clean_engine import of_engine
from sandbox.isolation.container_payload import payload
from sandbox.isolation.engine import connect
from sandbox.isolation.guest import guest_folder
from sandbox.isolation.leftovers import remember

ENGINES = [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("docker", "podman")]
LONG_AGO = (0.0, 0.0)


def named(found) -> list[tuple[str, str, int]]:
    return [(one.kind, one.name, one.bytes) for one in found]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The caches of this test alone."""
    folder = tmp_path / "cache" / "backrooms"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent))
    monkeypatch.setattr(clean_caches, "cache_folder", lambda: folder)
    return folder


def test_caches_of_other_versions_go_and_models_stay(cache, temporary):
    for name in (guest_folder().name, "guest-old", "guest-x.part", "bwrap-1", "models"):
        (cache / name).mkdir()
        (cache / name / "file").write_bytes(b"1234")
    for name in (tar_path("plain").name, "base-bookworm-0.tar", "base-bookworm-1.part"):
        (cache / name).write_bytes(b"12345")
    (temporary / "backrooms-base-x").mkdir()

    found = list(caches())
    assert named(found) == [
        ("cache", str(cache / "guest-old"), 4),
        ("cache", str(cache / "guest-x.part"), 4),
        ("cache", str(cache / "base-bookworm-0.tar"), 5),
        ("cache", str(cache / "base-bookworm-1.part"), 5),
        ("cache", str(temporary / "backrooms-base-x"), 0),
    ]
    for one in found:
        one.remove()
    assert list(caches()) == []
    assert {Path(one.name).name for one in caches(everything=True)} == {
        *(guest_folder().name, "bwrap-1", tar_path("plain").name)
    }


def test_a_base_that_is_being_made_is_left_alone(cache):
    (cache / "base-bookworm-1.part").write_bytes(b"")
    with (cache / "base-bookworm-1.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert list(caches()) == []
    assert len(list(caches())) == 1


def test_groups_without_a_process_go_unless_their_run_lives(tmp_path):
    for name in ("dead-ada", "busy-ada", "live-ada", "young-ada"):
        group = tmp_path / "pids" / "backrooms" / name
        group.mkdir(parents=True)
        (group / "cgroup.procs").write_text("1\n" if name == "busy-ada" else "")
        if name != "young-ada":
            os.utime(group, LONG_AGO)
    use = Use({RunId("live"): tmp_path})
    place = tmp_path / "pids" / "backrooms" / "dead-ada"
    assert named(control_groups(use, tmp_path)) == [("control group", str(place), 0)]


def test_work_folders_of_nobody_go(spec, temporary):
    for name in ("of-nobody", "of-a-run", "young"):
        (temporary / f"backrooms-home-{name}").mkdir()
        (temporary / f"backrooms-home-{name}" / "poem").write_bytes(b"123")
        if name != "young":
            os.utime(temporary / f"backrooms-home-{name}", LONG_AGO)
    (temporary / "backrooms-home-link").symlink_to(temporary)
    os.utime(temporary / "backrooms-home-link", LONG_AGO, follow_symlinks=False)
    remember(spec, tier="none", home=temporary / "backrooms-home-of-a-run")

    (found,) = work_folders(Use({spec.run: spec.folder.parent}))
    assert (found.name, found.bytes) == (str(temporary / "backrooms-home-of-nobody"), 3)
    found.remove()
    assert not Path(found.name).exists()


@pytest.fixture(params=ENGINES)
def engine(request):
    opened = connect(request.param)
    yield request.param, opened
    opened.close()


def of_run(found, run) -> list[clean.Find]:
    return [one for one in found if one.kind == "container" and run in one.name]


def test_a_container_goes_once_its_house_is_gone(engine, spec):
    name, client = engine
    built = image.ensure(client, "plain", print)
    request = payload(spec, built.id)
    request["HostConfig"].pop("Tmpfs")  # Podman would be asked for it in other words
    client.api.create_container_from_config(request, f"br-{spec.run}-ada")
    try:
        nobody = Use({})
        assert of_run(of_engine(client, name, nobody), spec.run) == []  # it may be another user's
        assert of_run(of_engine(client, name, Use({spec.run: spec.folder})), spec.run) == []
        spec.folder.rmdir()
        assert of_run(of_engine(client, name, Use({spec.run: spec.folder})), spec.run) == []
        (found,) = of_run(of_engine(client, name, nobody), spec.run)
        spec.folder.mkdir()
        (killed,) = of_run(of_engine(client, name, Use({}, [spec.run])), spec.run)
        assert found.name == killed.name == f"{name}: br-{spec.run}-ada"
        found.remove()
    finally:
        left = client.containers.list(all=True, filters={"label": f"backrooms.run={spec.run}"})
        for one in left:
            one.remove(force=True)
    assert left == []


def test_old_images_go_and_what_is_used_stays(engine, tmp_path, spec):
    name, client = engine
    ours = f"backrooms/agent:test-{os.getpid()}"
    tar = tmp_path / "image.tar"
    with tarfile.open(tar, "w") as file:
        file.add(Path(__file__), f"etc/{os.getpid()}")
    said = client.api.import_image_from_file(str(tar), changes=["LABEL backrooms.role=image"])
    client.api.tag(json.loads(said.splitlines()[-1])["status"], *ours.split(":"))
    made = client.api.create_container(ours, ["true"])
    try:
        assert ours not in images(client, name, Use({}))
        client.api.remove_container(made["Id"])
        assert ours in images(client, name, Use({}))
        assert images(client, name, Use({spec.run: spec.folder})) == {}
        images(client, name, Use({}))[ours].remove()
        assert ours not in images(client, name, Use({}))
    finally:
        if client.images.list(ours):
            client.images.remove(ours, force=True)


def images(client, engine, use) -> dict[str, clean.Find]:
    found = of_engine(client, engine, use)
    return {one.name.removeprefix(f"{engine}: "): one for one in found if one.kind == "image"}


@pytest.fixture
def bare(cache, tmp_path, monkeypatch):
    """A machine without engines, with runs of its own."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    runs = tmp_path / "runs"
    monkeypatch.setattr(runtime, "runtime_root", lambda: runs)
    monkeypatch.setattr("sandbox.engine.sweep.runtime_root", lambda: runs)
    monkeypatch.setattr(clean, "control_groups", lambda use: iter(()))
    return runs


def test_the_command_says_removes_and_counts(bare, cache, capsys):
    (cache / "guest-old").mkdir()
    (cache / "guest-old" / "file").write_bytes(b"x" * 1500)
    assert main(["clean", "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert out == f"would remove cache {cache}/guest-old (1.5 kB)\nThat would free about 1.5 kB.\n"
    assert err.startswith("Not looked at docker: no Docker Engine answers at /nowhere (")

    assert main(["clean", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "dry_run": False,
        "bytes": 1500,
        "found": [
            {"kind": "cache", "name": f"{cache}/guest-old", "bytes": 1500, "error": None},
        ],
    }
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == "There is nothing to remove.\n"


def test_a_living_run_keeps_its_caches_and_a_killed_one_is_swept(bare, cache, capsys):
    living = runtime.RuntimeFolder.make(RunId("living"))
    killed = runtime.RuntimeFolder.make(RunId("killed"))
    (killed.path / "engine.json").write_text('{"pid": 1, "start": "another"}')
    (cache / "guest-old").mkdir()
    assert main(["clean"]) == 0
    out, err = capsys.readouterr()
    assert out == "removed killed run killed\nThat freed about 0 B.\n"
    assert "Caches and images are left alone while a run lives: living." in err
    assert (living.path.is_dir(), killed.path.is_dir()) == (True, False)
    assert (cache / "guest-old").is_dir()


def test_what_cannot_be_removed_is_told(bare, cache, capsys, monkeypatch):
    (cache / "guest-old").mkdir()

    def refuse(path):
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr("shutil.rmtree", refuse)
    assert main(["clean"]) == 1
    assert f"The cache {cache}/guest-old stays: Operation not permitted" in capsys.readouterr().err
