"""What columns of all types hold."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from algomancy_api.tables.columns import SLICE
from algomancy_api.tables.profile import MOST_DISTINCT, profiles

COLUMNS: list[tuple[Any, Any]] = [
    ([3, 1, 1], (0, 1, 3, 2)),
    ([1.5, np.nan, np.inf], (1, 1.5, None, 2)),
    ([True, False, True], (0, False, True, 2)),
    (["b", None, "a"], (1, "a", "b", 2)),
    (pd.Categorical(["b", None, "a"]), (1, "a", "b", 2)),
    (pd.Series([None, "x" * 300], dtype=object), (1, "x" * 200, "x" * 200, 1)),
    (pd.DatetimeIndex(["2026-01-02", None]).as_unit("ns"), (1, "2026-01-02T00:00:00", "2026-01-02T00:00:00", 1)),
    (pd.to_datetime(["2026-01-02"]).tz_localize("Europe/Amsterdam"), (0, *["2026-01-02T00:00:00+01:00"] * 2, 1)),
    (pd.to_timedelta([90, 60], unit="s"), (0, "PT60S", "PT90S", 2)),
    (pd.Series([date(2026, 1, 2), None], dtype=object), (1, "2026-01-02", "2026-01-02", 1)),
    (pd.Series([Decimal("1.50"), Decimal(2)], dtype=object), (0, 1.5, 2.0, 2)),
    (pd.Series([b"a", None], dtype=object), (1, None, None, 1)),
    (pd.Series([[1], [2]], dtype=object), (0, "[1]", "[2]", 2)),
    (pd.Series([], dtype="int64"), (0, None, None, 0)),
    (pd.Series([None, None], dtype=object), (2, None, None, 0)),
]


@pytest.mark.parametrize(("cells", "expected"), COLUMNS)
def test_a_column(cells: Any, expected: tuple[int, Any, Any, int | None]) -> None:
    table = pd.DataFrame({"x": cells})
    [found] = profiles(table)
    least, largest = (msgspec.json.decode(each) for each in (found.min, found.max))
    if isinstance(least, str) and expected[1] and not isinstance(expected[1], str):
        least, largest = float(least), float(largest)
    assert (found.nulls, least, largest, found.distinct) == expected
    assert found.dtype == str(table.x.dtype)


def test_a_long_column_is_looked_at_in_slices() -> None:
    numbers = np.arange(2 * SLICE + 1)
    found = {each.name: each for each in profiles(pd.DataFrame({"n": numbers, "few": numbers % MOST_DISTINCT}))}
    assert (found["n"].distinct, found["n"].max) == (None, msgspec.Raw(str(2 * SLICE).encode()))
    assert found["few"].distinct == MOST_DISTINCT
