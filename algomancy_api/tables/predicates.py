"""Conditions over the columns of a table: which rows they hold for.

A comparison with a missing value is neither true nor false, and neither is its contrary: as in SQL, a row is taken if
the whole condition is true.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Column, Rows, Sort, Table, slices
from .grammar import All, Among, Any, Comparison, Condition, Flag, Missing, Name, Not, Operator
from .literals import integers_of, value_of
from .tokens import refuse, shown

_FUNCTIONS: dict[Operator, Callable[[Anything, Anything], pa.Array]] = {
    Operator.EQUAL: pc.equal,
    Operator.UNEQUAL: pc.not_equal,
    Operator.LESS: pc.less,
    Operator.AT_MOST: pc.less_equal,
    Operator.MORE: pc.greater,
    Operator.AT_LEAST: pc.greater_equal,
}

#: The result of a comparison with a value below, or above, all that an integer can be.
_IF_BELOW = {Operator.MORE: True, Operator.AT_LEAST: True, Operator.UNEQUAL: True}
_IF_ABOVE = {Operator.LESS: True, Operator.AT_MOST: True, Operator.UNEQUAL: True}

#: The comparison of an integer with the integer below a fraction, in place of that with the fraction.
_WITH_FLOOR = {
    Operator.LESS: Operator.AT_MOST,
    Operator.AT_MOST: Operator.AT_MOST,
    Operator.MORE: Operator.MORE,
    Operator.AT_LEAST: Operator.MORE,
}

#: Digits: of the largest decimals of Arrow.
_DECIMALS = 76
_BEYOND_DECIMALS = 10**75

_ORDERLESS = (Operator.EQUAL, Operator.UNEQUAL)

#: Finds the result of a test for some rows.
type _Test = Callable[[_Slice], pa.Array]


def matching(table: Table, condition: Condition) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The numbers of the rows for which a condition is true.

    Raises:
        Malformed: The condition does not fit the columns.
    """
    test = _test(table, condition)
    found = [np.empty(0, np.int64)]
    for rows in slices(range(len(table))):
        mask = pc.fill_null(test(_Slice(rows)), False).to_numpy(zero_copy_only=False)
        found.append(np.flatnonzero(mask) + rows[0])
    return np.concatenate(found)


