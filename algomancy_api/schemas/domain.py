"""Schemas of the framework's objects, for the OpenAPI document.

Requests build only summaries and statuses from these Structs. The framework makes the other bodies itself, with
arbitrary results and parameters of user code; they are not validated.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec.structs import fields

#: Keyword of a schema that stands in another: the name of the component that it becomes.
COMPONENT = "x-component"


def component(name: str) -> Meta:
    """A component of the document with that name, for a type that has none: other schemas refer to it.

    Generators name a type that stands inside another after both, and `Scenario` with its `status` would become the
    name of another schema.
    """
    return Meta(extra_json_schema={COMPONENT: name})


Status = Annotated[
    Literal["created", "queued", "processing", "complete", "failed"],
    component("Status"),
    Meta(description="The status of a scenario."),
]

#: Final statuses: a scenario keeps them until it is reset.
ENDED = ("complete", "failed")

Direction = Literal["HIGHER", "LOWER", "AT_LEAST", "AT_MOST"]
DatasetType = Literal["master_data", "derived_data", "dummy_data"]
Progress = Annotated[float, Meta(ge=0, le=100, description="Percent.")]
DataChanged = Annotated[bool, Meta(description="Whether its dataset was replaced after the run had begun.")]
Interrupted = (
    Annotated[
        bool, Meta(description="Present, and true, if a restart has cut off its last run, and it has not run since.")
    ]
    | UnsetType
)
Stale = (
    Annotated[
        str,
        Meta(
            description="Present if it has ended and cannot be built again on this server, with the reason. It is "
            "shown as it was stored."
        ),
    ]
    | UnsetType
)
Failure = Annotated[
    str,
    Meta(description="Why the run failed, as type, message and cause: `KeyError: 'a'`. Omitted unless it has failed."),
]
Traceback = Annotated[
    str | None,
    Meta(
        description="The traceback of a failed run in the user's code, without folders; null if there is none. "
        "Omitted unless the request asks for it."
    ),
]
Ended = (
    Annotated[Literal["stopped"], Meta(description="Present if it is complete because it was asked to end early.")]
    | UnsetType
)
Labels = Annotated[dict[str, str], Meta(description="Its labels, text by name. Omitted without one.")] | UnsetType
Note = Annotated[str, Meta(description="What users have noted on it. Omitted without a note.")] | UnsetType
Objective = Annotated[float, Meta(description="The last objective that its algorithm reported. Omitted without one.")]
Bound = Annotated[float, Meta(description="The last bound that its algorithm reported. Omitted without one.")]
Gap = Annotated[float, Meta(description="The last gap that its algorithm reported. Omitted without one.")]
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
    input_data_id: Annotated[
        str | None,
        Meta(
            description="The id of its dataset, as in the dataset's metadata; after a run, the id of "
            "the dataset that it ran on."
        ),
    ]
    kpis: dict[str, Kpi]
    algorithm: Algorithm
    data_parameters: dict[str, Any]
    status: Status
    result: Annotated[
        Any,
        Meta(description='The algorithm\'s result; {"error": reason} after a failure; null until the run has ended.'),
    ]
    data_changed: DataChanged
    interrupted: Interrupted = UNSET
    stale: Stale = UNSET
    ended: Ended = UNSET
    traceback: Traceback | UnsetType = UNSET
    labels: Labels = UNSET
    note: Note = UNSET


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
    data_changed: DataChanged = False
    interrupted: Interrupted = UNSET
    stale: Stale = UNSET
    error: Failure | UnsetType = UNSET
    ended: Ended = UNSET
    labels: Labels = UNSET
    note: Note = UNSET


ScenarioFields: Any = defstruct(
    "ScenarioFields",
    [(each.name, each.type | UnsetType, UNSET) for each in fields(ScenarioSummary)],
    namespace={"__doc__": "The fields of a scenario that the request asks for."},
)

#: Summaries of scenarios, with all fields or some. msgspec has no unions of Structs that nothing tells apart.
ScenarioList = Annotated[
    list[ScenarioFields],
    Meta(
        extra_json_schema={
            "items": {
                "anyOf": [
                    {"$ref": "#/components/schemas/ScenarioSummary"},
                    {"$ref": "#/components/schemas/ScenarioFields"},
                ]
            }
        }
    ),
]


class ScenarioStatus(Struct, frozen=True):
    """The status and progress of a scenario."""

    id: str
    tag: str
    status: Status
    progress: Progress
    error: Failure | UnsetType = UNSET
    traceback: Traceback | UnsetType = UNSET
    ended: Ended = UNSET
    objective: Objective | UnsetType = UNSET
    bound: Bound | UnsetType = UNSET
    gap: Gap | UnsetType = UNSET


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


class NewMetadata(Struct):
    """The metadata of a dataset from a client."""

    id: Annotated[str, Meta(description="An empty one becomes a new id.")]
    name: Annotated[
        str, Meta(min_length=1, description="The key of the dataset. An empty one of master data is `Master Data`.")
    ]
    type: DatasetType
    creation_datetime: Annotated[str, Meta(description="An empty one becomes the present time.")]
    tables: list[str] = []


class NewDataset(Struct):
    """A dataset from a client, as `DataSource.to_json()` writes it."""

    metadata: NewMetadata
    tables: dict[str, Table] = {}
