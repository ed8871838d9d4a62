"""The datasets and algorithms of scenarios, and their parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..schemas.comparison import ComparedParameter, ComparedSetting
from .sides import names_in
from .values import differ


def compared_setting(values: list[str]) -> ComparedSetting:
    """A setting that every scenario has."""
    return ComparedSetting(differ(values), values)


def compared_parameters(parameters: Sequence[Mapping[str, Any]]) -> list[ComparedParameter]:
    """The parameters of all scenarios, each with its value for each scenario; None for one that lacks it."""
    compared = []
    for name in names_in(parameters):
        values = [of_scenario.get(name) for of_scenario in parameters]
        compared.append(ComparedParameter(name, differ(values), values))
    return compared
