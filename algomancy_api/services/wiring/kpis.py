"""What a KPI is, before it has a value."""

from typing import Any

from algomancy_scenario import BaseKPI
from algomancy_utils.unit import BaseMeasurement

from ...comparison import Format
from ...schemas.wiring import DescribedKpi


def described_kpi(key: str, kpi: BaseKPI) -> DescribedKpi:
    """A KPI of the configuration.

    Args:
        key: Its key in the configuration.
        kpi: A new one.
    """
    form: dict[str, Any] = kpi.to_dict()
    preferences, threshold = _preferences(kpi), form["threshold"]
    return DescribedKpi(
        key=key,
        name=form["name"],
        unit=form["unit"],
        better_when=form["better_when"],
        threshold=threshold,
        pretty_threshold=None if threshold is None else format_of(kpi).of(threshold).text,
        decimals=preferences.decimals,
    )


def format_of(kpi: BaseKPI) -> Format:
    """The format of a KPI's values."""
    return Format(_preferences(kpi))


def _preferences(kpi: BaseKPI) -> BaseMeasurement:
    preferences: BaseMeasurement = kpi.measurement.base_measurement
    return preferences
