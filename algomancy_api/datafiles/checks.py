"""The limits that files of several kinds share."""

from ..limits import Limits
from .errors import FileTooLarge

#: Empty cells of a text file that take as much memory as a cell of a workbook.
_EMPTY_CELLS = 8


def check_cells(cells: int, limits: Limits) -> None:
    """Refuse more cells than the limit."""
    if cells > limits.cells:
        raise FileTooLarge(
            f"unfolds to more than {limits.cells} cells, empty ones included; split it, or remove what stands far "
            "from the rest"
        )


def check_text(text: int, limits: Limits) -> None:
    """Refuse more characters than the limit."""
    if text > limits.text:
        raise FileTooLarge(f"unfolds to more than {limits.text} characters of text, repeated ones included; split it")


def check_table(rows: int, columns: int, size: int, limits: Limits) -> None:
    """Refuse a table with many more cells than its file has values.

    A table that is written out has at least a byte for each cell, so none is refused for being large.
    """
    most = max(_EMPTY_CELLS * limits.cells, size)
    if rows * columns > most:
        raise FileTooLarge(
            f"becomes a table of about {rows} rows and {columns} columns, more than {most} cells, most of them empty; "
            "split it by columns"
        )
