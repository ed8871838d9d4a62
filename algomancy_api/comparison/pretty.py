"""Values of KPIs as text, as the framework's `BaseKPI.details` writes them."""

import copy
from functools import lru_cache
from math import isnan
from typing import NamedTuple

from algomancy_utils.unit import BaseMeasurement, Measurement, Unit

#: Values: kept as text for each KPI, since the framework takes some microseconds for one.
_KEPT = 10_000


class Pretty(NamedTuple):
    """A value as text, and the unit in it; None of a value that is missing, or whose formatter fails."""

    text: str | None = None
    unit: str | None = None


class Format:
    """The format of a KPI.

    Args:
        preferences: What the framework goes by: unit, digits, decimals, and a formatter of the user's.

    Attributes:
        unit: The symbol of the unit of its numbers.
        of: A number in this format; NaN is missing.
    """

    def __init__(self, preferences: BaseMeasurement) -> None:
        self._preferences = preferences
        self.unit = preferences.unit.symbol
        self.of = lru_cache(_KEPT)(self._written)

    @classmethod
    def of_unit(cls, symbol: str) -> Format:
        """The format of a KPI of which only the unit is known."""
        return cls(BaseMeasurement(Unit(symbol)))

    def _written(self, number: float) -> Pretty:
        if isnan(number):
            return Pretty()
        # A copy: for a small number, the framework adds decimals to what it goes by.
        measurement = Measurement(copy.copy(self._preferences), number)
        try:
            shown = measurement.get_display_measurement()
            return Pretty(str(self._preferences.formatter(shown)), shown.unit.symbol)
        except Exception:  # of the user's formatter
            return Pretty()
