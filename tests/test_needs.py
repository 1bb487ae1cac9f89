"""The marker `needs`: skip where a part is absent, fail where it is required."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).with_name("conftest.py").read_text()
INI = """
[pytest]
addopts = --strict-markers -rs
asyncio_default_fixture_loop_scope = function
markers =
    needs(part): as in the project
"""


@pytest.fixture
def bare_machine(pytester, monkeypatch):
    monkeypatch.delenv("BACKROOMS_REQUIRE", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{pytester.path}/nobody.sock")
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile('import pytest\n@pytest.mark.needs("docker")\ndef test_box(): pass\n')
    return pytester


def test_an_absent_part_skips_with_one_plain_sentence(bare_machine):
    result = bare_machine.runpytest_subprocess()
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*No Docker Engine answers `docker info` within 20 s."])


def test_an_absent_part_that_is_required_fails(bare_machine, monkeypatch):
    monkeypatch.setenv("BACKROOMS_REQUIRE", "nats,docker")
    result = bare_machine.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*BACKROOMS_REQUIRE names 'docker'. No Docker Engine answers*"])


def test_a_part_that_is_here_runs_the_test(bare_machine):
    bare_machine.makepyfile('import pytest\n@pytest.mark.needs("nats")\ndef test_broker(): pass\n')
    bare_machine.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_misspelt_requirement_is_an_error(bare_machine, monkeypatch):
    monkeypatch.setenv("BACKROOMS_REQUIRE", "dokcer")
    result = bare_machine.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*BACKROOMS_REQUIRE: no part is called 'dokcer'; known: *"])
