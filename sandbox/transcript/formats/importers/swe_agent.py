"""SWE-agent's trajectories, and those of mini-swe-agent: thoughts, commands, and what came back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, of_unix, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.importers.mini_messages import chat_messages
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "swe-agent"
ABOUT: Final = "SWE-agent and mini-swe-agent: trajectories (.traj, .traj.json), each attempt a run"

_MARKS: Final = (
    (rb'"trajectory"\s*:\s*\[\s*\{', rb'"action"\s*:', rb'"observation"\s*:', rb'"thought"\s*:'),
    (rb'"history"\s*:\s*\[\s*\{', rb'"role"\s*:\s*"', rb'"agent"\s*:\s*"'),
    (rb'"messages"\s*:\s*\[\s*\{', rb'"trajectory_format"\s*:\s*"mini-swe-agent'),
)
"""Keys with what they hold: any description of an API has the names."""
_FENCE: Final = re.compile(r"```(?:bash|mswea_bash_command)\s*\n(.*?)\n?```", re.DOTALL)


def looks(source: Source) -> float:
    """Tell by the keys of a step, or by the name."""
    if not is_json(source):
        return 0.0
    named = source.name.endswith((".traj", ".traj.json"))
    if any(all(re.search(mark, source.data) for mark in marks) for marks in _MARKS):
        return 0.95
    if named and b'"role"' in source.data[:4096]:
        return 0.9
    return 0.5 if named else 0.0


def read(source: Source) -> list[Foreign]:
    """Read a trajectory; of a run with several attempts, each of them."""
    saved = document(source)
    title = re.sub(r"\.traj(\.json)?$", "", source.name.rpartition("/")[2])
    if isinstance(saved, list):
        saved = {"messages": saved}
    held = mapping(saved)
    if attempts := mappings(held.get("attempts")):
        best = mapping(held.get("info")).get("best_attempt_idx")
        whole = kept(held, "environment", "replay_config")
        runs = [
            _run(f"{title}, attempt {n}", {**whole, **attempt})
            for n, attempt in enumerate(attempts, 1)
        ]
        if isinstance(best, int) and 0 <= best < len(runs):
            runs[best] = replace(runs[best], more={**runs[best].more, "chosen": True})
        return runs
    if isinstance(held.get("trajectory"), list) or isinstance(held.get("history"), list):
        return [_run(title, held)]
    if mappings(held.get("messages")):
        return [_mini(title, held)]
    raise unreadable(
        source, "no trajectory: neither steps nor history", "If it was cut off, get it whole"
    )


def _run(title: str, held: Mapping[str, Any]) -> Foreign:
    """Read a trajectory of SWE-agent: its steps; the history has the prompts, and repeats the rest."""
    history = mappings(held.get("history"))
    parties, oddities = Parties(), list[Oddity]()
    own = [item for item in history if not item.get("is_demo")]
    who = next((name for item in own if (name := string(item, "agent"))), "agent")
    begin = next((at for at, item in enumerate(own) if item.get("role") == "assistant"), len(own))
    prompts = [_words(item) for item in own[:begin] if item.get("role") == "system"]
    parties.add(who, model=_model(held), system="\n".join(prompts) or None)
    entries = [
        _asked(parties, _words(item)) for item in own[:begin] if item.get("role") != "system"
    ]
    steps = mappings(held.get("trajectory"))
    if steps:
        for number, step in enumerate(steps, 1):
            entries += _step(who, number, step)
    else:
        entries += _told(who, own[begin:])
        oddities.append(Oddity("no steps: thoughts, commands and answers are from the history"))
    info = mapping(held.get("info"))
    ended = info.get("exit_status")
    if ended is None:
        oddities.append(Oddity("no exit status: the run was cut off, or goes on"))
    return Foreign(
        format=NAME,
        title=title,
        parties=parties.all(),
        entries=entries,
        end_reason=None if ended is None else str(ended),
        seed_context=[_seed(item) for item in history if item.get("is_demo")],
        more={
            **kept(held, "environment", "replay_config"),
            **{
                key: value
                for key, value in info.items()
                if key != "exit_status" and value is not None
            },
            **(kept(steps[-1], "state") if steps else {}),
        },
        oddities=oddities,
    )


def _step(who: str, number: int, step: Mapping[str, Any]) -> list[Entry]:
    """Tell one step: what was thought, what was run, what came back."""
    thought, action, response = (
        string(step, key) or "" for key in ("thought", "action", "response")
    )
    entries: list[Entry] = []
    if thought or response:
        # In the text modes the response is thought and command with marks around the command.
        more = {"response": response} if response and response != thought else {}
        entries.append(Entry("thought", who, thought, turn=number, more=more))
    if action:
        entries.append(_command(who, action, number))
    observed = step.get("observation")
    if isinstance(observed, str) and (observed or action):
        more = kept(step, "execution_time", "state")
        entries.append(Entry("result", who, observed, turn=number, tool="shell", more=more))
    return entries


def _command(
    who: str, command: str, number: int, at: str | None = None, call: str | None = None
) -> Entry:
    more = {} if call is None else {"call": call}
    args = {"command": command}
    return Entry("action", who, command, turn=number, at=at, tool="shell", args=args, more=more)


def _told(who: str, history: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Tell a history that stands alone, as demonstrations do."""
    entries: list[Entry] = []
    number = 0
    for item in history:
        if item.get("role") == "assistant":
            number += 1
            step = {**item, "response": _words(item), "thought": item.get("thought") or ""}
            entries += _step(who, number, {**step, "observation": None})
        else:
            entries.append(Entry("result", who, _words(item), turn=number, tool="shell"))
    return entries


