"""Schemas of the framework's objects, for the OpenAPI document.

Requests build only summaries and statuses from these Structs. The framework makes the other bodies itself, with
arbitrary results and parameters of user code; they are not validated.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

#: The type of an enumeration, for generators of clients that require one.
_TEXT = Meta(extra_json_schema={"type": "string"})

Status = Annotated[Literal["created", "queued", "processing", "complete", "failed"], _TEXT]

#: Final statuses: a scenario keeps them until it is reset.
ENDED = ("complete", "failed")

Direction = Annotated[Literal["HIGHER", "LOWER", "AT_LEAST", "AT_MOST"], _TEXT]
ParameterType = Annotated[
    Literal["string", "integer", "float", "boolean", "enum", "multi_enum", "time", "interval"], _TEXT
]
DatasetType = Annotated[Literal["master_data", "derived_data", "dummy_data"], _TEXT]
Progress = Annotated[float, Meta(ge=0, le=100, description="Percent.")]
Moment = Annotated[str, Meta(description="ISO 8601.")]


class Kpi(Struct):
    """A KPI of a scenario."""

    name: str
    better_when: Direction
    unit: Annotated[str, Meta(description="The symbol of its unit, such as s.")]
    value: Annotated[float | None, Meta(description="Null until it is computed.")]
    threshold: Annotated[float | None, Meta(description="What AT_LEAST and AT_MOST compare with.")]


class Algorithm(Struct):
    """The algorithm of a scenario, full form."""

    name: str
    parameters: Annotated[str, Meta(description="As the framework serialises them: a string with JSON.")]


class AlgorithmSummary(Struct):
    """The algorithm of a scenario, summary form."""

    name: str
    parameters: Annotated[dict[str, Any], Meta(description="Value by name.")]


class Scenario(Struct):
    """A scenario, full form."""

    id: str
    tag: str
    input_data_id: Annotated[str | None, Meta(description="The id of its dataset, as in the dataset's metadata.")]
    kpis: dict[str, Kpi]
    algorithm: Algorithm
    data_parameters: dict[str, Any]
    status: Status
    result: Annotated[
        Any,
        Meta(description='The algorithm\'s result; {"error": reason} after a failure; null until the run has ended.'),
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
    """The status and progress of a scenario."""

    id: str
    tag: str
    status: Status
    progress: Progress


class Parameter(Struct):
    """The descriptor of a parameter, for a form in a client."""

    name: str
    type: ParameterType
    required: Annotated[bool, Meta(description="Whether it must have a value.")]
    value: Annotated[Any, Meta(description="The current value; times are ISO 8601.")]
    default: Annotated[Any, Meta(description="The default, except of enums; start and end of an interval.")] = UNSET
    min: Annotated[float | None, Meta(description="The minimum of a number.")] | UnsetType = UNSET
    max: Annotated[float | None, Meta(description="The maximum of a number.")] | UnsetType = UNSET
    choices: Annotated[list[Any], Meta(description="The values of an enum.")] | UnsetType = UNSET


class ParameterSet(Struct):
    """The parameters of an algorithm or a dataset, in display order."""

    name: str
    parameters: list[Parameter]


class Metadata(Struct):
    """The metadata of a dataset."""

    id: str
    name: str
    type: DatasetType
    creation_datetime: str
    tables: list[str] = []


class Table(Struct):
    """A table, row by row."""

    data: Annotated[list[dict[str, Any]], Meta(description="The rows, each an object with a value by column.")]
    columns: Annotated[list[Any], Meta(description="The column labels in order.")]
    index: Annotated[list[Any], Meta(description="The label of each row.")]
    dtypes: Annotated[dict[str, str], Meta(description="The pandas type of each column.")] = {}


class Dataset(Struct):
    """A dataset with all its tables, as `DataSource.to_json()` writes it."""

    metadata: Metadata
    tables: dict[str, Table]
