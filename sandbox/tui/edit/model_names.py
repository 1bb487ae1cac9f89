"""The models that can be named in a scenario, as far as they are known."""

from __future__ import annotations

__all__ = ["model_names"]


def model_names() -> tuple[str, ...]:
    """Names as a scenario writes them: scripted ones, local ones, then those of the makers that still answer."""
    from sandbox.models.catalog import catalog
    from sandbox.models.known import known, known_models, today

    day = today()
    local = [f"local/{name}" for name in catalog()]
    others = [name for name in known_models() if (end := known(name).ends) is None or end > day]
    return tuple(dict.fromkeys(["scripted", *local, *others, "human/me"]))
