"""Ranks, verdicts and deltas fit together, whatever the order of the scenarios and whichever is the baseline."""

from math import inf, nan
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.schemas.comparison import ComparedKpi, ComparedValue

from .sides import form, shown, side

NUMBERS = st.one_of(
    st.sampled_from([None, nan, inf, -inf, -9999999999, 0.0, -0.0, 0, 5, 5.0, True, 5e-324, 1.7e308, -1.7e308, 2**60]),
    st.floats(),
    st.integers(-10, 10),
)

DIRECTIONS = st.sampled_from(["LOWER", "HIGHER", "AT_LEAST", "AT_MOST"])

STATUSES = st.sampled_from(["complete"] * 6 + ["created", "processing", "failed"])


@st.composite
def kpis_of_scenarios(draw: st.DrawFn) -> list[Any]:
    """Scenarios with a KPI of one definition, as almost always, or of several."""
    common = {"better_when": draw(DIRECTIONS), "threshold": draw(st.sampled_from([None, 0, 5.0]))}
    changes = st.sampled_from([{}] * 12 + [{"unit": "kg"}, {"better_when": "LOWER"}, {"threshold": 1}, None])
    sides = []
    for number in range(draw(st.integers(1, 7))):
        change = draw(changes)
        kpi = None if change is None and number else form(draw(NUMBERS), **(common | (change or {})))
        sides.append(side(f"s{number}", kpi, draw(STATUSES)))
    return sides


def by_id(sides: list[Any], baseline: int) -> tuple[ComparedKpi, dict[str, ComparedValue]]:
    comparison = shown(sides, baseline)
    [kpi] = comparison.kpis
    return kpi, {scenario.id: value for scenario, value in zip(comparison.scenarios, kpi.values, strict=True)}


OPPOSITE = {"better": "worse", "worse": "better", "equal": "equal", "not comparable": "not comparable"}


@given(kpis_of_scenarios(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_scenarios_changes_no_value(sides: list[Any], random: Any, data: st.DataObject) -> None:
    baseline = data.draw(st.sampled_from(sides))
    shuffled = random.sample(sides, len(sides))
    kpi, values = by_id(sides, sides.index(baseline))
    other_kpi, other_values = by_id(shuffled, shuffled.index(baseline))
    assert values == other_values
    assert sorted(kpi.best) == sorted(other_kpi.best)
    facts = "unit", "better_when", "threshold", "differs"
    assert [getattr(kpi, fact) for fact in facts] == [getattr(other_kpi, fact) for fact in facts]


@given(kpis_of_scenarios(), st.data())
def test_the_baseline_changes_only_what_is_beside_it(sides: list[Any], data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(range(len(sides)))), data.draw(st.sampled_from(range(len(sides))))
    kpi, values = by_id(sides, one)
    other_kpi, other_values = by_id(sides, other)
    assert kpi.best == other_kpi.best
    for name, value in values.items():
        own = "value", "pretty", "pretty_unit", "passed", "rank", "unit"
        assert [getattr(value, field) for field in own] == [getattr(other_values[name], field) for field in own]
    first, second = values[sides[other].scenario.id], other_values[sides[one].scenario.id]
    assert second.verdict == OPPOSITE[first.verdict]
    assert second.delta == (None if first.delta is None else -first.delta)


@given(kpis_of_scenarios(), st.data())
def test_verdicts_deltas_and_ranks_agree(sides: list[Any], data: st.DataObject) -> None:
    position = data.draw(st.sampled_from(range(len(sides))))
    kpi, values = by_id(sides, position)
    baseline = values[sides[position].scenario.id]
    ranks = [value.rank for value in values.values() if value.rank is not None]
    assert all(value.rank == 1 + sum(rank < value.rank for rank in ranks) for value in values.values() if value.rank)
    assert set(kpi.best) == {name for name, value in values.items() if value.rank == 1 and value.passed is not False}
    for value in values.values():
        if value.rank is None or baseline.rank is None:
            assert value.verdict == "not comparable"
            continue
        sign = (value.rank > baseline.rank) - (value.rank < baseline.rank)
        assert value.verdict == ("better", "equal", "worse")[sign + 1]
        if kpi.better_when in ("LOWER", "HIGHER") and value.delta is not None:
            assert (value.delta > 0) - (value.delta < 0) == (sign if kpi.better_when == "LOWER" else -sign)
        if value.delta is not None and value.relative_delta is not None:
            assert value.relative_delta * value.delta >= 0
    assert baseline.verdict == ("not comparable" if baseline.rank is None else "equal")
