"""What a model can be asked for, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.models.known import Known, known

__all__ = ["Capabilities", "capabilities"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model takes and how much; None is unknown, never no.

    ``context`` and ``max_output`` are in tokens. ``temperature``, ``seed``: whether one may be sent;
    ``tool_choice``: whether a tool call can be forced; ``system``: whether there is a place for a
    system prompt; ``prefill``: whether its answer may be begun for it.
    """

    context: int | None = None
    max_output: int | None = None
    temperature: bool | None = None
    tool_choice: bool | None = None
    system: bool | None = None
    prefill: bool | None = None
    seed: bool | None = None


def capabilities(model: str) -> Capabilities:
    """What ``provider/model`` can be asked for, under any of its names.

    Raises:
        UsageError: the person's own ``models.toml`` is wrong.
    """
    found = known(model)
    return Capabilities(
        context=_tokens(found, "context"),
        max_output=_tokens(found, "max_output"),
        temperature=_truth(found, "temperature"),
        tool_choice=_truth(found, "tool_choice"),
        system=_truth(found, "system"),
        prefill=_truth(found, "prefill"),
        seed=_truth(found, "seed"),
    )


def _tokens(found: Known, figure: str) -> int | None:
    value = found.value(figure)
    return value if isinstance(value, int) else None


def _truth(found: Known, figure: str) -> bool | None:
    value = found.value(figure)
    return value if isinstance(value, bool) else None
