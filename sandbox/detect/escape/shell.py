"""Follows a shell script without running it: what it would start, with which words and which input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sandbox.detect.escape.addresses import target
from sandbox.detect.escape.budget import TEXT, Budget
from sandbox.detect.escape.facts import Facts, Reach, Seek
from sandbox.detect.escape.launch import launch
from sandbox.detect.escape.memory import Memory
from sandbox.detect.escape.places import canonical, matching
from sandbox.detect.escape.shell_reader import read_shell
from sandbox.detect.escape.shell_tree import (
    Assignment,
    Command,
    Function,
    Loop,
    Node,
    Redirect,
    Script,
)
from sandbox.detect.escape.started import FETCHED, Launch
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
        self.variables.setdefault("$", ["self"])
        self.functions: dict[str, Script] = {}
        self.aliases: dict[str, str] = {}
        self.sources: frozenset[str] = frozenset()
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
            return self.run(read_shell(text), stdin)
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
        path = f"/proc/self/fd/{63 + len(self.memory.links)}"
        if mark == "<":
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
            return ""
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
        settings = [self._assign(each) for each in command.assignments]
        stdin, outputs = self._redirected(command.redirects, stdin)
        argv = self._globbed(self.words.marked(command.words))
        for name in self.words.asked:
            self.facts.add(Seek("env", name))
        self.words.asked.clear()
        if not argv:
            return self._delivered("", outputs)
        start = Launch(self, argv, tuple(settings), stdin)
        printed = self.launch(start)
        return self._delivered(printed, outputs)

    def _assign(self, assignment: Assignment) -> str:
        name = assignment.name
        if assignment.is_array:
            values = self.words.many(assignment.values)
            self.variables[name] = (
                [*self.variables.get(name, ()), *values] if assignment.appends else values
            )
            return name
        value = self.words.one(assignment.values[0])
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
            if operator == "<<":
                stdin = self.words.one(redirect.target)
                continue
            if operator == "<<<":
                stdin = self.words.one(redirect.target) + "\n"
                continue
            fields = self._globbed(self.words.marked([redirect.target])) or [""]
            path = self.memory.resolved(fields[0])
            network = _NETWORK.match(path)
            if network is not None:
                there = target(network[1])
                port = int(network[2]) if network[2].isdigit() else 0
                if there is not None:
                    self.facts.add(Reach(there.host, port, program="/dev/tcp"))
                stdin = UNKNOWN if operator in ("<", "<>") else stdin
            elif operator in ("<", "<>"):
                self.facts.touch(path, "read", self.memory.cwd)
                self.sources = frozenset({self.place(path)})
                known = self.memory.read(self.place(path))
                stdin = known if known is not None else UNKNOWN
                if operator == "<>":
                    outputs.append((path, True))
            elif operator in ("<&", ">&") and re.fullmatch(r"\d*-?", path):
                if redirect.fd in ("", "1") and path == "2":
                    outputs.append(("/dev/stderr", True))
            elif path not in ("/dev/null", "-"):
                if redirect.fd == "2":
                    self.facts.touch(path, "write", self.memory.cwd)
                else:
                    outputs.append((path, operator in (">>", "&>>")))
        return stdin, outputs

    def _delivered(self, printed: str, outputs: Sequence[tuple[str, bool]]) -> str:
        for path, appends in outputs:
            self.facts.touch(path, "write", self.memory.cwd, content=printed)
            self.memory.write(self.place(path), printed, appends=appends)
        return "" if outputs else printed

    def place(self, path: str) -> str:
        """The name under which a file is remembered."""
        return canonical(self.memory.resolved(path), self.memory.cwd or "/home/agent")[-1]


def hash_of(text: str) -> str:
    """A short name for a text, the same in every process."""
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
