"""Every error that Backrooms raises on purpose, in one tree.

    BackroomsError              something a person can read and act on; exit code 1
    ├── UsageError              the command line asks for what cannot be; exit code 2
    ├── ScenarioError           a scenario file is wrong: file:line:column, what, remedy; exit code 2
    ├── BusError                the bus cannot be had
    │   ├── BrokerError         a broker does not start or does not let us in
    │   └── LinkDown            a publish met a link that is down
    ├── BorderError             a message from outside is not of our protocol
    ├── BoxError                a box cannot be had or broke
    │   ├── TierUnavailable     this machine cannot offer the tier: which part, why, what to do
    │   ├── GuestBuildError     what goes into a box could not be made
    │   └── ShimError           the shim in the box did not answer as it should
    ├── ModelError              a model cannot be asked
    │   ├── UnknownModel        no such provider or model: the nearest ones are named
    │   ├── ModelUnavailable    not fetched, not reachable, no key: the remedy is named
    │   └── ModelFailed         the call was made and failed (time-out, refused, cut, malformed)
    └── TranscriptError         a run's record cannot be read or written
        ├── NoSuchRun           no run of that name
        └── Damaged             the record is not what was written: where, what can still be read

A message says what happened, which value, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "BackroomsError",
    "BorderError",
    "BoxError",
    "BrokerError",
    "BusError",
    "Damaged",
    "GuestBuildError",
    "LinkDown",
    "ModelError",
    "ModelFailed",
    "ModelUnavailable",
    "NoSuchRun",
    "ScenarioError",
    "ShimError",
    "TierUnavailable",
    "TranscriptError",
    "UnknownModel",
    "UsageError",
]


class BackroomsError(Exception):
    """Root of the tree; ``exit_code`` is what the command ends with."""

    exit_code: ClassVar[int] = 1


class UsageError(BackroomsError):
    """The command line asks for something that cannot be."""

    exit_code = 2


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


class GuestBuildError(BoxError):
    """What goes into a box could not be made."""


class ShimError(BoxError):
    """The shim in the box did not answer as it should."""


class ModelError(BackroomsError):
    """A model cannot be asked."""


class UnknownModel(ModelError):
    """No such provider or model."""

    exit_code = 2


class ModelUnavailable(ModelError):
    """The model is known but cannot be used here: not fetched, not reachable, no key."""


class ModelFailed(ModelError):
    """A call to a model was made and failed."""


class TranscriptError(BackroomsError):
    """A run's record cannot be read or written."""


class NoSuchRun(TranscriptError):
    """No run of that name, or more than one."""

    exit_code = 2


class Damaged(TranscriptError):
    """A record is not what was written."""
