"""The settings of a comparison, and what is left out of it."""

from datetime import datetime
from typing import Any

import pytest
from msgspec import UNSET

from .sides import form, shown, side


def test_settings_have_a_value_for_each_scenario() -> None:
    one = side("a", parameters={"x": 1, "name": "n"}, data_parameters={"limit": 3})
    other = side("b", dataset="other", parameters={"x": 2, "only": True}, data_parameters={"limit": 3})
    comparison = shown([one, other])
    assert comparison.baseline == "a"
    assert comparison.dataset is not UNSET
    assert (comparison.dataset.differs, comparison.dataset.values) == (True, ["items", "other"])
    assert comparison.algorithm is not UNSET
    assert (comparison.algorithm.differs, comparison.algorithm.values) == (False, ["Fast", "Fast"])
    assert [(p.name, p.differs, p.values) for p in comparison.parameters] == [
        ("x", True, [1, 2]),
        ("name", True, ["n", None]),
        ("only", True, [None, True]),
    ]
    assert [(p.name, p.differs, p.values) for p in comparison.data_parameters] == [("limit", False, [3, 3])]


@pytest.mark.parametrize(
    ("values", "differ"),
    [
        ([1, 1.0], False),
        ([1, True], True),
        ([0, False], True),
        (["1", 1], True),
        ([["a", "b"], ["a", "b"]], False),
        ([["a", "b"], ["b", "a"]], True),
        ([datetime(2026, 1, 1), datetime(2026, 1, 1)], False),  # noqa: DTZ001 - the framework's are naive
        ([None, float("nan")], False),
    ],
)
def test_a_parameter_differs_if_a_client_sees_different_values(values: list[Any], differ: bool) -> None:
    [parameter] = shown([side(str(number), parameters={"p": value}) for number, value in enumerate(values)]).parameters
    assert parameter.differs is differ


def test_only_the_differences_are_left() -> None:
    sides = [
        side("a", form(1.0), parameters={"same": 1, "other": 1}),
        side("b", form(1.0), parameters={"same": 1, "other": 2}),
    ]
    comparison = shown(sides, only_differences=True)
    assert [parameter.name for parameter in comparison.parameters] == ["other"]
    assert (comparison.kpis, comparison.dataset, comparison.algorithm) == ([], UNSET, UNSET)
    assert [scenario.id for scenario in comparison.scenarios] == ["a", "b"]
    assert shown(sides[:1], only_differences=True).parameters == []


def test_nothing_beside_nothing_is_empty() -> None:
    comparison = shown([])
    assert (comparison.baseline, comparison.scenarios, comparison.kpis, comparison.parameters) == (None, [], [], [])
