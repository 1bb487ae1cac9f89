"""The conversation of one agent in Inspect's words: messages, and the events that they came by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from agents.render import outcome, render
from sandbox.console.fields import clause, number, text, word
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.inspect_log import NO_TIME
from sandbox.transcript.formats.exporters.survey import moment

__all__ = ["View"]

_STOPS: Final = {
    "end": "stop",
    "tools": "tool_calls",
    "length": "max_tokens",
    "refusal": "content_filter",
    "filter": "content_filter",
}
_SAYS: Final = frozenset({"say", "whisper", "peer.message"})
_SILENT: Final = frozenset({"think.request", "turn.offered", "turn.ended"})


class View:
    """Takes in what an agent heard and what it did, in order; ``model`` is who plays it now."""

    def __init__(self, agent: str, model: str, prompt: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.output: dict[str, Any] = {"model": model, "choices": []}
        self.usage: dict[str, Counter[str]] = {}
        """Tokens by model."""
        self.model = model
        self.times: list[str] = []
        self._agent = agent
        self._answered = 0  # messages that the model had been sent before its last answer
        self._calls: dict[str, Mapping[str, Any]] = {}
        self._intents: dict[int, Event] = {}
        self._turn = 0
        self._ts = NO_TIME
        if prompt:
            self._message("system", prompt)

    def hear(self, event: Event, home: str) -> None:
        """Take in what others did."""
        try:
            line = render(event.kind, event.actor, event.room, event.data, self._agent, home)
        except KeyError:  # a record of another make
            line = f"{clause(event.actor)}: {text(event.data, 'text')}"
        if line is not None:
            self._message("user", line, event)

    def own(self, turn: int, event: Event) -> None:
        """Take in what the agent did, or a flag on it."""
        if moment(event.ts) is not None:
            self._ts = event.ts
            self.times = [*self.times[:1], event.ts]
        self._open(turn)
        if event.kind == "think.done":
            self._think(event)
        elif event.kind == "think.failed":
            self._asked({"model": self.model, "choices": [], "error": word(event.data, "error")})
        elif event.kind == "action.intent":
            self._intents[event.seq] = event
        elif event.parent in self._intents:
            self._settle(event, self._intents[event.parent])
        elif event.kind in _SAYS:
            self._said(event)
        elif event.kind not in _SILENT:
            source = "watch" if event.kind == "flag" else event.kind
            self._event("info", source=source, data={"seq": event.seq, **event.data})

    def close(self) -> None:
        """End the last turn."""
        self._open(0)

    def _open(self, turn: int) -> None:
        if turn == self._turn:
            return
        if self._turn:
            self._event("span_end", id=f"turn-{self._turn}")
        self._turn = turn
        if turn:
            self._event("span_begin", id=f"turn-{turn}", name=f"turn {turn}", type="turn")

    def _think(self, event: Event) -> None:
        data = event.data
        called = data.get("calls")
        listed = called if isinstance(called, list | tuple) else ()
        calls = [call for call in listed if isinstance(call, Mapping)]
        self._calls = {clause(call.get("id")): call for call in calls}
        content: list[dict[str, str]] = [{"type": "text", "text": _text(data, "text")}]
        if data.get("reasoning"):
            content.insert(0, {"type": "reasoning", "reasoning": _text(data, "reasoning")})
        spent = int(number(data, "tokens_in")), int(number(data, "tokens_out"))
        usage = {
            "input_tokens": spent[0],
            "output_tokens": spent[1],
            "total_tokens": sum(spent),
        }
        self.usage.setdefault(self.model, Counter()).update(usage)
        sent = self.messages[self._answered :]
        answer = self._message(
            "assistant",
            content,
            event,
            source="generate",
            model=self.model,
            tool_calls=[
                {"id": id, "function": word(call, "tool"), "arguments": _args(call)}
                for id, call in self._calls.items()
            ],
        )
        stop = _STOPS.get(word(data, "stop"), "unknown")
        self.output = {
            "model": self.model,
            "choices": [{"message": answer, "stop_reason": stop}],
            "usage": usage,
            "time": number(data, "ms") / 1000,
        }
        self._asked(self.output, sent)

    def _asked(self, output: dict[str, Any], sent: list[dict[str, Any]] | None = None) -> None:
        self._answered = len(self.messages)
        error = {"error": output["error"]} if "error" in output else {}
        self._event(
            "model",
            model=self.model,
            input=sent or [],
            tools=[],
            tool_choice="auto",
            config={},
            output=output,
            completed=self._ts,
            **error,
        )

    def _settle(self, event: Event, intent: Event) -> None:
        """Take in what an action came to: its result, its refusal, or the words that it was."""
        id, tool = word(intent.data, "call"), word(intent.data, "tool")
        try:
            result = outcome(event.kind, event.data)
        except KeyError:
            result = clause(event.data)
        if id not in self._calls:
            if event.kind in _SAYS or event.kind.startswith("turn."):
                return  # plain text is said: the answer itself is its message
        else:
            self._message("tool", result, event, tool_call_id=id, function=tool)
        refused = {"type": "permission", "message": result}
        self._event(
            "tool",
            id=id,
            function=tool,
            arguments=_args(self._calls.get(id, intent.data)),
            result=result,
            error=refused if event.kind == "action.refused" else None,
            working_time=number(event.data, "seconds"),
        )

    def _said(self, event: Event) -> None:
        """Take in words without a thought that they came from, as other systems record them."""
        words = _text(event.data, "text")
        if event.kind == "peer.message":  # a command's doing, told by its result
            self._event("info", source=event.kind, data={"seq": event.seq, **event.data})
            return
        self._message("assistant", words, event, model=self.model)
        self._answered = len(self.messages)

    def _message(
        self, role: str, content: object, event: Event | None = None, **more: object
    ) -> dict[str, Any]:
        """Add a message; its id names the event that it was, so that it can be cited."""
        id = "prompt" if event is None else f"event-{event.seq}"
        self.messages.append({"id": id, "role": role, "content": content, **more})
        return self.messages[-1]

    def _event(self, kind: str, **more: object) -> None:
        span = f"turn-{self._turn}" if self._turn else None
        self.events.append(
            {
                "event": kind,
                "uuid": f"{self._agent}-event-{len(self.events) + 1}",
                "span_id": span,
                "timestamp": self._ts,
                "working_start": 0.0,
                **more,
            }
        )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else clause(value)


def _args(call: Mapping[str, Any]) -> dict[str, Any]:
    args = call.get("args")
    return dict(args) if isinstance(args, Mapping) else {}
