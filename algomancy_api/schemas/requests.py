"""The bodies of requests. A field that a client adds and that is not named here is accepted and ignored."""

from typing import Annotated, Any

from msgspec import Meta, Struct

#: A name that a client gives to something.
Name = Annotated[str, Meta(min_length=1)]

SessionName = Annotated[Name, Meta(description="What people see. Not blank, and not another session's.")]
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
    """A session's new name; its id stays."""

    display_name: SessionName


class CreateScenario(Struct):
    """A new scenario: a dataset, an algorithm and their parameter values (omitted or null: the defaults)."""

    tag: Annotated[Name, Meta(description="What people see. No other scenario of the session has it.")]
    dataset_key: DatasetKey
    algo_name: AlgorithmName
    algo_params: Annotated[
        ParameterValues | None, Meta(description="The algorithm's parameters that are not to be the default.")
    ] = None
    data_params: Annotated[
        ParameterValues | None, Meta(description="The dataset's parameters that are not to be the default.")
    ] = None
    run: Annotated[bool | None, Meta(description="Whether to put it into the session's queue at once.")] = None


class RunScenarios(Struct):
    """Scenarios to put into the queue, in this order."""

    scenario_ids: Annotated[list[str], Meta(max_length=10_000, description="Their ids.")]


class RunScenario(Struct):
    """How to run a scenario; the body may be left out."""

    timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(
            description="How long the run may take, in seconds; after it the scenario is `failed`. Omitted or null: "
            "as the server is configured."
        ),
    ] = None


#: A file of a form. In the document alone: it never becomes a value.
BinaryFile = Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class Upload(Struct):
    """Files to run the ETL over."""

    dataset_name: Annotated[Name, Meta(description="The key of the dataset that they become.")]
    files: Annotated[list[BinaryFile], Meta(min_length=1, description="CSV, JSON and XLSX files.")]


class DeriveDataset(Struct):
    """A new dataset that starts as a copy of another."""

    new_key: Annotated[Name, Meta(description="The key of the new dataset, which no other has.")]
