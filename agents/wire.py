"""The messages on the bus: the contract between the house and its guests.

A message travels as one JSON object, the envelope: ``v`` (version), ``id`` (unique per sender),
``re`` (the id it answers, absent if none), ``ts`` (the sender's clock, unix seconds), ``kind`` and
``body``. Fields that this version does not know are kept in ``more``.

Delivery is at least once. Whoever waits for an answer repeats its message under the same id; the
other side handles each id once and repeats its answer. ``ack`` answers a repeated message that is
still being worked on, and a message that has no other answer.

One turn on the wire, guest on the left:

    hello          ->
                   <-  welcome
                   <-  turn.offer          what is new to the agent, and how far it may see
    think.request  ->                      (re: the offer)
                   <-  thought             what the model answered
    action.intent  ->                      one per call of the answer
                   <-  action.verdict      refused | done by the house | run it in the box
    action.result  ->                      only for an action that ran in the box
                   <-  ack
    think.request  ->                      and so on, until a message says ``over``
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Final, Literal, TypeAlias

__all__ = [
    "BODIES",
    "VERSION",
    "Ack",
    "Bid",
    "BidCall",
    "Body",
    "Call",
    "Envelope",
    "Hello",
    "Intent",
    "Offer",
    "Peer",
    "Result",
    "Stop",
    "ThinkRequest",
    "Thought",
    "TurnOver",
    "Verdict",
    "Welcome",
    "WireError",
    "decode",
    "encode",
    "topic_in",
    "topic_out",
    "topic_peer",
    "unpack",
]

VERSION: Final = 1

JsonObject: TypeAlias = dict[str, Any]
Purpose: TypeAlias = Literal["act", "bid"]


class WireError(ValueError):
    """A payload that is no message of this protocol; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One action that a model asked for."""

    id: str
    tool: str
    args: JsonObject


# guest -> house ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The agent's process is up and has found its bus."""

    KIND: ClassVar[str] = "hello"
    agent: str
    pid: int
    python: str
    wire: int = VERSION


@dataclass(frozen=True, slots=True)
class ThinkRequest:
    """Ask the agent's own model; the house knows the history, ``extra`` is what only the box knows."""

    KIND: ClassVar[str] = "think.request"
    turn: int
    upto: int
    purpose: Purpose = "act"
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """An action the agent is about to take; ``call`` is the id of a call of its last thought."""

    KIND: ClassVar[str] = "action.intent"
    turn: int
    call: str
    tool: str
    args: JsonObject


@dataclass(frozen=True, slots=True)
class Result:
    """What an action did in the box: the box's word, not evidence."""

    KIND: ClassVar[str] = "action.result"
    turn: int
    call: str
    ok: bool
    output: str
    exit: int | None = None
    seconds: float = 0.0
    cut: int = 0  # bytes of output left out


@dataclass(frozen=True, slots=True)
class Bid:
    """Whether the agent wants the floor, in order ``volunteer``."""

    KIND: ClassVar[str] = "bid"
    turn: int
    want: bool


@dataclass(frozen=True, slots=True)
class Peer:
    """A message on the direct line between two agents."""

    KIND: ClassVar[str] = "peer"
    text: str


# house -> guest ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome:
    """The house knows the agent; ``tools`` are the actions it may take.

    As an answer to nothing it says that the house was away: what waits for an answer is sent again.
    """

    KIND: ClassVar[str] = "welcome"
    agent: str
    room: str
    tools: list[str]


