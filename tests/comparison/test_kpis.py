"""Every case of the table in docs/compare.md about KPIs."""

from math import inf, nan
from typing import Any

import pytest
from msgspec import UNSET

from .sides import column, compared, form, shown, side


def test_a_lower_value_is_better_than_that_of_the_baseline() -> None:
    kpi = compared([form(10.0), form(8.0), form(15.0), form(10.0)])
    assert column(kpi, "verdict") == ["equal", "better", "worse", "equal"]
    assert column(kpi, "rank") == [2, 1, 4, 2]
    assert column(kpi, "delta") == [0, -2, 5, 0]
    assert column(kpi, "relative_delta") == [0, -0.2, 0.5, 0]
    assert column(kpi, "pretty") == ["10.00 s", "8.00 s", "15.00 s", "10.00 s"]
    assert (kpi.best, kpi.differs, kpi.unit, kpi.better_when) == (["b"], True, "s", "LOWER")
    assert (kpi.threshold, kpi.pretty_threshold) == (None, None)
    assert column(kpi, "passed") == [None] * 4
    assert column(kpi, "unit") == [UNSET] * 4


def test_a_higher_value_is_better_where_the_kpi_says_so() -> None:
    kpi = compared([form(value, better_when="HIGHER") for value in (10, 8, 15)], baseline=1)
    assert column(kpi, "verdict") == ["better", "equal", "better"]
    assert column(kpi, "rank") == [2, 3, 1]
    assert column(kpi, "delta") == [2, 0, 7]


@pytest.mark.parametrize(
    ("better_when", "passed", "verdicts", "best"),
    [
        ("AT_MOST", [True, True, False, False], ["equal", "equal", "worse", "worse"], ["a", "b"]),
        ("AT_LEAST", [False, True, True, True], ["equal", "better", "better", "better"], ["b", "c", "d"]),
    ],
)
def test_with_a_threshold_only_that_counts(
    better_when: str, passed: list[bool], verdicts: list[str], best: list[str]
) -> None:
    kpi = compared([form(value, better_when=better_when, threshold=5) for value in (4.9, 5.0, 5.1, 60.0)])
    assert (column(kpi, "passed"), column(kpi, "verdict"), kpi.best) == (passed, verdicts, best)
    assert (kpi.threshold, kpi.pretty_threshold, column(kpi, "delta")[3]) == (5, "5.00 s", 60.0 - 4.9)


def test_a_threshold_of_zero_is_one() -> None:
    kpi = compared([form(value, better_when="AT_MOST", threshold=0) for value in (-1.0, 0.0, 1.0)])
    assert (kpi.threshold, column(kpi, "passed")) == (0, [True, True, False])


def test_none_is_best_if_all_miss_the_threshold() -> None:
    kpi = compared([form(value, better_when="AT_MOST", threshold=1) for value in (2, 3)])
    assert (kpi.best, column(kpi, "rank"), column(kpi, "verdict")) == ([], [1, 1], ["equal", "equal"])


def test_without_the_threshold_that_its_direction_needs_nothing_is_comparable() -> None:
    kpi = compared([form(value, better_when="AT_MOST") for value in (2, 3)])
    assert (kpi.best, column(kpi, "passed"), column(kpi, "rank")) == ([], [None] * 2, [None] * 2)
    assert column(kpi, "verdict") == ["not comparable"] * 2
    assert column(kpi, "delta") == [0, 1]


def test_a_baseline_of_zero_has_no_relative_deltas_but_zero() -> None:
    kpi = compared([form(0.0), form(3.0), form(0)])
    assert column(kpi, "delta") == [0, 3, 0]
    assert column(kpi, "relative_delta") == [0, None, 0]
    assert column(kpi, "verdict") == ["equal", "worse", "equal"]


def test_a_delta_is_relative_to_the_size_of_a_negative_baseline() -> None:
    assert column(compared([form(-10.0), form(-5.0)]), "relative_delta") == [0, 0.5]


