"""Rows as cells by column."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

from ...serialization.json_depth import nests_deeper


class RowDecoder:
    """A decoder of rows, each an object with a member for each column.

    Args:
        keys: The names of the members, without duplicates. Others are skipped.
        depth: How deep lists and objects may be nested, with the list of rows as the first level.
    """

    def __init__(self, keys: Sequence[str], depth: float) -> None:
        self._keys = keys
        self._depth = depth
        self._fields = [f"c{position}" for position in range(len(keys))]
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> msgspec.json.Decoder[list[Any]] | None:
        """A decoder to Structs, which takes half the time and memory of dicts."""
        try:
            row = msgspec.defstruct(
                "Row",
                [(field, Any, UNSET) for field in self._fields],
                rename=dict(zip(self._fields, self._keys, strict=True)),
                gc=False,
            )
        except ValueError:  # msgspec does not accept names that need escapes
            return None
        return msgspec.json.Decoder(list[row])  # type: ignore[valid-type]

    def columns(self, text: bytes) -> tuple[int, list[list[Any]]]:
        """The number of rows, and the cells by column; UNSET where a row lacks the member.

        Args:
            text: Rows with commas between them.

        Raises:
            TypeError: An item is no object.
            ValueError: It is no JSON, or it is nested too deeply.
        """
        if not text.isascii():
            text.decode()  # msgspec does not check what it skips
        document = b"[%b]" % text
        try:
            if self._decoder is not None:
                rows = self._decoder.decode(document)
                self._check_depth(document, len(rows))
                return len(rows), [list(map(attrgetter(field), rows)) for field in self._fields]
        except msgspec.DecodeError, RecursionError:  # Python accepts more: NaN, or a number beyond a float's range
            pass
        return self._columns_of_dicts(document)

    def _columns_of_dicts(self, document: bytes) -> tuple[int, list[list[Any]]]:
        self._check_depth(document, 0)
        rows = json.loads(document)
        if not all(isinstance(row, dict) for row in rows):
            raise TypeError("an item of the data is no object")
        return len(rows), [[row.get(key, UNSET) for row in rows] for key in self._keys]

    def _check_depth(self, document: bytes, count: int) -> None:
        is_flat = document.count(b"{") + document.count(b"[") == count + 1  # those of the rows and of their list
        if not is_flat and nests_deeper(document, self._depth):
            raise ValueError("nested too deeply")
