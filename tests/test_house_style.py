"""The house rules that no linter checks."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted(path for package in ("agents", "sandbox") for path in (ROOT / package).rglob("*.py"))
PYTHON = sorted([*CODE, *(ROOT / "tests").rglob("*.py")])

# Each in two halves, or this file would break its own rule.
HOSTS = [
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js.",
    "deb." + "debian",
    "registry-1" + ".docker",
    "ghcr" + ".io",
    "quay" + ".io",
]
PATTERN = re.compile("|".join(re.escape(host) for host in HOSTS))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


def shipped() -> list[Path]:
    """What git tracks or would; every file where there is no git, as in an archive."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        output = subprocess.run(listed, capture_output=True, check=True, cwd=ROOT, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [path for line in output.split("\0") if line and (path := ROOT / line).is_file()]


def imported(path: Path) -> set[str]:
    """The top-level names of every import in a file, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def test_no_module_is_longer_than_500_lines():
    assert {name(path): length(path) for path in PYTHON if length(path) > 500} == {}


def test_half_of_the_modules_are_shorter_than_150_lines():
    assert median(length(path) for path in CODE) < 150


def test_the_guest_imports_the_standard_library_alone():
    allowed = sys.stdlib_module_names | {"agents"}
    guest = [path for path in CODE if path.is_relative_to(ROOT / "agents")]
    assert {name(path): extra for path in guest if (extra := imported(path) - allowed)} == {}


def test_no_file_has_a_name_that_says_nothing():
    empty = re.compile(r"_?(utils?|helpers?|managers?)", re.IGNORECASE)
    assert [name(path) for path in shipped() if empty.fullmatch(path.stem)] == []


def test_no_file_names_the_host_of_a_registry():
    texts = ((path, path.read_text(errors="replace")) for path in shipped())
    assert {name(path): hit[0] for path, text in texts if (hit := PATTERN.search(text))} == {}


def test_requirements_are_pins_with_hashes_and_nothing_else():
    line = re.compile(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    files = sorted((ROOT / "requirements").glob("*.txt"))
    assert [path.stem for path in files] == ["base", "build", "dev", "local"]
    for path in files:
        assert [text for text in path.read_text().splitlines() if not line.fullmatch(text)] == []


def test_every_ignored_type_error_has_its_code():
    bare = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+)")
    mine = Path(__file__).resolve()
    texts = ((path, path.read_text().splitlines()) for path in PYTHON if path != mine)
    assert [
        f"{name(p)}:{n}" for p, lines in texts for n, at in enumerate(lines, 1) if bare.search(at)
    ] == []


@pytest.mark.parametrize(
    "path", [path for path in CODE if not re.match(r"_[^_]", path.name)], ids=name
)
def test_every_public_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_titles_on_borders_hold_no_text_that_would_be_read_as_markup():
    """A plain string there is markup: only what stands in the code may be one."""
    found = []
    for path in (ROOT / "sandbox" / "tui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            titles = [target for target in getattr(node, "targets", ()) if _is_title(target)]
            if isinstance(node, ast.Assign) and titles and not _is_plain(node.value):
                found.append(f"{name(path)}:{node.lineno}")
    assert found == []


def _is_title(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in {"border_title", "border_subtitle"}


def _is_plain(value: ast.expr) -> bool:
    match value:
        case ast.Constant() | ast.Call(func=ast.Name(id="literal")):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_plain(body) and _is_plain(orelse)
        case ast.Attribute(attr=attribute):
            return attribute.isupper()
    return False
