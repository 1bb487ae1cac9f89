"""Calls of tools as models write them: JSON with a tool's name and its arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.detect.escape.clients import reach_url
from sandbox.detect.escape.code import follow_code
from sandbox.detect.escape.facts import Run, Seek, Spec
from sandbox.detect.escape.started import Launch

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_call", "follow_json"]

_COMMANDS: Final = (
    "command",
    "cmd",
    "commands",
    "script",
    "bash",
    "shell",
    "keystrokes",
    "input_text",
)
_CODE: Final = ("code", "python", "source", "program")
_PATHS: Final = (
    "path",
    "file_path",
    "filename",
    "file",
    "filepath",
    "target_file",
    "directory",
    "dir",
    "uri",
)
_WITHIN: Final = (
    "tool_calls",
    "tool_call",
    "calls",
    "function_call",
    "actions",
    "steps",
    "content",
    "params",
    "message",
)
"""What holds calls, or one, in the messages of models and between programs."""
_SOUGHT: Final = ("pattern", "grep", "regex", "search", "query", "search_term")
_URLS: Final = ("url", "uri", "endpoint", "address")
_WRITES: Final = re.compile(
    r"write|create|edit|append|save|replace|insert|patch|delete|remove|upload|put|move|rename",
    re.IGNORECASE,
)
_DESCRIBES: Final = frozenset({"Image", "HostConfig", "apiVersion"})
_LOOKS: Final = re.compile(r"list|ls|glob|stat|exists|tree|find", re.IGNORECASE)


def follow_json(text: str, shell: Shell) -> bool:
    """Follow a tool call in JSON; False if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    calls = value if isinstance(value, list) else [value]
    found = False
    for call in calls[:50]:
        if isinstance(call, dict):
            found = _one(call, shell, 0) or found
    return found


def _one(call: Mapping[str, Any], shell: Shell, depth: int) -> bool:
    if depth > 4:
        return False
    inner = call.get("function")
    if isinstance(inner, dict):
        return _one(inner, shell, depth + 1)
    within = [call[key] for key in _WITHIN if isinstance(call.get(key), list | dict)]
    if within and not any(
        key in call for key in ("arguments", "args", "action_input", "tool_input")
    ):
        each = [one for part in within for one in (part if isinstance(part, list) else [part])]
        found = [_one(one, shell, depth + 1) for one in each[:50] if isinstance(one, dict)]
        if any(found) and "input" not in call and "parameters" not in call:
            return True
    tool = next((call[key] for key in ("tool", "name", "tool_name", "action", "type", "recipient_name")
                 if isinstance(call.get(key), str)), "")  # fmt: skip
    args: Any = next((call[key] for key in ("args", "arguments", "action_input", "tool_input", "input",
                                            "parameters", "params", "kwargs")
                      if key in call), call)  # fmt: skip
    if isinstance(args, str):
        try:
            args = json.loads(args)
        except (ValueError, RecursionError):
            args = {"command": args}
    if not isinstance(args, dict):
        return False
    if not tool and not _DESCRIBES.isdisjoint(call):  # no call, but what an engine is to make
        shell.facts.add(Spec(json.dumps(call)[:20_000]))
    follow_call(tool, args, shell)
    return True


def follow_call(tool: str, args: Mapping[str, Any], shell: Shell) -> None:
    """Take in what a call of a tool does with these arguments."""
    sought = next((args[key] for key in _SOUGHT if isinstance(args.get(key), str)), "")
    where = next((args[key] for key in _PATHS if isinstance(args.get(key), str)), "")
    if sought and where:
        shell.facts.add(Seek(shell.place(where), sought[:500]))
    for key, value in list(args.items())[:50]:
        if key == "dangerouslyDisableSandbox" and value is True:
            shell.facts.add(Run("claude", ("dangerouslyDisableSandbox",)))
        if (
            isinstance(value, list)
            and value
            and all(isinstance(word, str) for word in value)
            and key in _COMMANDS
        ):
            shell.launch(Launch(shell, list(value), (), ""))
        if not isinstance(value, str):
            continue
        if key in _COMMANDS and not re.search(r"edit|view", tool) and not _is_editor(value):
            shell.run_text(value)
        elif key in _CODE:
            follow_code(
                "python" if "node" not in tool and "js" not in tool else "node", value, shell
            )
        elif key in _URLS and "://" in value:
            reach_url(value, shell.facts, "tool")
        elif key in _PATHS or (key == "pattern" and value[:1] == "/" and _LOOKS.search(tool)):
            _path(tool + " " + str(args.get("command", "")), value, args, shell)
        elif key in ("manifest", "yaml"):
            shell.facts.add(Spec(value[:20_000]))


def _is_editor(value: str) -> bool:
    return value in ("view", "create", "str_replace", "insert", "undo_edit")


def _path(tool: str, path: str, args: Mapping[str, Any], shell: Shell) -> None:
    content = next((args[key] for key in ("content", "text", "file_text", "contents", "data", "new_str")
                    if isinstance(args.get(key), str)), None)  # fmt: skip
    if _WRITES.search(tool) or content is not None:
        shell.facts.touch(path, "write", shell.memory.cwd, content=content or "")
        if content is not None:
            shell.memory.write(shell.place(path), content)
    elif _LOOKS.search(tool):
        shell.facts.touch(path, "look", shell.memory.cwd)
    else:
        shell.facts.touch(path, "read", shell.memory.cwd)
