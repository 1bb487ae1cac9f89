"""Rows of hostile text as a table: every cell made harmless, every column as wide as its widest cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["print_table"]


def print_table(rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> None:
    """Print rows, the first of them the head; columns in ``right`` are flush right."""
    from rich.cells import cell_len

    from sandbox.console import neutralise

    safe = [[neutralise(cell, newlines=False) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*safe, strict=True)]
    for row in safe:
        cells = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            pad = " " * (width - cell_len(cell))
            cells.append(pad + cell if at in right else cell + pad)
        print("  ".join(cells).rstrip())
