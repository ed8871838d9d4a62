"""Tables of pandas as Parquet files and back, exactly, and readable by other programs as far as Parquet has the types.

From the ground up:

- `ways`: how an array of Arrow becomes one that Parquet keeps, and back
- `choices`: codes of values as these values
- `names`: the names of the columns of a file, and what pandas reads of them
- `files`: `parquet_pieces`, `own_parquet` and `exact_table`
"""

from .files import exact_table, own_parquet, parquet_pieces

__all__ = ["exact_table", "own_parquet", "parquet_pieces"]
