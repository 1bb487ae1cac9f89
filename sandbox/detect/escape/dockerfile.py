"""Descriptions of images: what building one would do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sandbox.detect.escape.facts import Run
from sandbox.detect.escape.started import Launch

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_dockerfile", "is_dockerfile"]

_BEGIN: Final = re.compile(
    r"(?:(?:#[^\n]*|ARG\s[^\n]*|[ \t]*)\n)*FROM[ \t]+(?:--platform=\S+[ \t]+)?[\w./:@${}-]+"
    r"(?:[ \t]+AS[ \t]+\S+)?[ \t]*\n",
    re.IGNORECASE,
)
_INSTRUCTION: Final = re.compile(
    r"^[ \t]*(RUN|WORKDIR|CMD|ENTRYPOINT|COPY|ADD|USER|ENV|EXPOSE|VOLUME|LABEL)[ \t]+(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_OPTION: Final = re.compile(r"--\w+=\S+[ \t]+")
_MOST: Final = 100
"""Instructions that are followed."""


def is_dockerfile(text: str) -> bool:
    """Whether a text describes an image: a base and at least one instruction."""
    begin = _BEGIN.match(text[:4_096])
    return begin is not None and _INSTRUCTION.search(text, begin.end()) is not None


def follow_dockerfile(text: str, shell: Shell) -> None:
    """Take in what the steps of a build run, and in which folder."""
    whole = re.sub(r"\\[ \t]*\n", " ", text)
    for match in list(_INSTRUCTION.finditer(whole))[:_MOST]:
        name, rest = match[1].upper(), match[2].strip()
        if name == "WORKDIR":
            shell.facts.add(Run("docker", ("run", "-w", rest)))
        elif name in ("RUN", "CMD", "ENTRYPOINT"):
            _run(_OPTION.sub("", rest), shell)


def _run(words: str, shell: Shell) -> None:
    if words.startswith("["):
        try:
            argv = json.loads(words)
        except (ValueError, RecursionError):
            argv = None
        if isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv):
            shell.launch(Launch(shell, argv, (), ""))
            return
    shell.run_text(words)
