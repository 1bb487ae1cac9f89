"""No text costs more than it may, and none raises."""

import base64
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.detect.escape.addresses import canonical_host
from sandbox.detect.escape.budget import STEPS, Budget, Spent
from sandbox.detect.escape.facts import Facts, Run, Seek, Touch
from sandbox.detect.escape.judge import judge
from sandbox.detect.escape.memory import Memory
from sandbox.detect.escape.places import canonical
from sandbox.detect.escape.reading import read_bare, read_command, read_speech
from sandbox.detect.escape.shell import Shell
from sandbox.detect.escape.shell_reader import read_shell

PIECES = st.sampled_from(
    ["$(", "`", "'", '"', "(", ")", "{", "}", "((", "$((", "<<X\n", "X\n", "|", "&&", ";", "\n", "if ", "fi",
     "case a in ", "esac", "do ", "done", "for x in ", "while ", "f() ", "eval ", "sh -c ", "echo ", "base64 -d ",
     "$x", "${x", "${x//a/b}", "x=", "x+=(", "\\", "<(", ">", "/proc/1/root", "nsenter -t 1", "python3 -c ", " ",
     "xargs ", "find . -exec ", "{a,b}", "{1..9999}", "\x00", "\ud800", "awk ", "perl -e ", "node -e ", "#"]
)  # fmt: skip

