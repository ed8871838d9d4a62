"""Values as text, beside those that the framework writes itself."""

import copy
from typing import Any

import pytest
from algomancy_scenario import BaseKPI, ImprovementDirection
from algomancy_utils.unit import QUANTITIES, BaseMeasurement
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.comparison import Format

from .sides import SECONDS


class Kpi(BaseKPI):
    def compute(self, result: Any) -> float:
        raise NotImplementedError


def euros(measurement: Any) -> str:
    return f"€ {measurement.value:,.2f}"


def failing(measurement: Any) -> str:
    raise KeyError(measurement)


PREFERENCES: list[dict[str, Any]] = [
    {},
    {"use_scaling": False, "decimals": 0},
    {"smallest_unit": "ms", "largest_unit": "min", "min_digits": 1},
    {"formatter": euros},
]


@given(st.sampled_from(PREFERENCES), st.floats(-1e30, 1e30, allow_subnormal=False))
def test_a_value_is_written_as_the_framework_writes_it(preferences: dict[str, Any], number: float) -> None:
    base = BaseMeasurement(QUANTITIES["time"]["s"], **preferences)  # type: ignore[arg-type]
    kpi = Kpi("Time", ImprovementDirection.LOWER, copy.copy(base))
    kpi.value = number  # type: ignore[misc]  # a property with a setter
    own = kpi.details()
    kpi.measurement.base_measurement.decimals = base.decimals  # which the framework has changed for a small number
    unit = kpi.measurement.get_display_measurement().unit.symbol
    assert tuple(Format(base).of(number)) == (own, unit)


def test_a_small_number_does_not_change_how_others_are_written() -> None:
    before = SECONDS.of(2.5)
    SECONDS.of(1e-13)
    assert (before, SECONDS.of(3.5).text) == (("2.50 s", "s"), "3.50 s")


def test_a_formatter_that_fails_leaves_the_value_without_text() -> None:
    base = BaseMeasurement(QUANTITIES["time"]["s"], formatter=failing)  # type: ignore[arg-type]
    assert tuple(Format(base).of(1.0)) == (None, None)


@pytest.mark.parametrize(("number", "text"), [(0.05, "50.00 ms"), (90.0, "90.00 s"), (7200.0, "120.00 min")])
def test_the_unit_in_the_text_fits_its_size(number: float, text: str) -> None:
    assert tuple(SECONDS.of(number)) == (text, text.partition(" ")[2])
