"""The schema as JSON Schema, for editors that complete and check a scenario while it is written."""

from __future__ import annotations

from typing import Any

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """Describe a scenario file, every shorthand included, as JSON Schema (draft 2020-12)."""
    from sandbox.scenario.schema import Scenario  # heavy: only `check --schema` and editors need it

    schema: dict[str, Any] = _one_line(Scenario.model_json_schema())
    schema["properties"]["include"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Files whose keys lie under those of this one, a later file over an earlier one.",
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _one_line(value: Any) -> Any:
    """The same without the line breaks of docstrings."""
    if isinstance(value, dict):
        return {
            key: " ".join(part.split())
            if key == "description" and isinstance(part, str)
            else _one_line(part)
            for key, part in value.items()
        }
    return [_one_line(part) for part in value] if isinstance(value, list) else value
