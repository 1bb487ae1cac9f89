"""What is printed made to fit a terminal: cells cut in a stated order, then columns left out, no row wrapped."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["fit", "short", "terminal_width"]

Rows = Sequence[Sequence[str]]


def terminal_width() -> int | None:
    """Cells in a row of the terminal that is printed to (``COLUMNS`` has the last word); None in a pipe."""
    import shutil
    import sys

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def fit(
    rows: Rows, width: int | None, *, give: Sequence[tuple[str, int]], drop: Sequence[str]
) -> list[list[str]]:
    """Return rows, the first of them the head, of which each fits into ``width`` cells when printed.

    Args:
        rows: neutral texts, two spaces between their columns.
        width: None leaves all as it is.
        give: columns by their names, and how few cells each may be cut to, in the order they are cut.
        drop: columns that are left out one after the other where that is not enough.
    """
    gone = [drop[:many] for many in range(len(drop) + 1)]
    for left_out in gone if width is not None else [()]:
        kept = [at for at, name in enumerate(rows[0]) if name not in left_out]
        shown = [[row[at] for at in kept] for row in rows]
        if width is None or _cut(shown, width, give):
            break
    return shown


def _cut(rows: list[list[str]], width: int, give: Collection[tuple[str, int]]) -> bool:
    """Cut cells until the widest row fits; whether it does."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    over = sum(widths) + 2 * (len(widths) - 1) - width
    room: dict[int, int] = {}
    for name, least in give:
        if name in rows[0] and over > 0:
            at = rows[0].index(name)
            room[at] = max(widths[at] - over, min(least, widths[at]))
            over -= widths[at] - room[at]
    for row in rows[1:]:
        row[:] = [short(cell, room[at]) if at in room else cell for at, cell in enumerate(row)]
    return over <= 0


def short(text: str, width: int) -> str:
    """Cut a neutral text that takes more than so many cells, and say so by its last one."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"
