"""Completes the word at the cursor: at once where there is one way, from a list where there are more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.geometry import Offset

from sandbox.tui.edit.completion import Completion, Option, Words, complete

if TYPE_CHECKING:
    from textual.events import Key

    from sandbox.tui.edit.completion_list import CompletionList
    from sandbox.tui.edit.yaml_area import YamlArea

__all__ = ["Completer"]


class Completer:
    """Stands between the text and the list of what can be written in it."""

    def __init__(self, area: YamlArea, options: CompletionList) -> None:
        self._area = area
        self._list = options
        self._words = Words()
        self._schema: dict[str, Any] = {}

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema, made when it is first wanted."""
        if not self._schema:
            from sandbox.scenario.form import json_schema  # heavy: after the first paint

            self._schema = json_schema()
        return self._schema

    def learn(self, agents: Sequence[str], rooms: Sequence[str]) -> None:
        """Take in the names of the text; those of before stay where it cannot be read."""
        before = self._words
        self._words = Words(before.models, agents or before.agents, rooms or before.rooms)

    def complete(self) -> None:
        """Write what can be written at the cursor, or offer it; indent where nothing is known."""
        found = self._find()
        if found is None:
            self._area.indent()
        elif len(found.options) == 1:
            self._write(found, found.options[0].text)
        else:
            if found.common:
                self._write(found, found.common)
                found = self._find() or found
            self._offer(found)

    def take(self, completion: Completion, option: Option) -> None:
        """Write what was chosen."""
        self._close()
        self._write(completion, option.text)

    def leave(self, key: Key | None) -> None:
        """Close the list; a key goes on into the text, and narrows what is offered."""
        self._close()
        if key is None:
            return
        if key.key == "backspace":
            self._area.action_delete_left()
        elif key.character is not None:
            self._area.insert(key.character)
        found = self._find()
        if found is not None and found.word:
            self._offer(found)

    def _find(self) -> Completion | None:
        if not self._words.models:
            from sandbox.tui.edit.model_names import model_names

            self._words = Words(model_names(), self._words.agents, self._words.rooms)
        row, column = self._area.cursor_location
        return complete(self.schema, self._area.document.lines, row, column, self._words)

    def _offer(self, found: Completion) -> None:
        """Below the word, its first letters under each other."""
        corner, column = self._area.cursor_screen_offset, self._area.cursor_location[1]
        self._list.open(found, Offset(corner.x - (column - found.start) - 2, corner.y + 1))

    def _write(self, completion: Completion, text: str) -> None:
        row, column = self._area.cursor_location
        if self._area.document.get_line(row)[column:].lstrip().startswith(":"):
            text = text.partition(":")[0]  # the key stands there already, and was only changed
        done = self._area.replace(text, (row, completion.start), (row, column))
        self._area.move_cursor(done.end_location)

    def _close(self) -> None:
        self._list.close()
        self._area.focus()
