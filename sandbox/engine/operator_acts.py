"""What an operator can do to a live run: each act checked once, where it comes in."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox.errors import BorderError

__all__ = [
    "TOO_LATE",
    "Act",
    "Drop",
    "Edit",
    "Go",
    "HeldKind",
    "Hold",
    "Limit",
    "LimitName",
    "Mute",
    "Order",
    "Pause",
    "Query",
    "Release",
    "Say",
    "Stats",
    "Status",
    "Step",
    "Stop",
    "Thaw",
    "Unhold",
    "Unmute",
    "Whisper",
    "read_order",
]

TOO_LATE: Final = "nobody decided in time"
"""Why a message that waited is released by itself."""

LimitName: TypeAlias = Literal["turns", "seconds", "tokens", "money"]
HeldKind: TypeAlias = Literal["say", "whisper", "peer.message"]

_Name = Annotated[str, Field(min_length=1, max_length=32)]
_Text = Annotated[str, Field(min_length=1, max_length=20_000)]
_Number = Annotated[int, Field(ge=1, lt=1 << 53)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Pause(_Strict):
    """No further turn begins."""

    verb: Literal["pause"] = "pause"


class Go(_Strict):
    """Turns begin again."""

    verb: Literal["go"] = "go"


class Step(_Strict):
    """One turn is played, then the run is paused."""

    verb: Literal["step"] = "step"


class Stop(_Strict):
    """The run ends at once, in order."""

    verb: Literal["stop"] = "stop"
    reason: Annotated[str, Field(min_length=1, max_length=500)] = "stopped by the operator"


class Say(_Strict):
    """Words of the operator in a room; its members hear a voice."""

    verb: Literal["say"] = "say"
    room: _Name
    text: _Text


class Whisper(_Strict):
    """Words of the operator to one agent."""

    verb: Literal["whisper"] = "whisper"
    agent: _Name
    text: _Text


class Mute(_Strict):
    """An agent gets no turns; one that it has it may end."""

    verb: Literal["mute"] = "mute"
    agent: _Name


class Unmute(_Strict):
    """It gets turns again."""

    verb: Literal["unmute"] = "unmute"
    agent: _Name


class Thaw(_Strict):
    """A box that a flag has frozen runs on, and its agent gets turns again."""

    verb: Literal["thaw"] = "thaw"
    agent: _Name


class Limit(_Strict):
    """Another limit of the whole run; None lifts it."""

    verb: Literal["limit"] = "limit"
    what: LimitName
    value: int | float | None


class Hold(_Strict):
    """Messages that match wait before anybody hears them; what is left out matches everything."""

    verb: Literal["hold"] = "hold"
    agent: _Name | None = None
    """Who speaks."""
    room: _Name | None = None
    """Where; words to one alone count for the room that their speaker is in."""
    kind: HeldKind | None = None
    words: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Found anywhere in the text, in upper or lower case."""
    pattern: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """A regular expression, found anywhere in the text."""
    seconds: Annotated[float, Field(gt=0, le=86_400)] = 300.0
    """How long a message waits for a decision; then it is released."""


class Unhold(_Strict):
    """A filter goes; what waits because of it goes on waiting."""

    verb: Literal["unhold"] = "unhold"
    id: _Number


class Release(_Strict):
    """A message that waits is delivered as it is."""

    verb: Literal["release"] = "release"
    id: _Number


class Edit(_Strict):
    """A message that waits is delivered with other words."""

    verb: Literal["edit"] = "edit"
    id: _Number
    text: _Text


class Drop(_Strict):
    """A message that waits is heard by nobody."""

    verb: Literal["drop"] = "drop"
    id: _Number


class Status(_Strict):
    """How the run stands; nothing is done."""

    verb: Literal["status"] = "status"


class Stats(_Strict):
    """What an agent's box uses right now; nothing is done."""

    verb: Literal["stats"] = "stats"
    agent: _Name


class Query(_Strict):
    """The record from a line on, ``offset`` bytes into it; nothing is done."""

    verb: Literal["events.get"] = "events.get"
    from_seq: _Number
    offset: Annotated[int, Field(ge=0, lt=1 << 53)] = 0


Act: TypeAlias = (
    Pause | Go | Step | Stop | Say | Whisper | Mute | Unmute | Thaw | Limit
    | Hold | Unhold | Release | Edit | Drop
)  # fmt: skip


class Order(_Strict):
    """What somebody wants; ``author`` is that person's login name."""

    author: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    act: Annotated[Act | Status | Stats | Query, Field(discriminator="verb")]


_ORDER: Final = TypeAdapter(Order)


def read_order(body: bytes) -> Order:
    """Check the body of a frame that was signed.

    Raises:
        BorderError: it asks for nothing that there is; one plain sentence says why.
    """
    try:
        return _ORDER.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise BorderError(f"this cannot be asked for: {where:.80}: {first['msg']:.200}") from None
