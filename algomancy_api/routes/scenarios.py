"""Scenarios: create, read, edit, run, stop, cancel, reset, poll, delete."""

from math import isfinite

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..auth.identity import sender_of
from ..engines import GRACE, RunOptions
from ..errors import Malformed
from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.request_body import IGNORED_FIELDS_HEADER, decode
from ..http.responses import EncodedJSONResponse, json_response, no_content
from ..live.long_poll import LONGEST, is_plain, status_if_new, status_response, wait_for_change, wanted_wait
from ..middleware.audit_log import note_new_name
from ..openapi import examples
from ..openapi.operation import UNCHANGED, Parameter, operation
from ..schemas import CreateScenario, EditScenario, RunOutcomes, RunProgress, RunScenario, RunScenarios
from ..schemas.domain import Scenario, ScenarioStatus, ScenarioSummary
from ..services.dependencies import check_session_is, open_stream, query_flag, session_of, wants_traceback

TAGS = ("scenarios",)

_CREATE = Decoder(CreateScenario)
_EDIT = Decoder(EditScenario)
_RUN = Decoder(RunScenario)
_RUN_MANY = Decoder(RunScenarios)

_TRACEBACK = Parameter(
    "traceback",
    "query",
    "Whether the response has the traceback of a failed run in the user's code. Requires write access.",
    {"type": "boolean", "default": False},
)

_BEST = Parameter(
    "best",
    "query",
    "Whether the response has, while the scenario runs, the last result that its algorithm has reported, with the KPIs "
    "of that. Of a complete scenario, they are the final ones.",
    {"type": "boolean", "default": False},
)

#: Seconds: longest grace of a stop.
_LONGEST_GRACE = 600

_GRACE = Parameter(
    "grace",
    "query",
    "Seconds: how long the algorithm may take to end by itself.",
    {"type": "number", "minimum": 0, "maximum": _LONGEST_GRACE, "default": GRACE},
)