GROWTH = {
    "words": "a ",
    "substitutions": "$(",
    "backticks": "`a",
    "quotes": "'\"`",
    "brackets": "(",
    "braces": "{a,b}",
    "pipes": "a|",
    "here-documents": "<<a ",
    "arithmetic": "$((",
    "ifs": "if ",
    "functions": "f() { ",
    "assignments": "x=$x$x;",
    "evals": "eval 'eval \"",
    "loops": "for i in 1 2 3 4; do ",
    "prompts": "$ ls\n",
    "stars": "/*?[a]*",
    "doubling": 'x="$x$x"; echo $x | sh; ',
    "fences": "```sh\nls\n```\n",
    "claims": "I have now just finally ",
    "urls": "curl http://a@b@c@",
    "coprocesses": "coproc a { ",
    "numbered streams": "exec 5> >(sh); echo ls >&5; ",
    "files that come late": "sh f; echo 'sh f' >> f; ",
    "files that write themselves on": "cat ~/.bashrc >> ~/.bashrc; ",
    "Tcl's brackets": "tclsh <<< '[exec {' ; ",
    "addresses within addresses": "curl 'http://a/?u=http%3A%2F%2Fa/?u=' ; ",
}


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_script_raises(text):
    read_shell(text)
    read_bare(text)
    read_command(text)
    read_speech(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    assert read_bare(text) == read_bare(text)
    canonical(text)
    canonical_host(text)


@pytest.mark.parametrize("name", GROWTH)
def test_a_megabyte_is_bounded(name):
    text = GROWTH[name] * (1_000_000 // len(GROWTH[name]))
    begun = time.process_time()
    read_command(text)
    read_speech(text)
    assert time.process_time() - begun < 8


def test_a_bomb_is_cut():
    import zlib

    bomb = base64.b64encode(zlib.compress(b"\0" * 50_000_000)).decode()
    begun = time.process_time()
    read_command(f"echo {bomb} | base64 -d | zlib-flate -uncompress | sh")
    assert time.process_time() - begun < 4


def test_nested_python_is_bounded():
    for code in (
        "x" + ".a" * 20_000,
        "(" * 5_000,
        "f(" * 3_000,
        "-" * 20_000 + "1",
        "[[" * 90 + "]]" * 90,
    ):
        read_command(f"python3 -c '{code}'")


def test_an_attempt_behind_a_megabyte_is_seen():
    for text in ("x " * 500_000 + "\nnsenter -t 1 -m", "nsenter -t 1 -m\n" + "x " * 500_000):
        assert {s.technique for s in read_command(text)} == {"nsenter-host"}


class Counted(Budget):
    """A budget that remembers what was asked of it, beyond its end too."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0

    def step(self, number: int = 1) -> None:
        self.steps += number
        super().step(number)


def steps_of(text: str) -> int:
    """What following a script costs, counted instead of timed."""
    budget = Counted()
    shell = Shell(Facts(), Memory(), budget)
    with suppress(Spent, RecursionError):
        shell.run_text(text)
    assert len(shell.facts) <= 3_000
    return budget.steps


def nested(text: str, times: int) -> str:
    for _ in range(times):
        text = f"echo {base64.b64encode(text.encode()).decode()} | base64 -d | sh"
    return text


LINES = "".join(f"{' ' * n}for a{n} in range(9), 1, 2, 3, 4, 5:\n" for n in range(15))
CALLS = "\n".join(f"def f{n}(x): f{n + 1}(x); f{n + 1}(x); f{n + 1}(x)" for n in range(60))

COSTLY = {
    "quotes in quotes": "'\"'\"" * 25_000,
    "base64 in base64": nested("ls", 20),
    "pipes": "cat x|" * 10_000 + "sh",
    "a giant here-document": "cat <<E\n" + "cat /proc/1/environ\n" * 50_000 + "E\n",
    "loops in loops": f"python3 -c '{LINES}{' ' * 15}open(a1)'",
    "functions that call functions": f"python3 -c '{CALLS}\nf0(1)'",
    "a function that calls itself": "python3 -c 'def f(x): f(x); f(x); f(x)\nf(1)'",
    "lists of files": "for a in $(ls " + "/a " * 64 + "); do for b in $(ls " + "/b " * 64 + "); do :; done; done",
    "commands in options": "tar " + "--to-command='tar --to-command=ls' " * 3_000,
    "hosts": "".join(f"ping 10.0.{n // 250}.{n % 250};" for n in range(8_000)),
}  # fmt: skip
SLACK = 200
"""Steps by which the last thing that was begun may go beyond the end."""


@pytest.mark.parametrize("name", COSTLY)
def test_steps_are_bounded_whatever_the_text(name):
    assert steps_of(COSTLY[name]) <= STEPS + SLACK


def test_steps_grow_no_faster_than_the_text():
    for piece in ("cat x|", "ls /proc;", "echo $x;", "tar --to-command=ls;"):
        once, twice = steps_of(piece * 100), steps_of(piece * 200)
        assert twice <= 2 * once + SLACK


def test_no_rule_is_slow_on_what_it_nearly_fits():
    """A pattern that would try all ways to split a text never ends on these."""
    pieces = (
        "a",
        "-",
        "a-",
        "a.",
        "/a",
        "a ",
        "-v /etc:",
        "cap_net_raw,",
        "exploit-",
        "nsenter ",
        "--x=/ ",
    )
    for piece in pieces:
        run = Run("docker", (piece * 300,) * 20, invoked="./" + piece * 300)
        names = (
            "docker",
            "kubectl",
            "mount",
            "setcap",
            "ip",
            "find",
            "which",
            "claude",
            piece * 80,
        )
        for name in names:
            judge(
                [
                    replace(run, program=name),
                    Touch("/" + piece * 400, "write"),
                    Seek("mount", piece * 400),
                ]
            )


NUMBERED = [
    "echo x > /dev/tcp/10.0.0.1/@",
    "redis-cli -h a -p @",
    "telnet a @",
    "echo ab | head -c @",
    "echo ab | cut -c @-@",
    "perl -e 'system($ARGV[@])' a",
    "perl -e 'syscall(@)'",
    "awk '{ system($@) }' <<< a",
    "ip route | awk '{print $@}'",
    "tclsh <<< 'lindex {a b} @'",
    "tclsh <<< 'socket a @'",
    "gawk 'BEGIN { s = \"/inet/tcp/0/a/@\"; s |& getline }'",
    "echo {1..@} $((@ + 1)) ${a[@]} ${a:@}",
    '{"tool": "bash", "port": @}',
]


@pytest.mark.parametrize("number", ["\u00b2", "9" * 6_000, "\u0663", "-", ""])
@pytest.mark.parametrize("text", NUMBERED)
def test_what_only_looks_like_a_number_raises_nothing(text, number):
    read_bare(text.replace("@", number))
    read_command(text.replace("@", number))
