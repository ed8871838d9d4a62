"""Limits for several file types."""

from ..limits import Limits
from .errors import FileTooLarge

#: Empty cells of a text file that take as much memory as one cell of a workbook.
EMPTY_CELLS = 8


def check_cells(cells: int, limits: Limits) -> None:
    """Raise `FileTooLarge` for more cells than the limit."""
    if cells > limits.cells:
        raise FileTooLarge(
            f"has more than {limits.cells} cells, empty ones included; split it, or remove cells far from the rest"
        )


def check_text(text: int, limits: Limits) -> None:
    """Raise `FileTooLarge` for more characters than the limit."""
    if text > limits.text:
        raise FileTooLarge(f"has more than {limits.text} characters of text, repeated ones included; split it")


def check_table(rows: int, columns: int, size: int, limits: Limits) -> None:
    """Raise `FileTooLarge` for a table that has many more cells than its file has values.

    A file that spells out each cell has at least a byte for it, so this refuses no file for its size alone.
    """
    most = max(EMPTY_CELLS * limits.cells, size)
    if rows * columns > most:
        raise FileTooLarge(
            f"makes a table of about {rows} rows and {columns} columns, more than {most} cells, most of them empty; "
            "split it by columns"
        )
