"""The models behind a door, as a run's first event tells of them, and which of them a request is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.detect.plain import mapping, text
from sandbox.models.family import family_of

__all__ = ["asked_for", "models_served"]

_WANTED: Final = re.compile(r'"model"\s*:\s*"([^"\\]{1,200})"')
_LOOKED_AT: Final = 65_536
"""Characters of a request's body, at each end of it; the model is named at one."""


def models_served(scenario: Mapping[str, Any]) -> dict[str, str]:
    """The name by which a client asks for each model, and ``provider/model``."""
    door = mapping(mapping(scenario.get("doors")).get("models"))
    listed = door.get("serve")
    models = [text(mapping(one).get("model")) for one in listed or ()] if listed else []
    return {model.partition("/")[2] or model: model for model in models if model}


def asked_for(request: Mapping[str, Any], served: Mapping[str, str]) -> tuple[str, str] | None:
    """The model (``provider/model``) that a request talks to and its family; None if it talks to none."""
    body = text(request.get("body"))
    if request.get("method") != "POST" or not body:
        return None
    wanted = _WANTED.search(body[:_LOOKED_AT]) or _WANTED.search(body[-_LOOKED_AT:])
    model = served.get(wanted[1]) if wanted is not None else None
    return None if model is None else (model, _family(model))


def _family(model: str) -> str:
    provider, _, name = model.partition("/")
    return name if provider == "scripted" and name else family_of(name or model)
