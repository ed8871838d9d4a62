"""Request and response bodies about many scenarios."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from .domain import ScenarioSummary
from .requests import (
    MOST_LABELS,
    AlgorithmName,
    Conditions,
    CreateScenario,
    DatasetKey,
    LabelName,
    Labels,
    LabelText,
    NoteText,
    ParameterValues,
    Tag,
)

#: Scenarios: of one batch.
MOST_SCENARIOS = 1_000

#: Scenarios: changed by one request.
MOST_CHANGED = 10_000


class CopyScenario(Struct):
    """What is different in a copy of a scenario. What is omitted or null is as in the other one."""

    tag: Annotated[
        Tag | None, Meta(description="The tag of the copy. Omitted or null: that of the other one with ` (copy)`.")
    ] = None
    dataset_key: DatasetKey | None = None
    algo_name: AlgorithmName | None = None
    algo_params: Annotated[
        ParameterValues | None,
        Meta(description="Values that differ. The others are those of the other one, if it has the same algorithm."),
    ] = None
    data_params: Annotated[
        ParameterValues | None,
        Meta(description="Values that differ. The others are those of the other one, as far as the dataset has them."),
    ] = None
    labels: (
        Annotated[
            dict[LabelName, LabelText | None],
            Meta(max_length=2 * MOST_LABELS, description="Labels that differ, null for those that it has not."),
        ]
        | UnsetType
        | None
    ) = UNSET
    note: NoteText | UnsetType | None = UNSET
    run: Annotated[bool | None, Meta(description="Whether to put the copy into the queue at once.")] = None


class SomeScenarios(Struct):
    """Scenarios, by their ids or by a filter, either of which is given."""

    ids: Annotated[list[str], Meta(max_length=MOST_CHANGED, description="Their ids.")] | None = None
    filter: Conditions | None = None


class ScenarioOutcome(Struct):
    """The outcome for one scenario of a request about several."""

    id: Annotated[str, Meta(description="The id of the scenario.")]
    done: Annotated[bool, Meta(description="Whether this request has done it.")]
    detail: Annotated[str | None, Meta(description="The reason, if it was not done.")] = None


class ScenarioOutcomes(Struct):
    """The outcome for each scenario: in the order of the ids, or in that of creation."""

    outcomes: list[ScenarioOutcome]


class ScenarioChanges(Struct):
    """What has changed of some scenarios since a cursor."""

    scenarios: Annotated[
        list[ScenarioSummary], Meta(description="Those that are new or have changed, as they are now.")
    ]
    gone: Annotated[
        list[str],
        Meta(
            description="The ids of those that are deleted or have lost the label; in a snapshot, the given ids of "
            "which there is no scenario."
        ),
    ]
    done: Annotated[bool, Meta(description="Whether all that are left have ended, if there are any.")]
    snapshot: Annotated[
        bool, Meta(description="Whether `scenarios` are all, whatever the client knows: it forgets all others.")
    ]
    cursor: Annotated[str, Meta(description="The cursor of the next request.")]


class Range(Struct):
    """Values from one number to another, both included if the step leads there."""

    start: Annotated[int | float, Meta(description="The first value.")] = field(name="from")
    to: Annotated[int | float, Meta(description="The end; no value is beyond it.")]
    step: Annotated[int | float, Meta(description="From one value to the next; not 0.")]


class CreateScenarios(Struct):
    """Scenarios to create, all or none: a list of `scenarios`, or one for each combination of a `grid`.

    A grid needs `tag`, `dataset_keys` and `algo_name`.
    """

    scenarios: Annotated[list[CreateScenario], Meta(max_length=MOST_SCENARIOS)] | None = None
    grid: (
        Annotated[
            dict[str, Annotated[list[Any], Meta(min_length=1, max_length=MOST_SCENARIOS)] | Range],
            Meta(max_length=100, description="Values by the name of a parameter of the algorithm."),
        ]
        | None
    ) = None
    tag: Annotated[
        Tag | None,
        Meta(
            description="The tags of a grid, with names in braces: of parameters in the grid, `{dataset}`, "
            "`{repetition}` and the `seed_parameter`. `{{` is a brace."
        ),
    ] = None
    dataset_keys: Annotated[list[DatasetKey], Meta(max_length=MOST_SCENARIOS)] | None = None
    algo_name: AlgorithmName | None = None
    algo_params: Annotated[ParameterValues | None, Meta(description="Values that all scenarios of a grid have.")] = None
    data_params: Annotated[ParameterValues | None, Meta(description="Values for parameters of the datasets.")] = None
    repetitions: Annotated[
        float,  # an integer of JSON Schema may be written as 7.0
        Meta(ge=1, le=MOST_SCENARIOS, multiple_of=1, description="How often a grid has each combination."),
    ] = 1
    seed_parameter: Annotated[
        str | None, Meta(description="A parameter that gets the number of the repetition, from 1.")
    ] = None
    note: NoteText | None = None
    label: Annotated[Labels | None, Meta(description="Labels of all scenarios, beside those of their own.")] = None
    run: Annotated[bool | None, Meta(description="Whether to put all scenarios into the queue at once.")] = None