def _mini(title: str, held: Mapping[str, Any]) -> Foreign:
    """Read a trajectory of mini-swe-agent: messages, with the commands beside or in them."""
    parties, entries, oddities = Parties(), list[Entry](), list[Oddity]()
    info, who, number, ran = mapping(held.get("info")), "agent", 0, False
    parties.add(who, model=_mini_model(info))
    for message in chat_messages(held["messages"]):
        role, extra, words = message.get("role"), mapping(message.get("extra")), _words(message)
        response = mapping(extra.get("response"))
        at = of_unix(extra.get("timestamp")) or of_unix(response.get("created"))
        if role == "system":
            parties.add(who, system=words)
        elif role == "assistant":
            number += 1
            if reasoning := _reasoning(message, response):
                more = {"part": "reasoning"}
                entries.append(Entry("thought", who, reasoning, at=at, turn=number, more=more))
            more = kept(extra, "cost")
            entries.append(Entry("thought", who, words, at=at, turn=number, more=more))
            commands = [] if extra.get("refused") else _commands(message, extra, words)
            entries += [_command(who, command, number, at, call) for command, call in commands]
            ran = bool(commands)
        elif role == "exit":
            entries.append(Entry("note", parties.add("mini-swe-agent"), words, at=at))
        elif ran and not extra.get("interrupt_type"):
            more = kept(
                extra,
                "returncode",
                "exception",
                "exception_info",
                "exception_type",
            )
            if (raw := string(extra, "raw_output")) and raw not in words:
                more["raw_output"] = raw  # the model was shown a part of it
            if call := string(message, "tool_call_id"):
                more["call"] = call
            entries.append(Entry("result", who, words, at=at, turn=number, tool="shell", more=more))
        else:
            # A complaint of the harness, about a form or a limit, is no result of a command.
            asked = _asked(parties, words)
            entries.append(replace(asked, at=at, more=kept(extra, "interrupt_type")))
    ended = string(info, "exit_status")
    if ended is None:
        oddities.append(Oddity("no exit status: the run was cut off, or goes on"))
    more = {
        **kept(held, "trajectory_format", "instance_id"),
        **{key: value for key, value in info.items() if key != "exit_status" and value is not None},
    }
    return Foreign(
        NAME, title, parties.all(), entries, end_reason=ended, more=more, oddities=oddities
    )


def _reasoning(message: Mapping[str, Any], response: Mapping[str, Any]) -> str | None:
    """Find what the provider gave of the model's reasoning, beside the words or in the raw response."""
    first = next(iter(mappings(response.get("choices"))), {})
    keys = ("reasoning_content", "reasoning")
    return string(message, *keys) or string(mapping(first.get("message")), *keys)


def _commands(
    message: Mapping[str, Any], extra: Mapping[str, Any], words: str
) -> list[tuple[str, str | None]]:
    """Find a message's commands and their calls: recorded beside it, called, or the one fenced block."""
    recorded = [
        (command, string(one, "tool_call_id"))
        for one in mappings(extra.get("actions"))
        if (command := string(one, "command"))
    ]
    if recorded:
        return recorded
    called: list[tuple[str, str | None]] = []
    for call in mappings(message.get("tool_calls")):
        args = mapping(call.get("function")).get("arguments")
        try:
            command = string(
                mapping(json.loads(args) if isinstance(args, str) else args), "command"
            )
        except (ValueError, RecursionError):
            command = None
        called += [(command, string(call, "id"))] if command else []
    fenced = _FENCE.findall(words)
    # Its rule: exactly one block, or nothing is run.
    return called or ([(fenced[0], None)] if len(fenced) == 1 else [])


def _asked(parties: Parties, words: str) -> Entry:
    return Entry("operator", parties.add("user"), words)


def _seed(item: Mapping[str, Any]) -> Entry:
    kind: EntryKind = "say" if item.get("role") == "assistant" else "operator"
    return Entry(kind, "demonstration", _words(item), more=kept(item, "role"))


def _words(item: Mapping[str, Any]) -> str:
    """Return a message's text, which for some models stands in parts."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(text for part in mappings(content) if (text := string(part, "text")))


def _model(held: Mapping[str, Any]) -> str | None:
    """Find the model in the configuration to replay with, an object or its text."""
    config = held.get("replay_config")
    if isinstance(config, str):
        try:
            config = json.loads(config)
        except (ValueError, RecursionError):
            return None
    return string(mapping(mapping(mapping(config).get("agent")).get("model")), "name")


def _mini_model(info: Mapping[str, Any]) -> str | None:
    return string(mapping(mapping(info.get("config")).get("model")), "model_name")
