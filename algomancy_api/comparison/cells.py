"""The cells of a column, all of one type."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any

from ..serialization.json_encoder import encode

#: Types of cells.
type Kind = type[bool | int | float | str | datetime]

#: The type of a column by those of its values. A column without values is one of texts.
_ONLY: Mapping[frozenset[type], Kind] = {
    frozenset(): str,
    frozenset({bool}): bool,
    frozenset({int}): int,
    frozenset({float}): float,
    frozenset({int, float}): float,
    frozenset({str}): str,
}

#: Integers of Arrow.
_LEAST, _MOST = -(2**63), 2**63 - 1


def cells_of(values: Sequence[Any], kind: Kind) -> list[Any]:
    """The cells of a column of a known type: None where a value is missing, or a number is not finite."""
    if kind is float:
        return [float(value) if value is not None and isfinite(value) else None for value in values]
    if kind is str:
        return _valid_all([None if value is None else str(value) for value in values])
    return list(values)


def kind_and_cells(values: Sequence[Any]) -> tuple[Kind, list[Any]]:
    """The type of a column of any values, and its cells.

    The values are taken as they are in JSON. If they are not all of one type, or are lists or objects, the cells are
    texts: the JSON of each.
    """
    plain: list[Any] = json.loads(encode(values))  # msgspec does not read lone surrogates
    kinds = {type(value) for value in plain if value is not None}
    kind = _ONLY.get(frozenset(kinds))
    if kind is None or (kind is int and not all(value is None or _LEAST <= value <= _MOST for value in plain)):
        return str, [None if value is None else encode(value).decode() for value in plain]
    return kind, cells_of(plain, kind)


def _valid_all(texts: list[str | None]) -> list[str | None]:
    try:
        "".join(filter(None, texts)).encode()  # almost always, all of them are valid
    except UnicodeEncodeError:
        return [None if text is None else valid(text) for text in texts]
    return texts


def valid(text: str) -> str:
    """A text in which a lone surrogate, which UTF-8 does not have, is written as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()
