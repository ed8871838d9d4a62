"""Scenarios: list, create, read, run, cancel, reset, poll, delete."""

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.request_body import decode
from ..http.responses import EncodedJSONResponse, json_response, no_content
from ..live.long_poll import LONGEST, is_plain, status_if_new, status_response, wait_for_change, wanted_wait
from ..middleware.audit_log import note_new_name
from ..openapi.operation import UNCHANGED, Parameter, operation
from ..schemas import CreateScenario, RunOutcomes, RunScenario, RunScenarios
from ..schemas.domain import Scenario, ScenarioStatus, ScenarioSummary
from ..services.dependencies import check_session_is, open_stream, session_of

TAGS = ("scenarios",)

_CREATE = Decoder(CreateScenario)
_RUN = Decoder(RunScenario)
_RUN_MANY = Decoder(RunScenarios)

_STATUS_PARAMETERS = (
    Parameter(
        "wait",
        "query",
        "Respond when status or progress differ from those of the `If-None-Match`, or without one from those at the "
        "time of the request; at the latest after this many seconds.",
        {"type": "number", "minimum": 0, "maximum": LONGEST},
    ),
    Parameter("Prefer", "header", f"`wait=SECONDS` does the same; values above {LONGEST} count as {LONGEST}."),
    Parameter("If-None-Match", "header", "The `ETag` of the last response."),
)

_STATUS_HEADERS = {
    "ETag": "Identifies this status and progress.",
    "Preference-Applied": "The wait of `Prefer` that was applied.",
}


@operation("List the scenarios", returns={200: list[ScenarioSummary], 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def list_scenarios(request: Request) -> Response:
    """The summaries of all scenarios of the session."""
    return await conditional(request, await session_of(request).summaries())


@operation(
    "Create a scenario",
    body=CreateScenario,
    example={"tag": "my-run", "dataset_key": "Master data", "algo_name": "Slow", "algo_params": {"duration": 5}},
    returns={201: Scenario},
    errors=(400, 404, 409, 415, 422),
    tags=TAGS,
)
async def create_scenario(request: Request) -> Response:
    """Create a scenario, and queue it if `run` is true."""
    session = session_of(request)
    body = await decode(request, _CREATE)
    check_session_is(session, request)
    note_new_name(request, body.tag)
    return EncodedJSONResponse(await session.create_scenario(body), 201)


@operation("Read a scenario", returns={200: Scenario, 304: UNCHANGED}, errors=(404, 409), tags=TAGS)
async def get_scenario(request: Request) -> Response:
    """A scenario with its KPIs and its result."""
    return await conditional(request, await session_of(request).scenario(path_name(request, "scenario_id")))


@operation("Delete a scenario", returns={204: "The scenario is deleted."}, errors=(404, 409), tags=TAGS)
async def delete_scenario(request: Request) -> Response:
    """Delete a scenario that is neither queued nor processing."""
    await session_of(request).delete_scenario(path_name(request, "scenario_id"))
    return no_content()


@operation(
    "Run a scenario",
    body=RunScenario,
    body_required=False,
    example={"timeout": 60},
    returns={202: Scenario},
    errors=(404, 409, 415, 422),
    tags=TAGS,
)
async def run_scenario(request: Request) -> Response:
    """Queue a created scenario."""
    session = session_of(request)
    body = await decode(request, _RUN) if await request.body() else RunScenario()
    check_session_is(session, request)
    return EncodedJSONResponse(await session.run_scenario(path_name(request, "scenario_id"), body.timeout), 202)


@operation("Cancel a scenario", returns={202: Scenario}, errors=(404, 409), tags=TAGS)
async def cancel_scenario(request: Request) -> Response:
    """Stop a scenario that is queued or processing.

    A queued one never starts, and is `failed` in the response. A running one is `failed` as soon as its algorithm has
    stopped. The result is `{"error": "Cancelled"}`. After a reset, the scenario can be run again.
    """
    return EncodedJSONResponse(await session_of(request).cancel_scenario(path_name(request, "scenario_id")), 202)


@operation("Reset a scenario", returns={200: Scenario}, errors=(404, 409), tags=TAGS)
async def reset_scenario(request: Request) -> Response:
    """Discard the result of a scenario, so that it can be run again."""
    return EncodedJSONResponse(await session_of(request).reset_scenario(path_name(request, "scenario_id")))


@operation(
    "Run several scenarios",
    body=RunScenarios,
    example={"scenario_ids": ["0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58"]},
    returns={202: RunOutcomes},
    errors=(404, 415, 422),
    tags=TAGS,
)
async def run_scenarios(request: Request) -> Response:
    """Queue those of the scenarios that can be run, in their order.

    A scenario that cannot be run does not prevent the others from running. The response has the outcome of each.
    """
    session = session_of(request)
    body = await decode(request, _RUN_MANY)
    check_session_is(session, request)
    return json_response(RunOutcomes(await session.run_scenarios(body.scenario_ids)), 202)


@operation(
    "Poll a scenario's status",
    returns={200: ScenarioStatus, 304: UNCHANGED},
    errors=(404, 422),
    parameters=_STATUS_PARAMETERS,
    headers=dict.fromkeys((200, 304), _STATUS_HEADERS),
    tags=TAGS,
)
async def get_scenario_status(request: Request) -> Response:
    """The status and progress of a scenario, at once or when they have changed."""
    session, scenario_id = session_of(request), path_name(request, "scenario_id")
    if is_plain(request.scope):
        return status_response(session.state(scenario_id))
    wait = wanted_wait(request)
    if wait.seconds:
        with open_stream(request):
            await wait_for_change(request, session, scenario_id, wait.seconds)
    return status_if_new(request.scope, session.state(scenario_id), wait.headers)


@operation("Read the running scenario", returns={200: Scenario | None, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_processing_scenario(request: Request) -> Response:
    """The running scenario, or null."""
    return await conditional(request, await session_of(request).processing())


@operation("List the queue", returns={200: list[ScenarioStatus]}, errors=(404,), tags=TAGS)
async def list_queue(request: Request) -> Response:
    """The queued scenarios, the next one first, without the running one."""
    return json_response(await session_of(request).queue())


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios",                      list_scenarios,          methods=["GET"],    name="list_scenarios"),
    Route("/sessions/{session_id}/scenarios",                      create_scenario,         methods=["POST"],   name="create_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}",        get_scenario,            methods=["GET"],    name="get_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}",        delete_scenario,         methods=["DELETE"], name="delete_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/run",    run_scenario,            methods=["POST"],   name="run_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/cancel", cancel_scenario,         methods=["POST"],   name="cancel_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/reset",  reset_scenario,          methods=["POST"],   name="reset_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/status", get_scenario_status,     methods=["GET"],    name="get_scenario_status"),
    Route("/sessions/{session_id}/run",                            run_scenarios,           methods=["POST"],   name="run_scenarios"),
    Route("/sessions/{session_id}/processing",                     get_processing_scenario, methods=["GET"],    name="get_processing_scenario"),
    Route("/sessions/{session_id}/queue",                          list_queue,              methods=["GET"],    name="list_queue"),
]
# fmt: on
