"""Every error that Backrooms raises on purpose, in one tree.

    BackroomsError              something a person can read and act on; exit code 1
    ├── UsageError              the command line asks for what cannot be; exit code 2
    │   └── QueryError          a search cannot be read: what is wrong, and where
    ├── ScenarioError           a scenario file is wrong: file:line:column, what, remedy; exit code 2
    ├── BusError                the bus cannot be had
    │   ├── BrokerError         a broker does not start or does not let us in
    │   └── LinkDown            a publish met a link that is down
    ├── BorderError             a message from outside is not of our protocol
    ├── BoxError                a box cannot be had or broke
    │   ├── TierUnavailable     this machine cannot offer the tier: which part, why, what to do
    │   ├── BoxRefused          what was to be asked of an engine is not the profile: each member, and why
    │   ├── BoxUnsound          a box is not what its tier promises: each thing that was found; it never begins
    │   ├── GuestBuildError     what goes into a box could not be made
    │   └── ShimError           the shim in the box did not answer as it should
    ├── DrillFailed             the watch did not find what it was shown: each thing; the run does not begin
    ├── ModelError              a model cannot be asked
    │   ├── UnknownModel        no such provider or model: the nearest ones are named
    │   ├── ModelUnavailable    cannot be used here, and asking again will not help: the remedy is named
    │   │   └── KeyRefused      no key, or one that is not let in (401, 402, 403)
    │   └── ModelFailed         the call was made and failed
    │       ├── Transient       asking again may help; ``retry_after`` where the maker says when
    │       │   ├── RateLimited     429
    │       │   ├── Overloaded      500, 502, 503, 504, 529, or an error event in a stream that says so
    │       │   ├── Unreachable     no connection, or it broke
    │       │   ├── TimedOut        nothing came for too long
    │       │   └── CutShort        a stream ended without a stop reason
    │       ├── ContextOverflow the request is longer than the model's context
    │       ├── RequestRefused  400, 413, 422: what was asked is not accepted; it never will be
    │       └── AnswerMalformed an answer that is not of the maker's protocol
    └── TranscriptError         a run's record cannot be read or written
        ├── NoSuchRun           no run of that name
        ├── Damaged             the record is not what was written: where, what can still be read
        └── Unreadable          a file of another system that no importer can read: where, why, what to do
            └── NoTranscript    it can be read, but nothing was said in it: a template, settings, a list

A message says what happened, which value, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "AnswerMalformed",
    "BackroomsError",
    "BorderError",
    "BoxError",
    "BoxRefused",
    "BoxUnsound",
    "BrokerError",
    "BusError",
    "ContextOverflow",
    "CutShort",
    "Damaged",
    "DrillFailed",
    "GuestBuildError",
    "KeyRefused",
    "LinkDown",
    "ModelError",
    "ModelFailed",
    "ModelUnavailable",
    "NoSuchRun",
    "NoTranscript",
    "Overloaded",
    "QueryError",
    "RateLimited",
    "RequestRefused",
    "ScenarioError",
    "ShimError",
    "TierUnavailable",
    "TimedOut",
    "TranscriptError",
    "Transient",
    "UnknownModel",
    "Unreachable",
    "Unreadable",
    "UsageError",
]


class BackroomsError(Exception):
    """Root of the tree; ``exit_code`` is what the command ends with."""

    exit_code: ClassVar[int] = 1


class UsageError(BackroomsError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class QueryError(UsageError):
    """A search cannot be read. ``at`` is the place in ``text`` that the message points to."""

    def __init__(self, message: str, *, text: str = "", at: int = 0) -> None:
        super().__init__(message)
        self.text = text
        self.at = at


class ScenarioError(BackroomsError):
    """A scenario file is wrong; the message holds one or more lines ``file:line:column: what. remedy``."""

    exit_code = 2


class BusError(BackroomsError):
    """The bus cannot be had."""


class BrokerError(BusError):
    """A broker does not start, does not answer, or refuses us."""


class LinkDown(BusError):
    """The link to the broker is down; what was to be published was not, and may be published again."""


class BorderError(BackroomsError):
    """A message from outside is not of our protocol."""


class BoxError(BackroomsError):
    """A box cannot be had or broke."""


class TierUnavailable(BoxError):
    """This machine cannot offer a tier."""

    def __init__(self, tier: str, why: str, remedy: str) -> None:
        super().__init__(f"tier '{tier}' is not available here: {why}. {remedy}")
        self.tier = tier
        self.why = why
        self.remedy = remedy


class BoxRefused(BoxError):
    """What was about to be asked of an engine is not the profile; it was not asked."""

    def __init__(self, box: str, found: Sequence[str]) -> None:
        super().__init__(f"{box} would not be sealed, and was not started: {'; '.join(found)}")
        self.found = tuple(found)


class BoxUnsound(BoxError):
    """A box was started and is not what its tier promises; nothing of its agent has run."""

    def __init__(self, box: str, found: Sequence[str]) -> None:
        listed = "; ".join(found)
        super().__init__(
            f"{box} is not sound: {listed}. Nothing ran in it. `backrooms doctor` looks at every tier."
        )
        self.found = tuple(found)


class GuestBuildError(BoxError):
    """What goes into a box could not be made."""


class ShimError(BoxError):
    """The shim in the box did not answer as it should."""


class DrillFailed(BackroomsError):
    """What watches the boxes did not find what it was shown, so that its silence would mean nothing."""

    def __init__(self, missed: Sequence[str]) -> None:
        more = f", and {len(missed) - 8} more" if len(missed) > 8 else ""
        super().__init__(
            f"the drill of the watch was not found: {'; '.join(missed[:8])}{more}. The run does not begin: "
            "it would not see an escape. This is a fault of Backrooms or of this system; please report it."
        )
        self.missed = tuple(missed)


class ModelError(BackroomsError):
    """A model cannot be asked."""


class UnknownModel(ModelError):
    """No such provider or model."""

    exit_code = 2


class ModelUnavailable(ModelError):
    """The model is known but cannot be used here: not fetched, not reachable, no key."""


class KeyRefused(ModelUnavailable):
    """No key, or one that is not let in. The key itself is never in the message."""


class ModelFailed(ModelError):
    """A call to a model was made and failed."""


class Transient(ModelFailed):
    """A failure that may pass; ``retry_after`` is in seconds, where the maker says when to ask again."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(Transient):
    """Too many requests or tokens for now (429)."""


class Overloaded(Transient):
    """The maker's side has trouble (500, 502, 503, 504, 529)."""


class Unreachable(Transient):
    """No connection, or it broke."""


class TimedOut(Transient):
    """Nothing came for too long."""


class CutShort(Transient):
    """A stream ended without a stop reason: what came is not the whole answer."""


class ContextOverflow(ModelFailed):
    """The request is longer than the model's context."""


class RequestRefused(ModelFailed):
    """What was asked is not accepted, now or later (400, 413, 422)."""


class AnswerMalformed(ModelFailed):
    """An answer that is not of the maker's protocol."""


class TranscriptError(BackroomsError):
    """A run's record cannot be read or written."""


class NoSuchRun(TranscriptError):
    """No run of that name, or more than one."""

    exit_code = 2


class Damaged(TranscriptError):
    """A record is not what was written."""


class Unreadable(TranscriptError):
    """A file of another system that no importer can read."""

    exit_code = 2


class NoTranscript(Unreadable):
    """A file of another system that holds no run: a template, settings, a list of models."""
