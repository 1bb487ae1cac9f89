"""Boxes for tests: a folder that any box's user can reach, and a box of each kind."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import Box, BoxLimits, BoxSpec
from sandbox.isolation.kubernetes.box import KubernetesBox
from sandbox.isolation.kubernetes.podman_play import PodmanPlay, local_settings
from sandbox.isolation.kubernetes.settings import Settings
from sandbox.isolation.memory import MemoryBox
from sandbox.isolation.tiers import make_box

NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tier `none` makes its work folders: not beside those of others."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def runtime(temporary: Path) -> Iterator[Path]:
    """A run's runtime folder. pytest's own is private to its user, and boxes that root starts have others."""
    folder = Path(tempfile.mkdtemp(prefix="br-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def spec(runtime: Path) -> BoxSpec:
    folder = runtime / "ada"
    folder.mkdir()
    run = RunId(f"20261121-113908-test-{os.getpid()}-{next(NUMBERS)}")
    return BoxSpec(run=run, agent=AgentId("ada"), folder=folder)


@cache
def pod_settings() -> Settings:
    return local_settings(print)


@pytest.fixture
def box_of(spec: BoxSpec) -> Callable[..., Box]:
    """Makes a box of a kind: a tier, or ``memory``."""

    def make(kind: str, *, limits: BoxLimits | None = None) -> Box:
        if kind == "memory":
            return MemoryBox(spec)
        wanted = BoxSpec(spec.run, spec.agent, spec.folder, limits or BoxLimits(), spec.index)
        if kind == "kubernetes":
            return KubernetesBox(wanted, pod_settings(), progress=print, cluster=PodmanPlay)
        return make_box(kind, wanted, progress=print)

    return make
