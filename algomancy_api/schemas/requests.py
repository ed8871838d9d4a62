"""Request bodies. Unknown fields are accepted and ignored."""

from typing import Annotated, Any

from msgspec import Meta, Struct

#: A name from a client.
Name = Annotated[str, Meta(min_length=1)]

SessionName = Annotated[Name, Meta(description="The display name: not blank, and unique among the sessions.")]
DatasetKey = Annotated[Name, Meta(description="The key of a dataset of this session.")]
AlgorithmName = Annotated[Name, Meta(description="The name of an algorithm.")]
ParameterValues = dict[str, Any]


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

    tag: Annotated[Name, Meta(description="The display name, unique in the session.")]
    dataset_key: DatasetKey
    algo_name: AlgorithmName
    algo_params: Annotated[ParameterValues | None, Meta(description="Values for parameters of the algorithm.")] = None
    data_params: Annotated[ParameterValues | None, Meta(description="Values for parameters of the dataset.")] = None
    run: Annotated[bool | None, Meta(description="Whether to put the scenario into the queue at once.")] = None


class RunScenarios(Struct):
    """Scenarios to put into the queue, in this order."""

    scenario_ids: Annotated[list[str], Meta(max_length=10_000, description="Their ids.")]


class RunScenario(Struct):
    """Options of a run; the body is optional."""

    timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(
            description="The time limit of the run in seconds; after it, the scenario is `failed`. Omitted or null: "
            "the limit of the server's configuration."
        ),
    ] = None


#: A file of a form, only for the OpenAPI document: it is never decoded.
BinaryFile = Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class Upload(Struct):
    """Files to run the ETL over."""

    dataset_name: Annotated[Name, Meta(description="The key of the new dataset.")]
    files: Annotated[list[BinaryFile], Meta(min_length=1, description="CSV, JSON and XLSX files.")]


class DeriveDataset(Struct):
    """A new dataset that starts as a copy of another."""

    new_key: Annotated[Name, Meta(description="The key of the new dataset, unique in the session.")]
