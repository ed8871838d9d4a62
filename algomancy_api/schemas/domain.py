"""The forms of the framework's own objects, for the document and for those who read it.

But for summaries and statuses, nothing here is built when a request is answered: the framework gives these forms
itself, and a user's result or parameter may hold anything. Nothing is checked, either.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

#: Beside the values of an enumeration, for the generators of clients that look for a type.
_TEXT = Meta(extra_json_schema={"type": "string"})

Status = Annotated[Literal["created", "queued", "processing", "complete", "failed"], _TEXT]

#: The statuses of a scenario that stays as it is until somebody resets it.
ENDED = ("complete", "failed")

Direction = Annotated[Literal["HIGHER", "LOWER", "AT_LEAST", "AT_MOST"], _TEXT]
ParameterType = Annotated[
    Literal["string", "integer", "float", "boolean", "enum", "multi_enum", "time", "interval"], _TEXT
]
DatasetType = Annotated[Literal["master_data", "derived_data", "dummy_data"], _TEXT]
Progress = Annotated[float, Meta(ge=0, le=100, description="In percent.")]
Moment = Annotated[str, Meta(description="ISO 8601.")]


class Kpi(Struct):
    """A KPI of a scenario."""

    name: str
    better_when: Direction
    unit: Annotated[str, Meta(description="The symbol of its unit, such as s.")]
    value: Annotated[float | None, Meta(description="Null until it is computed.")]
    threshold: Annotated[float | None, Meta(description="What AT_LEAST and AT_MOST compare with.")]


class Algorithm(Struct):
    """The algorithm of a scenario, in full."""

    name: str
    parameters: Annotated[str, Meta(description="As the framework serialises them: a text that holds JSON.")]


class AlgorithmSummary(Struct):
    """The algorithm of a scenario, in summary."""

    name: str
    parameters: Annotated[dict[str, Any], Meta(description="Value by name.")]


class Scenario(Struct):
    """A scenario in full."""

    id: str
    tag: str
    input_data_id: Annotated[str | None, Meta(description="The id of its dataset, as in the dataset's metadata.")]
    kpis: dict[str, Kpi]
    algorithm: Algorithm
    data_parameters: dict[str, Any]
    status: Status
    result: Annotated[
        Any, Meta(description='What the algorithm gave; {"error": reason} if it failed; null until it has ended.')
    ]


class ScenarioSummary(Struct):
    """A scenario without its result."""

    id: str
    tag: str
    input_data_key: str
    algorithm: AlgorithmSummary
    data_parameters: dict[str, Any]
    status: Status
    progress: Progress
    created_at: Moment | None
    run_started_at: Moment | None
    run_finished_at: Moment | None
    result_available: bool
    kpis: dict[str, Kpi]


class ScenarioStatus(Struct, frozen=True):
    """Where a scenario stands."""

    id: str
    tag: str
    status: Status
    progress: Progress


class Parameter(Struct):
    """What a client must know of a parameter to let people set it."""

    name: str
    type: ParameterType
    required: Annotated[bool, Meta(description="Whether it must have a value.")]
    value: Annotated[Any, Meta(description="What holds now; times are ISO 8601.")]
    default: Annotated[Any, Meta(description="Of all but enums; of an interval its start and end.")] = UNSET
    min: Annotated[float | None, Meta(description="Of a number: its least value.")] | UnsetType = UNSET
    max: Annotated[float | None, Meta(description="Of a number: its greatest value.")] | UnsetType = UNSET
    choices: Annotated[list[Any], Meta(description="Of an enum: its values.")] | UnsetType = UNSET


class ParameterSet(Struct):
    """The parameters of an algorithm or a dataset, in the order to show them in."""

    name: str
    parameters: list[Parameter]


class Metadata(Struct):
    """What a dataset is called, and when it was made."""

    id: str
    name: str
    type: DatasetType
    creation_datetime: str
    tables: list[str] = []


class Table(Struct):
    """A table, row by row."""

    data: Annotated[list[dict[str, Any]], Meta(description="Each row: value by column.")]
    columns: Annotated[list[Any], Meta(description="The columns in their order.")]
    index: Annotated[list[Any], Meta(description="The label of each row.")]
    dtypes: Annotated[dict[str, str], Meta(description="The pandas type of each column.")] = {}


class Dataset(Struct):
    """A dataset with all its tables, as `DataSource.to_json()` writes it."""

    metadata: Metadata
    tables: dict[str, Table]