@pytest.mark.parametrize("value", [None, nan, inf, -inf, -9999999999, 10**400, "7", [7]], ids=repr)
def test_what_is_no_finite_number_is_missing_and_not_comparable(value: Any) -> None:
    kpi = compared([form(1.0), form(value)])
    missing = kpi.values[1]
    assert (missing.value, missing.pretty, missing.pretty_unit, missing.rank) == (None, None, None, None)
    assert (missing.delta, missing.relative_delta, missing.verdict) == (None, None, "not comparable")
    assert (kpi.best, kpi.values[0].rank, kpi.differs) == (["a"], 1, True)


@pytest.mark.parametrize("baseline", [None, nan])
def test_beside_a_baseline_without_a_value_there_are_ranks_only(baseline: float | None) -> None:
    kpi = compared([form(baseline), form(2.0), form(1.0)])
    assert column(kpi, "rank") == [None, 2, 1]
    assert column(kpi, "verdict") == ["not comparable"] * 3
    assert column(kpi, "delta") == [None] * 3


def test_a_delta_that_no_double_has_is_missing_and_the_verdict_is_there() -> None:
    kpi = compared([form(-1.7e308), form(1.7e308)])
    assert (kpi.values[1].delta, kpi.values[1].relative_delta, kpi.values[1].verdict) == (None, None, "worse")
    assert column(compared([form(1e-300), form(1e300)]), "relative_delta")[1] is None


def test_a_scenario_that_lacks_the_kpi_has_no_value() -> None:
    kpi = compared([None, form(3.0), form(4.0)], baseline=1)
    assert column(kpi, "value") == [None, 3, 4]
    assert column(kpi, "verdict") == ["not comparable", "equal", "worse"]
    assert (kpi.name, kpi.unit, kpi.best) == ("Time", "s", ["b"])


@pytest.mark.parametrize("status", ["created", "queued", "processing", "failed"])
def test_only_the_values_of_complete_scenarios_count(status: str) -> None:
    [kpi] = shown([side("a", form(5.0)), side("b", form(1.0), status=status)]).kpis
    assert (column(kpi, "value"), column(kpi, "rank"), kpi.best) == ([5, None], [1, None], ["a"])


def test_values_in_different_units_are_shown_and_not_compared() -> None:
    kpi = compared([form(1.0), form(2.0, unit="kg"), None])
    assert (kpi.unit, kpi.better_when, kpi.differs, kpi.best) == (None, "LOWER", True, [])
    assert column(kpi, "unit") == ["s", "kg", UNSET]
    assert column(kpi, "pretty") == ["1.00 s", "2.00 kg", None]
    assert column(kpi, "value") == [1, 2, None]
    for field in ("rank", "delta", "relative_delta"):
        assert column(kpi, field) == [None] * 3
    assert column(kpi, "verdict") == ["not comparable"] * 3


def test_a_threshold_in_no_common_unit_has_no_text() -> None:
    kpi = compared([form(1.0, better_when="AT_MOST", threshold=5, unit=unit) for unit in ("s", "kg")])
    assert (kpi.threshold, kpi.pretty_threshold, column(kpi, "passed")) == (5, None, [True, True])


def test_values_with_different_directions_are_not_compared() -> None:
    kpi = compared([form(1.0), form(2.0, better_when="HIGHER")])
    assert (kpi.better_when, column(kpi, "verdict")) == (None, ["not comparable"] * 2)


def test_each_value_goes_by_its_own_threshold() -> None:
    kpi = compared([form(3, better_when="AT_MOST", threshold=threshold) for threshold in (2, 4)])
    assert (kpi.threshold, column(kpi, "passed"), kpi.best) == (None, [False, True], ["b"])
    assert column(kpi, "verdict") == ["equal", "better"]


def test_one_scenario_is_its_own_baseline() -> None:
    [value] = compared([form(3.0)]).values
    assert (value.rank, value.delta, value.relative_delta, value.verdict) == (1, 0, 0, "equal")


@pytest.mark.parametrize(
    ("values", "differ"), [([1, 1.0], False), ([None, nan], False), ([1, 2], True), ([None, 1], True)]
)
def test_a_kpi_differs_if_its_values_do(values: list[Any], differ: bool) -> None:
    assert compared(list(map(form, values))).differs is differ


def test_a_large_integer_and_a_boolean_are_numbers() -> None:
    assert column(compared([form(2**53), form(2**70), form(True)]), "value") == [2**53, float(2**70), 1]
