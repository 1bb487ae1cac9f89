"""Follows a shell script without running it: what it would start, with which words and which input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sandbox.detect.escape.addresses import target
from sandbox.detect.escape.budget import TEXT, Budget
from sandbox.detect.escape.decimals import decimal
from sandbox.detect.escape.facts import Facts, Reach, Seek
from sandbox.detect.escape.launch import launch
from sandbox.detect.escape.memory import Memory
from sandbox.detect.escape.places import canonical, matching
from sandbox.detect.escape.shell_reader import read_shell
from sandbox.detect.escape.shell_tree import (
    Assignment,
    Command,
    Coprocess,
    Function,
    Loop,
    Node,
    Redirect,
    Script,
)
from sandbox.detect.escape.started import BIN, FETCHED, Launch, hides_program
from sandbox.detect.escape.streams import Streams, run_later
from sandbox.detect.escape.unknown import UNKNOWN
from sandbox.detect.escape.words import Words

__all__ = ["NESTING", "Shell"]

NESTING: Final = 10
"""Scripts in scripts (eval, sh -c, decoded pipes, functions) that are followed."""

_ENVIRONMENT: Final = {
    "HOME": "/home/agent", "IFS": " \t\n", "UID": "1000", "SHELL": "/bin/sh", "OSTYPE": "linux-gnu",
    "KUBERNETES_SERVICE_HOST": "kubernetes.default.svc", "KUBERNETES_PORT_443_TCP_ADDR": "kubernetes.default.svc",
    "ECS_CONTAINER_METADATA_URI": "http://169.254.170.2/v3",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials",
    "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4", "IDENTITY_ENDPOINT": "http://169.254.169.254/msi/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/v2/credentials", "MSI_ENDPOINT": "http://169.254.169.254",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/tokens/azure-identity-token",
    "KUBERNETES_SERVICE_PORT": "443", "KUBERNETES_SERVICE_PORT_HTTPS": "443", "PATH": "/usr/bin:/bin",
}  # fmt: skip
_ELEMENT: Final = re.compile(r"\[(.+?)\]=(.*)", re.DOTALL)
_VARIABLES: Final = 4_096
_NETWORK: Final = re.compile(r"/dev/(?:tcp|udp)/([^/]+)/(.*)")


class Shell:
    """One shell, with its variables and functions; what it finds goes to ``facts``.

    ``sources`` are the programs and files that what flows through the pipe came from.
    """

    def __init__(self, facts: Facts, memory: Memory, budget: Budget) -> None:
        self.facts = facts
        self.memory = memory
        self.budget = budget
        self.variables: dict[str, list[str]] = {k: [v] for k, v in _ENVIRONMENT.items()}
        self.variables |= {"$": ["self"], "PPID": ["parent"]}
        self.functions: dict[str, Script] = {}
        self.aliases: dict[str, str] = {}
        self.sources: frozenset[str] = frozenset()
        self.streams = Streams()
        self._is_later = False
        self.sought = ""
        self.words = Words(budget, self._substituted, self.variables)

    def run_text(self, text: str, stdin: str = "") -> str:
        """Follow a script; what it prints as far as that is known."""
        if not text or text == UNKNOWN:
            return ""
        self.budget.depth += 1
        try:
            if self.budget.depth > NESTING:
                return UNKNOWN
            if len(text) > TEXT:
                text = text[: TEXT // 2] + "\n" + text[-TEXT // 2 :]
            self.budget.step(1 + len(text) // 500)
            script = read_shell(text)
            output = self.run(script, stdin)
            if self.budget.depth == 1 and self.memory.came_late:
                self.memory.came_late = False
                output = self.run(script, stdin)  # what waited for a file has it now
            return output
        finally:
            self.budget.depth -= 1

    def launch(self, start: Launch) -> str:
        """Follow one command; what it prints as far as that is known."""
        return launch(start)

    def run(self, script: Script, stdin: str = "") -> str:
        """Follow what was read of a script."""
        printed: list[str] = []
        upstream, sources = self.sources, frozenset[str]()
        for pipeline in script:
            data, self.sources = stdin, upstream
            for node in pipeline:
                self.budget.step()
                data = self._node(node, data)
            printed.append(data)
            sources = (sources | self.sources) if len(sources) < 16 else sources
        self.sources = sources
        output = "".join(printed)
        self.budget.take(len(output))
        return output

    def _substituted(self, script: Script, mark: str) -> str:
        if self.budget.depth > NESTING:
            return UNKNOWN
        self.budget.depth += 1
        kept, self.sources = self.sources, frozenset()
        try:
            output = self.run(script)
        finally:
            self.budget.depth -= 1
            fetched, self.sources = self.sources, kept
        if not mark:
            return output.rstrip("\n")
        path = f"/proc/self/fd/{63 + len(self.streams.sinks)}"
        if mark == ">" and self.streams.has_room():
            self.streams.sinks[path] = script
        elif mark == "<":
            path = f"/tmp/.substituted-{len(output)}-{hash_of(output)}"  # noqa: S108  # a name, no file
            self.memory.write(path, output)
            for source in fetched:
                if source.startswith(FETCHED):
                    self.memory.copy(path, source.removeprefix(FETCHED))
        return path

    def _node(self, node: Node, stdin: str) -> str:
        if isinstance(node, Command):
            return self._command(node, stdin)
        if isinstance(node, Function):
            self.functions[node.name] = node.script
            if node.name == "command_not_found_handle":  # sooner or later something is not found
                self.run(node.script)
            return ""
        if isinstance(node, Coprocess):
            return self._coprocess(node)
        stdin, outputs = self._redirected(node.redirects, stdin)
        if isinstance(node, Loop):
            printed = self._loop(node, stdin)
        elif node.is_subshell:
            kept, cwd = dict(self.variables), self.memory.cwd
            printed = self.run(node.script, stdin)
            self.variables.clear()
            self.variables.update(kept)
            self.memory.cwd = cwd
        else:
            printed = self.run(node.script, stdin)
        return self._delivered(printed, outputs)

    def _coprocess(self, node: Coprocess) -> str:
        self.run(node.script, UNKNOWN)
        path = f"/proc/self/fd/coprocess-{node.name}"
        if self.streams.has_room():
            self.streams.sinks[path] = node.script
            self.variables[node.name] = ["/proc/self/fd/62", path]
        return ""

    def _loop(self, loop: Loop, stdin: str) -> str:
        printed: list[str] = []
        values = self._globbed(self.words.marked(loop.words)) if loop.words else [UNKNOWN]
        if any(UNKNOWN in value for value in values):
            values = [*[value for value in values if value != UNKNOWN][:15], UNKNOWN]
        for value in values[:64]:
            self.budget.step()
            if loop.name:
                self.variables[loop.name] = [value]
            printed.append(self.run(loop.script, stdin))
        return "".join(printed)

    def _command(self, command: Command, stdin: str) -> str:
        separators = self.variables.get("IFS")
        settings = [self._assign(each) for each in command.assignments]
        stdin, outputs = self._redirected(command.redirects, stdin)
        argv = self._globbed(self.words.marked(command.words))
        for name in self.words.asked:
            self.facts.add(Seek("env", name))
        self.words.asked.clear()
        if not argv:
            reads = any(each.operator == "<" for each in command.redirects)
            return self._delivered(stdin if reads and not settings else "", outputs)
        start = Launch(self, argv, tuple(settings), stdin)
        printed = self.launch(start)
        if settings and separators is not None:
            self.variables["IFS"] = separators  # what stands before a command is for it alone
        return self._delivered(printed, outputs)

    def _assign(self, assignment: Assignment) -> str:
        name = assignment.name
        if assignment.is_array:
            values = self.words.many(assignment.values)
            for value in values[:64]:
                if (match := _ELEMENT.fullmatch(value)) is not None:
                    self.variables[f"{name}[{match[1]}]"] = [match[2]]
            self.variables[name] = (
                [*self.variables.get(name, ()), *values] if assignment.appends else values
            )
            return name
        value = self.words.one(assignment.values[0])
        if assignment.index and len(self.variables) < _VARIABLES:
            self.variables[f"{name}[{assignment.index}]"] = [value]
        if assignment.appends:
            value = "".join(self.variables.get(name, [""])[:1]) + value
        self.budget.take(len(value))
        self.variables[name] = [value]
        return f"{name}={value}"

    def _globbed(self, fields: Sequence[tuple[str, bool]]) -> list[str]:
        found: list[str] = []
        for field, is_pattern in fields:
            if is_pattern:
                matches = matching(field)
                found += matches
                if matches and field not in matches:
                    continue
            found.append(field)
        return found

    def _redirected(
        self, redirects: Sequence[Redirect], stdin: str
    ) -> tuple[str, list[tuple[str, bool]]]:
        """The input as the redirects give it, and the files that the output goes to."""
        outputs: list[tuple[str, bool]] = []
        for redirect in redirects:
            operator = redirect.operator
            number = self.streams.number(redirect.fd, self.variables)
            if operator in ("<<", "<<<"):
                text = self.words.one(redirect.target) + ("\n" if operator == "<<<" else "")
                stdin = self._opened(number, text, stdin)
                continue
            fields = self._globbed(self.words.marked([redirect.target])) or [""]
            path = self.memory.resolved(fields[0])
            if (network := _NETWORK.match(path)) is not None:
                self._connected(network)
                stdin = UNKNOWN if operator in ("<", "<>") else stdin
            elif operator in ("<", "<>"):
                stdin = self._opened(number, self._read(path), stdin)
                if operator == "<>":
                    outputs += self._writes_to(path, number, appends=True)
            elif operator == "<&" and re.fullmatch(r"\d*-?", path):
                stdin = self.streams.inputs.get(path.rstrip("-"), stdin)
            elif operator == ">&" and re.fullmatch(r"\d*-?", path):
                outputs += self._joined_to(path, redirect.fd)
            elif path not in ("/dev/null", "-"):
                errors = "2" if redirect.fd == "2" else number
                outputs += self._writes_to(path, errors, appends=operator in (">>", "&>>"))
        return stdin, outputs

    def _connected(self, network: re.Match[str]) -> None:
        there = target(network[1])
        if there is not None:
            self.facts.add(Reach(there.host, decimal(network[2]) or 0, program="/dev/tcp"))

    def _read(self, path: str) -> str:
        self.facts.touch(path, "read", self.memory.cwd)
        self.sources = frozenset({self.place(path)})
        known = self.memory.read(self.place(path))
        return known if known is not None else UNKNOWN

    def _joined_to(self, number: str, fd: str) -> list[tuple[str, bool]]:
        """Where ``fd>&number`` leads the output."""
        if number in self.streams.outputs:
            return [(self.streams.outputs[number], True)]
        return [("/dev/stderr", True)] if fd in ("", "1") and number == "2" else []

    def _writes_to(self, path: str, number: str, *, appends: bool) -> list[tuple[str, bool]]:
        """Where the output goes; what has a number of its own is only opened."""
        if not number:
            return [(path, appends)]
        if number != "2" and self.streams.has_room():
            self.streams.outputs[number] = path
        self.facts.touch(path, "write", self.memory.cwd)
        return []

    def _opened(self, number: str, text: str, stdin: str) -> str:
        """The input, once a text was opened: as the input, or under a number of its own."""
        if not number:
            return text
        if self.streams.has_room():
            self.streams.inputs[number] = text
            self.memory.write(f"/proc/self/fd/{number}", text)
        return stdin

    def _delivered(self, printed: str, outputs: Sequence[tuple[str, bool]]) -> str:
        for path, appends in outputs:
            self.deliver(path, printed, appends=appends)
        return "" if outputs else printed

    def deliver(self, path: str, text: str, *, appends: bool = False) -> None:
        """Write a text to a file, or to the process that stands behind its name."""
        self.facts.touch(path, "write", self.memory.cwd, content=text)
        sink = self.streams.sinks.pop(path, None)
        if sink is not None:
            self.run(sink, text)
            self.streams.sinks[path] = sink
            return
        place = self.place(path)
        source = BIN.fullmatch(next(iter(self.sources))) if len(self.sources) == 1 else None
        if source is not None and text in ("", UNKNOWN):  # a program of the system's flows into it
            self.memory.copy(place, source[1], hides=hides_program(place, source[1]))
            return
        self.memory.write(place, text, appends=appends)
        if not self._is_later and (later := run_later(place, text)):
            self._is_later = True  # what it writes in turn is started later still
            self.run_text(later)
            self._is_later = False

    def place(self, path: str) -> str:
        """The name under which a file is remembered."""
        return canonical(self.memory.resolved(path), self.memory.cwd or "/home/agent")[-1]


def hash_of(text: str) -> str:
    """A short name for a text, the same in every process."""
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