@dataclass(frozen=True, slots=True)
class Offer:
    """The floor: ``events`` are those the agent may see and has not been sent, ``upto`` the last seq."""

    KIND: ClassVar[str] = "turn.offer"
    turn: int
    upto: int
    room: str
    seconds: float
    thinks: int
    events: list[JsonObject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BidCall:
    """A question to every member: do you want the next turn?"""

    KIND: ClassVar[str] = "turn.bid"
    turn: int
    upto: int
    seconds: float
    events: list[JsonObject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thought:
    """The model's answer; ``over`` says the turn has ended, ``malformed`` why no action could be read."""

    KIND: ClassVar[str] = "thought"
    turn: int
    text: str
    calls: list[JsonObject] = field(default_factory=list)
    malformed: str | None = None
    failed: str | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an intent: refused, done by the house (``output``), or to be ``run`` in the box."""

    KIND: ClassVar[str] = "action.verdict"
    turn: int
    call: str
    allowed: bool
    run: bool = False
    output: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class TurnOver:
    """The turn was ended from outside: deadline, stop, operator."""

    KIND: ClassVar[str] = "turn.over"
    turn: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The run is over; the agent's process ends."""

    KIND: ClassVar[str] = "stop"
    reason: str


@dataclass(frozen=True, slots=True)
class Ack:
    """Received. ``over`` as in a verdict."""

    KIND: ClassVar[str] = "ack"
    over: bool = False


Body: TypeAlias = (
    Hello | ThinkRequest | Intent | Result | Bid | Peer
    | Welcome | Offer | BidCall | Thought | Verdict | TurnOver | Stop | Ack
)  # fmt: skip

BODIES: Final[dict[str, type[Body]]] = {
    cls.KIND: cls
    for cls in (
        Hello, ThinkRequest, Intent, Result, Bid, Peer,
        Welcome, Offer, BidCall, Thought, Verdict, TurnOver, Stop, Ack,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it travels."""

    kind: str
    id: str
    body: JsonObject
    re: str | None = None
    ts: float = 0.0
    v: int = VERSION
    more: JsonObject = field(default_factory=dict)


def encode(body: Body, *, id: str, re: str | None = None, ts: float = 0.0) -> bytes:
    """Write one message as UTF-8 JSON."""
    out: JsonObject = {"v": VERSION, "id": id, "ts": ts, "kind": body.KIND, "body": asdict(body)}
    if re is not None:
        out["re"] = re
    return json.dumps(out, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def decode(payload: bytes) -> Envelope:
    """Read the envelope of one message; the body is not checked.

    Raises:
        WireError: the payload is no JSON object or lacks ``id``, ``kind`` or ``body``.
    """
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise WireError(f"no JSON: {error}") from None
    if not isinstance(raw, dict):
        raise WireError(f"a message is a JSON object, this is {type(raw).__name__}")
    ident, kind, body, re = raw.get("id"), raw.get("kind"), raw.get("body"), raw.get("re")
    if not isinstance(ident, str) or not 0 < len(ident) <= 64:
        raise WireError(f"'id' must be a text of 1 to 64 characters, not {ident!r:.80}")
    if not isinstance(kind, str):
        raise WireError(f"'kind' must be a text, not {kind!r:.80}")
    if not isinstance(body, dict):
        raise WireError(f"'body' must be an object, not {body!r:.80}")
    if re is not None and not isinstance(re, str):
        raise WireError(f"'re' must be a text, not {re!r:.80}")
    ts, version = raw.get("ts", 0.0), raw.get("v", VERSION)
    more = {k: v for k, v in raw.items() if k not in _ENVELOPE}
    return Envelope(
        kind=kind,
        id=ident,
        body=body,
        re=re,
        ts=float(ts) if isinstance(ts, int | float) else 0.0,
        v=version if isinstance(version, int) else VERSION,
        more=more,
    )


_ENVELOPE: Final = frozenset({"v", "id", "re", "ts", "kind", "body"})


def unpack(envelope: Envelope) -> Body:
    """Build the body of a message of a known kind; unknown fields are left out.

    The guest trusts the house and calls this; the house checks every field first (sandbox.bus.border).

    Raises:
        WireError: the kind is unknown or a field is missing.
    """
    cls = BODIES.get(envelope.kind)
    if cls is None:
        raise WireError(f"unknown kind {envelope.kind!r:.80}")
    known = {f.name for f in fields(cls)}
    try:
        return cls(**{k: v for k, v in envelope.body.items() if k in known})
    except TypeError as error:
        raise WireError(f"{envelope.kind}: {error}") from None


def topic_in(run: str, agent: str) -> str:
    """Where the house writes to an agent."""
    return f"br/{run}/in/{agent}"


def topic_out(run: str, agent: str) -> str:
    """Where an agent writes to the house."""
    return f"br/{run}/out/{agent}"


def topic_peer(run: str, sender: str, receiver: str) -> str:
    """The direct line from one agent to another."""
    return f"br/{run}/peer/{sender}/{receiver}"
