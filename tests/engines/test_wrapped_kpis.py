"""KPI classes of a configuration: a threshold of 0, scalars of numpy, and classes that cannot be built."""

from typing import Any

import numpy as np
import pytest
from algomancy_scenario import BaseKPI, ImprovementDirection
from algomancy_scenario.keyperformanceindicator import KpiError
from algomancy_utils import BaseMeasurement

from algomancy_api import ApiLauncher
from algomancy_api.engines import wrapped_kpis

from ..support import wiring
from ..support.wiring import SECOND


class Lateness(BaseKPI):
    """A KPI whose value is its result."""

    threshold: float | None = 0

    def __init__(self) -> None:
        super().__init__("Lateness", ImprovementDirection.AT_MOST, BaseMeasurement(SECOND), self.threshold)

    def compute(self, result: Any) -> Any:
        return result


def lateness(threshold: float | None = 0) -> Any:
    kind = type("Late", (Lateness,), {"threshold": threshold})
    return wrapped_kpis({"late": kind})["late"]()  # type: ignore[call-arg]


@pytest.mark.parametrize("threshold", [0, 0.0, -0.0, 5, -5, None])
def test_a_threshold_stays_as_it_was_given(threshold: float | None) -> None:
    assert lateness(threshold).to_dict()["threshold"] == threshold


@pytest.mark.parametrize(("value", "success"), [(-1, True), (0, True), (1, False)])
def test_a_kpi_succeeds_by_a_threshold_of_zero(value: int, success: bool) -> None:
    kpi = lateness()
    kpi.compute_and_check(value)
    assert kpi.success is success
    assert kpi.pretty() == ("✓" if success else "✗")


@pytest.mark.parametrize(
    "value", [np.float64(7), np.float32(7), np.int64(7), np.uint8(7), np.bool_(True), np.array(7), 7, 7.0, True]
)
def test_a_number_of_numpy_is_a_number_of_python(value: Any) -> None:
    kpi = lateness()
    kpi.compute_and_check(value)
    assert kpi.value == value
    assert type(kpi.value) in (int, float, bool)


@pytest.mark.parametrize("value", [np.array([7]), np.str_("7"), np.datetime64("2026-01-01"), None, "7"])
def test_what_is_no_number_is_refused_by_the_framework(value: Any) -> None:
    with pytest.raises(KpiError):
        lateness().compute_and_check(value)


def test_a_kpi_is_still_of_its_own_class() -> None:
    kind = wrapped_kpis({"late": Lateness})["late"]
    assert issubclass(kind, Lateness)
    assert (kind.__name__, kind.__module__, kind.__doc__) == ("Lateness", __name__, Lateness.__doc__)


class Broken(Lateness):
    def __init__(self) -> None:
        raise KeyError("no unit")


class Abstract(BaseKPI):
    """It has no `compute`."""


@pytest.mark.parametrize("kind", [Broken, Abstract])
def test_a_kpi_that_cannot_be_built_is_an_error_at_the_start_that_names_it(kind: type[BaseKPI]) -> None:
    with pytest.raises(ValueError, match=r"the KPI 'Odd one' cannot be built: (KeyError: 'no unit'|TypeError: )"):
        ApiLauncher.build(wiring.configuration(kpis={"Size": wiring.Size, "Odd one": kind}))
