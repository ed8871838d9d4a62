"""How much the tables of an upload may take, all together."""

from ...limits import Limits
from ..checks import EMPTY_CELLS
from ..errors import FileTooLarge


class Budget:
    """What is left of the memory and the cells that tables may have.

    A form may be as large as `Limits.upload`, and so may be what it unpacks to. As for CSV files, there may be more
    cells than bytes only if they are not too many.

    Args:
        size: The bytes of all files.
        limits: The limits of uploads.
    """

    def __init__(self, size: int, limits: Limits) -> None:
        self._most_bytes = limits.upload
        self._most_cells = max(EMPTY_CELLS * limits.cells, size)
        self._most_columns = limits.columns
        self._bytes = self._cells = 0

    @property
    def bytes_left(self) -> int:
        """The bytes that the rest of the tables may take."""
        return self._most_bytes - self._bytes

    def take_bytes(self, count: int) -> None:
        """Count bytes of memory.

        Raises:
            FileTooLarge: They are too many, with those of before.
        """
        self._bytes += count
        if self._bytes > self._most_bytes:
            raise FileTooLarge(f"unpacks, with those before it, to more than {self._most_bytes} bytes; send less")

    def take_cells(self, count: int) -> None:
        """Count cells, those within lists included.

        Raises:
            FileTooLarge: They are too many, with those of before.
        """
        self._cells += count
        if self._cells > self._most_cells:
            raise FileTooLarge(f"has, with those before it, more than {self._most_cells} cells; send less")

    def check_columns(self, count: int) -> None:
        """Raise `FileTooLarge` for a table of too many columns."""
        if count > self._most_columns:
            raise FileTooLarge(f"has more than {self._most_columns} columns; split it, or turn columns into rows")

    def check_size(self, rows: int, columns: int) -> None:
        """Raise `FileTooLarge` for a table of too many cells, wherever they come from."""
        if rows * max(1, columns) > self._most_cells:
            raise FileTooLarge(
                f"makes a table of {rows} rows and {columns} columns, more than {self._most_cells} cells"
            )
