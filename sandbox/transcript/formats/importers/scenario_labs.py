"""scenario-labs: the log of a simulation (Markdown of three ages, JSON) and the one-shot report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sandbox.transcript.formats.fields import integer, kept, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.importers.scenario_labs_log import Exchange, exchanges, is_log
from sandbox.transcript.formats.importers.scenario_labs_report import report
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, no_transcript, text, unreadable
from sandbox.transcript.formats.yaml_config import beside, is_yaml

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "scenario-labs"
ABOUT: Final = "scenario-labs: the log of a simulation and the one-shot report (.md, .json)"

_ENTRY: Final = (b'"turn"', b'"from_id"', b'"to_id"', b'"message"')
_SAVED: Final = re.compile(r"_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)[^/]*$")
_REPORT: Final = (b'"simulation_name"', b'"responses"', b'"provider"')


def looks(source: Source) -> float:
    """Tell by the head and first turn of a log, the keys of JSON, or those of a configuration."""
    head = source.data[:65536]
    if is_json(source):
        return (
            0.95
            if any(all(key in source.data for key in keys) for keys in (_ENTRY, _REPORT))
            else 0.0
        )
    if is_yaml(source.name) and b"simulation_config:" in head:
        return 0.95
    if head.startswith(b"# Simulation Report: ") and b"**Provider**: " in head:
        return 0.95
    return 0.95 if is_log(head[:4096].decode("utf-8", "replace")) else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one simulation of a file."""
    if is_json(source):
        saved = document(source)
        if isinstance(saved, dict) and isinstance(saved.get("responses"), list):
            return [_report(saved, [])]
        found = [_exchange(entry) for entry in mappings(saved)]
        return [_log(source, _title(source), found, [])]
    whole, oddities = text(source)
    if whole.startswith("# Simulation Report: "):
        return [_report(report(source, whole), oddities)]
    if is_log(whole[:4096]):
        title = whole.partition("\n")[0].strip().removeprefix("# ").removesuffix(" Log")
        return [_log(source, title, list(exchanges(whole, oddities)), oddities)]
    raise no_transcript(
        source,
        "a configuration of scenario-labs: agents and prompts, no words of theirs",
        "Import the logs that its run wrote (log_directory names their folder)",
    )


def _title(source: Source) -> str:
    return source.name.rpartition("/")[2].removesuffix(".json")


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    """Make an exchange of one entry of the JSON log."""
    said, answer = entry.get("message"), entry.get("response")
    return Exchange(
        turn=integer(entry, "turn"),
        who=string(entry, "from_id") or "unnamed",
        to=string(entry, "to_id"),
        message=said if isinstance(said, str) else "",
        response=answer if isinstance(answer, str) else None,
        at=moment(entry.get("timestamp")),
        depth=integer(entry, "depth"),
        line=None,
    )


def _log(source: Source, title: str, found: Sequence[Exchange], oddities: list[Oddity]) -> Foreign:
    """Make a run of a log's exchanges.

    An exchange to nobody is an agent's turn, for all to hear. One to somebody is a line out of that turn,
    sent on alone, with what came back: a line and an answer between two.
    """
    if not found:
        raise unreadable(
            source, "a log of scenario-labs without a turn", "If it was cut off, get it whole"
        )
    parties, entries = Parties(), list[Entry]()
    for one in found:
        who = parties.add(one.who)
        more = {} if one.depth is None else {"depth": one.depth}
        spoken = Entry("say", who, one.message, at=one.at, turn=one.turn, line=one.line, more=more)
        if one.to is None:
            entries.append(spoken)
            continue
        to = parties.add(one.to)
        # The time is that of the answer; nothing says when it was asked for.
        entries.append(replace(spoken, kind="whisper", to=(to,), at=None))
        if one.response is not None:
            answered = replace(spoken, kind="whisper", who=to, text=one.response, to=(who,))
            entries.append(replace(answered, more={**more, "response": True}))
    more_of_run = _configured(source, title, parties, oddities)
    # a log is written when its run has ended, and named after that moment
    saved = _SAVED.search(source.name)
    ended = saved and "{}-{}-{}T{}:{}:{}".format(*saved.groups())
    return Foreign(
        NAME,
        title,
        parties.all(),
        entries,
        ended=moment(ended),
        more=more_of_run,
        oddities=oddities,
    )


def _configured(
    source: Source, title: str, parties: Parties, oddities: list[Oddity]
) -> dict[str, Any]:
    """Take models and prompts from the configuration beside a log, if one has its name."""
    for name, config in beside(source, "simulation_config"):
        simulation = config["simulation_config"]
        if not isinstance(simulation, dict) or string(simulation, "name") != title:
            continue
        for agent in mappings(simulation.get("agents")):
            if (who := string(agent, "id")) and who in parties:
                prompts = [string(simulation, "system_prompt"), string(agent, "initial_prompt")]
                parties.add(
                    who,
                    model=string(agent, "model") or string(simulation, "model"),
                    system="\n".join(prompt for prompt in prompts if prompt),
                    more={
                        key: value for key in ("role", "provider") if (value := string(agent, key))
                    },
                )
        oddities.append(Oddity(f"models and prompts are from {name!r}, which has the run's name"))
        return {
            key: value for key in ("max_turns", "max_depth") if (value := string(simulation, key))
        }
    return {}


def _report(saved: Mapping[str, Any], oddities: list[Oddity]) -> Foreign:
    """Read a one-shot report: prompts, each to a new session of one model."""
    parties, entries = Parties(), list[Entry]()
    model = string(saved, "model") or "model"
    parties.add(
        model,
        model=string(saved, "model"),
        system=string(saved, "system_prompt"),
        more=kept(saved, "provider"),
    )
    parties.add("user", human=True)
    for number, exchange in enumerate(saved["responses"], 1):
        asked, answer = (
            (exchange.get("user"), exchange.get("assistant"))
            if isinstance(exchange, dict)
            else (None, None)
        )
        if isinstance(asked, str):
            entries.append(Entry("operator", "user", asked, turn=number))
        if isinstance(answer, str):
            entries.append(Entry("say", model, answer, turn=number))
        else:
            oddities.append(Oddity(f"exchange {number} has no answer"))
    if len(saved["responses"]) > 1:
        oddities.append(
            Oddity("each prompt went to a new session: the model saw no exchange but its own")
        )
    title = string(saved, "simulation_name") or "one-shot"
    return Foreign(NAME, title, parties.all(), entries, oddities=oddities)
