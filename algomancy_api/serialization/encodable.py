"""The proof that a value can be encoded, in pieces: other threads run between, and no document is kept."""

from collections.abc import Collection, Iterator
from itertools import batched
from typing import Any

import numpy as np
import pandas as pd

from .columns import Column
from .hooks import UnencodableValue, type_name
from .json_encoder import encode
from .libraries import library_form

#: Items: encoded in one call, which holds the interpreter lock until it returns.
_AT_ONCE = 1_000

#: Parts: a list or object with so few is a frame around large ones, perhaps.
_FEW = 50

#: Levels of lists and objects that are taken apart.
_LEVELS = 4

_CONTAINERS = (dict, list, tuple, pd.DataFrame, pd.Series, np.ndarray)


def check_encodable(value: object) -> None:
    """Raise the error that encoding a value would raise.

    It takes about as long as to encode it. Of tables and arrays of one type it takes the first row.

    Raises:
        UnencodableValue: A part has no natural form; the message has the path to it.
    """
    try:
        for piece in _pieces(value, _LEVELS):
            encode(piece)
    except UnencodableValue:
        encode(value)  # raises it with the path from the whole
        raise


def _pieces(value: Any, levels: int) -> Iterator[object]:  # noqa: ANN401 - any value
    _refuse_imposters(value)
    kind = type(value)
    if levels and kind is dict:
        for items in batched(value.items(), _AT_ONCE, strict=False):
            batch = dict(items)
            yield from _children(batch, batch.values(), levels)
    elif levels and kind in (list, tuple):
        for some in batched(value, _AT_ONCE, strict=False):
            yield from _children(some, some, levels)
    elif kind is pd.DataFrame:
        yield value.head(1)
        for position in range(value.shape[1]):
            yield from _mixed(value.iloc[:, position])
    elif kind is pd.Series:
        yield from [value.head(1), *_mixed(value)]
    elif kind is np.ndarray and value.ndim and not value.dtype.hasobject:
        yield value[:1]
    else:
        yield value


def _mixed(column: Column) -> Iterator[object]:
    """The cells of a column, unless its type says that one is like the other."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        yield column.dtype.categories
    elif column.dtype == object:
        for start in range(0, len(column), _AT_ONCE):
            yield column[start : start + _AT_ONCE]


def _children(batch: Any, children: Collection[Any], levels: int) -> Iterator[object]:  # noqa: ANN401 - dict or tuple
    """A batch whole, if its parts are small, which costs one call; else its parts, and its keys without them."""
    least = 0 if len(batch) <= _FEW else _AT_ONCE
    if not any(_is_longer(child, least) for child in children):
        yield batch
        return
    for child in children:
        yield from _pieces(child, levels - 1)
    if isinstance(batch, dict):
        yield dict.fromkeys(batch)


def _is_longer(value: Any, least: int) -> bool:  # noqa: ANN401 - any value
    if not isinstance(value, _CONTAINERS):
        return False
    _refuse_imposters(value)
    return getattr(value, "ndim", 1) > 0 and len(value) > least


def _refuse_imposters(value: object) -> None:
    """Refuse a sparse matrix of scipy that is a dict to msgspec, but an empty one, whatever it contains."""
    if isinstance(value, dict) and type(value) is not dict and library_form(type(value)) is not None:
        raise UnencodableValue(f"{type_name(value)} would become an empty object: give its tocoo()")