_STATUS_PARAMETERS = (
    _TRACEBACK,
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


@operation(
    "Create a scenario",
    body=CreateScenario,
    example={"tag": "my-run", "dataset_key": "Master data", "algo_name": "Slow", "algo_params": {"duration": 5}},
    returns={201: Scenario},
    errors=(400, 404, 409, 415, 422),
    headers={201: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def create_scenario(request: Request) -> Response:
    """Create a scenario, and queue it if `run` is true."""
    session = session_of(request)
    body = await decode(request, _CREATE)
    check_session_is(session, request)
    note_new_name(request, body.tag)
    return EncodedJSONResponse(await session.create_scenario(body, sender_of(request.scope)), 201)


@operation(
    "Read a scenario",
    returns={200: Scenario, 304: UNCHANGED},
    returns_examples=examples.SCENARIO,
    errors=(404, 409, 422),
    parameters=(_TRACEBACK, _BEST),
    tags=TAGS,
)
async def get_scenario(request: Request) -> Response:
    """A scenario with its KPIs and its result.

    The status is 409 if this server lacks its algorithm or its dataset, or if `best` is asked for and there is none.
    """
    session, scenario_id = session_of(request), path_name(request, "scenario_id")
    if query_flag(request, "best"):
        return await conditional(request, await session.best(scenario_id))
    if wants_traceback(request):
        return await conditional(request, await session.scenario_with_traceback(scenario_id))
    return await conditional(request, await session.scenario(scenario_id))


@operation(
    "Edit a scenario",
    body=EditScenario,
    example={"labels": {"customer": "north", "draft": None}, "note": "With the new rates."},
    returns={200: ScenarioSummary},
    errors=(400, 404, 409, 415, 422),
    headers={200: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def edit_scenario(request: Request) -> Response:
    """Change the tag, the labels or the note of a scenario, whatever its status, and return its summary."""
    session = session_of(request)
    body = await decode(request, _EDIT)
    check_session_is(session, request)
    if body.tag is not None:
        note_new_name(request, body.tag)
    return EncodedJSONResponse(await session.edit_scenario(path_name(request, "scenario_id"), body))


@operation("Delete a scenario", returns={204: "The scenario is deleted."}, errors=(404, 409), tags=TAGS)
async def delete_scenario(request: Request) -> Response:
    """Delete a scenario that is neither queued nor processing."""
    await session_of(request).delete_scenario(path_name(request, "scenario_id"))
    return no_content()


@operation(
    "Run a scenario",
    body=RunScenario,
    body_required=False,
    example={"timeout": 60, "on_timeout": "stop"},
    returns={202: Scenario},
    returns_examples=examples.QUEUED,
    errors=(404, 409, 415, 422),
    headers={202: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def run_scenario(request: Request) -> Response:
    """Queue a created scenario."""
    session = session_of(request)
    body = await decode(request, _RUN) if await request.body() else RunScenario()
    check_session_is(session, request)
    options = RunOptions(body.timeout, int(body.retries), sender_of(request.scope), body.on_timeout == "stop")
    return EncodedJSONResponse(await session.run_scenario(path_name(request, "scenario_id"), options), 202)


@operation("Cancel a scenario", returns={202: Scenario}, returns_examples=examples.ASKED, errors=(404, 409), tags=TAGS)
async def cancel_scenario(request: Request) -> Response:
    """Stop a scenario that is queued or processing.

    A queued one never starts, and is `failed` in the response. A running one is `failed` as soon as its algorithm has
    stopped. The result is `{"error": "Cancelled"}`. After a reset, the scenario can be run again.
    """
    return EncodedJSONResponse(await session_of(request).cancel_scenario(path_name(request, "scenario_id")), 202)


@operation(
    "Stop a scenario and keep its best result",
    returns={202: Scenario},
    returns_examples=examples.ASKED,
    errors=(404, 409, 422),
    parameters=(_GRACE,),
    tags=TAGS,
)
async def stop_scenario(request: Request) -> Response:
    """Ask the algorithm of a running scenario to end with the best result that it has.

    When it returns, the scenario is `complete`, and `ended` is `stopped`. If it has not returned after `grace` seconds,
    it is stopped, and the last result that it has reported is the result. If it has reported none, the scenario is
    `failed` with the error `stopped before the first solution`. A queued scenario is cancelled.
    """
    grace = _grace(request.query_params.get("grace"))
    return EncodedJSONResponse(await session_of(request).stop_scenario(path_name(request, "scenario_id"), grace), 202)


def _grace(text: str | None) -> float:
    try:
        seconds = GRACE if text is None else float(text)
    except ValueError:
        seconds = -1
    if not isfinite(seconds) or not 0 <= seconds <= _LONGEST_GRACE:
        raise Malformed(f"grace must be a number of seconds from 0 to {_LONGEST_GRACE}; got {text!r}")
    return seconds


@operation(
    "Read what a run has reported",
    returns={200: RunProgress, 304: UNCHANGED},
    returns_examples=examples.PROGRESS,
    errors=(404,),
    tags=TAGS,
)
async def get_progress(request: Request) -> Response:
    """What the algorithm has reported in the last run of a scenario, until that is reset: at most 1,000 points.

    These are the first and the last one, and some evenly between. There are none of an algorithm that reports nothing.
    """
    return await conditional(request, await session_of(request).run_progress(path_name(request, "scenario_id")))


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
    headers={202: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def run_scenarios(request: Request) -> Response:
    """Queue those of the scenarios that can be run, in their order.

    A scenario that cannot be run does not prevent the others from running. The response has the outcome of each.
    """
    session = session_of(request)
    body = await decode(request, _RUN_MANY)
    check_session_is(session, request)
    outcomes = await session.run_scenarios(body.scenario_ids, sender_of(request.scope))
    return json_response(RunOutcomes(outcomes), 202)


@operation(
    "Poll a scenario's status",
    returns={200: ScenarioStatus, 304: UNCHANGED},
    returns_examples=examples.STATUS,
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
    wait, with_traceback = wanted_wait(request), wants_traceback(request)
    if wait.seconds:
        with open_stream(request):
            await wait_for_change(request, session, scenario_id, wait.seconds)
    state = await session.state_with_traceback(scenario_id) if with_traceback else session.state(scenario_id)
    return status_if_new(request.scope, state, wait.headers)


@operation(
    "Read the running scenario",
    returns={200: Scenario | None, 304: UNCHANGED},
    returns_examples=examples.ASKED,
    errors=(404,),
    tags=TAGS,
)
async def get_processing_scenario(request: Request) -> Response:
    """The running scenario, or null. If several run, it is the one that began first."""
    return await conditional(request, await session_of(request).processing())


@operation(
    "List the queue", returns={200: list[ScenarioStatus]}, returns_examples=examples.QUEUE, errors=(404,), tags=TAGS
)
async def list_queue(request: Request) -> Response:
    """The queued scenarios, the next one first, without the running ones."""
    return json_response(await session_of(request).queue())


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios",                        create_scenario,         methods=["POST"],   name="create_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}",          get_scenario,            methods=["GET"],    name="get_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}",          edit_scenario,           methods=["PATCH"],  name="edit_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}",          delete_scenario,         methods=["DELETE"], name="delete_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/run",      run_scenario,            methods=["POST"],   name="run_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/cancel",   cancel_scenario,         methods=["POST"],   name="cancel_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/stop",     stop_scenario,           methods=["POST"],   name="stop_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/reset",    reset_scenario,          methods=["POST"],   name="reset_scenario"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/status",   get_scenario_status,     methods=["GET"],    name="get_scenario_status"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/progress", get_progress,            methods=["GET"],    name="get_progress"),
    Route("/sessions/{session_id}/run",                              run_scenarios,           methods=["POST"],   name="run_scenarios"),
    Route("/sessions/{session_id}/processing",                       get_processing_scenario, methods=["GET"],    name="get_processing_scenario"),
    Route("/sessions/{session_id}/queue",                            list_queue,              methods=["GET"],    name="list_queue"),
]
# fmt: on
