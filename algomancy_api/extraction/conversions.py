"""The conversion of a column to the type of its schema.

pandas 3 has switched the framework's own off: that looks for texts in columns of `object`, which texts no longer are.
This one follows its documentation. A column is converted whole or not at all, and no value changes: `1.5` is no
integer. Cells that do not convert are listed.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from algomancy_data import DataType

from .issues import Issue, ambiguous, not_converted
from .numbers import (
    EXACT,
    FORMATS,
    NumberFormat,
    float_column,
    floats,
    integer_column,
    integers,
    is_integer,
    trimmed,
)
from .times import DifferentOffsets, NotTimes, in_nanoseconds, other_reading, times

#: Texts that are null in a column of any other type than text, as in `pandas.read_csv`.
NULLS = (
    "", " ", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "1", "1.0", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "0.0", "f"), False),
}

#: A column, converted or as it was, and its issues.
type Conversion = tuple[pd.Series, list[Issue]]


def convert(frame: pd.DataFrame, types: Mapping[str, DataType], table: str) -> tuple[pd.DataFrame, list[Issue]]:
    """A table with its columns in the types of its schema, and the issues.

    Raises:
        NotImplementedError: The framework has no conversion to a type.
    """
    frame = frame.copy(deep=False)
    issues: list[Issue] = []
    for name, target in types.items():
        if name in frame.columns and isinstance(column := frame[name], pd.Series):
            frame[name], found = converted(column, target, table, name)
            issues += found
    return frame, issues


def converted(column: pd.Series, target: DataType, table: str, name: str) -> Conversion:
    """A column in the type of its schema, or as it was if a cell does not convert, and the issues.

    Raises:
        NotImplementedError: The framework has no conversion to this type.
    """
    if target not in _CONVERSIONS:
        raise NotImplementedError(f"Unsupported data type: {target}")
    values, issues = _CONVERSIONS[target](column, table, name)
    return values.set_axis(column.index), issues


def nulled(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts without those that stand for null."""
    is_null = pc.is_in(texts, value_set=pa.array(NULLS, texts.type))
    return pc.if_else(is_null, pa.scalar(None, texts.type), texts) if pc.any(is_null).as_py() else texts


def _texts_of(column: pd.Series) -> pa.ChunkedArray:
    """The cells as trimmed texts; numbers in full, and those that stand for null as null."""
    if isinstance(column.dtype, pd.StringDtype):
        texts = pa.chunked_array([column.array]) if not len(column) else _arrow(column)
    else:
        cells = [None if _is_null(value) else _text(value) for value in column.tolist()]
        texts = pa.chunked_array([pa.array(cells, pa.large_string())])
    return trimmed(nulled(texts))


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    array = pa.array(column.array)
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    return chunked.cast(pa.large_string())


def _is_null(value: Any) -> bool:  # noqa: ANN401 - a cell
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _text(value: object) -> str:
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)  # type: ignore[call-overload]  # checked by is_whole


def _failed(column: pd.Series, target: DataType, fits: Any, table: str, name: str) -> list[Issue]:  # noqa: ANN401
    rows = np.flatnonzero(~np.asarray(pc.fill_null(fits, True).to_numpy(), dtype=bool))
    return not_converted(table, name, target, [(int(row), column.iloc[row]) for row in rows])


def _integer(column: pd.Series, table: str, name: str) -> Conversion:
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_signed_integer_dtype(column.dtype):
        return (column if column.hasnans else column.astype("int64")), []
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        is_exact = not column.hasnans and column.abs().max() <= EXACT
        return (column.astype("int64") if is_exact else column), []
    return _number(column, DataType.INTEGER, integers, integer_column, table, name)


def _float(column: pd.Series, table: str, name: str) -> Conversion:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64"), []
    return _number(column, DataType.FLOAT, floats, float_column, table, name)


def _number(
    column: pd.Series,
    target: DataType,
    read: Callable[[pa.ChunkedArray], pa.ChunkedArray | None],
    finished: Callable[[pa.ChunkedArray], Any],
    table: str,
    name: str,
) -> Conversion:
    texts = _texts_of(column)
    readings = [
        (form, numbers) for form in FORMATS if form.fits(texts) and (numbers := read(form.plain(texts))) is not None
    ]
    if not readings:
        return column, _failed(column, target, _best_fit(texts, target), table, name)
    form, numbers = readings[0]
    others = [other for other, differently in readings[1:] if not differently.equals(numbers)]
    issues = [ambiguous(table, name, target, _example(texts, numbers, form, others[0]))] if others else []
    return finished(numbers), issues


def _best_fit(texts: pa.ChunkedArray, target: DataType) -> pa.ChunkedArray:
    """Whether each text is a number of the format that most texts have."""
    fits = [form.matches(texts) for form in FORMATS]
    if target == DataType.INTEGER:
        fits = [pc.and_(fit, is_integer(form.plain(texts))) for form, fit in zip(FORMATS, fits, strict=True)]
    return max(fits, key=lambda fit: pc.sum(fit).as_py() or 0)


def _example(texts: pa.ChunkedArray, numbers: pa.ChunkedArray, form: NumberFormat, other: NumberFormat) -> str:
    different = pc.match_substring_regex(texts, r"[.,]")
    row = pc.index(different, True).as_py()
    return f"with {form.name}, {texts[row].as_py()!r} is {numbers[row].as_py()}; it may be {other.name}"


def _datetime(column: pd.Series, table: str, name: str) -> Conversion:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return in_nanoseconds(column), []
    texts = pd.Series(_texts_of(column).to_pandas(), index=column.index, dtype="str")
    try:
        read, form = times(texts)
    except NotTimes as error:
        cells = [(row, column.iloc[row]) for row in error.rows]
        return column, not_converted(table, name, DataType.DATETIME, cells)
    except DifferentOffsets as error:
        return column, [Issue(table, name, DataType.DATETIME, f"Column {name!r}: {error}", "CONVERSION_FAILED")]
    if not other_reading(texts, read, form):
        return read, []
    example = next(text for text in texts.dropna())
    order = "the month first" if form.find("%m") < form.find("%d") else "the day first"
    reading = f"with {order}, {example!r} is {read[texts.first_valid_index()]:%Y-%m-%d}"
    return read, [ambiguous(table, name, DataType.DATETIME, reading)]


def _boolean(column: pd.Series, table: str, name: str) -> Conversion:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean"), []
    texts = pc.utf8_lower(_texts_of(column))
    position = pc.index_in(texts, value_set=pa.array(_BOOLEANS, pa.large_string()))
    if pc.any(pc.and_(pc.is_valid(texts), pc.is_null(position))).as_py():
        return column, _failed(column, DataType.BOOLEAN, pc.or_(pc.is_null(texts), pc.is_valid(position)), table, name)
    values = pa.array(list(_BOOLEANS.values()))
    return pc.take(values, position).to_pandas(types_mapper=lambda _: pd.BooleanDtype()), []


_CONVERSIONS: dict[DataType, Callable[[pd.Series, str, str], Conversion]] = {
    DataType.STRING: lambda column, _table, _name: (column.astype("string"), []),
    DataType.INTEGER: _integer,
    DataType.FLOAT: _float,
    DataType.DATETIME: _datetime,
    DataType.BOOLEAN: _boolean,
}
