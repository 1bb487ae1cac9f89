"""A command that is none."""

import pytest

from sandbox.cli import main


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("rnu", "Did you mean 'run'?"),
        ("exprot", "Did you mean 'export'?"),
        ("frobnicate", "`backrooms --help` lists those there are."),
    ],
)
def test_the_nearest_command_is_offered(capsys, typed, remedy):
    assert main([typed, "last"]) == 2
    assert capsys.readouterr().err == f"backrooms: there is no command '{typed}'. {remedy}\n"
