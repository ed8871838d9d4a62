"""What is compared of a scenario."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from ..schemas.comparison import ComparedScenario

#: A KPI as in a summary: name, unit, better_when, threshold and value.
type KpiForm = Mapping[str, Any]


class Side(NamedTuple):
    """A scenario of a comparison.

    Attributes:
        scenario: The scenario.
        parameters: The parameters of its algorithm, value by name.
        data_parameters: The parameters of its dataset, value by name.
        kpis: Its KPIs, by key.
    """

    scenario: ComparedScenario
    parameters: Mapping[str, Any]
    data_parameters: Mapping[str, Any]
    kpis: Mapping[str, KpiForm]


def names_in(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys of all mappings, in the order in which they come first."""
    return list(dict.fromkeys(chain.from_iterable(mappings)))
