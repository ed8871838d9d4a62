"""Request bodies. Unknown fields are accepted and ignored."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

#: A name from a client.
Name = Annotated[str, Meta(min_length=1)]

SessionName = Annotated[Name, Meta(description="The display name: not blank, and unique among the sessions.")]
DatasetKey = Annotated[Name, Meta(description="The key of a dataset of this session.")]
AlgorithmName = Annotated[Name, Meta(description="The name of an algorithm.")]
ParameterValues = dict[str, Any]

#: Ids or tags of scenarios from a client, of which many may be the same.
Ids = Annotated[list[str], Meta(max_length=10_000)]

#: A filter, of at most 50 conditions.
Conditions = Annotated[
    list[str],
    Meta(
        min_length=1,
        max_length=50,
        description="Conditions as in the query of a list, such as `status=failed`, without percent-encoding.",
    ),
]

#: Labels: of one scenario.
MOST_LABELS = 64

#: A colon stands between the name and the text in a filter.
LabelName = Annotated[str, Meta(min_length=1, max_length=100, pattern="^[^:]+$")]
LabelText = Annotated[str, Meta(max_length=1_000)]
Labels = Annotated[
    dict[LabelName, LabelText],
    Meta(max_length=MOST_LABELS, description="Text by name; a name has no colon, so that filters can name both."),
]
NoteText = Annotated[str, Meta(max_length=10_000, description="A text about it; an empty one is none.")]
Tag = Annotated[Name, Meta(description="The display name, unique in the session.")]


class CreateSession(Struct):
    """A new, empty session."""

    display_name: SessionName


class CopySession(Struct):
    """A new session that starts with the datasets of another."""

    new_display_name: SessionName


class RenameSession(Struct):
    """The new display name of a session; its id stays the same."""

    display_name: SessionName


class CreateScenario(Struct):
    """A new scenario: a dataset, an algorithm and their parameter values (omitted or null: the defaults)."""

    tag: Tag
    dataset_key: DatasetKey
    algo_name: AlgorithmName
    algo_params: Annotated[ParameterValues | None, Meta(description="Values for parameters of the algorithm.")] = None
    data_params: Annotated[ParameterValues | None, Meta(description="Values for parameters of the dataset.")] = None
    run: Annotated[bool | None, Meta(description="Whether to put the scenario into the queue at once.")] = None
    labels: Labels | None = None
    note: NoteText | None = None


class EditScenario(Struct):
    """Changes of what users have written on a scenario. What is omitted stays."""

    tag: Tag | None = None
    labels: (
        Annotated[
            dict[LabelName, LabelText | None],
            Meta(
                max_length=2 * MOST_LABELS,
                description="Labels to set, and null for those to take off; the others stay. Null takes all off.",
            ),
        ]
        | UnsetType
        | None
    ) = UNSET
    note: (
        Annotated[NoteText | None, Meta(description="A text about it; an empty one or null takes it off.")] | UnsetType
    ) = UNSET


class RunScenarios(Struct):
    """Scenarios to put into the queue, in this order."""

    scenario_ids: Annotated[list[str], Meta(max_length=10_000, description="Their ids.")]


class ComparisonSelection(Struct):
    """Scenarios to compare: at least one and at most 1,000, repeated ones once."""

    ids: Annotated[Ids, Meta(description="Their ids, in the order of the response.")] | None = None
    tags: Annotated[Ids, Meta(description="The tags of further ones.")] | None = None
    filter: Conditions | None = None
    baseline: Annotated[
        str | None,
        Meta(
            description="The id or the tag of the scenario that the others are compared with. If it is not one of "
            "them, it comes first. Omitted or null: the first one."
        ),
    ] = None
    only: Annotated[
        Literal["differences"] | None, Meta(description="`differences` leaves out what is the same for all of them.")
    ] = None


class RunScenario(Struct):
    """Options of a run; the body is optional."""

    timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(
            description="The time limit of the run in seconds; after it, the scenario is `failed`, unless `on_timeout` "
            "is `stop`. Omitted or null: the limit of the server's configuration."
        ),
    ] = None
    on_timeout: Annotated[
        Literal["fail", "stop"] | None,
        Meta(
            description="At the time limit, `stop` does what `POST …/stop` does: the best result so far is kept. "
            "Omitted or null: `fail`."
        ),
    ] = None
    retries: Annotated[
        float,  # an integer of JSON Schema may be written as 7.0
        Meta(
            ge=0,
            le=10,
            multiple_of=1,
            description="How often the run is repeated after its process, or the Dask worker that had it, has died. "
            "An exception of the algorithm, a time limit and a cancellation are final.",
        ),
    ] = 0


#: A file of a form, only for the OpenAPI document: it is never decoded.
BinaryFile = Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class Upload(Struct):
    """Files to run the ETL over."""

    dataset_name: Annotated[Name, Meta(description="The key of the new dataset.")]
    files: Annotated[list[BinaryFile], Meta(min_length=1, description="CSV, JSON and XLSX files.")]


class TableFiles(Struct):
    """The tables of a dataset, in parts of any name."""

    tables: Annotated[
        list[BinaryFile],
        Meta(
            min_length=1,
            description="Parquet files, and Arrow IPC streams and files. A file name without its extension is the "
            "name of a table.",
        ),
    ]


class DeriveDataset(Struct):
    """A new dataset that starts as a copy of another."""

    new_key: Annotated[Name, Meta(description="The key of the new dataset, unique in the session.")]
