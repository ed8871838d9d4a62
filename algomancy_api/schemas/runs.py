"""The schema of a run in the history of its scenario, for the OpenAPI document. `RunRecord` has the same fields."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from ..framework.history.record import OUTCOMES
from .domain import Kpi

Moment = Annotated[str, Meta(description="ISO 8601, in UTC.", examples=["2026-01-02T03:04:05.678901Z"])]
Outcome = Annotated[
    str,
    Meta(
        description="How it has ended; `interrupted`: a restart or a shutdown has cut it off. Null before.",
        extra_json_schema={"enum": list(OUTCOMES)},
        examples=["complete"],
    ),
]


class ScenarioRun(Struct, kw_only=True):
    """A run of a scenario, with all facts as they were then."""

    number: Annotated[int, Meta(ge=1, description="The number of the run, from 1 for each scenario.", examples=[3])]
    queued_by: Annotated[str | None, Meta(description="The name of the token; null without.", examples=["planner"])]
    queued: Annotated[Moment, Meta(description="When it was queued.")]
    started: Annotated[Moment | None, Meta(description="When it began; null if it has not.")]
    ended: Annotated[
        Moment | None,
        Meta(description="When it ended, or was found to be interrupted; null while it waits or runs."),
    ]
    outcome: Outcome | None
    error: Annotated[str | None, Meta(description="Why it failed, as in the scenario.", examples=["KeyError: 'cost'"])]
    seconds: Annotated[float | None, Meta(description="From its beginning to its end.", examples=[12.3])]
    cpu_seconds: Annotated[
        float | None,
        Meta(
            description="Processor time of its process and of processes that this one started and waited for; on the "
            "engine `thread`, of its thread. Null while it runs, and if it was killed.",
            examples=[11.8],
        ),
    ]
    peak_memory: Annotated[
        int | None,
        Meta(
            description="Bytes: the largest memory of its process, with that of the largest process that this one "
            "started and waited for. Null on the engine `thread`, while it runs, and if it was killed.",
            examples=[183_500_800],
        ),
    ]
    engine: Annotated[str, Meta(examples=["process"])]
    worker: Annotated[
        str | None,
        Meta(description="Its process, or the address of its Dask worker.", examples=["process 4711"]),
    ]
    seed: Annotated[int | None, Meta(description="The seed of its random numbers, if it is known.")]
    time_limit: Annotated[float | None, Meta(description="Seconds; null without a limit.", examples=[60.0])]
    algorithm: Annotated[str, Meta(description="The name of the algorithm.", examples=["Slow"])]
    parameters: Annotated[
        dict[str, Any], Meta(description="The parameters of the algorithm, value by name.", examples=[{"duration": 5}])
    ]
    data_parameters: Annotated[dict[str, Any], Meta(description="The parameters of the dataset, value by name.")]
    dataset_key: Annotated[str, Meta(examples=["Master data"])]
    dataset_id: Annotated[
        str | None,
        Meta(
            description="The id of the dataset that it ran on; null if it never began.",
            examples=["8d7c1f5e-7d0a-4a52-9c0e-3a9f6f1b2c4d"],
        ),
    ]
    server_version: Annotated[
        str | None, Meta(description="The version of algomancy-api; null if it never began.", examples=["0.12.0"])
    ]
    wiring_version: Annotated[
        str | None,
        Meta(
            description="The version of the algorithm's module: its `__version__`, or that of its package, or of the "
            "distribution of that name; null if there is none.",
            examples=["1.4.2"],
        ),
    ]
    kpis: Annotated[dict[str, Kpi], Meta(description="As in the scenario; empty until it has ended.")]