class _Slice:
    """Some rows of a table, each column of which is converted once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._arrays: dict[str, pa.Array] = {}

    def __getitem__(self, column: Column) -> pa.Array:
        if column.name not in self._arrays:
            self._arrays[column.name] = column.compared(self._rows)
        return self._arrays[column.name]


def _test(table: Table, condition: Condition) -> _Test:
    return _TESTS[type(condition)](table, condition)


def _not(table: Table, condition: Not) -> _Test:
    test = _test(table, condition.condition)
    return lambda some: pc.invert(test(some))


def _joined(function: Callable[[pa.Array, pa.Array], pa.Array]) -> Callable[[Table, Anything], _Test]:
    def join(table: Table, condition: All | Any) -> _Test:
        tests = [_test(table, part) for part in condition.conditions]
        return lambda some: reduce(function, (test(some) for test in tests))

    return join


def _missing(table: Table, condition: Missing) -> _Test:
    column = _column(table, condition.column)
    return lambda some: pc.is_null(some[column])


def _flag(table: Table, condition: Flag) -> _Test:
    column = _column(table, condition.column)
    if column.sort is not Sort.BOOLEAN:
        after = condition.column.position + len(condition.column.text)
        refuse("where", f"expected an operator after the column {shown(column.name)} of {column.sort},", after)
    return lambda some: some[column]


def _among(table: Table, condition: Among) -> _Test:
    column = _column(table, condition.column)
    values = [value_of(literal, column) for literal in condition.values]
    if column.sort in (Sort.TEXT, Sort.BOOLEAN):
        known = pa.array(values, column.compared_type)
        return lambda some: _if_known(some[column], pc.is_in(some[column], known))
    prepared, numbers = _among_numbers(column, values)
    return lambda some: _if_known(some[column], pc.is_in(prepared(some[column]), numbers))


def _among_numbers(column: Column, values: list[Fraction]) -> tuple[Callable[[pa.Array], pa.Array], pa.Array]:
    """What makes the cells of a column comparable with an array, and the array of those values that a cell can be."""
    kind: Anything = column.compared_type
    if pa.types.is_floating(kind):
        return lambda array: array.cast(pa.float64()), pa.array(map(_float, values), pa.float64(), size=len(values))
    if pa.types.is_decimal(kind):
        scaled = [value * 10**kind.scale for value in values]
        fitting = [value for value in scaled if value.denominator == 1 and abs(value) < _BEYOND_DECIMALS]
        exact = pa.decimal256(_DECIMALS, kind.scale)
        return lambda array: array.cast(exact), pa.array([_decimal(value, kind.scale) for value in fitting], exact)
    least, most = _range(column)
    integers = [int(value) for value in values if value.denominator == 1 and least <= value <= most]
    return integers_of, pa.array(integers, integers_of(pa.array([], kind)).type)


def _comparison(table: Table, condition: Comparison) -> _Test:
    column = _column(table, condition.column)
    operator = condition.operator
    if operator is Operator.CONTAINS and column.sort is not Sort.TEXT:
        refuse("where", f"~ is for texts, and column {shown(column.name)} has {column.sort};", condition.position)
    if column.sort is Sort.BOOLEAN and operator not in _ORDERLESS:
        refuse("where", f"booleans have no order, and {operator.value!r} stands", condition.position)
    if isinstance(condition.value, Name):
        return _with_column(column, _column(table, condition.value), condition)
    value = value_of(condition.value, column)
    if operator is Operator.CONTAINS:
        return lambda some: pc.match_substring(some[column], value)
    if isinstance(value, Fraction):
        return _with_number(column, operator, value)
    function, scalar = _FUNCTIONS[operator], pa.scalar(value, column.compared_type)
    return lambda some: function(some[column], scalar)


def _with_column(column: Column, other: Column, condition: Comparison) -> _Test:
    if condition.operator is Operator.CONTAINS:
        refuse("where", "after ~ stands a text in quotes,", condition.position)
    zoned = [getattr(each.compared_type, "tz", None) is not None for each in (column, other)]
    if column.sort is not other.sort or column.sort is Sort.OTHER or zoned[0] is not zoned[1]:
        reason = f"column {shown(column.name)} has {column.sort}, and column {shown(other.name)} other {other.sort};"
        refuse("where", reason.replace(f"other {other.sort}", str(other.sort)), condition.position)
    function = _FUNCTIONS[condition.operator]

    def test(some: _Slice) -> pa.Array:
        try:
            return function(some[column], some[other])
        except pa.ArrowException as error:
            refuse("where", f"these columns cannot be compared: {error};", condition.position)

    return test


def _with_number(column: Column, operator: Operator, value: Fraction) -> _Test:
    """A comparison with a number, exact for all integers and times."""
    kind = column.compared_type
    if pa.types.is_floating(kind):
        return _with_scalar(column, operator, pa.scalar(_float(value)))
    if pa.types.is_decimal(kind):
        return _with_decimal(column, operator, value)
    least, most = _range(column)
    if value.denominator != 1 and operator in _ORDERLESS:
        return _constant(column, operator is Operator.UNEQUAL)
    if value < least:
        return _constant(column, _IF_BELOW.get(operator, False))
    if value > most:
        return _constant(column, _IF_ABOVE.get(operator, False))
    if value.denominator != 1:
        operator = _WITH_FLOOR[operator]
    function, integer = _FUNCTIONS[operator], value.numerator // value.denominator

    def test(some: _Slice) -> pa.Array:
        integers = integers_of(some[column])
        return function(integers, pa.scalar(integer, integers.type))

    return test


def _with_decimal(column: Column, operator: Operator, value: Fraction) -> _Test:
    kind: Anything = column.compared_type
    scaled = value * 10**kind.scale
    if scaled.denominator != 1 and operator in _ORDERLESS:
        return _constant(column, operator is Operator.UNEQUAL)
    if abs(scaled) >= _BEYOND_DECIMALS:
        return _constant(column, (_IF_ABOVE if scaled > 0 else _IF_BELOW).get(operator, False))
    if scaled.denominator != 1:
        operator = _WITH_FLOOR[operator]
    exact = pa.decimal256(_DECIMALS, kind.scale)
    function, scalar = _FUNCTIONS[operator], pa.scalar(_decimal(scaled, kind.scale), exact)
    return lambda some: function(some[column].cast(exact), scalar)


def _decimal(scaled: Fraction, scale: int) -> Decimal:
    """A number of the last digits of a decimal, rounded down."""
    digits = scaled.numerator // scaled.denominator
    return Decimal((digits < 0, tuple(map(int, str(abs(digits)))), -scale))


def _with_scalar(column: Column, operator: Operator, scalar: pa.Scalar) -> _Test:
    function = _FUNCTIONS[operator]
    return lambda some: function(some[column], scalar)


def _constant(column: Column, value: bool) -> _Test:
    """A test with one result for all cells, but for those that are missing."""
    return lambda some: _if_known(some[column], pa.scalar(value))


def _if_known(array: pa.Array, result: pa.Array | pa.Scalar) -> pa.Array:
    return pc.if_else(pc.is_valid(array), result, pa.scalar(None, pa.bool_()))


def _range(column: Column) -> tuple[int, int]:
    """The least and the largest integer of a column's type."""
    kind: Anything = column.compared_type
    bits = kind.bit_width
    return (0, 2**bits - 1) if pa.types.is_unsigned_integer(kind) else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _column(table: Table, name: Name) -> Column:
    return table.column("where", name.text, name.position)


_TESTS: dict[type, Callable[[Table, Anything], _Test]] = {
    Not: _not,
    All: _joined(pc.and_kleene),
    Any: _joined(pc.or_kleene),
    Missing: _missing,
    Flag: _flag,
    Among: _among,
    Comparison: _comparison,
}
