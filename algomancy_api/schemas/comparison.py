"""The schemas of comparisons: scenarios side by side."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ..framework.history.facts import RunFacts
from .domain import DataChanged, Direction, Ended, Failure, Interrupted, Stale, Status, component

#: Scenarios: the most of one comparison.
MOST_COMPARED = 1_000

Verdict = Annotated[
    Literal["better", "worse", "equal", "not comparable"],
    component("Verdict"),
    Meta(description="What a value is beside that of the baseline."),
]


class ComparedScenario(Struct, kw_only=True, gc=False):
    """A scenario of a comparison. All lists of values are in the order of these."""

    id: str
    tag: str
    status: Status
    dataset: Annotated[str, Meta(description="The key of its dataset.")]
    algorithm: Annotated[str, Meta(description="The name of its algorithm.")]
    data_changed: DataChanged = False
    run: Annotated[
        RunFacts | None, Meta(description="The run that its KPIs are of; null if it was created, and not run since.")
    ] = None
    interrupted: Interrupted = UNSET
    stale: Stale = UNSET
    ended: Ended = UNSET
    error: Failure | UnsetType = UNSET


class ComparedValue(Struct, gc=False):
    """The value of a KPI for one scenario, beside those of the others."""

    value: Annotated[
        float | None, Meta(description="In the unit of the KPI; null unless the scenario is complete and it is finite.")
    ]
    pretty: Annotated[str | None, Meta(description="The value as text, in a unit of a fitting size.")]
    pretty_unit: Annotated[str | None, Meta(description="The unit in that text.")]
    passed: Annotated[
        bool | None, Meta(description="Whether it keeps the threshold; null without one, and unless AT_LEAST, AT_MOST.")
    ]
    rank: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="From 1 for the best; equally good ones have the same.")
    ]
    delta: Annotated[float | None, Meta(description="The value less that of the baseline.")]
    relative_delta: Annotated[
        float | None,
        Meta(description="The delta as a part of the absolute value of the baseline: 0.1 is 10 % more."),
    ]
    verdict: Verdict
    unit: Annotated[str, Meta(description="Present if scenarios have the KPI in different units.")] | UnsetType = UNSET


class ComparedKpi(Struct):
    """A KPI of the scenarios of a comparison. Unit, direction and threshold are null where scenarios differ in them."""

    key: Annotated[str, Meta(description="Its key in the `kpis` of a scenario.")]
    name: Annotated[str, Meta(description="Its name to display.")]
    unit: Annotated[str | None, Meta(description="The symbol of its unit, such as s.")]
    better_when: Direction | None
    threshold: Annotated[float | None, Meta(description="What AT_LEAST and AT_MOST compare with.")]
    pretty_threshold: Annotated[str | None, Meta(description="The threshold as text, in a unit of a fitting size.")]
    differs: Annotated[bool, Meta(description="Whether the values differ.")]
    best: Annotated[list[str], Meta(description="The ids of the scenarios of rank 1.")]
    values: list[ComparedValue]


class ComparedSetting(Struct):
    """The dataset or the algorithm of each scenario."""

    differs: Annotated[bool, Meta(description="Whether the values differ.")]
    values: list[str]


class ComparedParameter(Struct):
    """A parameter of an algorithm or a dataset, for each scenario."""

    name: str
    differs: Annotated[bool, Meta(description="Whether the values differ.")]
    values: Annotated[list[Any], Meta(description="Null for a scenario without this parameter.")]


class Comparison(Struct, kw_only=True):
    """Scenarios side by side."""

    baseline: Annotated[str | None, Meta(description="The id of the scenario that the others are compared with.")]
    scenarios: list[ComparedScenario]
    kpis: list[ComparedKpi]
    dataset: ComparedSetting | UnsetType = UNSET
    algorithm: ComparedSetting | UnsetType = UNSET
    parameters: Annotated[list[ComparedParameter], Meta(description="Those of the algorithms.")]
    data_parameters: Annotated[list[ComparedParameter], Meta(description="Those of the datasets.")]
