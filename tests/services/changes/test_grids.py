"""Grids, written out."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.errors import Malformed
from algomancy_api.schemas.batches import CreateScenarios, Range
from algomancy_api.services.changes.grids import scenarios_of, values_of

SWEEP: dict[str, Any] = {
    "tag": "sweep {max_open} {cost}",
    "dataset_keys": ["a"],
    "algo_name": "A",
    "grid": {"max_open": [2, 3], "cost": {"from": 0.2, "to": 1, "step": 0.2}},
}


def written(**changes: Any) -> list[Any]:
    return scenarios_of(msgspec.convert(SWEEP | changes, CreateScenarios))


def test_a_grid_has_each_combination() -> None:
    found = written(algo_params={"fixed": 1}, label={"sweep": "s1"})
    assert [each.tag for each in found] == [
        f"sweep {most} {cost}" for most in (2, 3) for cost in ("0.2", "0.4", "0.6", "0.8", "1.0")
    ]
    assert found[2].algo_params == {"fixed": 1, "max_open": 2, "cost": 0.6}
    assert found[2].labels == {"sweep": "s1"}


def test_each_repetition_has_its_seed_and_each_dataset_its_scenarios() -> None:
    changes = {"grid": {}, "tag": "{dataset} {seed} {{x}}", "repetitions": 3.0, "seed_parameter": "seed"}
    found = written(**changes, dataset_keys=["a", "b"])
    assert [each.tag for each in found] == ["a 1 {x}", "a 2 {x}", "a 3 {x}", "b 1 {x}", "b 2 {x}", "b 3 {x}"]
    assert found[4].algo_params == {"seed": 2}


@settings(deadline=None)
@given(st.integers(-(10**6), 10**6), st.integers(1, 500), st.integers(1, 999), st.integers(0, 6), st.booleans())
def test_a_range_is_exact(start: int, step: int, count: int, digits: int, falls: bool) -> None:
    def decimal(number: int) -> float:
        return float(f"{number}e-{digits}")

    step = -step if falls else step
    values = values_of(Range(decimal(start), decimal(start + count * step), decimal(step)))
    assert values == [decimal(start + number * step) for number in range(count + 1)]
    assert values_of(Range(start, start + count * step, step)) == list(range(start, start + count * step + step, step))


def test_a_range_ends_before_what_the_step_does_not_lead_to() -> None:
    assert values_of(Range(0, 1, 0.3)) == [0.0, 0.3, 0.6, 0.9]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grid": None}, "A batch has either scenarios, or a grid with tag, dataset_keys and algo_name"),
        ({"scenarios": []}, "A batch has either scenarios, or a grid"),
        ({"tag": None}, "A grid needs a tag, dataset_keys and an algo_name"),
        ({"dataset_keys": []}, "A grid needs a tag"),
        ({"tag": "{max_open}"}, "Two scenarios of the batch have the tag '2'; put what differs into it"),
        ({"tag": "{mx}"}, "The tag has no value for {mx}; there are {dataset}, {repetition}, {max_open}, {cost}"),
        ({"seed_parameter": "cost"}, "'cost' is in the grid, and cannot be the seed_parameter"),
        ({"repetitions": 500}, "The grid has 5000 scenarios; a batch has at most 1000"),
        ({"grid": {"a": {"from": 0, "to": 1e300, "step": 1e-300}}}, "A range has 1 to 1000 values; 0 to 1e+300"),
        ({"grid": {"a": {"from": 0, "to": 1, "step": -1}}}, "has 0"),
        ({"grid": {"a": {"from": 0, "to": 1, "step": 0}}}, "The step of a range is not 0"),
    ],
)
def test_what_is_no_batch_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Malformed) as refused:
        written(**changes)
    assert words in str(refused.value)
