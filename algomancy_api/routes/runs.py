"""Runs: the history of a scenario."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.conditional import conditional
from ..http.paths import path_name
from ..openapi import examples
from ..openapi.operation import UNCHANGED, operation
from ..schemas.runs import ScenarioRun
from ..services.dependencies import session_of
from ..services.history import runs_of


@operation(
    "List the runs of a scenario",
    returns={200: list[ScenarioRun], 304: UNCHANGED},
    returns_examples=examples.RUNS,
    errors=(404,),
    tags=("scenarios",),
)
async def list_runs(request: Request) -> Response:
    """The last runs of a scenario, the newest first, as they were then.

    One that waits or runs is the first, and has no `ended`. `keep_runs` of the configuration is the number of runs that
    are kept after their end. A reset of the scenario keeps them, and its deletion deletes them.
    """
    return await conditional(request, await runs_of(session_of(request), path_name(request, "scenario_id")))


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios/{scenario_id}/runs", list_runs, methods=["GET"], name="list_runs"),
]
# fmt: on
