"""The whole comparison."""

from collections.abc import Mapping, Sequence

from msgspec import UNSET

from ..schemas.comparison import ComparedKpi, ComparedParameter, ComparedSetting, Comparison
from .kpis import compared_kpi
from .pretty import Format
from .settings import compared_parameters, compared_setting
from .sides import Side, names_in


def compare(
    sides: Sequence[Side], baseline: int, formats: Mapping[str, Format], *, only_differences: bool = False
) -> Comparison:
    """Scenarios side by side.

    Args:
        sides: The scenarios, each of them once.
        baseline: The position of the one that the others are compared with.
        formats: The formats of KPIs, by key; of others, the text is in the unit of the value.
        only_differences: Whether to leave out what is the same for all of them.
    """
    if not sides:
        return Comparison(baseline=None, scenarios=[], kpis=[], parameters=[], data_parameters=[])

    def is_kept(part: ComparedKpi | ComparedParameter | ComparedSetting) -> bool:
        return part.differs or not only_differences

    scenarios = [side.scenario for side in sides]
    dataset = compared_setting([scenario.dataset for scenario in scenarios])
    algorithm = compared_setting([scenario.algorithm for scenario in scenarios])
    kpis = (compared_kpi(key, sides, baseline, formats) for key in names_in(side.kpis for side in sides))
    return Comparison(
        baseline=scenarios[baseline].id,
        scenarios=scenarios,
        kpis=list(filter(is_kept, kpis)),
        dataset=dataset if is_kept(dataset) else UNSET,
        algorithm=algorithm if is_kept(algorithm) else UNSET,
        parameters=list(filter(is_kept, compared_parameters([side.parameters for side in sides]))),
        data_parameters=list(filter(is_kept, compared_parameters([side.data_parameters for side in sides]))),
    )
