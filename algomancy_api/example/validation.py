"""The checks of a dataset, made on every upload and before every run.

A dataset that is uploaded as JSON has no ETL, so the algorithms call `faults` too.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from algomancy_data import (
    PrimaryKeyValidator,
    RequiredColumnsValidator,
    Schema,
    ValidationMessage,
    ValidationSeverity,
    Validator,
)

from .distances import RULES
from .schemas import CITIES, INSTANCE, SCHEMAS

type Tables = Mapping[str, pd.DataFrame]

FEWEST_CITIES = 3
MOST_CITIES = 2_000  # the matrix of all distances is in memory
FARTHEST = 1e9  # the length of any tour is then an integer that JSON clients can represent exactly

# The largest absolute value by edge weight type and column, if it is not `FARTHEST`.
LIMITS = {("GEO", "x"): 90.0, ("GEO", "y"): 180.0}


class Fault(NamedTuple):
    """A fault of a dataset, and its location; the first `row` is 0."""

    code: str
    message: str
    table: str
    column: str | None = None
    row: int | None = None


class ProblemValidator(Validator):
    """Checks that the tables are a travelling salesman problem; faults are CRITICAL messages."""

    def validate(self, data: dict[str, pd.DataFrame]) -> list[ValidationMessage]:
        """The messages of all `CHECKS`; missing columns are left to the framework's validators."""
        for check in CHECKS:
            for fault in check(data):
                self.add_message(
                    ValidationSeverity.CRITICAL,
                    fault.message,
                    table=fault.table,
                    column=fault.column,
                    row=fault.row,
                    code=fault.code,
                )
        return self.messages


def validators() -> list[Validator]:
    """New validators, since they collect messages, in the order of their messages."""
    schemas = cast(list[Schema], SCHEMAS)  # the framework's annotation has instances, but it takes classes
    return [
        RequiredColumnsValidator(schemas, ValidationSeverity.CRITICAL),
        PrimaryKeyValidator(schemas, ValidationSeverity.CRITICAL),
        ProblemValidator(),
    ]


def faults(tables: Tables) -> list[ValidationMessage]:
    """The CRITICAL messages about the tables; empty for a problem that can be solved."""
    numbered = {name: table.reset_index(drop=True) for name, table in tables.items()}
    messages = [message for validator in validators() for message in validator.validate(numbered)]
    return [message for message in messages if message.severity is ValidationSeverity.CRITICAL]


def numbers(series: pd.Series) -> npt.NDArray[np.float64]:
    """A column of any type as floats; NaN for values that are not numbers."""
    return pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _tables_present(tables: Tables) -> Iterator[Fault]:
    for table in (INSTANCE, CITIES):
        if table not in tables:
            yield Fault("TABLE_MISSING", f"The dataset has no table {table!r}", table)


def _one_instance(tables: Tables) -> Iterator[Fault]:
    if INSTANCE in tables and (rows := len(tables[INSTANCE])) != 1:
        yield Fault("NOT_ONE_INSTANCE", f"Table {INSTANCE!r} must have exactly one row, not {rows:,}", INSTANCE)


def _name_given(tables: Tables) -> Iterator[Fault]:
    for row, name in enumerate(_column(tables, INSTANCE, "name")):
        if pd.isna(name) or not str(name).strip():
            yield Fault("NAME_MISSING", "The instance has no name", INSTANCE, "name", row)


def _rule_known(tables: Tables) -> Iterator[Fault]:
    for row, rule in enumerate(_column(tables, INSTANCE, "edge_weight_type")):
        if pd.isna(rule) or rule not in RULES:
            message = f"Unknown edge weight type {rule!r}: use one of {', '.join(RULES)}"
            yield Fault("UNKNOWN_EDGE_WEIGHT_TYPE", message, INSTANCE, "edge_weight_type", row)


def _optimum_sensible(tables: Tables) -> Iterator[Fault]:
    for row, cell, number in _numbered(_column(tables, INSTANCE, "optimum")):
        if not pd.isna(cell) and not (number.is_integer() and number > 0):
            message = f"The optimum must be a positive integer or empty, not {cell!r}"
            yield Fault("BAD_OPTIMUM", message, INSTANCE, "optimum", row)


def _number_of_cities(tables: Tables) -> Iterator[Fault]:
    if CITIES in tables and not FEWEST_CITIES <= (rows := len(tables[CITIES])) <= MOST_CITIES:
        message = f"Table {CITIES!r} must have {FEWEST_CITIES} to {MOST_CITIES:,} rows, not {rows:,}"
        yield Fault("NUMBER_OF_CITIES", message, CITIES)


def _ids_whole(tables: Tables) -> Iterator[Fault]:
    for row, cell, number in _numbered(_column(tables, CITIES, "id")):
        if not pd.isna(cell) and not (number.is_integer() and abs(number) <= FARTHEST):
            yield Fault("BAD_ID", f"The id of a city must be an integer, not {cell!r}", CITIES, "id", row)


def _coordinates_sensible(tables: Tables) -> Iterator[Fault]:
    rule = next(iter(_column(tables, INSTANCE, "edge_weight_type")), "")
    for name in ("x", "y"):
        limit = LIMITS.get((rule, name), FARTHEST)
        for row, cell, number in _numbered(_column(tables, CITIES, name)):
            if not abs(number) <= limit:  # true for NaN, unlike `>`
                message = f"Coordinate {name} must be a number from {-limit:g} to {limit:g}, not {cell!r}"
                yield Fault("BAD_COORDINATE", message, CITIES, name, row)


def _column(tables: Tables, table: str, column: str) -> pd.Series:
    """A column, empty when the table or the column is absent."""
    if table in tables and column in tables[table].columns:
        return tables[table][column]
    return pd.Series(dtype=object)


def _numbered(column: pd.Series) -> Iterator[tuple[int, Any, float]]:
    """The row, value and number of each cell; NaN for a value that is not a number."""
    return zip(range(len(column)), column.tolist(), numbers(column).tolist(), strict=True)


CHECKS: tuple[Callable[[Tables], Iterator[Fault]], ...] = (
    _tables_present,
    _one_instance,
    _name_given,
    _rule_known,
    _optimum_sensible,
    _number_of_cities,
    _ids_whole,
    _coordinates_sensible,
)
