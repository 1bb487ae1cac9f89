"""What an agent can do: the schemas that models are shown, and the effects that happen in the box.

``SCHEMAS`` is data for the house; ``perform`` is the guest's. Each is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.tools.outcome import Outcome, ToolError

if TYPE_CHECKING:
    from agents.tools.job import Job
    from agents.tools.schemas import SCHEMAS
    from agents.wire import JsonObject

__all__ = ["SCHEMAS", "Outcome", "ToolError", "perform"]


def perform(tool: str, args: JsonObject, home: str, job: Job) -> Outcome:
    """Do in the box what the house allowed; what cannot be done is an outcome as well."""
    try:
        match tool:
            case "shell":
                from agents.tools.shell import shell

                return shell(args, home, job)
            case "read_file":
                from agents.tools.read_file import read_file

                return read_file(args, home)
            case "write_file":
                from agents.tools.write_file import write_file

                return write_file(args, home)
            case _:
                return Outcome(False, f"there is no tool {tool!r:.60} in this box")
    except ToolError as error:
        return Outcome(False, str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename is not None else ""
        return Outcome(False, f"{place}{error.strerror or error}")


def __getattr__(name: str) -> Any:
    if name == "SCHEMAS":
        from agents.tools.schemas import SCHEMAS

        return SCHEMAS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
