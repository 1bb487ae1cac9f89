"""What the command says when it is used wrongly, and how it is asked for help."""

import pytest

from sandbox import __version__
from sandbox.cli import main


def said(capsys, *arguments):
    """The exit code and the last line of what went wrong."""
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["hlep"], "there is no command 'hlep'. Did you mean 'help'?"),
        (["--hlep"], "there is no option of all commands '--hlep'. Did you mean '--help'?"),
        (
            ["-v"],
            "there is no option of all commands '-v'. `backrooms --help` lists those there are.",
        ),
    ],
)
def test_what_is_no_command_is_said_with_one_that_is(capsys, arguments, line):
    assert said(capsys, *arguments) == (2, f"backrooms: {line}")


@pytest.mark.parametrize(
    ("command", "arguments", "line"),
    [
        ("run", ["demo", "--trun", "3"], "there is no option '--trun'. Did you mean '--turns'?"),
        (
            "search",
            ["a", "-b"],
            "there is no option '-b'; a text that begins with '-' goes behind '--'.",
        ),
        ("tell RUN pause", ["--jsno"], "there is no option '--jsno'. Did you mean '--json'?"),
        (
            "run",
            ["my", "x.yaml"],
            "'x.yaml' is one argument too many; a name with spaces needs quotes.",
        ),
        ("run", ["demo", "--turns", "x"], "argument --turns: 'x' is no whole number."),
        ("resume", ["a", "--money", "\x1b[2J"], "argument --money: '\\x1b[2J' is no number."),
        (
            "run",
            ["--tier", "dcoker"],
            "argument --tier: there is no 'dcoker'. Did you mean 'docker'?",
        ),
        (
            "models",
            ["xyz"],
            "argument ACTION: there is no 'xyz'. There are: list, ask, fetch, key.",
        ),
        ("run", [], "the following arguments are required: SCENARIO."),
    ],
)
def test_what_is_wrong_is_said_below_the_usage_of_its_command(capsys, command, arguments, line):
    expected = f"backrooms {command}: {line} `backrooms {command} --help` says more."
    assert said(capsys, *command.split(), *arguments) == (2, expected)


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["help"], "usage: backrooms [-h] [--version] COMMAND ..."),
        (["help", "tree"], "usage: backrooms tree [-h] [--dir DIR] [--json] [RUN]"),
        (["--version"], f"backrooms {__version__}"),
        (["--vers"], f"backrooms {__version__}"),
    ],
)
def test_help_is_had_by_the_word_too(capsys, arguments, usage):
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert capsys.readouterr().out.splitlines()[0] == usage
