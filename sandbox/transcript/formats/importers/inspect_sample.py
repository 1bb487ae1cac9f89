"""One sample of an Inspect log as a transcript.

What was done stands in the events: ``tool`` and ``sandbox`` are the evidence of actions, and a call that
only a message holds is marked so. What was said stands in the ``model`` events, in logs without those in
the messages alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity
from sandbox.transcript.formats.importers import inspect_entries as made_of
from sandbox.transcript.formats.importers.inspect_content import Attachments, Content
from sandbox.transcript.formats.importers.inspect_inputs import Inputs
from sandbox.transcript.formats.importers.inspect_voices import Voices, output
from sandbox.transcript.formats.parties import Parties

__all__ = ["Sample"]

_HOUSE: Final = "sandbox"
"""The party of what ran in the sandbox outside any call of a model: set-up, scorers, the harness."""
_KEPT: Final = (
    "id", "epoch", "uuid", "input", "choices", "target", "sandbox", "files", "setup", "scores", "score",
    "metadata", "store", "model_usage", "total_time", "working_time", "error", "limit",
)  # fmt: skip
_DEEPEST: Final = 20


class Sample:
    """Walks over the events and messages of one sample."""

    def __init__(self, sample: Mapping[str, Any], model: str | None) -> None:
        transcript = mapping(sample.get("transcript"))  # until autumn 2024
        self._sample = sample
        self._events = mappings(sample.get("events") or transcript.get("events"))
        self._attachments = Attachments(sample.get("attachments") or transcript.get("content"))
        flat = _flat(self._events)
        self._made = [event for event in flat if event.get("event") == "model"]
        used = (string(event, "model") for event in self._made)
        model = model or next(used, None) or string(mapping(sample.get("output")), "model")
        self._messages = mappings(sample.get("messages"))
        pools = mapping(sample.get("events_data"))
        pool = mappings(pools.get("messages") or sample.get("message_pool"))
        self._inputs = Inputs(pool, self._attachments)
        self._attachments.ids = not self._renamed()
        self._voices = Voices(sample, flat, self._attachments, self._inputs, model)
        self._parties = Parties()
        if self._events or sample.get("messages"):
            self._parties.add(self._voices.main, model=self._voices.model)
        self._entries: list[Entry] = []
        self._seed: list[Entry] = []
        self._oddities: Counter[str] = Counter()
        self._callers: dict[str, str] = {}
        # What model events said, and how often each voice met it again as input.
        self._said: Counter[tuple[object, ...]] = Counter()
        self._met: Counter[tuple[str, tuple[object, ...]]] = Counter()
        self._spoke: set[str] = set()
        # Where no model event tells the conversation: which of its messages asked for which call.
        self._asked = {} if self._voices.told else _asked(self._messages)
        self._upto = 0
        tools = (event for event in flat if event.get("event") == "tool")
        self._ran = {id for event in tools if (id := string(event, "id"))}
        self._span: str | None = None  # of a tool whose event has not come yet
        self._held: dict[str, list[Entry]] = {}  # results that come when their span ends

    def foreign(self, title: str, more: Mapping[str, Any], *, status: str | None) -> Foreign:
        """Make the transcript.

        Args:
            title: of the run.
            more: what is known of the whole evaluation.
            status: how the evaluation ended; a sample's own error or limit goes before it.
        """
        sample = self._sample
        self._walk(self._events, 0)
        for entries in self._held.values():
            self._entries += entries
        self._take(self._voices.main, self._messages, None, said=not self._voices.told)
        if self._made and self._messages and not self._voices.told:
            what = "the conversation stands in its messages alone: no model event made it"
            self._oddities[what] = 1
        if missing := len(self._attachments.missing):
            self._oddities["attachments that are not in the file: their references stand"] = missing
        if passed := self._inputs.passed_over:
            self._oddities["inputs that jump about too much to be compared: left out"] = passed
        times = [at for event in self._events if (at := moment(event.get("timestamp")))]
        error, limit = sample.get("error"), mapping(sample.get("limit"))
        return Foreign(
            format="inspect",
            title=title,
            parties=self._parties.all(),
            entries=self._entries,
            started=moment(sample.get("started_at")) or (times[0] if times else None),
            ended=moment(sample.get("completed_at")) or (times[-1] if times else None),
            end_reason="error" if error else f"limit: {limit.get('type')}" if limit else status,
            seed_context=self._seed,
            more={**more, "sample": self._attachments.resolve(kept(sample, *_KEPT))},
            oddities=[
                Oddity(what if n == 1 else f"{what} ({n} times)")
                for what, n in self._oddities.items()
            ],
        )

    def _walk(self, events: Sequence[Mapping[str, Any]], depth: int) -> None:
        for event in events:
            kind = string(event, "event")
            if kind == "model":
                self._model(event)
            elif kind == "tool":
                self._tool(event, depth)
            elif kind == "sandbox":
                self._sandbox(event, nested=depth > 0)
            elif kind == "subtask" and depth < _DEEPEST:
                self._walk(mappings(event.get("events")), depth)
            elif kind == "span_begin" and event.get("type") == "tool":
                self._span = string(event, "id")
                if self._span:
                    self._held.setdefault(self._span, [])
            elif kind == "span_end":
                self._entries += self._held.pop(string(event, "id") or "", ())
            elif kind in made_of.NOTED:
                who = self._parties.add("Inspect")
                self._entries.append(
                    made_of.note(who, event, made_of.NOTED[kind], self._attachments)
                )

    def _model(self, event: Mapping[str, Any]) -> None:
        made, result = output(event), mapping(event.get("output"))
        said = made[0] if made else {}
        voice = self._voices.of(event)
        who = self._voices.speaker(voice, event)
        self._parties.add(who, model=string(event, "model"))
        self._take(voice, self._inputs.of(event), moment(event.get("timestamp")), said=False)
        at = moment(event.get("completed")) or moment(event.get("timestamp"))
        if error := string(event, "error") or string(result, "error"):
            self._entries.append(Entry("note", who, error, at=at, more={"event": "model"}))
        if said:
            self._said[self._attachments.key(said)] += 1
            self._spoke.add(voice)
            choice = mappings(result.get("choices"))[0]
            more = {**kept(result, "usage"), **kept(choice, "stop_reason")}
            self._entries += self._message(who, said, at, more)
        for other in made[1:]:
            words = self._content(other).words or ""
            self._entries.append(Entry("note", who, words, at=at, more={"choice": "not taken"}))

    def _renamed(self) -> bool:
        """Whether messages get another id whenever they are copied, as in logs of control-arena."""
        made = [said for event in self._made for said in output(event)]
        last = self._inputs.of(self._made[-1]) if self._made else ()
        ids = {said.get("id") for said in made}
        others = [
            message
            for message in (*self._messages, *last)
            if message.get("role") == "assistant" and message.get("id") not in ids
        ]
        content = self._attachments.content
        contents = {content(said) for said in made} if others else set()
        return any(content(message) in contents for message in others)

    def _take(
        self, who: str, messages: Sequence[Mapping[str, Any]], at: str | None, *, said: bool
    ) -> None:
        """Tell what is new in what a model was given.

        ``said``: there are no model events, and what stands as the model's own is what it said.
        """
        for message in self._inputs.new(who, messages):
            role = message.get("role")
            if role == "assistant":
                key = self._attachments.key(message)
                if self._met[who, key] < self._said[key]:
                    self._met[who, key] += 1
                elif said:
                    self._entries += self._message(who, message, at, {})
                else:
                    self._given(who, message, at)
            elif role == "tool":
                self._answer(who, message, at)
            elif role == "system":
                self._prompt(who, message, at)
            else:
                user = self._parties.add("user", human=message.get("source") == "operator")
                content, more = self._content(message), kept(message, "source")
                words = content.words or ""
                self._entries.append(Entry("operator", user, words, (who,), at=at, more=more))
                self._entries += made_of.shown(user, content, at)

    def _given(self, who: str, message: Mapping[str, Any], at: str | None) -> None:
        """File words that were put into a model's mouth: no event made them."""
        if who in self._spoke:
            what = "words stand among a model's own that no model event made: marked 'given'"
            self._oddities[what] += 1
            self._entries += self._message(who, message, at, {"given": True})
        else:
            self._seed += self._message(who, message, None, {})

    def _prompt(self, who: str, message: Mapping[str, Any], at: str | None) -> None:
        words = self._content(message).words or ""
        if who not in self._parties or self._parties[who].system is None:
            self._parties.add(who, system=words)
        elif self._parties[who].system != words:
            self._entries.append(Entry("note", who, words, at=at, more={"role": "system"}))

    def _message(
        self, who: str, message: Mapping[str, Any], at: str | None, more: Mapping[str, Any]
    ) -> list[Entry]:
        """Tell a model's own message, with the calls that no event tells."""
        calls = mappings(message.get("tool_calls"))
        entries = made_of.spoken(who, self._content(message), at, more, calls=bool(calls))
        for call in calls:
            id, tool = string(call, "id") or "", string(call, "function")
            self._callers[id] = who
            if id not in self._ran:
                if self._ran:
                    what = "calls of tools stand in messages alone: nothing shows that they ran"
                    self._oddities[what] += 1
                about = {"call": id, "evidence": "message", **kept(call, "parse_error")}
                args = made_of.arguments(call, self._attachments)
                entries.append(Entry("action", who, "", at=at, tool=tool, args=args, more=about))
        return entries

    def _answer(self, who: str, message: Mapping[str, Any], at: str | None) -> None:
        """Tell a tool's answer as the model was given it, unless the tool's event has."""
        call = string(message, "tool_call_id") or ""
        if call in self._ran:
            return
        about = {"call": call, "evidence": "message"}
        caller = self._callers.get(call, who)
        entries = made_of.outcome(caller, message, self._content(message), at, about)
        if self._voices.told and not self._spoke:
            self._seed += entries
        else:
            self._entries += entries

    def _tool(self, event: Mapping[str, Any], depth: int) -> None:
        id, tool = string(event, "id") or "", string(event, "function")
        if (asked := self._asked.get(id)) and (upto := asked.pop()) > self._upto:
            self._upto = upto
            self._take(self._voices.main, self._messages[:upto], None, said=True)
        who = self._parties.add(self._callers.get(id, self._voices.main))
        at, about = moment(event.get("timestamp")), {"call": id, "evidence": "event"}
        args = made_of.arguments(event, self._attachments)
        self._entries.append(Entry("action", who, "", at=at, tool=tool, args=args, more=about))
        if depth < _DEEPEST:
            self._walk(mappings(event.get("events")), depth + 1)
        results: list[Entry] = []
        if not event.get("pending"):
            content = Content.of(event.get("result"), self._attachments)
            about |= kept(event, "truncated", "failed", "agent")
            results = made_of.outcome(who, event, content, moment(event.get("completed")), about)
        if self._span in self._held:
            self._held[self._span] += results
            self._span = None
        else:
            self._entries += results

    def _sandbox(self, event: Mapping[str, Any], *, nested: bool) -> None:
        """Tell what ran in the sandbox: in a call of a tool it is the caller's, else the harness's."""
        inside = nested or string(event, "span_id") in self._held
        last = self._entries[-1] if self._entries else None
        who = last.who if inside and last and last.kind in {"action", "result"} else _HOUSE
        call = string(event, "uuid") or f"sandbox-{len(self._entries)}"
        self._entries += made_of.ran(self._parties.add(who), event, call, self._attachments)

    def _content(self, message: Mapping[str, Any]) -> Content:
        return Content.of(message.get("content"), self._attachments)


def _asked(messages: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Find how many messages there are up to each that asked for a call; people's calls may all have one id."""
    found: dict[str, list[int]] = {}
    for upto in range(len(messages), 0, -1):
        for call in mappings(messages[upto - 1].get("tool_calls")):
            found.setdefault(string(call, "id") or "", []).append(upto)
    return found


def _flat(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All events in order, those within tools and subtasks too."""
    found: list[Mapping[str, Any]] = []
    todo = [*reversed(events)]
    while todo:
        event = todo.pop()
        found.append(event)
        todo += reversed(mappings(event.get("events")))
    return found
