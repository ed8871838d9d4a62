"""The order of rows: by one column after the other, missing values last, equal rows as they were."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import Malformed
from .columns import Rows, Sort, Table
from .tokens import items, refuse, shown

_PARAMETER = "order"

#: Columns: most that rows are ordered by.
MOST_KEYS = 16

#: Rows: to as many, the first ones are selected without an order of the others.
_MOST_SELECTED = 10_000

_NUMBER = "row"


class Key(NamedTuple):
    """A column that rows are ordered by."""

    name: str
    descends: bool
    position: int


def parse(text: str) -> list[Key]:
    """The keys of an order, such as ``-qty,name``.

    Raises:
        Malformed: It is none.
    """
    keys = [Key(item.whole, item.descends, item.position) for item in items(_PARAMETER, text)]
    if len(keys) > MOST_KEYS:
        raise Malformed(f"{_PARAMETER} must have at most {MOST_KEYS} columns; got {len(keys)}")
    return keys


def ordered(table: Table, rows: Rows, keys: list[Key], stop: int) -> Rows:
    """The rows in an order, up to a number of them.

    Args:
        table: The table.
        rows: The numbers of the rows.
        keys: What they are ordered by.
        stop: How many of them are wanted.

    Raises:
        Malformed: A column does not exist, or has no order.
    """
    arrays = {str(number): _array(table, rows, key) for number, key in enumerate(keys)}
    sort_keys = [(str(number), _DIRECTIONS[key.descends]) for number, key in enumerate(keys)]
    if stop <= _MOST_SELECTED and stop < len(rows):
        numbers = pa.array(np.arange(len(rows), dtype=np.int64))  # equal rows stay as they were
        keyed = pa.table(arrays | {_NUMBER: numbers})
        positions = pc.select_k_unstable(keyed, k=stop, sort_keys=[*sort_keys, (_NUMBER, _DIRECTIONS[False])])
    else:
        positions = pc.sort_indices(pa.table(arrays), sort_keys=sort_keys)[:stop]
    taken: np.ndarray[tuple[int], np.dtype[np.int64]] = positions.to_numpy(zero_copy_only=False)
    return taken.astype(np.int64) + rows.start if isinstance(rows, range) else rows[taken]


_DIRECTIONS = {False: "ascending", True: "descending"}


def _array(table: Table, rows: Rows, key: Key) -> pa.Array:
    column = table.column(_PARAMETER, key.name, key.position)
    if column.sort is Sort.OTHER:
        refuse(_PARAMETER, f"column {shown(column.name)} has {column.sort},", key.position)
    return column.compared(rows)
