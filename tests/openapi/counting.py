"""A host's own route: the example in docs/embedding.md."""

from collections import Counter

from anyio.to_thread import run_sync
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from algomancy_api import ApiConfiguration, ApiLauncher, get_scenario_manager, operation


class Counts(Struct):
    """How many scenarios have which status."""

    by_status: dict[str, int]


@operation("Count the scenarios", returns={200: Counts}, errors=(404,), tags=("scenarios",))
async def count_scenarios(request: Request) -> JSONResponse:
    """How many scenarios of the session have which status."""
    manager = get_scenario_manager(request)  # a 404 for a session that is not there
    records = await run_sync(manager.list_summaries)
    return JSONResponse({"by_status": Counter(record.status for record in records)})


def build(configuration: ApiConfiguration) -> Starlette:
    return ApiLauncher.build(
        configuration, routes=[Route("/sessions/{session_id}/counts", count_scenarios, name="count_scenarios")]
    )
